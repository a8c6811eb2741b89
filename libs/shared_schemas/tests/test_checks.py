"""`python -m shared_schemas check` lets good contracts through and names what is wrong with others."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from shared_schemas import events
from shared_schemas.__main__ import main
from shared_schemas.checks import check, models_without_topic
from shared_schemas.events import EventData
from shared_schemas.places import Places
from shared_schemas.topics import TOPICS

Git = Callable[..., None]
SCHEMA = "call.received.v1.json"


def test_good_contracts_pass(checkout: Places) -> None:
    assert check(checkout).findings == ()


def test_what_could_not_be_looked_at_is_said(checkout: Places) -> None:
    first, second = check(checkout).notes
    assert first.startswith("schemas were not compared with those that landed: ")
    assert second == "no services lie beside the contracts, so what they declare was not compared"


def test_without_git_the_check_says_so_and_goes_on(checkout: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "schemas were not compared with those that landed: git is not installed" in check(checkout).notes


def test_a_schema_that_was_edited_by_hand_is_stale(checkout: Places) -> None:
    (checkout.schemas / SCHEMA).write_text("{}", encoding="utf-8")
    assert check(checkout).findings == (
        f"libs/shared_schemas/schemas/{SCHEMA} is not current: run python -m shared_schemas generate",
    )


@pytest.mark.parametrize(
    "gone",
    [
        "libs/shared_schemas/schemas/ticket.closed.v1.json",
        "tenants/tenant.schema.json",
        "docs/events/asyncapi.yaml",
        "docs/events/README.md",
    ],
)
def test_a_generated_file_that_is_missing_is_made_by_the_named_command(checkout: Places, gone: str) -> None:
    (checkout.root / gone).unlink()
    assert check(checkout).findings == (f"{gone} is not current: run python -m shared_schemas generate",)
    assert main(["generate"], checkout) == 0
    assert check(checkout).findings == ()


def test_the_pages_can_be_made_alone(checkout: Places, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout.event_docs / "README.md").unlink()
    (checkout.schemas / SCHEMA).unlink()
    assert main(["docs"], checkout) == 0
    assert capsys.readouterr().out == "written: docs/events/README.md\n"


def test_a_schema_without_topic_is_an_orphan(checkout: Places) -> None:
    shutil.copy(checkout.schemas / SCHEMA, checkout.schemas / "call.lost.v1.json")
    assert check(checkout).findings == ("schemas/call.lost.v1.json belongs to no version of any topic",)


def test_examples_without_topic_are_orphans(checkout: Places) -> None:
    shutil.copytree(checkout.examples / "call.received" / "v1", checkout.examples / "call.received" / "v2")
    assert check(checkout).findings == ("examples/call.received/v2 belongs to no version of any topic",)


def test_a_topic_without_examples_is_named(checkout: Places) -> None:
    shutil.rmtree(checkout.examples / "agency.replied")
    assert (
        "examples/agency.replied/v1: there are 0 examples, at least 2 are needed" in check(checkout).findings
    )


def test_a_topic_that_is_gone_leaves_orphans(checkout: Places) -> None:
    (checkout.topics / "agency.replied.yaml").unlink()
    found = check(checkout).findings
    assert "schemas/agency.replied.v1.json belongs to no version of any topic" in found
    assert "examples/agency.replied/v1 belongs to no version of any topic" in found
    assert "the model AgencyReplied belongs to no topic" in found


def test_a_topic_that_cannot_be_read_is_the_only_finding(checkout: Places) -> None:
    (checkout.topics / "call.received.yaml").write_text("purpose: none", encoding="utf-8")
    (found,) = check(checkout).findings
    assert found.startswith("topics/call.received.yaml: ")


def test_a_model_without_topic_is_named() -> None:
    module = ModuleType("imaginary_events")
    module.Idle = type("Idle", (EventData,), {"__module__": module.__name__})  # type: ignore[attr-defined]
    assert models_without_topic(TOPICS, module) == ["the model Idle belongs to no topic"]
    assert models_without_topic(TOPICS, events) == []


def commit_other_schema(checkout: Places, git: Git, field: str) -> None:
    """Commit a schema that had one field more than the models have now."""
    path = checkout.schemas / SCHEMA
    good = path.read_text(encoding="utf-8")
    schema = json.loads(good)
    schema["properties"][field] = {"type": "string"}
    path.write_text(json.dumps(schema), encoding="utf-8")
    git("commit", "--quiet", "--no-verify", "-am", "One field more")
    path.write_text(good, encoding="utf-8")


def clone(checkout: Places, git: Git, to: Path, *options: str) -> Places:
    """Clone the copy as a person does, over the file protocol, so that a depth is heeded."""
    git("clone", "--quiet", *options, f"file://{checkout.root}", str(to))
    return Places(to / "libs" / "shared_schemas", to)


LOST_COLOUR = "call.received.v1: body.colour: the field was removed"


def test_a_breaking_change_since_the_last_commit_is_named(checkout: Places, git: Git) -> None:
    commit_other_schema(checkout, git, "colour")
    assert check(checkout).findings == (LOST_COLOUR,)


def test_a_breaking_change_that_was_committed_is_still_named(checkout: Places, git: Git) -> None:
    commit_other_schema(checkout, git, "colour")
    git("commit", "--quiet", "--no-verify", "-am", "And gone")
    git("commit", "--quiet", "--no-verify", "--allow-empty", "-m", "Something else")
    assert check(checkout).findings == (LOST_COLOUR,)


def test_a_breaking_change_is_named_in_a_fresh_clone(
    checkout: Places, git: Git, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit_other_schema(checkout, git, "colour")
    git("commit", "--quiet", "--no-verify", "-am", "And gone")
    assert main(["check"], clone(checkout, git, tmp_path / "clone")) == 1
    assert LOST_COLOUR in capsys.readouterr().out


def test_an_optional_field_that_was_added_and_committed_is_welcome(checkout: Places, git: Git) -> None:
    path = checkout.schemas / SCHEMA
    good = path.read_text(encoding="utf-8")
    before = json.loads(good)
    del before["properties"]["story"]
    path.write_text(json.dumps(before), encoding="utf-8")
    git("commit", "--quiet", "--no-verify", "--amend", "-am", "Before the story was told")
    path.write_text(good, encoding="utf-8")
    git("commit", "--quiet", "--no-verify", "-am", "A story")
    report = check(checkout)
    assert report.findings == ()
    assert not [note for note in report.notes if "schemas" in note]


def test_what_a_branch_tried_and_took_back_before_it_landed_is_nobodys_contract(
    checkout: Places, git: Git
) -> None:
    git("checkout", "--quiet", "-b", "attempt")
    commit_other_schema(checkout, git, "colour")
    with (checkout.schemas / SCHEMA).open("a", encoding="utf-8") as schema:
        schema.write("\n")  # so that the branch brings something else
    git("commit", "--quiet", "--no-verify", "-am", "Better so")
    git("checkout", "--quiet", "-")
    git("merge", "--quiet", "--no-ff", "--no-verify", "-m", "Land it", "attempt")
    assert LOST_COLOUR not in check(checkout).findings


def test_what_a_merge_brought_is_a_contract(checkout: Places, git: Git) -> None:
    git("checkout", "--quiet", "-b", "attempt")
    commit_other_schema(checkout, git, "colour")
    git("checkout", "--quiet", "--force", "-")
    git("merge", "--quiet", "--no-ff", "--no-verify", "-m", "Land it", "attempt")
    assert LOST_COLOUR in check(checkout).findings


def test_a_shallow_clone_says_how_little_it_compared(checkout: Places, git: Git, tmp_path: Path) -> None:
    commit_other_schema(checkout, git, "colour")
    git("commit", "--quiet", "--no-verify", "-am", "And gone")
    report = check(clone(checkout, git, tmp_path / "clone", "--depth=1"))
    assert report.findings == ()
    assert report.notes[0].startswith("this clone is shallow: ")


def test_contracts_that_were_never_committed_are_said_to_be_compared_with_nothing(
    checkout: Places, git: Git
) -> None:
    git("rm", "--quiet", "--cached", "-r", "libs/shared_schemas/schemas")
    git("commit", "--quiet", "--no-verify", "--amend", "-m", "None yet")
    assert check(checkout).notes[0].endswith("those that landed: none was ever committed here")


def test_one_revision_can_be_named(checkout: Places, git: Git) -> None:
    commit_other_schema(checkout, git, "colour")
    git("commit", "--quiet", "--no-verify", "-am", "And gone")
    assert check(checkout, base="HEAD").findings == ()
    assert check(checkout, base="HEAD~1").findings == (LOST_COLOUR,)
    assert check(checkout, base="HEAD~2").findings == ()


def test_a_removed_version_is_a_breaking_change(checkout: Places, git: Git) -> None:
    commit_and_remove_version_0(checkout, git)
    assert check(checkout).findings == (
        "schemas/call.received.v0.json was removed, and older services still say it",
    )


def test_a_version_that_was_retired_may_go(checkout: Places, git: Git) -> None:
    commit_and_remove_version_0(checkout, git)
    checkout.retired.write_text("call.received.v0.json: 2028-03-01\n", encoding="utf-8")
    assert check(checkout).findings == ()


def test_a_version_that_is_spoken_cannot_be_retired(checkout: Places, git: Git) -> None:
    git("status")
    checkout.retired.write_text(f"{SCHEMA}: 2028-03-01\n", encoding="utf-8")
    assert check(checkout).findings == (f"schemas/{SCHEMA} is retired and still there",)


def commit_and_remove_version_0(checkout: Places, git: Git) -> None:
    """Commit a schema of a version before the first, then its removal."""
    shutil.copy(checkout.schemas / SCHEMA, checkout.schemas / "call.received.v0.json")
    git("add", ".")
    git("commit", "--quiet", "--no-verify", "-m", "An old version")
    (checkout.schemas / "call.received.v0.json").unlink()
    git("commit", "--quiet", "--no-verify", "-am", "And gone")


def test_a_new_schema_has_nothing_to_break(checkout: Places, git: Git) -> None:
    git("rm", "--quiet", "--cached", f"libs/shared_schemas/schemas/{SCHEMA}")
    git("commit", "--quiet", "--no-verify", "-m", "Not yet there")
    report = check(checkout)
    assert report.findings == ()
    assert not [note for note in report.notes if "not compared" in note and "schemas" in note]


def test_a_named_revision_that_is_not_there_is_a_finding(checkout: Places, git: Git) -> None:
    git("status")
    (found,) = check(checkout, base="no-such-branch").findings
    assert found.startswith("schemas were not compared with no-such-branch: no such revision")


def test_the_command_ends_with_zero_or_one(checkout: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"], checkout) == 0
    assert capsys.readouterr().out.endswith("contracts: all checks passed\n")
    (checkout.schemas / SCHEMA).unlink()
    assert main(["check"], checkout) == 1
    assert capsys.readouterr().out.endswith("contracts: 1 finding\n")


def test_generating_twice_writes_nothing_the_second_time(
    checkout: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout.schemas / SCHEMA).unlink()
    main(["generate"], checkout)
    assert capsys.readouterr().out == f"written: libs/shared_schemas/schemas/{SCHEMA}\n"
    main(["generate"], checkout)
    assert capsys.readouterr().out == ""
