"""The subgraph that some companies induce: the edges between them, the closest first."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    any_,
    cast,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.graph.store.found import EDGE_CAP, Form, StoredEdge, edge_rows
from app.models.edges import edges

_INDEXED = (edges.c.dependent_id, edges.c.on_id)
"""The order of the index by which they are found."""


def induced(companies: CTE, form: Form) -> Select[Any]:
    """The edges whose two companies are both there, those that leave the closest first.

    ``companies``: the id of each and, after it, how near it is: its depth, or its place where all of them are in order.
    """
    id_, nearness = companies.c
    # ``IS TRUE`` keeps the test from becoming a look for each two companies.
    inside = edges.c.on_id.in_(select(companies.c.id).correlate(None)).is_(true())
    rows = edge_rows(companies.join(edges, edges.c.dependent_id == id_), form).where(inside)
    return rows.order_by(nearness, *_INDEXED, edges.c.kind, edges.c.record_id)


def level_by_level(levels: Sequence[Select[Any]], within: CTE, form: Form) -> Select[Any]:
    """The same as PostgreSQL finds it soonest: in one walk of the index for all companies of a level.

    ``levels`` as ``levels_from`` gives them, ``within`` all companies in them, whose ids are put in order once: a walk
    for each company, as below, and the ids for each walk took 1.6 times as long as the bare statement, this 1.48.

    What runs in parallel is in no order, but no part of a union does that reads what a WITH has found. Within a level
    the edges come in the order of the index, and no other is asked for: to sort a typical answer's 200 by their kinds
    and records too took 6 % of the search. So of parallel edges that the cap cuts, those that stand first in the table
    are kept.
    """
    everyone = select(_sorted(within).label("ids")).cte()
    others = edges.c.on_id == any_(cast(select(everyone.c.ids).scalar_subquery(), ARRAY(BigInteger)))
    each = [edges.c.dependent_id == any_(_sorted(level.subquery())) for level in levels]
    rows = union_all(*(edge_rows(edges, form).where(of, others).order_by(*_INDEXED) for of in each)).subquery()
    return select(*rows.c).limit(EDGE_CAP)


def company_by_company(companies: CTE, form: Form) -> Select[Any]:
    """The same for companies in an order of their own, which PostgreSQL reads until the cap is met.

    It finds the edges of each in one walk of the index: a hub has 33,000. Next to a hub it takes 110 ms, where reading
    what all 501 companies have and sorting it took 1,100. ``OFFSET 0`` keeps the planner from reading what enters the
    others first, which took 27 s. Before version 17 each pair is a walk.
    """
    id_, place = companies.c
    inside = edges.c.on_id == any_(_sorted(companies))
    leaving = edge_rows(edges, form).where(edges.c.dependent_id == id_, inside).order_by(edges.c.on_id)
    one = leaving.limit(None).offset(literal_column("0")).lateral()
    rows = select(*(one.c[name] for name in StoredEdge._fields)).select_from(companies.join(one, true()))
    return rows.order_by(place, id_).limit(EDGE_CAP)


def _sorted(companies: FromClause) -> ColumnElement[Any]:
    """The ids of some companies as an array in order: whoever looks into it sorts it, which takes a fifth of a walk."""
    return func.array(select(companies.c.id).correlate(None).order_by(companies.c.id).scalar_subquery())
