"""Records that questions need beside the edges: what was observed of companies, as the store knew it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.question import EdgeFilter
from app.graph.store.root import Root
from app.ledger.settling import published_then
from app.models.ledger import records, store, versions
from app.models.metrics import metrics
from app.models.sources import citations, sources
from app.projection.rules import StatedRecord, dated
from app.shared.json import dumps, loads_own
from app.shared.partial_date import PartialDate

Document = dict[str, Any]
Condition = Callable[[EdgeFilter], ColumnElement[bool]]
"""Which records a question needs, asked about now or about the past."""


class Facts(NamedTuple):
    """Records as the store knew them, those that were recorded first, and whether a limit cut others off."""

    documents: list[Document]
    cut: bool


async def metrics_of(connection: AsyncConnection, company: Root, only: EdgeFilter, limit: int) -> Facts:
    """The metrics of a company."""
    now = records.c.id.in_(select(metrics.c.id).where(metrics.c.company_id == company.id))
    # The table of metrics is of now; a document of then says whose metric it is.
    then = versions.c.document.contains(f'"company":{dumps(company.slug)}', autoescape=True)
    found = await _facts(connection, "metrics", only, lambda asked: then if asked.past else now, limit)
    return found._replace(documents=[one for one in found.documents if one["company"] == company.slug])


async def fleets_of_all(connection: AsyncConnection, only: EdgeFilter, limit: int) -> tuple[list[StatedRecord], bool]:
    """All fleets, and whether a limit cut others off.

    Only those without a date have the dates of their sources: what they need to know from when they hold.
    """
    found = await _facts(connection, "fleets", only, lambda _: true(), limit)
    undated = [fleet for fleet in found.documents if fleet["as_of"] is None]
    cited = {citation["source"] for fleet in undated for citation in fleet["citations"]}
    published = await published_then(connection, cited, only.revision) if cited else {}
    return [_stated_fleet(fleet, published) for fleet in found.documents], found.cut


def _stated_fleet(fleet: Document, published: Mapping[str, PartialDate]) -> StatedRecord:
    recorded_on = date.fromisoformat(fleet["recorded_at"][: len("2025-03-12")])
    return StatedRecord("fleets", fleet["slug"], fleet, recorded_on, dated(fleet, published))


async def _facts(connection: AsyncConnection, resource: str, only: EdgeFilter, whose: Condition, limit: int) -> Facts:
    query = _as_known(resource, only).where(whose(only), *_published(only)).order_by(records.c.id).limit(limit + 1)
    facts = query.subquery()
    with_revision = select(store.c.revision, facts.c.document).select_from(store.outerjoin(facts, true()))
    rows = (await connection.execute(with_revision.order_by(facts.c.id))).all()
    if not only.past and rows[0].revision != only.revision:
        # A writer has committed since the question got its revision, and the tables are of now: it is of the past.
        return await _facts(connection, resource, replace(only, newest=rows[0].revision), whose, limit)
    documents = [loads_own(row.document) for row in rows[:limit] if row.document]
    if only.past and only.published_by:
        documents = await _published_then(connection, documents, only, only.published_by)
    return Facts(documents, cut=len(rows) > limit)


def _as_known(resource: str, only: EdgeFilter) -> Select[Any]:
    query = select(records.c.id, versions.c.document).join(records, versions.c.record_id == records.c.id)
    known = (versions.c.from_revision <= only.revision, versions.c.to_revision > only.revision)
    return query.where(records.c.type == resource, *known)


def _published(only: EdgeFilter) -> Sequence[ColumnElement[bool]]:
    if only.published_by is None or only.past:
        return []
    cited = citations.join(sources, sources.c.id == citations.c.source_id)
    by_then = and_(citations.c.owner_id == records.c.id, sources.c.published_on_latest <= only.published_by)
    return [exists().select_from(cited).where(by_then)]


async def _published_then(
    connection: AsyncConnection, documents: Sequence[Document], only: EdgeFilter, by: date
) -> list[Document]:
    """The records that some source had published, by what was known then: the tables of citations are of now."""
    cited = {citation["source"] for document in documents for citation in document["citations"]}
    dates = await published_then(connection, cited, only.revision)
    early = {source for source, day in dates.items() if day.latest <= by}
    return [one for one in documents if any(citation["source"] in early for citation in one["citations"])]
