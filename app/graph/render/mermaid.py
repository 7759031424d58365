"""A graph as a Mermaid flowchart, for Markdown that draws it."""

import json
import re

from app.graph.analysis.model import Edge
from app.graph.render.labels import caption, few, heading, narrowing, notes, part_shown, visible
from app.graph.render.measure import columns, shorten
from app.graph.render.palette import kind_shade
from app.graph.render.picture import Picture
from app.projection.lifetime import NOT_BINDING

# Mermaid refuses more than 500 edges or 50,000 characters by default, and shows nothing of such a chart.
MAX_NODES, MAX_EDGES, MAX_LENGTH = 200, 400, 50_000
_LABEL_COLUMNS, _NOTE_COLUMNS = 60, 300
# Whatever else Mermaid may read as the end of a label, an entity, a directive, markup or Markdown.
_SPECIAL = re.compile(r"[^\w ·.,:()/+€£¥'…-]")


def render(picture: Picture) -> str:
    """Return a flowchart from left to right; above what Mermaid takes, the closest part of it, which then says so."""
    nodes, edges = MAX_NODES, MAX_EDGES
    while len(text := _flowchart(picture, nodes, edges)) > MAX_LENGTH and nodes > 1:
        nodes, edges = nodes // 2, edges // 2
    return text


def _flowchart(picture: Picture, nodes: int, edges: int) -> str:
    shown = picture.closest(nodes=nodes, edges=edges)
    ids = {node.slug: f"n{position}" for position, node in enumerate(shown.nodes)}
    said = few([note for note in (part_shown(picture, shown), *notes(picture)) if note])
    body = [
        f"accDescr: {_escaped(picture.description or picture.title, _NOTE_COLUMNS)}",
        *(f"{ids[node.slug]}[{_quoted(node.name)}]" for node in shown.nodes),
        *(_arrow(shown, edge, ids) for edge in shown.edges),
        *(f"note{position}[{_quoted(note, _NOTE_COLUMNS)}]:::note" for position, note in enumerate(said)),
        *_styles(shown, ids),
    ]
    title = json.dumps(" · ".join(filter(None, [heading(picture), narrowing(picture)])), ensure_ascii=False)
    return "\n  ".join([f"---\ntitle: {title}\n---\nflowchart LR", *body]) + "\n"


def _arrow(picture: Picture, edge: Edge, ids: dict[str, str]) -> str:
    start, end = picture.ends(edge)
    uncertain = edge.possible or edge.stage in NOT_BINDING
    shaft = "-.->" if uncertain else "==>" if picture.in_loop(edge) else "-->"
    return f"{ids[start]} {shaft}|{_quoted(caption(edge))}| {ids[end]}"


def _styles(picture: Picture, ids: dict[str, str]) -> list[str]:
    by_kind: dict[str, list[str]] = {}
    for position, edge in enumerate(picture.edges):
        by_kind.setdefault(edge.kind, []).append(str(position))
    lines = [f"linkStyle {','.join(which)} stroke:{kind_shade(kind).light}" for kind, which in by_kind.items()]
    root = [f"style {ids[picture.root]} stroke-width:3px"] if picture.root in ids else []
    return [*lines, *root, "classDef note fill:none,stroke:none"]


def _quoted(text: str, limit: int = _LABEL_COLUMNS) -> str:
    return f'"{_escaped(text, limit)}"'


def _escaped(text: str, limit: int) -> str:
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", shorten(visible(text), limit, columns))
