"""Where the boxes and lines of a picture go: Graphviz in a process of its own, with a deadline and a small cache."""

import asyncio
import json
import shutil
import sysconfig
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

_POINTS_PER_INCH = 72
_MANY = 30


class LayoutError(Exception):
    """Graphviz gave no layout, or not in time."""


class Box(NamedTuple):
    """The size of something, in pixels."""

    width: float
    height: float


class Point(NamedTuple):
    """A place in the picture, in pixels from its upper left corner."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line to lay out between two boxes, given by their positions in the list of boxes.

    ``label`` is the size of its label. ``back`` is true where the line runs against the layers, from right to left.
    """

    start: int
    end: int
    label: Box | None = None
    back: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """The course of a line: cubic Bézier points up to where its arrowhead begins, the tip, the middle of its label."""

    points: tuple[Point, ...]
    tip: Point
    label: Point | None


@dataclass(frozen=True, slots=True)
class Layout:
    """The size of the whole in pixels, the middle of each box and the route of each line, in the order given."""

    width: float
    height: float
    boxes: tuple[Point, ...]
    routes: tuple[Route, ...]


class Graphviz:
    """Lays out at most ``simultaneous`` pictures at a time, each within ``deadline`` seconds, and keeps the last ones.

    What Graphviz is told holds sizes only, no word of anybody's, so nothing in a name can reach it.
    """

    def __init__(
        self,
        *,
        command: Sequence[str] | None = None,
        deadline: float = 10.0,
        simultaneous: int = 2,
        kept: int = 128,
    ) -> None:
        self.deadline = deadline
        self._command = tuple(command or [_installed()])
        self._turn = asyncio.Semaphore(simultaneous)
        self._layouts: OrderedDict[str, Layout] = OrderedDict()
        self._kept = kept

    async def arrange(self, boxes: Sequence[Box], lines: Sequence[Line]) -> Layout:
        """Lay out boxes in layers from left to right.

        Raises LayoutError when that fails or, waiting for a turn included, takes longer than the deadline.
        """
        dot = _dot(boxes, lines)
        if dot not in self._layouts:
            try:
                async with asyncio.timeout(self.deadline), self._turn:
                    if dot not in self._layouts:
                        self._layouts[dot] = _read(await self._run(dot), len(boxes), len(lines))
            except TimeoutError:
                raise LayoutError(f"no layout within {self.deadline:g} s") from None
            if len(self._layouts) > self._kept:
                self._layouts.popitem(last=False)
        self._layouts.move_to_end(dot)
        return self._layouts[dot]

    async def _run(self, dot: str) -> bytes:
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, "-y", "-Tjson0", stdin=pipe, stdout=pipe, stderr=pipe
            )
        except OSError as error:
            raise LayoutError(f"Graphviz cannot be run: {error}") from error
        try:
            out, complaint = await process.communicate(dot.encode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.stdin:
            # That Graphviz had gone before it read all is no news, but asyncio logs it where nobody asks.
            with suppress(OSError):
                await process.stdin.wait_closed()
        if process.returncode:
            raise LayoutError(f"Graphviz failed: {complaint.decode(errors='replace')[:200]}")
        return out


def _installed() -> str:
    scripts = sysconfig.get_path("scripts")
    return shutil.which("graphviz-pure", path=scripts) or shutil.which("graphviz-pure") or "graphviz-pure"


def _dot(boxes: Sequence[Box], lines: Sequence[Line]) -> str:
    parts = [
        # Many boxes make high layers: they stand closer, and further from the next one, where lines have to turn.
        f"graph [rankdir=LR, nodesep={0.2 if len(boxes) < _MANY else 0.1}, ranksep={0.8 + len(boxes) / 30:.2f}]",
        'node [shape=box, fixedsize=true, label=""]; edge [arrowsize=0.8]',
        *(
            f"n{number} [width={width / _POINTS_PER_INCH:.3f}, height={height / _POINTS_PER_INCH:.3f}]"
            for number, (width, height) in enumerate(boxes)
        ),
        *(_dot_edge(number, line) for number, line in enumerate(lines)),
    ]
    return f"digraph {{\n{chr(10).join(parts)}\n}}\n"


def _dot_edge(number: int, line: Line) -> str:
    label = ""
    if line.label:
        width, height = map(round, line.label)
        # An empty table of a fixed size: the room for a label that is drawn later.
        cell = f'border="0" fixedsize="true" width="{width}" height="{height}"'
        label = f", label=<<table {cell}><tr><td></td></tr></table>>"
    # Said the other way round, a line back takes part in the layers like any other, and its label gets its room.
    left, right, arrow = (line.end, line.start, "back") if line.back else (line.start, line.end, "forward")
    return f"n{left} -> n{right} [id={number}, dir={arrow}, tailport=e, headport=w{label}]"


def _read(document: bytes, boxes: int, lines: int) -> Layout:
    """Read what ``-Tjson0`` wrote; raises LayoutError when a box or a line is missing in it."""
    try:
        graph = json.loads(document)
        _, bottom, right, top = map(float, graph["bb"].split(","))
        places = {item["name"]: _point(item["pos"]) for item in graph.get("objects", ())}
        routes = {item["id"]: _route(item) for item in graph.get("edges", ())}
        ordered = tuple(places[f"n{number}"] for number in range(boxes))
        return Layout(right, max(bottom, top), ordered, tuple(routes[str(number)] for number in range(lines)))
    except (KeyError, ValueError) as error:
        raise LayoutError(f"Graphviz left something out: {error!r}") from error


def _route(item: dict[str, Any]) -> Route:
    """Read a spline: ``e,x,y`` is the tip of an arrow at its end, ``s,x,y`` of one at its start, then its points."""
    tip, *points = item["pos"].split(" ")
    label = _point(item["lp"]) if "lp" in item else None
    ordered = points[::-1] if tip.startswith("s,") else points
    return Route(tuple(map(_point, ordered)), _point(tip[2:]), label)


def _point(text: str) -> Point:
    x, y = text.split(",")
    return Point(float(x), float(y))
