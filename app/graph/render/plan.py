"""What is to be laid out: a box for each company, one line for all that goes from one company to another."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from app.graph.analysis.model import Edge
from app.graph.render.labels import caption, visible, words
from app.graph.render.layout import Box, Line
from app.graph.render.measure import pixels, shorten
from app.graph.render.palette import KINDS
from app.graph.render.picture import Picture, PictureNode
from app.projection.lifetime import NOT_BINDING

NAME_SIZE, KIND_SIZE, LABEL_SIZE = 13.0, 11.0, 11.0
LABEL_ROW = 14.0
_MAX_NAME, _MAX_LABEL = 190.0, 200.0
_BOX_WIDTH, _BOX_HEIGHT, _BOX_MARGIN = 84.0, 46.0, 13.0
_LINE_ROOM = 4.5  # pixels of a box's side for each line that ends there
_MAX_BOX_HEIGHT = 150.0


def fitted(text: str, width: float, size: float) -> str:
    """Cut a text to the room in pixels that there is for it."""
    return shorten(visible(text), width, lambda part: pixels(part, size))


def wrapped(text: str, width: float, size: float, most: int = 4) -> list[str]:
    """Break a text between words into lines of that room in pixels; the last of at most so many is cut."""
    lines: list[str] = []
    rest = visible(text).split(" ")
    while rest and len(lines) < most - 1:
        taken = 1
        while taken < len(rest) and pixels(" ".join(rest[: taken + 1]), size) <= width:
            taken += 1
        lines.append(fitted(" ".join(rest[:taken]), width, size))
        rest = rest[taken:]
    return [*lines, fitted(" ".join(rest), width, size)] if rest else lines


class Look(NamedTuple):
    """How an edge is drawn: in the colour of its kind, dashed if it only may hold, dotted if it binds nobody."""

    kind: str
    possible: bool
    planned: bool


def look_of(edge: Edge) -> Look:
    """Give how an edge is drawn; one of a kind without a colour of its own as ``other``."""
    return Look(edge.kind if edge.kind in KINDS else "other", edge.possible, edge.stage in NOT_BINDING)


@dataclass(frozen=True)
class Tie:
    """All edges from one company to another one: drawn as one line with a stroke for each look."""

    start: str
    end: str
    edges: tuple[Edge, ...]

    @cached_property
    def strokes(self) -> dict[Look, list[Edge]]:
        """The edges by how they are drawn."""
        strokes: dict[Look, list[Edge]] = {}
        for edge in self.edges:
            strokes.setdefault(look_of(edge), []).append(edge)
        return strokes

    @cached_property
    def labels(self) -> dict[str, str]:
        """The labels that stand on the line, each with the kind that it is of."""
        looks = Counter(look.kind for look in self.strokes)
        return {
            fitted(
                caption(edge, *(_apart(edge, look) if looks[look.kind] > 1 else ())), _MAX_LABEL, LABEL_SIZE
            ): look.kind
            for look, edges in self.strokes.items()
            for edge in edges
        }


def _apart(edge: Edge, look: Look) -> Iterable[str]:
    """Say what tells an edge from a firm one of its kind."""
    if look.planned:
        yield words(edge.stage)
    if look.possible:
        yield "possible"


def ties(picture: Picture) -> list[Tie]:
    """Group the edges of a picture by the two companies between which they are drawn."""
    grouped: dict[tuple[str, str], list[Edge]] = {}
    for edge in picture.edges:
        grouped.setdefault(picture.ends(edge), []).append(edge)
    return [Tie(start, end, tuple(edges)) for (start, end), edges in grouped.items()]


def plan_lines(picture: Picture, tied: Sequence[Tie], *, labelled: bool) -> list[Line]:
    """Say what runs forward: from a company to one that is listed after it (for dependents, before it)."""
    position = {node.slug: number for number, node in enumerate(picture.nodes)}
    lines = []
    for tie in tied:
        start, end = position[tie.start], position[tie.end]
        back = end > start if picture.direction == "depended_on_by" else end < start
        lines.append(Line(start, end, _label_box(tie) if labelled else None, back))
    return lines


def plan_boxes(picture: Picture, lines: Sequence[Line]) -> list[Box]:
    """Give each company room for its name, and for all lines that end on one side of it."""
    # For each box, the ends on its right side (True) and on its left side (False).
    ends = Counter(end for line in lines for end in ((line.start, not line.back), (line.end, line.back)))
    return [
        Box(_box_width(node), _room(max(ends[number, True], ends[number, False])))
        for number, node in enumerate(picture.nodes)
    ]


def _room(lines: int) -> float:
    """How high a box is where so many lines end on one side of it: past some, they share its room."""
    return max(_BOX_HEIGHT, min(18 + _LINE_ROOM * lines, _MAX_BOX_HEIGHT))


def name_of(node: PictureNode) -> str:
    """Give a company's name as it stands in its box."""
    return fitted(node.name, _MAX_NAME, NAME_SIZE)


def kind_of(node: PictureNode) -> str:
    """Give a company's kind as it stands in its box."""
    return fitted(words(node.kind), _MAX_NAME, KIND_SIZE)


def _box_width(node: PictureNode) -> float:
    text = max(pixels(name_of(node), NAME_SIZE), pixels(kind_of(node), KIND_SIZE))
    return max(_BOX_WIDTH, text + 2 * _BOX_MARGIN)


def _label_box(tie: Tie) -> Box:
    return Box(max(pixels(text, LABEL_SIZE) for text in tie.labels) + 24, len(tie.labels) * LABEL_ROW + 10)
