"""Plots as plain SVG: lines and bars with their numbers, readable on a light and on a dark page. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 50
COLOURS = ("#0b6fb8", "#c4501b", "#2f8f4e", "#8a4fb0", "#a0740a", "#5f6b76")
TICKS = 5
Points = Sequence[tuple[float, float]]


def lines(title: str, series: Mapping[str, Points], *, x: str, y: str) -> str:
    """Draw each series as a line; both axes begin at 0."""
    points = [point for one in series.values() for point in one]
    right = max((at for at, _ in points), default=0.0) or 1.0
    top = max((value for _, value in points), default=0.0) or 1.0
    parts = [*_axes(right, top, x, y)]
    for place, (name, one) in enumerate(series.items()):
        colour = COLOURS[place % len(COLOURS)]
        path = " ".join(f"{_x(at, right):.1f},{_y(value, top):.1f}" for at, value in one)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(LEFT + 10, TOP + 14 * (place + 1), name, fill=colour))
    return _page(title, parts)


def bars(title: str, values: Mapping[str, float], *, unit: str) -> str:
    """Draw each value as a bar with its name and its number, the largest first."""
    largest = max(values.values(), default=0.0) or 1.0
    ordered = sorted(values.items(), key=lambda one: one[1], reverse=True)
    step = (HEIGHT - TOP - 20) / max(1, len(ordered))
    parts = []
    for place, (name, value) in enumerate(ordered):
        at, wide = TOP + place * step, max(0.0, value) / largest * (WIDTH - 330)
        parts.append(
            f'<rect x="170" y="{at:.1f}" width="{wide:.1f}" height="{step * 0.7:.1f}" fill="{COLOURS[0]}"/>'
        )
        parts.append(_text(160, at + step * 0.5, name, anchor="end"))
        parts.append(_text(176 + wide, at + step * 0.5, f"{value:.4g} {unit}"))
    return _page(title, parts)


def _axes(right: float, top: float, x: str, y: str) -> Iterable[str]:
    for tick in range(TICKS + 1):
        share = tick / TICKS
        across, up = _x(share * right, right), _y(share * top, top)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up:.1f}" y2="{up:.1f}" stroke="#9aa4ad" stroke-width="0.5"/>'
        yield _text(LEFT - 6, up + 4, f"{share * top:.4g}", anchor="end")
        yield _text(across, HEIGHT - BOTTOM + 16, f"{share * right:.4g}", anchor="middle")
    yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x, anchor="middle")
    yield _text(LEFT, TOP - 8, y)


def _x(at: float, right: float) -> float:
    return LEFT + at / right * (WIDTH - LEFT - RIGHT)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)


def _text(x: float, y: float, said: str, *, anchor: str = "start", fill: str = "#5f6b76") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(said)}</text>'


def _page(title: str, parts: Iterable[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">'
    name = f'<text x="10" y="18" font-size="14" fill="#5f6b76">{escape(title)}</text>'
    return "\n".join([head, name, *parts, "</svg>"]) + "\n"
