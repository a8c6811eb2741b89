"""What single runs add up to, and what is judged."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench import report
from bench.capacity_file import Capacity, write_capacity
from bench.figures import Figure, Section
from bench.kept import Kept, keep, kept_parts
from bench.parts import PARTS, Bench, Part
from bench.sizes import FULL, QUICK, SMOKE, Size
from bench.surroundings import NOBODY_YET, not_on_mongodb

MISSED = Figure("pace", "3/s", "≥ 4/s", met=False)


def part(title: str, *, date: str) -> Part:
    async def measure(bench: Bench) -> list[Section]:
        bench.head |= {"date": date, "commit": f"of {title}"}
        return [Section(title, (MISSED,), (f"note of {title}",), {title: "<svg/>"})]

    return measure


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Part]:
    some = {"load": part("Load", date="2026-11-24"), "growth": part("Growth", date="2026-11-23")}
    monkeypatch.setattr(report, "OUT", tmp_path)
    monkeypatch.setattr(report, "PARTS", some)
    monkeypatch.delenv("GROWN", raising=False)
    return some


@pytest.mark.parametrize(("size", "verdict"), [(FULL, "missed"), (QUICK, "–"), (SMOKE, "–")])
async def test_only_the_full_size_gives_pass_marks(
    parts: Mapping[str, Part], size: Size, verdict: str
) -> None:
    text = await report.measured(size, tuple(parts))
    assert f"| pace | 3/s | ≥ 4/s | {verdict} | – |" in text
    took = next(line for line in text.splitlines() if line.startswith("| the whole bench |"))
    assert took == f"| the whole bench | 0.0 min | ≤ 20 min | {'met' if size is FULL else '–'} | – |"


@pytest.mark.usefixtures("parts")
async def test_runs_of_single_parts_add_up_each_with_its_own_head(tmp_path: Path) -> None:
    await report.measured(FULL, ["load"])
    text = await report.measured(FULL, ["growth"])
    assert text == (tmp_path / "report.md").read_text(encoding="utf-8")
    assert text.index("## Load") < text.index("## Growth")
    assert "- Measured: date 2026-11-24; commit of Load; load average" in text
    assert "- Measured: date 2026-11-23; commit of Growth; load average" in text
    assert "| date | 2026-11-24 |" in text
    assert "the whole bench" not in text
    assert "![Load](Load.svg)" in text
    assert await asyncio.to_thread((tmp_path / "Growth.svg").read_text) == "<svg/>"


@pytest.mark.usefixtures("parts")
async def test_a_longer_run_of_a_part_is_kept_beside_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    await report.measured(FULL, ["growth"])
    monkeypatch.setenv("GROWN", "1000,100000")
    text = await report.measured(FULL, ["growth"])
    assert text.count("## Growth") == 2


@pytest.mark.usefixtures("parts")
async def test_a_short_run_leaves_what_was_measured_in_full() -> None:
    await report.measured(FULL, ["load"])
    assert "missed" not in await report.measured(QUICK, ["load"])
    assert "missed" in report.write_report(FULL)


def test_what_is_kept_is_read_again_as_it_was_and_another_form_is_passed_over(tmp_path: Path) -> None:
    kept = Kept({"date": "today"}, (Section("a", (MISSED,), ("n",), {"a": "<svg/>"}),))
    keep(tmp_path, "a", kept)
    (tmp_path / "b.json").write_text('{"sections": 3}', encoding="utf-8")
    assert kept_parts(tmp_path, ["b", "a", "c"]) == [kept]


def test_that_nobody_measured_on_mongodb_is_said_of_embedded_stores_alone() -> None:
    assert (
        not_on_mongodb({"store": "secantusd-py"})
        == not_on_mongodb({"store": "secantusd-rs"})
        == (NOBODY_YET,)
    )
    assert (
        not_on_mongodb({"store": "given"}) == not_on_mongodb({"store": "mongod"}) == not_on_mongodb({}) == ()
    )


@pytest.mark.usefixtures("parts")
async def test_c_stands_in_the_report_as_it_was_found(tmp_path: Path) -> None:
    found = Capacity(16.0, "secantusd-py", "m", "abc", "2026", 600.0, 2, ramp_only=False)
    write_capacity(tmp_path, found)
    text = await report.measured(FULL, ["load"])
    assert "| C | 16 calls/s, held for 600 s | ≥ 15 calls/s on secantusd-py | met |" in text
    assert "| C | not measured here | ≥ 40 calls/s on secantusd-rs | – | – |" in text


def test_the_parts_are_kept_under_names_of_their_own() -> None:
    assert (
        len({report.kept_as(one, {"GROWN": more}) for one in PARTS for more in ("", "9")}) == len(PARTS) + 1
    )
