"""A graph as GraphML (http://graphml.graphdrawing.org): typed attributes, parallel edges kept apart by their ids."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from app.graph.analysis.model import Edge
from app.graph.render.labels import narrowing, number, visible
from app.graph.render.picture import Picture, PictureNode

_GRAPH_KEYS = dict.fromkeys(
    ("title", "description", "root", "direction", "as_of", "narrowed", "truncated", "unknowns"), "string"
)
_NODE_KEYS = {"name": "string", "kind": "string", "depth": "int", "via": "string"}
_EDGE_KEYS = {
    **dict.fromkeys(("kind", "record_type", "record", "stage"), "string"),
    **dict.fromkeys(("amount_low", "amount_high"), "double"),
    **dict.fromkeys(("amount_unit", "amount_text"), "string"),
    **dict.fromkeys(("share_low", "share_high"), "double"),
    **dict.fromkeys(("since", "until"), "string"),
    "possible": "boolean",
    "in_loop": "boolean",
    **dict.fromkeys(("flow", "nature", "part_of", "summary"), "string"),
}
_KEYS = {"graph": _GRAPH_KEYS, "node": _NODE_KEYS, "edge": _EDGE_KEYS}


def render(picture: Picture) -> str:
    """Return a directed graph: edges go from the dependent to what it depends on, of circular deals as value goes.

    ``flow`` says whether that is along the dependency, or against it: then the target depends on the source.
    What is not known has no ``data`` element. Amounts are doubles, exact to 15 digits; ``amount_text`` is as stated.
    """
    document = ET.Element("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
    for domain, keys in _KEYS.items():
        for name, kind in keys.items():
            attributes = {"id": f"{domain}_{name}", "for": domain, "attr.name": name, "attr.type": kind}
            ET.SubElement(document, "key", attributes)
    graph = ET.SubElement(document, "graph", edgedefault="directed")
    _describe(graph, "graph", _graph_data(picture))
    for node in picture.nodes:
        _describe(ET.SubElement(graph, "node", id=visible(node.slug)), "node", _node_data(node))
    for position, edge in enumerate(picture.edges):
        ends = dict(zip(("source", "target"), map(visible, picture.ends(edge)), strict=True))
        _describe(ET.SubElement(graph, "edge", {"id": f"e{position}", **ends}), "edge", _edge_data(picture, edge))
    ET.indent(document)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(document, encoding="unicode")}\n'


def _describe(element: ET.Element, domain: str, data: Mapping[str, str | None]) -> None:
    for name, value in data.items():
        if value:
            ET.SubElement(element, "data", key=f"{domain}_{name}").text = visible(value)


def _graph_data(picture: Picture) -> dict[str, str | None]:
    said = {
        "narrowed": narrowing(picture),
        "truncated": ", ".join(picture.truncated),
        "unknowns": "; ".join(picture.unknowns),
    }
    named = {name: getattr(picture, name) for name in ("title", "description", "root", "direction", "as_of")}
    return named | said


def _node_data(node: PictureNode) -> dict[str, str | None]:
    depth = None if node.depth is None else str(node.depth)
    return {"name": node.name, "kind": node.kind, "depth": depth, "via": " ".join(node.via)}


def _edge_data(picture: Picture, edge: Edge) -> dict[str, str | None]:
    data = {name: getattr(edge, name) for name in ("kind", "stage", "since", "until", "flow", "nature", "summary")}
    data |= {"record_type": edge.record.type, "record": edge.record.slug}
    data |= {"possible": str(edge.possible).lower(), "in_loop": str(picture.in_loop(edge)).lower()}
    data["part_of"] = edge.part_of and edge.part_of.slug
    if edge.amount:
        data |= {"amount_low": number(edge.amount.low), "amount_high": number(edge.amount.high)}
        data |= {"amount_unit": edge.amount.unit, "amount_text": edge.amount.text}
    if edge.share:
        data |= {"share_low": number(edge.share.low), "share_high": number(edge.share.high)}
    return data
