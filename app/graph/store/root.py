"""The company that a question is about, and the revision of the store that it is asked at."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.analysis.model import Node
from app.graph.question import Revision
from app.ledger.repository import merged_by, revision_by
from app.models.companies import companies
from app.models.ledger import records, store


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
    values = {"slug": slug} | values_at(known_at)
    row = (await connection.execute(root_statement(past=known_at is not None), values)).first()
    # A company that was retracted since has no name now: a question about the past finds the one that it had.
    return Root(row[0], Node(slug, row[3] or slug, row[4] or ""), Revision(row[1], row[2])) if row else None


async def find_revision(connection: AsyncConnection, known_at: datetime | None = None) -> Revision:
    """The revision that a question about the whole store is asked at."""
    statement = _revisions(past=known_at is not None)
    return Revision(*(await connection.execute(statement, values_at(known_at))).one())


# Built once, like every statement that many questions ask: putting this one together would take longer than asking it.
@cache
def root_statement(*, past: bool) -> Select[Any]:
    """The statement of ``find_root``, for ``slug`` and the values of ``values_at``; ``past``: at a ``known_at``."""
    revisions = (store.c.revision.label("newest"), _asked(past=past).label("revision"))
    columns = (records.c.id, *revisions, companies.c.name, companies.c.kind)
    joined = records.join(store, true()).outerjoin(companies, companies.c.id == records.c.id)
    query = select(*columns).select_from(joined)
    query = query.where(records.c.type == "companies", records.c.slug == bindparam("slug"))
    return query.where(~merged_by(_asked(past=True)) if past else records.c.retracted.is_(False))


@cache
def _revisions(*, past: bool) -> Select[Any]:
    return select(store.c.revision, _asked(past=past))


def _asked(*, past: bool) -> ColumnElement[int]:
    return func.coalesce(revision_by(bindparam("known_at")).scalar_subquery(), 0) if past else store.c.revision


def values_at(known_at: datetime | None) -> dict[str, datetime]:
    """What the revision that is asked about is bound to."""
    return {} if known_at is None else {"known_at": known_at}
