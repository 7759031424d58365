"""A graph as an SVG picture for a dashboard: layers from left to right, one colour for each kind of dependency."""

from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import structlog

from app.graph.render.fan import fanned
from app.graph.render.labels import few, heading, narrowing, notes, part_shown, sentence, totals, visible, words
from app.graph.render.layout import Box, Graphviz, LayoutError, Point, Route
from app.graph.render.palette import KINDS, TINTS
from app.graph.render.picture import Picture, PictureNode
from app.graph.render.plan import LABEL_ROW, Look, Tie, kind_of, look_of, name_of, plan_boxes, plan_lines, ties
from app.graph.render.sheet import Drawing, Key, Sheet, label, linked, text_of
from app.graph.render.strokes import stroked

MAX_NODES, MAX_EDGES, MAX_LABELLED_EDGES = 60, 150, 30

log = structlog.get_logger()


class Rendered(NamedTuple):
    """An SVG document, and whether a layout came in time: where none did, the same question may be drawn later."""

    svg: str
    laid_out: bool


async def render(picture: Picture, *, width: int | None = None, graphviz: Graphviz | None = None) -> Rendered:
    """Return an SVG document, ``width`` pixels wide or at its natural size.

    Above 60 companies or 150 dependencies it draws the closest to the root and says so. Where the layout takes
    longer than the deadline of ``graphviz``, it is tried once more without edge labels; then the picture says so.
    """
    shown = picture.closest(nodes=MAX_NODES, edges=MAX_EDGES)
    graphviz = graphviz or _graphviz(get_running_loop())
    for labelled in (True, False) if len(shown.edges) <= MAX_LABELLED_EDGES else (False,):
        try:
            drawing = await _drawn(shown, graphviz, labelled=labelled)
        except LayoutError as error:
            log.warning("picture not laid out", title=picture.title, labelled=labelled, reason=str(error))
        else:
            whole = _sheet(picture, _keys(shown), part_shown(picture, shown)).around(drawing, width)
            return Rendered(whole, laid_out=True)
    empty = _sheet(picture, [], "this picture could not be laid out").around(Drawing((), 0, 0), width)
    return Rendered(empty, laid_out=False)


@lru_cache(maxsize=1)
def _graphviz(_loop: AbstractEventLoop) -> Graphviz:
    """One for all requests of a process; those who wait for a turn in it must share one event loop."""
    return Graphviz()


async def _drawn(picture: Picture, graphviz: Graphviz, *, labelled: bool) -> Drawing:
    tied = ties(picture)
    lines = plan_lines(picture, tied, labelled=labelled)
    boxes = plan_boxes(picture, lines)
    layout = fanned(await graphviz.arrange(boxes, lines), tuple(boxes), tuple(lines))
    names = {node.slug: node.name for node in picture.nodes}
    routed = list(zip(tied, layout.routes, strict=True))
    elements = [
        *(_tie(tie, route, names, looped=(tie.start, tie.end) in picture.loops) for tie, route in routed),
        *(text for tie, route in routed if labelled for text in _tie_labels(tie, route)),
        *(
            _node(node, middle, box, is_root=node.slug == picture.root)
            for node, middle, box in zip(picture.nodes, layout.boxes, boxes, strict=True)
        ),
    ]
    return Drawing(elements, layout.width, layout.height)


def _tie(tie: Tie, route: Route, names: dict[str, str], *, looped: bool) -> str:
    drawn = stroked(route, len(tie.strokes))
    strokes = [
        f'<path class="dg-stroke dg-k-{look.kind}{_pattern(look)}" d="{path}"/>'
        for look, path in zip(tie.strokes, drawn.strands, strict=True)
    ]
    kinds = {look.kind for look in tie.strokes}
    head = f"dg-h-{kinds.pop()}" if len(kinds) == 1 else "dg-mixed"
    tip = "\n".join(text_of(sentence(edge, names)) for edge in tie.edges)
    elements = (
        f"<title>{tip}</title>",
        f'<path class="dg-touch{" dg-loop" if looped else ""}" d="{drawn.spine}"/>',
        *strokes,
        f'<polygon class="{head}" points="{drawn.arrowhead}"/>',
    )
    records = {edge.record for edge in tie.edges}
    if len(records) > 1:
        return f'<g class="dg-line">{"".join(elements)}</g>'
    (record,) = records
    # The title stands inside of the link, which has no other text: it is the link's name.
    return f'<g class="dg-line">{linked(f"/v1/{record.type}/{record.slug}", *elements)}</g>'


def _pattern(look: Look) -> str:
    return f"{' dg-dashed' if look.possible else ''}{' dg-dotted' if look.planned else ''}"


def _tie_labels(tie: Tie, route: Route) -> list[str]:
    if route.label is None:
        return []
    # Graphviz puts a label above its line, so what room there is to spare is left below the text.
    top = route.label.y - (len(tie.labels) - 1) * LABEL_ROW / 2
    return [
        label("dg-label", Point(route.label.x, top + row * LABEL_ROW), text, kind=kind)
        for row, (text, kind) in enumerate(tie.labels.items())
    ]


def _node(node: PictureNode, middle: Point, box: Box, *, is_root: bool) -> str:
    tint = node.kind if node.kind in TINTS else "other"
    frame = (
        f'<rect class="dg-box dg-{tint}" x="{middle.x - box.width / 2:.1f}" y="{middle.y - box.height / 2:.1f}"'
        f' width="{box.width:.1f}" height="{box.height:.1f}" rx="9"/>'
    )
    name = label("dg-name", Point(middle.x, middle.y - 3), name_of(node))
    kind = label("dg-kind", Point(middle.x, middle.y + 14), kind_of(node))
    title = f"<title>{text_of(node.name)} ({text_of(words(node.kind))})</title>"
    shown = linked(f"/v1/companies/{node.slug}", frame, name, kind)
    return f'<g class="{"dg-node dg-root" if is_root else "dg-node"}">{title}{shown}</g>'


def _sheet(picture: Picture, keys: Sequence[Key], missing: str) -> Sheet:
    """Put words round a drawing; ``missing`` says what is not in it, nothing where all is."""
    where = f"; {'more' if picture.truncated else 'all'} in the table" if picture.table_url else ""
    said = [f"{missing[0].upper()}{missing[1:]}{where}."] if missing else []
    said += notes(picture) if picture.edges else [*notes(picture), "Nothing is recorded."]
    return Sheet(
        title=heading(picture),
        subtitle=f"{totals(picture)} · A → B: {_arrow_meaning(picture)}",
        description=" ".join(filter(None, [visible(picture.description), f"{totals(picture)}.", *said])),
        narrowed=narrowing(picture),
        keys=keys,
        notes=few(said),
        link=picture.table_url if missing else None,
    )


def _arrow_meaning(picture: Picture) -> str:
    return "value goes from A to B" if picture.direction == "value_flow" else "A depends on B"


def _keys(picture: Picture) -> list[Key]:
    looks = {look_of(edge) for edge in picture.edges}
    present = {look.kind for look in looks}
    keys = [Key(f"dg-stroke dg-k-{kind}", words(kind)) for kind in KINDS if kind in present]
    if any(look.possible for look in looks):
        keys.append(Key("dg-stroke dg-k-other dg-dashed", "possible"))
    if any(look.planned for look in looks):
        keys.append(Key("dg-stroke dg-k-other dg-dotted", "intended or rumoured"))
    if any(map(picture.in_loop, picture.edges)):
        keys.append(Key("dg-loop", "part of a loop"))
    return keys
