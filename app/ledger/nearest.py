"""What may have been meant by the slug of a record that there is not."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.rows import Target
from app.models.ledger import records
from app.shared.aside import aside
from app.shared.errors import Flaw, nearest
from app.shared.slug import slugify

_CANDIDATES: Final = 2_000
_SUGGESTED: Final = 5
"""For how many slugs of one request the nearest is looked for: each takes 10 ms, and a body may hold thousands."""


async def nearest_slugs(connection: AsyncConnection, resource: str, slug: str) -> list[str]:
    """Slugs that may have been meant, the best first: those that begin alike, and in a small store all others too."""
    known = select(records.c.slug).where(records.c.type == resource, records.c.retracted.is_(False))
    start = slugify(slug)[:2]
    alike = (
        known.where(records.c.slug >= start, records.c.slug < start + "~").order_by(records.c.slug).limit(_CANDIDATES)
    )
    others = known.order_by(records.c.slug).limit(_CANDIDATES)
    both = union_all(select(alike.subquery()), select(others.subquery()))
    return await aside(nearest, slugify(slug), set(await connection.scalars(both)))


async def suggestions(connection: AsyncConnection, targets: Sequence[Target]) -> dict[Target, str]:
    """The slug that may have been meant by each of the first few targets, where one is near."""
    close = {target: await nearest_slugs(connection, *target) for target in targets[:_SUGGESTED]}
    return {target: slugs[0] for target, slugs in close.items() if slugs}


def never_was(target: Target, meant: str | None) -> Flaw:
    """The flaw of a target that there never was, without its place; ``meant``: the slug that is near."""
    resource, slug = target
    return Flaw(f"there is no {slug[:120]!r} in {resource}", suggestion=meant)
