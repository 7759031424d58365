"""Lists of records: filters, sort and cursor paging, in one statement a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, func, literal, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.cursor import decode, encode, encode_for
from app.ledger.filters import Filter, conditions, read_filters
from app.ledger.ordering import Key, check_fit, direction, read_sort, segments
from app.ledger.resource import Resource
from app.ledger.showing import SHOWING
from app.models.ledger import OPEN, store, versions
from app.shared.database import Database
from app.shared.driver import KEPT_STATEMENTS
from app.shared.errors import BadRequest, Flaw

MAX_LIMIT: Final = 1_000
DEFAULT_LIMIT: Final = 50
_FEW: Final = 100
PAGING: Final = ("limit", "cursor", "sort", "count")
_REVISION: Final = select(store.c.revision).scalar_subquery().label("revision")


@dataclass(frozen=True)
class Page:
    """One page of a list: the records as JSON texts, the query of the next page, and the total if it was asked for.

    ``revision`` is the state of the store that all of it was read from; None where that changed meanwhile. ``read_at``
    is that of the records.
    """

    documents: Sequence[str]
    next_query: str | None
    total: int | None
    revision: int | None
    read_at: int


@dataclass(frozen=True)
class Question:
    """What a client asks of a list, once its parameters have been read.

    ``asked`` are all of them but the cursor; ``identity`` is what a cursor belongs to: the resource, the filters and
    the sort, but neither the size of a page nor how records are shown.
    """

    resource: Resource
    filters: Sequence[tuple[Filter, Sequence[Any]]]
    sort: Sequence[Key]
    limit: int
    count: bool
    cursor: str | None
    asked: Sequence[tuple[str, str]]
    identity: str

    @property
    def is_plain(self) -> bool:
        """Whether it is about all records, the first of them by their slugs, and not very many."""
        narrowed = self.filters or self.count or self.cursor is not None or self.limit > _FEW
        return not narrowed and len(self.sort) == 1 and not self.sort[0].descending


def read_question(resource: Resource, parameters: Sequence[tuple[str, str]]) -> Question:
    """Read the query parameters of a list, but those that say how it is shown.

    Raises BadRequest that names every one which cannot be read.
    """
    filters = read_filters(resource, parameters, [*PAGING, *SHOWING])
    paging = {name: _once(name, parameters) for name in PAGING}
    which = [pair for pair in parameters if pair[0] not in ("limit", "count", "cursor", *SHOWING)]
    return Question(
        resource,
        filters,
        read_sort(resource, paging["sort"]),
        _limit(paging["limit"]),
        _flag("count", paging["count"]),
        paging["cursor"],
        [pair for pair in parameters if pair[0] != "cursor"],
        _query((resource.type, ""), *sorted(which)),
    )


async def plain_page(database: Database, question: Question) -> Page | None:
    """Answer a question that is plain, None where there is no record: the page of a new visitor, and of many a script.

    Its statement is built once and asked as the driver has it, which takes a third of what `page` does.
    """
    rows = await database.rows(_first_of_all(question.resource, question.limit), {}, at_once=True)
    if not rows:
        return None
    following = None
    if len(rows) > question.limit:
        cursor = await encode_for(database, question.identity, [rows[question.limit - 1][2]])
        following = _following(question, cursor)
    revision = rows[0][1]
    return Page([row[0] for row in rows[: question.limit]], following, None, revision, revision)


@lru_cache(KEPT_STATEMENTS)
def _first_of_all(resource: Resource, limit: int) -> Select[Any]:
    table = resource.table
    first = select(table.c.id, table.c.slug).order_by(table.c.slug).limit(limit + 1).subquery("here")
    newest = (versions.c.record_id == first.c.id) & (versions.c.to_revision == OPEN)
    joined = first.join(versions, newest)
    return select(versions.c.document, _REVISION, first.c.slug).select_from(joined).order_by(first.c.slug)


async def page(connection: AsyncConnection, question: Question) -> Page:
    """Answer a question: one statement for the page, and one for each filter by reference and for the total."""
    asked = await conditions_of(connection, question)
    after = await _position(connection, question)
    rows = (await connection.execute(page_query(question, asked, after))).all()
    read_at = rows[0].revision
    found = [row for row in rows if row.document is not None]
    total, counted_at = None, read_at
    if question.count:
        counting = select(func.count(), _REVISION).select_from(question.resource.table).where(*asked)
        total, counted_at = (await connection.execute(counting)).one()
    documents = [row.document for row in found[: question.limit]]
    following = await _next(connection, question, found)
    return Page(documents, following, total, read_at if counted_at == read_at else None, read_at)


async def conditions_of(connection: AsyncConnection, question: Question) -> list[ColumnElement[bool]]:
    """What the records of a list meet, as conditions on the table of its resource; a statement a filter by reference.

    Raises BadRequest for a filter that names a record which does not exist.
    """
    return await conditions(connection, question.resource, question.filters)


async def _position(connection: AsyncConnection, question: Question) -> Sequence[Any] | None:
    """Where the page before ended. Raises BadRequest for keys that the sorted columns cannot hold."""
    if question.cursor is None:
        return None
    keys = await decode(connection, question.identity, question.cursor, len(question.sort))
    check_fit(question.sort, keys)
    return keys


def page_query(question: Question, asked: Sequence[ColumnElement[bool]], after: Sequence[Any] | None) -> Select[Any]:
    """The documents of a page and of one record more, with the keys of each.

    Which they are is found first, in the narrow table of the resource: only then are their documents fetched. Where
    there is none, a row without a document tells at which revision.
    """
    table, most = question.resource.table, question.limit + 1
    keys = [key.column.label(f"key_{place}") for place, key in enumerate(question.sort)]
    narrow = select(table.c.id, *keys).where(*asked)
    found = [one.limit(most) for one in segments(narrow, question.sort, after)]
    each = [one.add_columns(literal(place, literal_execute=True).label("segment")) for place, one in enumerate(found)]
    here = (union_all(*(select(one.subquery()) for one in each)) if len(each) > 1 else each[0]).subquery("here")
    newest = (versions.c.record_id == here.c.id) & (versions.c.to_revision == literal(OPEN, literal_execute=True))
    columns = [here.c[f"key_{place}"] for place in range(len(keys))]
    order = [part for key, column in zip(question.sort, columns, strict=True) for part in direction(key, column)]
    return (
        select(versions.c.document, store.c.revision, *columns)
        .select_from(store.outerjoin(here.join(versions, newest), true()))
        .order_by(here.c.segment, *order)
        .limit(most)
    )


async def _next(connection: AsyncConnection, question: Question, rows: Sequence[Any]) -> str | None:
    if len(rows) <= question.limit:
        return None
    last = rows[question.limit - 1]
    cursor = await encode(connection, question.identity, list(last[2:]))
    return _following(question, cursor)


def _following(question: Question, cursor: str) -> str:
    """The query of the next page; no sign of a cursor has to be escaped."""
    return "&".join(filter(None, (_query(*question.asked), f"cursor={cursor}")))


@lru_cache(maxsize=100)
def _query(*pairs: tuple[str, str]) -> str:
    """A query as it is written (a form of the URL standard): page after page is asked for with the same."""
    return urlencode(pairs)


def _once(name: str, parameters: Sequence[tuple[str, str]]) -> str | None:
    texts = [text for given, text in parameters if given == name]
    if len(texts) > 1:
        raise BadRequest(f"{name} is given twice", Flaw("give it once", parameter=name))
    return texts[0] if texts else None


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MAX_LIMIT and len(text) <= len(str(MAX_LIMIT))):
        flaw = Flaw(f"limit is a whole number from 1 to {MAX_LIMIT}, not {text[:40]!r}", parameter="limit")
        raise BadRequest("the limit cannot be used", flaw)
    return int(text)


def _flag(name: str, text: str | None) -> bool:
    if text is None:
        return False
    if text not in ("true", "false"):
        raise BadRequest(f"{name} cannot be read", Flaw(f"{name} is true or false, not {text[:40]!r}", parameter=name))
    return text == "true"
