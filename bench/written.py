"""Writes a report and the pictures that it shows."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.figures import Section
from bench.page import page
from bench.system import CHECKOUT

OUT = CHECKOUT / "bench" / "out"
"""Where every report of the bench lies, and what was kept for it."""


def write_page(file: Path, title: str, head: Mapping[str, str], sections: Sequence[Section]) -> str:
    """Write a report as Markdown with its plots beside it; returns its text."""
    file.parent.mkdir(parents=True, exist_ok=True)
    for section in sections:
        for name, drawn in section.plots.items():
            (file.parent / f"{name}.svg").write_text(drawn, encoding="utf-8")
    text = page(title, head, sections)
    file.write_text(text, encoding="utf-8")
    return text
