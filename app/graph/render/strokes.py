"""Drawing a route: one stroke for each kind of dependency between two companies, side by side, and an arrowhead."""

import math
from collections.abc import Sequence

from app.graph.render.layout import Point, Route

_GAP = 3.4  # pixels between the middles of two strokes
_HALF_HEAD = 4.0


def strands(route: Route, count: int) -> list[str]:
    """Return so many parallel SVG paths along a route."""
    middle = (count - 1) / 2
    return [_path(_shifted(route.points, (number - middle) * _GAP)) for number in range(count)]


def spine(route: Route) -> str:
    """Return the whole route up to the tip of its arrow as one SVG path."""
    return f"{_path(route.points)} L{_at(route.tip)}"


def arrowhead(route: Route, strokes: int) -> str:
    """Return the points of an SVG polygon as wide as that many strokes need."""
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
