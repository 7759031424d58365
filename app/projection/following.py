"""Reads which observations follow which in the store: fleets that are superseded, and metrics of one series."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.companies import companies
from app.models.fleets import fleets
from app.models.ledger import versions
from app.models.metrics import metrics
from app.projection.lifetime import first
from app.projection.observations import SHARES, following
from app.shared.among import any_of
from app.shared.json import loads_own
from app.shared.partial_date import PartialDate

_BEFORE = select(versions.c.document).where(
    any_of(versions.c.record_id, "ids"), versions.c.to_revision == bindparam("revision")
)
_NOW_SUPERSEDED = select(fleets.c.supersedes_id).where(any_of(fleets.c.id, "ids"), fleets.c.supersedes_id.is_not(None))
_SUPERSEDED = select(fleets.c.id).where(or_(fleets.c.id.in_(_NOW_SUPERSEDED), any_of(fleets.c.slug, "formerly")))
_MEASURED: Final = or_(
    metrics.c.company_id.in_(select(metrics.c.company_id).where(any_of(metrics.c.id, "ids"))),
    metrics.c.company_id.in_(select(companies.c.id).where(any_of(companies.c.slug, "formerly"))),
)
_SERIES = select(metrics.c.id).where(_MEASURED, metrics.c.name.in_(SHARES))
_PERIODS = select(
    metrics.c.id, metrics.c.company_id, metrics.c.counterparty_id, metrics.c.name, metrics.c.period
).where(metrics.c.id.in_(_SERIES), metrics.c.period.is_not(None))
_later = fleets.alias()
_SUPERSEDING = (
    select(fleets.c.id, _later.c.as_of)
    .join(_later, _later.c.supersedes_id == fleets.c.id)
    .where(any_of(fleets.c.id, "ids"), _later.c.as_of.is_not(None))
)


async def earlier_fleets(connection: AsyncConnection, revision: int, ids: Sequence[int]) -> set[int]:
    """The fleets that the given ones supersede, or superseded before ``revision``."""
    about = {"ids": ids, "formerly": await _formerly(connection, revision, ids, "supersedes")}
    return set(await connection.scalars(_SUPERSEDED, about))


async def same_series(connection: AsyncConnection, revision: int, ids: Sequence[int]) -> set[int]:
    """The share metrics of the companies that the given metrics measure, or measured before ``revision``."""
    about = {"ids": ids, "formerly": await _formerly(connection, revision, ids, "company")}
    return set(await connection.scalars(_SERIES, about))


async def followed_by(
    connection: AsyncConnection, fleet_ids: Collection[int], metric_ids: Collection[int]
) -> dict[int, PartialDate]:
    """The date of the next observation of the same thing, by the id of the fleet or the metric; without the newest."""
    found = await _next_fleets(connection, sorted(fleet_ids)) if fleet_ids else {}
    return found | (await _next_metrics(connection, sorted(metric_ids)) if metric_ids else {})


async def _formerly(connection: AsyncConnection, revision: int, ids: Sequence[int], field: str) -> Sequence[str]:
    """What the records named in a field until ``revision``: that may have to do without them now."""
    texts = await connection.scalars(_BEFORE, {"ids": ids, "revision": revision})
    return sorted({slug for text in texts if (slug := loads_own(text).get(field))})


async def _next_fleets(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, PartialDate]:
    stated: dict[int, list[PartialDate]] = defaultdict(list)
    for id_, as_of in await connection.execute(_SUPERSEDING, {"ids": ids}):
        stated[id_].append(PartialDate.parse(as_of))
    return {id_: day for id_, days in stated.items() if (day := first(days))}


async def _next_metrics(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, PartialDate]:
    series: dict[Any, dict[int, str]] = defaultdict(dict)
    rows = await connection.execute(_PERIODS, {"ids": ids, "formerly": []})
    for id_, company, counterparty, name, period in rows:
        series[company, counterparty, name][id_] = period
    wanted = set(ids)
    answers = (
        (id_, following(periods.values(), period))
        for periods in series.values()
        for id_, period in periods.items()
        if id_ in wanted
    )
    return {id_: day for id_, day in answers if day}
