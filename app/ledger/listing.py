"""Lists of records: filters, sort and cursor paging, in one statement a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.cursor import decode, encode, refused
from app.ledger.filters import Filter, filters_of, read_values
from app.ledger.repository import ids_of
from app.ledger.resource import Resource
from app.ledger.shape import Holds
from app.models.ledger import OPEN, store, versions
from app.shared.errors import BadRequest, Flaw, unknown
from app.shared.types import Scaled

MAX_LIMIT: Final = 1_000
DEFAULT_LIMIT: Final = 50
PAGING: Final = ("limit", "cursor", "sort", "count")
_REVISION: Final = select(store.c.revision).scalar_subquery().label("revision")


@dataclass(frozen=True)
class Page:
    """One page of a list: the records as JSON texts, the query of the next page, and the total if it was asked for.

    ``revision`` is the state of the store that all of it was read from; None where that changed meanwhile.
    """

    documents: Sequence[str]
    next_query: str | None
    total: int | None
    revision: int | None


@dataclass(frozen=True)
class _Sort:
    column: ColumnElement[Any]
    descending: bool


@dataclass(frozen=True)
class Question:
    """What a client asks of a list, once its parameters have been read."""

    resource: Resource
    filters: Sequence[tuple[Filter, Sequence[Any]]]
    sort: Sequence[_Sort]
    limit: int
    count: bool
    cursor: str | None
    asked: Sequence[tuple[str, str]]

    @property
    def identity(self) -> str:
        """What a cursor belongs to: the resource, the filters and the sort, but not the size of a page."""
        asked = sorted(pair for pair in self.asked if pair[0] not in ("limit", "count"))
        return urlencode([(self.resource.type, ""), *asked])


def read_question(resource: Resource, parameters: Sequence[tuple[str, str]]) -> Question:
    """Read the query parameters of a list. Raises BadRequest that names every one which cannot be read."""
    filters = filters_of(resource)
    strangers = [name for name, _ in parameters if name not in filters and name not in PAGING]
    if strangers:
        known = [*filters, *PAGING]
        flaws = [unknown("parameter", name, known, name) for name in dict.fromkeys(strangers)]
        raise BadRequest(f"{resource.type} cannot be listed by {', '.join(dict.fromkeys(strangers))}", *flaws)
    given: dict[str, list[str]] = {}
    for name, text in parameters:
        given.setdefault(name, []).append(text)
    paging = {name: _once(name, given.pop(name)) for name in PAGING if name in given}
    return Question(
        resource,
        [(filters[name], read_values(filters[name], texts)) for name, texts in given.items()],
        _sort(resource, paging["sort"].split(",") if "sort" in paging else []),
        _limit(paging.get("limit", str(DEFAULT_LIMIT))),
        _flag("count", paging.get("count", "false")),
        paging.get("cursor"),
        [pair for pair in parameters if pair[0] != "cursor"],
    )


def sortable(resource: Resource) -> dict[str, str]:
    """The fields that a list can be sorted by, each with the column that it is sorted by: a range by its lower end."""
    suffix = {Holds.PARTIAL_DATE: "_earliest", Holds.QUANTITY: "_low", Holds.SCALAR: ""}
    singles = [shape for shape in resource.shape if not shape.is_list and shape.holds in suffix]
    return {shape.name: shape.name + suffix[shape.holds] for shape in singles}


async def page(connection: AsyncConnection, question: Question) -> Page:
    """Answer a question: one statement for the page, and one for each filter by reference and for the total.

    Of a page with no record only counting can say at which revision there was none.
    """
    conditions = [await _condition(connection, one, values) for one, values in question.filters]
    table = question.resource.table
    query = _documents(question).where(*conditions)
    if question.cursor is not None:
        query = query.where(_after(question.sort, _keys(question, question.cursor)))
    rows = (await connection.execute(query.limit(question.limit + 1))).all()
    total, read_at = None, {row.revision for row in rows[:1]}
    if question.count or not rows:
        counting = select(func.count(), _REVISION).select_from(table).where(*conditions)
        total, counted_at = (await connection.execute(counting)).one()
        read_at.add(counted_at)
    at_once = len(read_at) == 1 and (rows or not total)
    documents = [row.document for row in rows[: question.limit]]
    counted = total if question.count else None
    return Page(documents, _next(question, rows), counted, read_at.pop() if at_once else None)


def _keys(question: Question, cursor: str) -> list[Any]:
    """Where the page before ended. Raises BadRequest for keys that the sorted columns cannot hold."""
    keys = decode(question.identity, cursor, len(question.sort))
    if not all(_fits(sort.column, key) for sort, key in zip(question.sort, keys, strict=True)):
        raise refused("does not fit the fields that the list is sorted by")
    return keys


def _fits(column: ColumnElement[Any], key: Any) -> bool:  # noqa: ANN401 - what a client sent
    if key is None:
        return bool(column.nullable)
    if type(key) is not column.type.python_type:
        return False
    if isinstance(column.type, Scaled):
        return column.type.holds(key)
    return not isinstance(key, int) or abs(key) < 2**31


async def _condition(connection: AsyncConnection, one: Filter, values: Sequence[Any]) -> ColumnElement[bool]:
    if not one.refers_to:
        return one.clause(values)
    found = await ids_of(connection, one.refers_to, values, parameter=one.name)
    return one.clause(list(found.values()))


def _documents(question: Question) -> Select[Any]:
    table = question.resource.table
    order = [part for key in question.sort for part in _ordered(key)]
    return (
        select(versions.c.document, _REVISION, *(key.column for key in question.sort))
        .select_from(table.join(versions, (versions.c.record_id == table.c.id) & (versions.c.to_revision == OPEN)))
        .order_by(*order)
    )


def _ordered(key: _Sort) -> list[ColumnElement[Any]]:
    """Order by a column, with nulls last either way; a column that is never null is left to its index."""
    column = key.column.desc() if key.descending else key.column.asc()
    return [key.column.is_(None), column] if key.column.nullable else [column]


def _after(sort: Sequence[_Sort], keys: Sequence[Any]) -> ColumnElement[bool]:
    """The rows that come after a row with these keys (keyset paging): later in one key, equal in those before it."""
    later = []
    for depth, (key, value) in enumerate(zip(sort, keys, strict=True)):
        equal = [_equal(before.column, known) for before, known in zip(sort[:depth], keys, strict=False)]
        later.append(and_(*equal, _beyond(key, value)))
    return or_(*later)


def _equal(column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:  # noqa: ANN401 - what the column holds
    return column.is_(None) if value is None else column == value


def _beyond(key: _Sort, value: Any) -> ColumnElement[bool]:  # noqa: ANN401 - what the column holds
    if value is None:
        # Nulls come last: nothing is beyond them.
        return false()
    known = literal(value, key.column.type)
    further = key.column < known if key.descending else key.column > known
    return further | key.column.is_(None) if key.column.nullable else further


def _next(question: Question, rows: Sequence[Any]) -> str | None:
    if len(rows) <= question.limit:
        return None
    last = rows[question.limit - 1]
    return urlencode([*question.asked, ("cursor", encode(question.identity, list(last[2:])))])


def _sort(resource: Resource, names: Sequence[str]) -> list[_Sort]:
    known = sortable(resource)
    wrong = [name for name in names if name.removeprefix("-") not in known]
    if wrong:
        flaws = [unknown("field to sort by", name.removeprefix("-"), known, "sort") for name in wrong]
        raise BadRequest("the list cannot be sorted so", *flaws)
    if len({name.removeprefix("-") for name in names}) < len(names):
        raise BadRequest("the list cannot be sorted so", Flaw("a field is named twice", parameter="sort"))
    keys = [_Sort(resource.table.c[known[name.removeprefix("-")]], name.startswith("-")) for name in names]
    # The slug makes the order total.
    return (
        keys
        if any(key.column.name == "slug" for key in keys)
        else [*keys, _Sort(resource.table.c.slug, descending=False)]
    )


def _once(name: str, texts: Sequence[str]) -> str:
    if len(texts) > 1:
        raise BadRequest(f"{name} is given twice", Flaw("give it once", parameter=name))
    return texts[0]


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MAX_LIMIT and len(text) <= len(str(MAX_LIMIT))):
        flaw = Flaw(f"limit is a whole number from 1 to {MAX_LIMIT}, not {text[:40]!r}", parameter="limit")
        raise BadRequest("the limit cannot be used", flaw)
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise BadRequest(f"{name} cannot be read", Flaw(f"{name} is true or false, not {text[:40]!r}", parameter=name))
    return text == "true"
