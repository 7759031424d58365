"""Drawing a route: one stroke for each kind of dependency between two companies, side by side, and an arrowhead."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from app.graph.render.layout import Point, Route

_GAP = 3.4  # pixels between the middles of two strokes
_HALF_HEAD = 4.0


class Strokes(NamedTuple):
    """A route as SVG: parallel paths, the points of an arrowhead as wide as they need, and all of it as one path."""

    strands: tuple[str, ...]
    arrowhead: str
    spine: str


# A layout that is kept is drawn again and again: with its strokes kept too, 60 companies take 2 ms rather than 6.
@lru_cache(maxsize=4_096)
def stroked(route: Route, count: int) -> Strokes:
    """Draw so many strokes along a route."""
    middle = (count - 1) / 2
    strands = tuple(_path(_shifted(route.points, (number - middle) * _GAP)) for number in range(count))
    return Strokes(strands, _arrowhead(route, count), f"{_path(route.points)} L{_at(route.tip)}")


def _arrowhead(route: Route, strokes: int) -> str:
    base, tip = route.points[-1], route.tip
    across = _normal(base, tip, _HALF_HEAD + (strokes - 1) * _GAP / 2)
    corners = (Point(base.x + across.x, base.y + across.y), tip, Point(base.x - across.x, base.y - across.y))
    return " ".join(map(_at, corners))


def _path(points: Sequence[Point]) -> str:
    first, *rest = map(_at, points)
    return f"M{first} C{' '.join(rest)}"


def _shifted(points: Sequence[Point], distance: float) -> list[Point]:
    """Move each Bézier point across the line of its neighbours: an offset curve, near enough for a few pixels."""
    shifted = []
    for number, point in enumerate(points):
        before, after = points[max(number - 1, 0)], points[min(number + 1, len(points) - 1)]
        across = _normal(before, after, distance)
        shifted.append(Point(point.x + across.x, point.y + across.y))
    return shifted


def _normal(start: Point, end: Point, length: float) -> Point:
    dx, dy = end.x - start.x, end.y - start.y
    scale = length / (math.hypot(dx, dy) or 1.0)
    return Point(-dy * scale, dx * scale)


def _at(point: Point) -> str:
    return f"{point.x:.1f},{point.y:.1f}"
