"""Searches all records: those that are called so first, then those that say so elsewhere; the newest first.

A company is called so, too, where its name, an alias or an identifier begins with the letters that were asked for,
however blanks and signs part them: "open ai" is OpenAI.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.ledger import OPEN, records, store, versions
from app.models.search import is_beginning, name_keys, says, search_entries
from app.search.highlighting import Sought
from app.search.lookup import END, ONLY
from app.search.rarest import rarest

MOST: Final = 10_000
"""How many records of either kind are put in order; an answer says when there were more."""
MOST_NAMES: Final = 1_000
"""How many of the names that begin so are looked up, in their order; most of them are found by their words too."""
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
    connection: AsyncConnection, sought: Sought, types: Sequence[str], after: Place | None, limit: int
) -> Found:
    """A page of the records that say all the words asked for (folded), in one statement once ``rarest`` has asked."""
    rare = await rarest(connection, sought.words)
    rows = (await connection.execute(_statement(sought, types, after, limit, rare=rare))).all()
    hits = [Hit(Place(*row[2:5]), *row[5:]) for row in rows if row[2] is not None]
    return Found(hits, bool(rows[0].truncated), rows[0].revision)


def _statement(
    sought: Sought, types: Sequence[str], after: Place | None, limit: int, *, rare: str | None
) -> Select[Any]:
    entries, of_types = search_entries.c, search_entries.c.type.in_(types) if types else true()
    called, said = _says_all(entries.title, sought.words, rare), _says_all(entries.content, sought.words, rare)
    entered = select(entries.record_id, entries.words).where(of_types)
    titled = entered.where(called).limit(MOST).cte("titled")
    begun = _begun(sought.key).cte("begun")
    named = entered.where(entries.record_id.in_(select(begun.c.company_id))).cte("named")
    unnamed = entries.record_id.not_in(select(named.c.record_id))
    saying = select(entries.record_id).where(said, ~called, unnamed, of_types).limit(MOST).cte("saying")
    first = union(select(titled), select(named)).subquery("first")
    both = union_all(
        select(first.c.record_id, literal_column("0").label("tier"), first.c.words),
        select(saying.c.record_id, literal_column("1"), literal_column("0")),
    ).subquery("both")
    limits = {titled: MOST, begun: MOST_NAMES, saying: MOST}
    cut = or_(*(select(func.count()).select_from(one).scalar_subquery() >= most for one, most in limits.items()))
    page = _page(both, after, limit)
    return (
        select(store.c.revision, cut.label("truncated"), *page.c)
        .select_from(store.outerjoin(page, true()))
        .order_by(*_order(page.c))
    )


def _begun(key: str) -> Select[int]:
    """The companies of which a name begins with a key, by that; for a key of a letter or two those called no more."""
    names, end = name_keys.c, END if is_beginning(key) else ONLY
    begins = (names.key >= key) & (names.key < key + end) if key else false()
    order = (names.key, names.company_id, names.position)
    return select(names.company_id).where(names.inside.is_(False), begins).order_by(*order).limit(MOST_NAMES)


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
