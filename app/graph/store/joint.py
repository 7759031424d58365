"""The records whose one amount several companies share."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.analysis.model import RecordRef
from app.graph.question import EdgeFilter
from app.graph.store.found import Form, form_of, holds, values_of
from app.models.edges import edges
from app.models.ledger import records
from app.shared.among import any_of
from app.shared.driver import KEPT_STATEMENTS

_OF_ONE_AMOUNT = ("contracts", "investments")


async def shared_amounts(
    connection: AsyncConnection, refs: Iterable[RecordRef], only: EdgeFilter
) -> frozenset[tuple[str, RecordRef]]:
    """Of some contracts and investments those, by kind, whose one amount all of several edges state."""
    slugs = sorted({ref.slug for ref in refs if ref.type in _OF_ONE_AMOUNT})
    if not slugs:
        return frozenset()
    rows = await connection.execute(_of_several(form_of(only)), values_of(only) | {"slugs": slugs})
    return frozenset((kind, RecordRef(type_, slug)) for kind, type_, slug in rows)


@lru_cache(KEPT_STATEMENTS)
def _of_several(form: Form) -> Select[Any]:
    what = (edges.c.kind, edges.c.record_type, edges.c.record_slug)
    asked = select(records.c.id).where(records.c.type.in_(_OF_ONE_AMOUNT), any_of(records.c.slug, "slugs"))
    stated = select(*what).where(edges.c.record_id.in_(asked), *holds(form))
    return stated.group_by(*what).having(func.count() > 1)
