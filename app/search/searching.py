"""Searches all records: those that are called so first, then those that say so elsewhere; the newest first."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal_column, or_, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.ledger import OPEN, records, store, versions
from app.models.search import says, search_entries
from app.search.rarest import rarest

MOST: Final = 10_000
"""How many records of either kind are put in order; an answer says when there were more."""
TITLED: Final = 0
"""The tier of records that are called what was searched for; those that say it elsewhere come in the next."""


class Place(NamedTuple):
    """Where a record stands in an answer: its tier, how many words it is called by, and its id."""

    tier: int
    words: int
    id: int


class Hit(NamedTuple):
    """A record that was found."""

    place: Place
    type: str
    slug: str
    document: str


class Found(NamedTuple):
    """A page of hits, one more than asked for where there are more; whether the search was cut; and the revision."""

    hits: list[Hit]
    truncated: bool
    revision: int


async def search(
    connection: AsyncConnection, asked: Sequence[str], types: Sequence[str], after: Place | None, limit: int
) -> Found:
    """A page of the records that say all the words asked for (folded), in one statement once ``rarest`` has asked."""
    rare = await rarest(connection, asked)
    rows = (await connection.execute(_statement(asked, types, after, limit, rare=rare))).all()
    hits = [Hit(Place(*row[2:5]), *row[5:]) for row in rows if row[2] is not None]
    return Found(hits, bool(rows[0].truncated), rows[0].revision)


def _statement(
    asked: Sequence[str], types: Sequence[str], after: Place | None, limit: int, *, rare: str | None
) -> Select[Any]:
    entries, of_types = search_entries.c, search_entries.c.type.in_(types) if types else true()
    called, said = _says_all(entries.title, asked, rare), _says_all(entries.content, asked, rare)
    titled = select(entries.record_id, entries.words).where(called, of_types).limit(MOST).cte("titled")
    saying = select(entries.record_id).where(said, ~called, of_types).limit(MOST).cte("saying")
    both = union_all(
        select(titled.c.record_id, literal_column("0").label("tier"), titled.c.words),
        select(saying.c.record_id, literal_column("1"), literal_column("0")),
    ).subquery("both")
    cut = or_(*(select(func.count()).select_from(one).scalar_subquery() >= MOST for one in (titled, saying)))
    page = _page(both, after, limit)
    return (
        select(store.c.revision, cut.label("truncated"), *page.c)
        .select_from(store.outerjoin(page, true()))
        .order_by(*_order(page.c))
    )


def _says_all(column: ColumnElement[Any], asked: Sequence[str], rare: str | None) -> ColumnElement[bool]:
    """Whether a column says all of some words; what is found by a rare one alone is tested for the others."""
    if rare is None:
        return says(column, asked)
    # ``IS TRUE`` keeps the test out of the index.
    return and_(says(column, [rare]), says(column, [word for word in asked if word != rare]).is_(true()))


def _page(both: Subquery, after: Place | None, limit: int) -> Subquery:
    query = (
        select(both.c.tier, both.c.words, both.c.record_id, records.c.type, records.c.slug, versions.c.document)
        .join(records, records.c.id == both.c.record_id)
        .join(versions, (versions.c.record_id == records.c.id) & (versions.c.to_revision == OPEN))
        .order_by(*_order(both.c))
        .limit(limit + 1)
    )
    return (query if after is None else query.where(_beyond(both, after))).subquery("page")


def _order(columns: Any) -> tuple[ColumnElement[Any], ...]:  # noqa: ANN401 - a collection of columns
    return columns.tier, columns.words, columns.record_id.desc()


def _beyond(both: Subquery, after: Place) -> ColumnElement[bool]:
    tier, words, record_id = both.c.tier, both.c.words, both.c.record_id
    same_tier = tier == after.tier
    return or_(
        tier > after.tier,
        and_(same_tier, words > after.words),
        and_(same_tier, words == after.words, record_id < after.id),
    )
