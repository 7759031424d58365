"""Reads which observations follow which in the store: fleets that are superseded, and metrics of one series."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.companies import companies
from app.models.fleets import fleets
from app.models.ledger import OPEN, revisions, versions
from app.models.metrics import metrics
from app.models.sources import citations
from app.projection.lifetime import FIRST_DAY, NOT_BINDING, Start, soonest, started
from app.projection.observations import SHARES, following, takes_the_place
from app.projection.publication import published_by
from app.projection.rules import StatedRecord, dated, first_said
from app.shared.among import any_of
from app.shared.json import loads_own
from app.shared.partial_date import PartialDate

_BEFORE = select(versions.c.document).where(
    any_of(versions.c.record_id, "ids"), versions.c.to_revision == bindparam("revision")
)
_NOW_SUPERSEDED = select(fleets.c.supersedes_id).where(any_of(fleets.c.id, "ids"), fleets.c.supersedes_id.is_not(None))
_SUPERSEDED = (
    select(fleets.c.id)
    .where(or_(fleets.c.id.in_(_NOW_SUPERSEDED), any_of(fleets.c.slug, "formerly")))
    .cte("superseded", recursive=True)
)
_PLANNED = (
    select(fleets.c.supersedes_id)
    .join(_SUPERSEDED, _SUPERSEDED.c.id == fleets.c.id)
    .where(fleets.c.stage.in_(NOT_BINDING), fleets.c.supersedes_id.is_not(None))
)
_EARLIER = select(_SUPERSEDED.union(_PLANNED).c.id)
_UNDATED = (
    select(fleets.c.id)
    .join(citations, citations.c.owner_id == fleets.c.id)
    .where(any_of(citations.c.source_id, "ids"), fleets.c.as_of.is_(None))
)
_MEASURED: Final = or_(
    metrics.c.company_id.in_(select(metrics.c.company_id).where(any_of(metrics.c.id, "ids"))),
    metrics.c.company_id.in_(select(companies.c.id).where(any_of(companies.c.slug, "formerly"))),
)
_SERIES = select(metrics.c.id).where(_MEASURED, metrics.c.name.in_(SHARES))
_PERIODS = select(
    metrics.c.id, metrics.c.company_id, metrics.c.counterparty_id, metrics.c.name, metrics.c.period
).where(metrics.c.id.in_(_SERIES), metrics.c.period.is_not(None))
_later, _next = fleets.alias(), fleets.alias()
_DIRECTLY = (
    select(fleets.c.id.label("earlier"), fleets.c.stage.label("of"), _later.c.id, _later.c.stage, _later.c.as_of)
    .join(_later, _later.c.supersedes_id == fleets.c.id)
    .where(any_of(fleets.c.id, "ids"))
    .cte("superseding", recursive=True)
)
_THROUGH_PLANS = (
    select(_DIRECTLY.c.earlier, _DIRECTLY.c.of, _next.c.id, _next.c.stage, _next.c.as_of)
    .join(_next, _next.c.supersedes_id == _DIRECTLY.c.id)
    .where(_DIRECTLY.c.stage.in_(NOT_BINDING))
)
_SUPERSEDING = select(_DIRECTLY.union(_THROUGH_PLANS))
_VERSIONS = (
    select(versions.c.record_id, versions.c.document, revisions.c.recorded_at)
    .join(revisions, revisions.c.revision == versions.c.from_revision)
    .where(any_of(versions.c.record_id, "ids"), versions.c.to_revision == OPEN)
)


async def earlier_fleets(connection: AsyncConnection, revision: int, ids: Sequence[int]) -> set[int]:
    """The fleets that the given ones supersede, or superseded before ``revision``, by themselves or through plans."""
    about = {"ids": ids, "formerly": await _formerly(connection, revision, ids, "supersedes")}
    return set(await connection.scalars(_EARLIER, about))


async def undated_fleets(connection: AsyncConnection, sources: Sequence[int]) -> Sequence[int]:
    """The fleets without a date that cite some sources: they began by the first report."""
    return (await connection.scalars(_UNDATED, {"ids": sources})).all()


async def same_series(connection: AsyncConnection, revision: int, ids: Sequence[int]) -> set[int]:
    """The share metrics of the companies that the given metrics measure, or measured before ``revision``."""
    about = {"ids": ids, "formerly": await _formerly(connection, revision, ids, "company")}
    return set(await connection.scalars(_SERIES, about))


async def followed_by(
    connection: AsyncConnection, fleet_ids: Collection[int], metric_ids: Collection[int]
) -> dict[int, Start]:
    """From when the next observation of the same thing holds, by the id of the fleet or the metric that it follows."""
    found = await _next_fleets(connection, sorted(fleet_ids)) if fleet_ids else {}
    return found | (await _next_metrics(connection, sorted(metric_ids)) if metric_ids else {})


async def _formerly(connection: AsyncConnection, revision: int, ids: Sequence[int], field: str) -> Sequence[str]:
    """What the records named in a field until ``revision``: that may have to do without them now."""
    texts = await connection.scalars(_BEFORE, {"ids": ids, "revision": revision})
    return sorted({slug for text in texts if (slug := loads_own(text).get(field))})


async def _next_fleets(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, Start]:
    """The same of fleets, as ``app.projection.observations.replaced`` says it."""
    rows = (await connection.execute(_SUPERSEDING, {"ids": ids})).all()
    reports = await _first_reports(connection, sorted({row.id for row in rows if row.as_of is None}))
    starts: dict[int, list[Start]] = defaultdict(list)
    for row in rows:
        if row.id != row.earlier and takes_the_place(row.stage, row.of):
            as_of = PartialDate.parse(row.as_of) if row.as_of else None
            starts[row.earlier].append(started(as_of, said_by=reports.get(row.id, FIRST_DAY)))
    return {id_: start for id_, some in starts.items() if (start := soonest(some))}


async def _first_reports(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, date]:
    """By when the first source had published each of some fleets, by their ids."""
    if not ids:
        return {}
    rows = await connection.execute(_VERSIONS, {"ids": ids})
    stated = {id_: (loads_own(text), at.date()) for id_, text, at in rows}
    cited = {one["source"] for document, _ in stated.values() for one in document["citations"]}
    published = await published_by(connection, cited)
    return {
        id_: first_said(StatedRecord("fleets", document["slug"], document, day, dated(document, published)))
        for id_, (document, day) in stated.items()
    }


async def _next_metrics(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, Start]:
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
