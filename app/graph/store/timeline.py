"""Dated facts in order: every stated date of every record, with what it dates."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.contracts import contract_parties, contracts
from app.models.events import event_companies, events
from app.models.fleets import fleet_hardware, fleet_users, fleets
from app.models.investments import investment_investors, investments
from app.models.ledger import OPEN, records, versions
from app.models.metrics import metrics
from app.shared.json import loads_own


class DatedFact(NamedTuple):
    """A date that a record states: which field it is, as it was said, and the first and last day that it may mean."""

    earliest: date
    type: str
    slug: str
    field: str
    text: str
    latest: date
    document: dict[str, Any]


class Position(NamedTuple):
    """Where a page of the timeline ended."""

    earliest: date
    type: str
    slug: str
    field: str


_DATES: Final[dict[Table, tuple[str, ...]]] = {
    contracts: ("announced_on", "signed_on", "starts_on", "ends_on", "exclusive_until"),
    investments: ("announced_on", "closed_on"),
    fleets: ("as_of",),
    metrics: ("period",),
    events: ("date",),
}
_COMPANIES: Final[dict[Table, tuple[ColumnElement[int], ...]]] = {
    contracts: (contract_parties.c.company_id,),
    investments: (investments.c.investee_id, investment_investors.c.company_id),
    fleets: (fleets.c.operator_id, fleet_hardware.c.vendor_id, fleet_users.c.company_id),
    metrics: (metrics.c.company_id, metrics.c.counterparty_id),
    events: (event_companies.c.company_id,),
}


async def dated_facts(
    connection: AsyncConnection,
    companies: Sequence[int],
    span: tuple[date | None, date | None],
    after: Position | None,
    limit: int,
) -> list[DatedFact]:
    """The facts of some companies (of all, for none) that may fall into a span of days, one more than the limit.

    In the order of the first day that each may mean.
    """
    dated = union_all(
        *(_dated(table, field, companies) for table, fields in _DATES.items() for field in fields)
    ).subquery()
    position = (dated.c.earliest, dated.c.type, dated.c.slug, dated.c.field)
    query = (
        select(*position, dated.c.text, dated.c.latest, versions.c.document)
        .join(versions, and_(versions.c.record_id == dated.c.id, versions.c.to_revision == OPEN))
        .where(*_within(dated.c.earliest, dated.c.latest, span))
        .order_by(*position)
        .limit(limit + 1)
    )
    if after:
        query = query.where(_beyond(position, after))
    return [DatedFact(*row[:-1], loads_own(row[-1])) for row in await connection.execute(query)]


def _dated(table: Table, field: str, companies: Sequence[int]) -> Select[Any]:
    query = select(
        table.c.id,
        literal(table.name).label("type"),
        table.c.slug,
        literal(field).label("field"),
        table.c[field].label("text"),
        table.c[f"{field}_earliest"].label("earliest"),
        table.c[f"{field}_latest"].label("latest"),
    ).where(table.c[field].is_not(None))
    return query.where(or_(*(_of(table, column, companies) for column in _COMPANIES[table]))) if companies else query


def _of(table: Table, column: Any, companies: Sequence[int]) -> ColumnElement[bool]:  # noqa: ANN401 - a column
    """Whether a company stands in a column of a record, or of the list inside it that the column belongs to."""
    if column.table is table:
        return column.in_(companies)  # type: ignore[no-any-return]
    return table.c.id.in_(select(column.table.c.owner_id).where(column.in_(companies)))


def _within(
    earliest: ColumnElement[date], latest: ColumnElement[date], span: tuple[date | None, date | None]
) -> list[ColumnElement[bool]]:
    start, end = span
    return [*([latest >= start] if start else []), *([earliest <= end] if end else [])]


def _beyond(position: Sequence[ColumnElement[Any]], after: Position) -> ColumnElement[bool]:
    later = []
    for depth, (column, value) in enumerate(zip(position, after, strict=True)):
        equal = [before == known for before, known in zip(position[:depth], after, strict=False)]
        later.append(and_(*equal, column > value))
    return or_(*later)


async def days_of(connection: AsyncConnection, company: str, limit: int) -> list[date]:
    """The first days that the dated facts of a company may mean, each once, in order, and at most so many."""
    return list(await connection.scalars(_days(), {"slug": company, "most": limit}))


# Built once: putting it together would take longer than asking it.
@cache
def _days() -> Select[tuple[date]]:
    named = records.c.slug == bindparam("slug", type_=String)
    company: list[Any] = [select(records.c.id).where(records.c.type == "companies", named).scalar_subquery()]
    every = union_all(*(_dated(table, field, company) for table, fields in _DATES.items() for field in fields))
    day = every.subquery().c.earliest
    return select(day).distinct().order_by(day).limit(bindparam("most", type_=Integer))
