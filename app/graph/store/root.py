"""The company that a question is about, and the revision of the store that it is asked at."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.analysis.model import Node
from app.ledger.repository import merged_by, revision_by
from app.models.companies import companies
from app.models.ledger import records, store


class Revision(NamedTuple):
    """The store's newest revision, and the one that a question is about: the newest, or the newest at ``known_at``.

    The revision asked about is 0 before the first.
    """

    newest: int
    asked: int


class Root(NamedTuple):
    """A company by id, and the revision that the question about it is asked at."""

    id: int
    node: Node
    revision: Revision

    @property
    def slug(self) -> str:
        """The company's slug."""
        return self.node.slug


async def find_root(connection: AsyncConnection, slug: str, known_at: datetime | None = None) -> Root | None:
    """A company and the store's revision, in one statement; None where there is no such company.

    A company that was retracted or merged since can still be asked about as it was known before.
    """
    columns = (records.c.id, store.c.revision, _asked(known_at), companies.c.name, companies.c.kind)
    joined = records.join(store, true()).outerjoin(companies, companies.c.id == records.c.id)
    query = select(*columns).select_from(joined)
    query = query.where(records.c.type == "companies", records.c.slug == slug)
    if known_at is None:
        query = query.where(records.c.retracted.is_(False))
    else:
        query = query.where(~merged_by(_asked(known_at)))
    row = (await connection.execute(query)).first()
    # A company that was retracted since has no name now: a question about the past finds the one that it had.
    return Root(row[0], Node(slug, row[3] or slug, row[4] or ""), Revision(row[1], row[2])) if row else None


async def find_revision(connection: AsyncConnection, known_at: datetime | None = None) -> Revision:
    """The revision that a question about the whole store is asked at."""
    row = (await connection.execute(select(store.c.revision, _asked(known_at)))).one()
    return Revision(*row)


def _asked(known_at: datetime | None) -> ColumnElement[int]:
    return store.c.revision if known_at is None else func.coalesce(revision_by(known_at).scalar_subquery(), 0)
