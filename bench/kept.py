"""What each part of the bench found last, kept in a file of its own: so runs of single parts add up to one report."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.figures import Figure, Section


@dataclass(frozen=True, slots=True)
class Kept:
    """The sections of one part, and the head of the run that they come from."""

    head: Mapping[str, str]
    sections: tuple[Section, ...]

    def told(self) -> tuple[Section, ...]:
        """Return the sections, each saying when and on what it was measured."""
        whole = "; ".join(f"{name} {value}" for name, value in self.head.items())
        return tuple(replace(one, notes=(*one.notes, f"Measured: {whole}.")) for one in self.sections)


def keep(folder: Path, part: str, kept: Kept) -> None:
    """Put what a part found in the place of what it found before."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(kept), indent=1, ensure_ascii=False)
    (folder / f"{part}.json").write_text(text + "\n", encoding="utf-8")


def kept_parts(folder: Path, parts: Sequence[str]) -> list[Kept]:
    """Return what was kept of these parts, in this order; what was never measured is left out."""
    return [kept for part in parts if (kept := _read(folder / f"{part}.json"))]


def _read(file: Path) -> Kept | None:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return Kept(said["head"], tuple(_section(one) for one in said["sections"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _section(said: Mapping[str, object]) -> Section:
    figures, notes = said["figures"], said["notes"]
    assert isinstance(figures, list)
    assert isinstance(notes, list)
    told = {**said, "figures": tuple(Figure(**one) for one in figures), "notes": tuple(notes)}
    return Section(**told)  # type: ignore[arg-type]
