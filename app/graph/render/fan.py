"""Fanning out: lines that Graphviz brings to one point of a box are spread along that side of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from app.graph.render.layout import Box, Layout, Line, Point, Route

_STEP = 8.0  # pixels between two lines, where the side of the box is long enough
_CORNER = 9.0
_LITTLE = 4.0


@lru_cache(maxsize=128)
def fanned(layout: Layout, boxes: tuple[Box, ...], lines: tuple[Line, ...]) -> Layout:
    """Return the layout with the ends of its lines apart, ordered as the lines turn up and down, so that none cross."""
    bare = _bare(layout, lines)
    sides: dict[tuple[int, bool], list[tuple[float, int, bool]]] = defaultdict(list)
    for number, (line, route) in enumerate(zip(lines, layout.routes, strict=True)):
        if line.start != line.end:
            turn = _rise if number in bare else _slope
            sides[line.start, line.back].append((turn(route.points), number, False))
            sides[line.end, not line.back].append((turn(route.points[::-1]), number, True))
    routes = list(layout.routes)
    for (box, _), ends in sides.items():
        step = min(_STEP, (boxes[box].height - 2 * _CORNER) / max(len(ends) - 1, 1))
        for place, (_, number, at_tip) in enumerate(sorted(ends)):
            move = _tip_moved if at_tip else _start_moved
            routes[number] = move(routes[number], (place - (len(ends) - 1) / 2) * step)
    return replace(layout, routes=tuple(_swung(route) if n in bare else route for n, route in enumerate(routes)))


def _bare(layout: Layout, lines: Sequence[Line]) -> set[int]:
    """The lines between two layers that stand side by side, where no line has a label: nothing is in their way."""
    if any(line.label for line in lines):
        return set()
    middles = [at.x for at in layout.boxes]

    def near(line: Line) -> bool:
        left, right = sorted((middles[line.start], middles[line.end]))
        return line.start != line.end and not any(left + _LITTLE < middle < right - _LITTLE for middle in middles)

    return {number for number, line in enumerate(lines) if near(line)}


def _swung(route: Route) -> Route:
    """A line as one curve that leaves and arrives level: those that are ordered alike at both ends never cross."""
    start, end = route.points[0], route.points[-1]
    middle = (start.x + end.x) / 2
    return replace(route, points=(start, Point(middle, start.y), Point(middle, end.y), end))


def _rise(points: Sequence[Point]) -> float:
    """How far down a line goes, from its first point to its last."""
    return points[-1].y - points[0].y


def _slope(points: Sequence[Point]) -> float:
    """Say how steeply a line turns down as it leaves its first point, over its first Bézier segment."""
    near, far = points[0], points[3]
    return (far.y - near.y) / (abs(far.x - near.x) + 1)


def _start_moved(route: Route, down: float) -> Route:
    return replace(route, points=_bent(route.points, down))


def _tip_moved(route: Route, down: float) -> Route:
    tip = Point(route.tip.x, route.tip.y + down)
    return replace(route, points=_bent(route.points[::-1], down)[::-1], tip=tip)


def _bent(points: Sequence[Point], down: float) -> tuple[Point, ...]:
    """Move the first joint of a Bézier curve, and a little the next one within it, each with its handles."""
    # Further in, the curve passes other boxes at the distance that Graphviz keeps from them.
    little = max(-_LITTLE, min(_LITTLE, down / 3))
    shifts = [down, down, *[little] * min(3, len(points) - 4)]
    moved = [Point(point.x, point.y + shift) for point, shift in zip(points, shifts, strict=False)]
    return (*moved, *points[len(moved) :])
