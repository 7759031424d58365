"""The company that a question is about, and the revision of the store that it is asked at."""

from datetime import datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.analysis.model import Node
from app.graph.question import Revision
from app.ledger.repository import merged_by, revision_by
from app.models.companies import companies
from app.models.ledger import records, store

At = Literal["newest", "known_at", "revision"]
"""At which revision a question is asked: the newest, that of an instant, or one that was read before."""


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
    row = (await connection.execute(root_statement(_at(known_at)), values)).first()
    return root_in(slug, *row) if row else None


def root_in(slug: str, id_: int, newest: int, revision: int, name: str | None, kind: str | None) -> Root:  # noqa: PLR0913, PLR0917 - a row
    """The company in a row of ``root_statement``."""
    # A company that was retracted since has no name now: a question about the past finds the one that it had.
    return Root(id_, Node(slug, name or slug, kind or ""), Revision(newest, revision))


async def find_revision(connection: AsyncConnection, known_at: datetime | None = None) -> Revision:
    """The revision that a question about the whole store is asked at."""
    statement = _revisions(_at(known_at))
    return Revision(*(await connection.execute(statement, values_at(known_at))).one())


# Built once, like every statement that many questions ask: putting this one together would take longer than asking it.
@cache
def root_statement(at: At) -> Select[Any]:
    """The statement of ``find_root``, for ``slug`` and what ``at`` is bound to."""
    revisions = (store.c.revision.label("newest"), _asked(at).label("revision"))
    columns = (records.c.id, *revisions, companies.c.name, companies.c.kind)
    joined = records.join(store, true()).outerjoin(companies, companies.c.id == records.c.id)
    query = select(*columns).select_from(joined)
    query = query.where(records.c.type == "companies", records.c.slug == bindparam("slug"))
    return query.where(records.c.retracted.is_(False) if at == "newest" else ~merged_by(_asked(at)))


@cache
def _revisions(at: At) -> Select[Any]:
    return select(store.c.revision, _asked(at))


def _at(known_at: datetime | None) -> At:
    return "known_at" if known_at else "newest"


def _asked(at: At) -> ColumnElement[int]:
    match at:
        case "newest":
            return store.c.revision
        case "known_at":
            return func.coalesce(revision_by(bindparam("known_at")).scalar_subquery(), 0)
        case "revision":
            return bindparam("revision", type_=BigInteger)


def values_at(known_at: datetime | None) -> dict[str, datetime]:
    """What the revision that is asked about is bound to."""
    return {} if known_at is None else {"known_at": known_at}
