"""The report as Markdown."""

from collections.abc import Iterable, Mapping, Sequence

from bench.figures import Figure, Section

HEAD = ("figure", "value", "goal", "verdict", "where it goes, or why")


def page(title: str, surroundings: Mapping[str, str], sections: Sequence[Section]) -> str:
    """Return the whole report: what it was measured on, a sum of verdicts, then every section."""
    head = [f"# {title}", "", verdicts(sections), "", *_table(("measured on", ""), surroundings.items())]
    return "\n".join([*head, *(line for section in sections for line in _section(section))]) + "\n"


def verdicts(sections: Iterable[Section]) -> str:
    """Count the goals that were met and name those that were missed."""
    judged = [figure for section in sections for figure in section.figures if figure.met is not None]
    missed = [figure.name for figure in judged if not figure.met]
    said = f"{len(judged) - len(missed)} of {len(judged)} goals met"
    return f"{said}; missed: {', '.join(missed)}." if missed else f"{said}."


def _section(section: Section) -> list[str]:
    rows = map(_row, section.figures)
    notes = [f"- {note}" for note in section.notes]
    pictures = [f"![{section.title}]({name}.svg)" for name in section.plots]
    return [
        "",
        f"## {section.title}",
        "",
        *_table(HEAD, rows),
        *([""] if notes else []),
        *notes,
        *([""] if pictures else []),
        *pictures,
    ]


def _row(figure: Figure) -> tuple[str, ...]:
    return (figure.name, figure.value, figure.goal or "–", figure.verdict, figure.reason or "–")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_line(head), _line(["---"] * len(head)), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
