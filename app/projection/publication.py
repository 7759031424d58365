"""When sources were published, as the store knows it now."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.sources import sources
from app.shared.among import any_of
from app.shared.chunks import in_chunks
from app.shared.partial_date import PartialDate

_CHUNK: Final = 1_000
_PUBLISHED: Final = select(sources.c.slug, sources.c.published_on).where(
    any_of(sources.c.slug, "slugs"), sources.c.published_on.is_not(None)
)


async def published_by(connection: AsyncConnection, slugs: Iterable[str]) -> dict[str, PartialDate]:
    """When sources were published, by their slugs; without those that do not say."""
    found: dict[str, PartialDate] = {}
    for some in in_chunks(sorted(slugs), _CHUNK):
        rows = await connection.execute(_PUBLISHED, {"slugs": some})
        found |= {slug: PartialDate.parse(text) for slug, text in rows}
    return found
