"""A graph in the DOT language of Graphviz, whole: its readers have no cap of their own."""

import re

from app.graph.analysis.model import Edge
from app.graph.render.labels import caption, heading, narrowing, notes, sentence, visible, words
from app.graph.render.palette import TINTS, kind_shade
from app.graph.render.picture import Picture, PictureNode
from app.projection.lifetime import NOT_BINDING

_FACE = "Helvetica"
# Graphviz decodes character references in every label, so one that a name happens to hold must be kept from it.
_REFERENCE = re.compile(r"&(?=#?\w+;)")


def render(picture: Picture) -> str:
    """Return a digraph from left to right: nodes are slugs, URLs are relative, an edge's tooltip is its summary."""
    names = {node.slug: node.name for node in picture.nodes}
    label = "\n".join(filter(None, [heading(picture), narrowing(picture), *notes(picture)]))
    lines = [
        f"graph [{_attributes(rankdir='LR', label=label, labelloc='t', tooltip=picture.description, fontname=_FACE)}]",
        f"node [{_attributes(shape='box', style='rounded,filled', fontname=_FACE)}]",
        f"edge [{_attributes(fontname=_FACE, fontsize='10')}]",
        *(_node(node, is_root=node.slug == picture.root) for node in picture.nodes),
        *(_edge(picture, edge, names) for edge in picture.edges),
    ]
    return "\n  ".join(["digraph {", *lines]) + "\n}\n"


def _node(node: PictureNode, *, is_root: bool) -> str:
    attributes = _attributes(
        label=node.name,
        tooltip=f"{node.name} ({words(node.kind)})",
        URL=f"/v1/companies/{node.slug}",
        fillcolor=TINTS.get(node.kind, TINTS["other"]).light,
        penwidth="3" if is_root else "1",
    )
    return f"{_quoted(node.slug)} [{attributes}]"


def _edge(picture: Picture, edge: Edge, names: dict[str, str]) -> str:
    start, end = picture.ends(edge)
    attributes = _attributes(
        label=caption(edge),
        tooltip=sentence(edge, names),
        URL=f"/v1/{edge.record.type}/{edge.record.slug}",
        color=kind_shade(edge.kind).light,
        style="dotted" if edge.stage in NOT_BINDING else "dashed" if edge.possible else "solid",
        penwidth="3" if picture.in_loop(edge) else "1",
    )
    return f"{_quoted(start)} -> {_quoted(end)} [{attributes}]"


def _attributes(**values: str) -> str:
    return ", ".join(f"{name}={_quoted(value)}" for name, value in values.items())


def _quoted(text: str) -> str:
    r"""Quote a string: line breaks stay as \n; backslashes (\N and \G are escapes), quotes and references escaped."""
    lines = [visible(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n")]
    return '"' + _REFERENCE.sub("&amp;", r"\n".join(lines)) + '"'
