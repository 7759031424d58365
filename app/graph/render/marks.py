"""What is drawn along a scale: how much is certain and how much possible, and on which days something may have been."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from app.graph.render.scale import Scale

HEIGHT: Final = 12.0
Style = Literal["certain", "possible", "open", "planned", "day", "within", "about", "period"]
SAMPLES: Final[dict[Style, str]] = {
    "certain": "m0,-5 h22 v10 h-22 z",
    "possible": "m0,-5 h22 v10 h-22 z",
    "open": "m0,-5 h16 l6,5 l-6,5 h-16 z",
    "planned": "m1,-4 h20 v8 h-20 z",
    "day": "m11,-6 l6,6 l-6,6 l-6,-6 z",
    "within": "m0,-5 v10 h22 v-10 z",
    "about": "m1,-4 h20 v8 h-20 z",
    "period": "m0,-3 h22 v6 h-22 z",
}
"""What each style looks like in a legend, as an SVG path from its middle left."""
MEANINGS: Final[dict[Style, str]] = {
    "certain": "certain",
    "possible": "possible, up to its bound",
    "open": "open: it may be any amount more",
    "planned": "only intended or rumoured",
    "day": "on that day",
    "within": "on some day in it",
    "about": "about then",
    "period": "of the whole time",
}
_LEAST: Final = 5.0
_POINT: Final = 7.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a scale, in the colour of a kind. An ``open`` one goes on past the end of the scale."""

    style: Style
    start: float
    end: float
    kind: str


def of_amount(low: Decimal, high: Decimal | None, kind: str) -> tuple[Mark, ...]:
    """An amount between bounds: solid as far as it is certain, lighter as far as it is possible."""
    certain = [Mark("certain", 0, float(low), kind)] if low else []
    if high is None:
        return (*certain, Mark("open", float(low), float("inf"), kind))
    return (*certain, Mark("possible", float(low), float(high), kind)) if high > low else tuple(certain)


def of_plan(low: Decimal, high: Decimal | None, kind: str) -> tuple[Mark, ...]:
    """An amount that is only intended or rumoured: an outline as far as it is said to go."""
    return (Mark("planned", 0, float(low if high is None else high), kind),)


def styled(style: Style, kind: str) -> str:
    """The classes of a mark."""
    return f"dg-m-{style} dg-h-{kind} dg-k-{kind}"


def along(mark: Mark, scale: Scale, left: float, width: float, middle: float) -> str:
    """A mark as an SVG path, on a strip that is ``width`` pixels wide and has its middle at that height."""
    start, end = (left + width * scale.part(value) for value in (mark.start, mark.end))
    if mark.style in {"within", "about", "period"} and end - start < _LEAST:
        start, end = (start + end - _LEAST) / 2, (start + end + _LEAST) / 2
    shape = f"M{start:.1f},{middle:.1f} {_shape(mark.style, end - start)}"
    return f'<path class="{styled(mark.style, mark.kind)}" d="{shape}"/>'


def _shape(style: Style, length: float) -> str:
    match style:
        case "open":
            # Where the certain part fills the scale there is no room before the point: it stands past the end.
            straight = max(0.0, length - _POINT)
            return f"m0,-6 h{straight:.1f} l{_POINT:g},6 l-{_POINT:g},6 h-{straight:.1f} z"
        case "day":
            return f"m{length / 2:.1f},-6 l6,6 l-6,6 l-6,-6 z"
        case "planned" | "about":
            return f"m0,-4 h{length:.1f} v8 h-{length:.1f} z"
        case "period":
            return f"m0,-3 h{length:.1f} v6 h-{length:.1f} z"
        case _:
            return f"m0,-6 h{length:.1f} v12 h-{length:.1f} z"
