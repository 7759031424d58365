"""What claims hang on in the store: when their sources were published, and who has to be weighed anew."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.claims import flaws_of, settled
from app.ledger.resource import Resource, resource_of
from app.ledger.schemas import Record
from app.models.ledger import OPEN, records, versions
from app.models.sources import citations
from app.projection.publication import published_by
from app.shared.chunks import in_chunks
from app.shared.errors import Flaw
from app.shared.json import loads_own
from app.shared.partial_date import PartialDate

_CHUNK = 1_000


async def settle(
    connection: AsyncConnection, batch: Sequence[Record]
) -> tuple[Sequence[Record], list[tuple[int, Flaw]]]:
    """The records of a batch as their preferred claims have them, and what is wrong with claims, by position."""
    wrong = [(place, flaw) for place, record in enumerate(batch) for flaw in flaws_of(record)]
    asserting = {one.source for record in batch for one in record.citations if one.asserts}
    if wrong or not asserting:
        return batch, wrong
    published = await published_by(connection, asserting)
    # A batch of sources may cite each other: what it says of them is newer than what the store does.
    published |= {r.slug: PartialDate.parse(text) for r in batch if (text := getattr(r, "published_on", None))}
    return [settled(record, published) for record in batch], []


async def published_then(
    connection: AsyncConnection, slugs: Iterable[str], then: ColumnElement[int] | int
) -> dict[str, PartialDate]:
    """When sources were published, by their slugs, as the store knew it at a revision."""
    query = (
        select(records.c.slug, versions.c.document)
        .join(versions, versions.c.record_id == records.c.id)
        .where(records.c.type == "sources", versions.c.from_revision <= then, versions.c.to_revision > then)
    )
    found: dict[str, PartialDate] = {}
    for some in in_chunks(sorted(slugs), _CHUNK):
        rows = [
            (slug, loads_own(text)) for slug, text in await connection.execute(query.where(records.c.slug.in_(some)))
        ]
        found |= {slug: PartialDate.parse(one["published_on"]) for slug, one in rows if one["published_on"]}
    return found


async def asserting(connection: AsyncConnection, cited: Collection[int], revision: int) -> dict[Resource, list[Record]]:
    """The current records that assert anything and cite a source in ``cited`` (ids), without those of ``revision``.

    Where claims are not valid, which was not checked at first, nothing is preferred: such a record is left out.
    """
    if not cited:
        return {}
    query = (
        select(records.c.id, records.c.type, versions.c.document)
        .join(versions, versions.c.record_id == records.c.id)
        .where(versions.c.to_revision == OPEN, versions.c.from_revision < revision)
        .where(versions.c.document.contains('"asserts":{"', autoescape=True))
        .order_by(records.c.id)
    )
    found: dict[int, tuple[Resource, Record]] = {}
    for some in in_chunks(sorted(cited), _CHUNK):
        citing = select(citations.c.owner_id).where(citations.c.source_id.in_(some))
        for id_, kind, text in await connection.execute(query.where(records.c.id.in_(citing))):
            resource = resource_of(kind)
            found[id_] = resource, resource.schema.model_validate(loads_own(text))
    return _by_resource(one for one in found.values() if not flaws_of(one[1]))


def _by_resource(found: Iterable[tuple[Resource, Record]]) -> dict[Resource, list[Record]]:
    batches: dict[Resource, list[Record]] = {}
    for resource, record in found:
        batches.setdefault(resource, []).append(record)
    return batches
