"""The company that a question is about, and the revision of the store that it is asked at."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.repository import revision_by
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
    slug: str
    revision: Revision


async def find_root(connection: AsyncConnection, slug: str, known_at: datetime | None = None) -> Root | None:
    """A company and the store's revision, in one statement; None where there is no such company.

    A company that was retracted since can still be asked about as it was known before.
    """
    query = select(records.c.id, store.c.revision, _asked(known_at)).select_from(records.join(store, true()))
    query = query.where(records.c.type == "companies", records.c.slug == slug)
    if known_at is None:
        query = query.where(records.c.retracted.is_(False))
    row = (await connection.execute(query)).first()
    return Root(row[0], slug, Revision(row[1], row[2])) if row else None


async def find_revision(connection: AsyncConnection, known_at: datetime | None = None) -> Revision:
    """The revision that a question about the whole store is asked at."""
    row = (await connection.execute(select(store.c.revision, _asked(known_at)))).one()
    return Revision(*row)


def _asked(known_at: datetime | None) -> ColumnElement[int]:
    return store.c.revision if known_at is None else func.coalesce(revision_by(known_at).scalar_subquery(), 0)
