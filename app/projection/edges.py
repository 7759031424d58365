"""Keeps the ``edges`` table: in the transaction of a write, the edges of every record that the write touches."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.companies import companies
from app.models.edges import edges
from app.models.fleets import fleets
from app.models.ledger import OPEN, records, revisions, versions
from app.models.metrics import metrics
from app.models.sources import citations, sources
from app.projection.lifetime import first
from app.projection.observations import SHARES, following
from app.projection.row import COMPARED, EdgeRow, edge_key, edge_row, same
from app.projection.rules import StatedRecord, edges_of
from app.shared.database import in_chunks
from app.shared.json import loads_own
from app.shared.partial_date import PartialDate

_CHUNK = 1_000
_WITH_EDGES = ("companies", "contracts", "investments", "fleets", "metrics")


@dataclass(frozen=True, slots=True)
class _Loaded:
    id: int
    type: str
    slug: str
    document: dict[str, Any]
    recorded_on: date


async def project(connection: AsyncConnection, revision: int, changed: Collection[int]) -> None:
    """Bring the edges in line with the records that changed at ``revision``, and with those that depend on them.

    An edge that is no longer implied is closed at ``revision``; one that is new or says something else is opened.
    """
    touched = await _touched(connection, revision, changed)
    for ids in in_chunks(sorted(touched), _CHUNK):
        await _project(connection, revision, ids)


async def _project(connection: AsyncConnection, revision: int, ids: Sequence[int]) -> None:
    kept = {edge_key(row): row for row in (await connection.execute(_open_edges(ids))).mappings()}
    wanted = {edge_key(row): row for row in await derive(connection, ids)}
    stale = [row["id"] for key, row in kept.items() if key not in wanted or not same(row, wanted[key])]
    fresh = [row for key, row in wanted.items() if key not in kept or not same(kept[key], row)]
    for some in in_chunks(stale, _CHUNK):
        # An edge that was opened by this very transaction was never recorded: it leaves no trace.
        await connection.execute(delete(edges).where(edges.c.id.in_(some), edges.c.from_revision == revision))
        await connection.execute(update(edges).where(edges.c.id.in_(some)).values(to_revision=revision))
    if fresh:
        recorded = {"from_revision": revision, "to_revision": OPEN}
        await connection.execute(insert(edges), [row | recorded for row in fresh])


async def derive(connection: AsyncConnection, ids: Sequence[int]) -> list[EdgeRow]:
    """The rows of all edges that the given records imply now."""
    published = await _published(connection, ids)
    following_of = await _next_observations(connection, ids)
    implied = []
    for one in await _load(connection, ids):
        dates = published.get(one.id, {})
        record = StatedRecord(one.type, one.slug, one.document, one.recorded_on, dates, following_of.get(one.id))
        implied += [(one.id, record, edge) for edge in edges_of(record)]
    companies = await _company_ids(connection, {slug for _, _, edge in implied for slug in (edge.dependent, edge.on)})
    return [edge_row(id_, record, edge, companies) for id_, record, edge in implied]


async def _touched(connection: AsyncConnection, revision: int, changed: Collection[int]) -> set[int]:
    """The changed records, those that cite a changed source, and the observations that a changed one follows."""
    touched = set(changed)
    for ids in in_chunks(sorted(changed), _CHUNK):
        before = await _before(connection, revision, ids)
        touched |= set(await connection.scalars(select(citations.c.owner_id).where(citations.c.source_id.in_(ids))))
        touched |= set(await connection.scalars(_superseded_fleets(ids, _named(before, "supersedes"))))
        touched |= set(await connection.scalars(_same_series(ids, _named(before, "company"))))
    return touched


async def _before(connection: AsyncConnection, revision: int, ids: Sequence[int]) -> list[dict[str, Any]]:
    """The records as they were before ``revision``: what they named then may have to do without them now."""
    query = select(versions.c.document).where(versions.c.record_id.in_(ids), versions.c.to_revision == revision)
    return [loads_own(text) for text in await connection.scalars(query)]


def _named(documents: Iterable[dict[str, Any]], field: str) -> set[str]:
    return {slug for document in documents if (slug := document.get(field))}


def _superseded_fleets(ids: Sequence[int], formerly: Collection[str]) -> Select[int]:
    now = select(fleets.c.supersedes_id).where(fleets.c.id.in_(ids), fleets.c.supersedes_id.is_not(None))
    return select(fleets.c.id).where(or_(fleets.c.id.in_(now), fleets.c.slug.in_(formerly)))


def _same_series(ids: Sequence[int], formerly: Collection[str] = ()) -> Select[int]:
    """The share metrics of the companies that the given metrics measure, or measured: all that they may follow."""
    now = select(metrics.c.company_id).where(metrics.c.id.in_(ids))
    then = select(companies.c.id).where(companies.c.slug.in_(formerly))
    measured = or_(metrics.c.company_id.in_(now), metrics.c.company_id.in_(then))
    return select(metrics.c.id).where(measured, metrics.c.name.in_(SHARES))


def _open_edges(ids: Sequence[int]) -> Select[Any]:
    columns = (edges.c.id, edges.c.record_id, edges.c.dependent_id, edges.c.on_id, edges.c.kind)
    compared = (edges.c[name] for name in COMPARED)
    return select(*columns, *compared).where(edges.c.record_id.in_(ids), edges.c.to_revision == OPEN)


async def _load(connection: AsyncConnection, ids: Sequence[int]) -> list[_Loaded]:
    query = (
        select(records.c.id, records.c.type, records.c.slug, versions.c.document, revisions.c.recorded_at)
        .join(versions, versions.c.record_id == records.c.id)
        .join(revisions, revisions.c.revision == versions.c.from_revision)
        .where(records.c.id.in_(ids), versions.c.to_revision == OPEN, records.c.type.in_(_WITH_EDGES))
        .order_by(records.c.id)
    )
    return [
        _Loaded(id_, kind, slug, loads_own(text), at.date())
        for id_, kind, slug, text, at in await connection.execute(query)
    ]


async def _published(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, dict[str, PartialDate]]:
    query = (
        select(citations.c.owner_id, sources.c.slug, sources.c.published_on)
        .join(sources, sources.c.id == citations.c.source_id)
        .where(citations.c.owner_id.in_(ids), sources.c.published_on.is_not(None))
    )
    published: dict[int, dict[str, PartialDate]] = defaultdict(dict)
    for owner, slug, text in await connection.execute(query):
        published[owner][slug] = PartialDate.parse(text)
    return published


async def _next_observations(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, PartialDate]:
    later = fleets.alias()
    query = (
        select(fleets.c.id, later.c.as_of)
        .join(later, later.c.supersedes_id == fleets.c.id)
        .where(fleets.c.id.in_(ids), later.c.as_of.is_not(None))
    )
    stated: dict[int, list[PartialDate]] = defaultdict(list)
    for id_, as_of in await connection.execute(query):
        stated[id_].append(PartialDate.parse(as_of))
    found = {id_: day for id_, days in stated.items() if (day := first(days))}
    return found | await _next_metrics(connection, ids)


async def _next_metrics(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, PartialDate]:
    query = select(
        metrics.c.id, metrics.c.company_id, metrics.c.counterparty_id, metrics.c.name, metrics.c.period
    ).where(metrics.c.id.in_(_same_series(ids)), metrics.c.period.is_not(None))
    series: dict[Any, dict[int, str]] = defaultdict(dict)
    for id_, company, counterparty, name, period in await connection.execute(query):
        series[company, counterparty, name][id_] = period
    wanted = set(ids)
    answers = (
        (id_, following(periods.values(), period))
        for periods in series.values()
        for id_, period in periods.items()
        if id_ in wanted
    )
    return {id_: day for id_, day in answers if day}


async def _company_ids(connection: AsyncConnection, slugs: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in in_chunks(sorted(slugs), _CHUNK):
        query = select(records.c.slug, records.c.id).where(records.c.type == "companies", records.c.slug.in_(some))
        found |= dict((await connection.execute(query)).all())
    return found
