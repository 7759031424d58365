"""Edges by the company or record that they belong to, and all of them."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.question import EdgeFilter, Limits
from app.graph.store.found import EDGE_CAP, Form, Found, edge_rows, find, form_of, holds
from app.graph.store.root import Root
from app.models.edges import edges


async def touching(connection: AsyncConnection, roots: Sequence[Root], *, only: EdgeFilter, limits: Limits) -> Found:
    """The edges that leave or reach one of some companies."""
    values = _cap(limits) | {"companies": [root.id for root in roots]}
    return await find(connection, _touching(form_of(only)), values, only, beside={root.id: root.node for root in roots})


async def of_same_records(connection: AsyncConnection, root: Root, *, only: EdgeFilter, limits: Limits) -> Found:
    """The edges that touch a company, and all others of the same records."""
    values = _cap(limits) | {"root": root.id}
    return await find(connection, _of_same_records(form_of(only)), values, only, beside={root.id: root.node})


async def every_edge(connection: AsyncConnection, *, only: EdgeFilter, limits: Limits) -> Found:
    """All edges of the store, those that were recorded first where the limit cuts."""
    return await find(connection, _every_edge(form_of(only)), _cap(limits), only, beside={})


@cache
def _touching(form: Form) -> Select[Any]:
    some = bindparam("companies", expanding=True, type_=BigInteger)
    return _first(edge_rows(edges, form).where(or_(edges.c.dependent_id.in_(some), edges.c.on_id.in_(some))))


@cache
def _of_same_records(form: Form) -> Select[Any]:
    root = bindparam("root", type_=BigInteger)
    touched = select(edges.c.record_id).where(or_(edges.c.dependent_id == root, edges.c.on_id == root), *holds(form))
    some = touched.order_by(edges.c.record_id).limit(EDGE_CAP)
    return _first(edge_rows(edges, form).where(edges.c.record_id.in_(some)))


@cache
def _every_edge(form: Form) -> Select[Any]:
    return _first(edge_rows(edges, form))


def _first(query: Select[Any]) -> Select[Any]:
    return query.order_by(edges.c.id)


def _cap(limits: Limits) -> dict[str, int]:
    return {"edge_cap": limits.edges + 1}
