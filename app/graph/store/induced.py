"""The subgraph that some companies induce: the edges between them, the closest first."""

from typing import Any

from sqlalchemy import CTE, Select, any_, func, literal_column, select, true

from app.graph.store.found import EDGE_CAP, Form, StoredEdge, edge_rows
from app.models.edges import edges


def induced(companies: CTE, form: Form, *, lateral: bool) -> Select[Any]:
    """The edges whose two companies are both there, those that leave the closest first.

    ``companies``: the id of each and, after it, how near it is: its depth, or its place where all of them are in order.
    ``lateral``: the database reads them company by company until the cap is met (``_leaving``).
    """
    id_, nearness = companies.c
    near = (nearness, id_)
    if lateral:
        one = _leaving(companies, form).lateral()
        rows = select(*(one.c[name] for name in StoredEdge._fields)).select_from(companies.join(one, true()))
        return rows.order_by(*near).limit(EDGE_CAP)
    # ``IS TRUE`` keeps the test from becoming a look for each two companies.
    inside = edges.c.on_id.in_(select(companies.c.id).correlate(None)).is_(true())
    rows = edge_rows(companies.join(edges, edges.c.dependent_id == companies.c.id), form).where(inside)
    return rows.order_by(*near, edges.c.on_id, edges.c.kind, edges.c.record_id)


def _leaving(companies: CTE, form: Form) -> Select[Any]:
    """The edges of one company to the others, which PostgreSQL finds in one walk of the index: a hub has 33,000.

    Next to a hub it takes 110 ms, where reading what all 501 companies have and sorting it took 1,100. The array is
    sorted for each company: in order it is at once, or the whole search takes a fifth longer. ``OFFSET 0`` keeps the
    planner from reading what enters the others first, which took 27 s. Before version 17 each pair is a walk.

    They come in the order of the index, and no other is asked for: to sort a typical answer's 200 by their kinds and
    records too took 6 % of the search. So of parallel edges that the cap cuts, those that stand first in the table are
    kept.
    """
    others = select(companies.c.id).correlate(None).order_by(companies.c.id).scalar_subquery()
    inside = edges.c.on_id == any_(func.array(others))
    rows = edge_rows(edges, form).where(edges.c.dependent_id == companies.c.id, inside)
    return rows.order_by(edges.c.on_id).limit(None).offset(literal_column("0"))
