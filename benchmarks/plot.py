"""A plot of lines as SVG: both axes logarithmic, so that what does not grow is level, whatever it takes."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10
from typing import Final

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 420, 60, 40, 190, 50
_COLORS: Final = ("#1b6ca8", "#c2410c", "#15803d", "#7e22ce", "#b91c1c", "#0e7490")
_APART: Final = 15
"""How far names stand apart at least."""


def plot(title: str, along: str, unit: str, at: Sequence[int], lines: Mapping[str, Sequence[float]]) -> str:
    """An SVG document with a line for each name through its values at the places ``at``."""
    values = [value for line in lines.values() for value in line]
    low, high = min(values), max(values)

    def x(place: float) -> float:
        return LEFT + (log10(place) - log10(at[0])) / (log10(at[-1]) - log10(at[0]) or 1) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (log10(value) - log10(low)) / (log10(high) - log10(low) or 1) * (HEIGHT - TOP - BOTTOM)

    parts = [_text(LEFT, TOP - 18, title, "font-weight='bold'"), _text(LEFT, HEIGHT - 8, along)]
    for place in at:
        parts += [_line([(x(place), TOP), (x(place), HEIGHT - BOTTOM)], "#ddd")]
        parts += [_text(x(place), HEIGHT - BOTTOM + 18, f"{place:,}", "text-anchor='middle'")]
    for value in (low, (low * high) ** 0.5, high):
        parts += [_line([(LEFT, y(value)), (WIDTH - RIGHT, y(value))], "#ddd")]
        parts += [_text(LEFT - 6, y(value) + 4, f"{value:.1f} {unit}", "text-anchor='end'")]
    last = float("inf")
    for number, (name, line) in enumerate(sorted(lines.items(), key=lambda item: item[1][-1])):
        color = _COLORS[number % len(_COLORS)]
        last = min(y(line[-1]), last - _APART)
        parts += [_line([(x(place), y(value)) for place, value in zip(at, line, strict=True)], color)]
        parts += [_text(WIDTH - RIGHT + 8, last + 4, name, f"fill='{color}'")]
    box, font = f"viewBox='0 0 {WIDTH} {HEIGHT}'", "font-family='sans-serif' font-size='12'"
    head = f"<svg xmlns='http://www.w3.org/2000/svg' {box} {font}>"
    return "\n".join([head, f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#fff'/>", *parts, "</svg>"]) + "\n"


def _line(points: Sequence[tuple[float, float]], color: str) -> str:
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f"<polyline points='{joined}' fill='none' stroke='{color}' stroke-width='1.5'/>"


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' {more}>{escape(text)}</text>"
