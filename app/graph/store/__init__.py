"""The only SQL that reads the graph. Companies' names come with the edges, or by one statement more."""

from app.graph.store.both_ends import between
from app.graph.store.found import Found, StoredEdge
from app.graph.store.joint import shared_amounts
from app.graph.store.near import Near, circle, downstream, near
from app.graph.store.root import Root, find_root
from app.graph.store.whole import every_edge, of_same_records, touching

__all__ = [
    "Found",
    "Near",
    "Root",
    "StoredEdge",
    "between",
    "circle",
    "downstream",
    "every_edge",
    "find_root",
    "near",
    "of_same_records",
    "shared_amounts",
    "touching",
]
