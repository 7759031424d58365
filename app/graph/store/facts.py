"""Records that questions need beside the edges: what was observed of companies, as the store knew it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.question import EdgeFilter
from app.graph.store.root import Root
from app.models.ledger import records, versions
from app.models.metrics import metrics
from app.models.sources import citations, sources
from app.shared.json import dumps, loads_own

Document = dict[str, Any]


async def metrics_of(connection: AsyncConnection, company: Root, only: EdgeFilter, limit: int) -> list[Document]:
    """The metrics of a company, one more than the limit at most."""
    if only.past:
        # The table of metrics is of now; a document of then says whose metric it is.
        whose: ColumnElement[bool] = versions.c.document.contains(f'"company":{dumps(company.slug)}', autoescape=True)
    else:
        whose = records.c.id.in_(select(metrics.c.id).where(metrics.c.company_id == company.id))
    found = await _documents(connection, "metrics", only, whose, limit)
    return [document for document in found if document["company"] == company.slug]


async def fleets_of_all(connection: AsyncConnection, only: EdgeFilter, limit: int) -> list[Document]:
    """All fleets, one more than the limit at most."""
    return await _documents(connection, "fleets", only, true(), limit)


async def _documents(
    connection: AsyncConnection, resource: str, only: EdgeFilter, condition: ColumnElement[bool], limit: int
) -> list[Document]:
    query = select(versions.c.document).join(records, records.c.id == versions.c.record_id)
    query = query.where(
        records.c.type == resource,
        versions.c.from_revision <= only.revision,
        versions.c.to_revision > only.revision,
        condition,
        *_published(only),
    )
    rows = await connection.scalars(query.order_by(records.c.id).limit(limit + 1))
    return [loads_own(text) for text in rows]


def _published(only: EdgeFilter) -> Sequence[ColumnElement[bool]]:
    if only.published_by is None:
        return []
    cited = citations.join(sources, sources.c.id == citations.c.source_id)
    by_then = and_(citations.c.owner_id == records.c.id, sources.c.published_on_latest <= only.published_by)
    return [exists().select_from(cited).where(by_then)]
