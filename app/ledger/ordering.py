"""The order of a list: by the fields that were asked for, what has no value last, and at last by slug.

Pages are found by their keys: a page begins after the keys of the last row of the page before, so that what is put in
between moves none of the others. Each statement is one range of one index where there is an index for its first field.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, tuple_

from app.ledger.cursor import refused
from app.ledger.filters.columns import fixed
from app.ledger.filters.operators import is_prose
from app.ledger.resource import Resource
from app.ledger.shape import Holds
from app.shared.errors import BadRequest, Flaw, unknown
from app.shared.types import Scaled


@dataclass(frozen=True)
class Key:
    """One field that a list is sorted by."""

    column: ColumnElement[Any]
    descending: bool
    nullable: bool


@cache
def sortable(resource: Resource) -> dict[str, str]:
    """The fields that a list can be sorted by, each with the column that it is sorted by: a range by its lower end."""
    suffix = {Holds.PARTIAL_DATE: "_earliest", Holds.QUANTITY: "_low", Holds.SCALAR: ""}
    singles = [shape for shape in resource.shape if not shape.is_list and shape.holds in suffix and not is_prose(shape)]
    return {shape.name: shape.name + suffix[shape.holds] for shape in singles}


def read_sort(resource: Resource, text: str | None) -> list[Key]:
    """Read ``sort``. Raises BadRequest, naming each field that nothing is sorted by."""
    names = [] if text is None else text.split(",")
    known = sortable(resource)
    if wrong := [name.removeprefix("-") for name in names if name.removeprefix("-") not in known]:
        flaws = [unknown("field to sort by", name[:120], known, "sort") for name in wrong]
        raise BadRequest("the list cannot be sorted so", *flaws)
    if len({name.removeprefix("-") for name in names}) < len(names):
        raise BadRequest("the list cannot be sorted so", Flaw("a field is named twice", parameter="sort"))
    table = resource.table
    columns = [(table.c[known[name.removeprefix("-")]], name.startswith("-")) for name in names]
    if not any(column is table.c.slug for column, _ in columns):
        # The slug makes the order total, and goes the way of the last field: so an index holds both.
        columns.append((table.c.slug, bool(columns) and columns[-1][1]))
    return [Key(column, descending, bool(column.nullable)) for column, descending in columns]


def check_fit(sort: Sequence[Key], keys: Sequence[Any]) -> None:
    """Raise BadRequest for keys of a cursor that the sorted columns cannot hold."""
    if not all(_fits(key, value) for key, value in zip(sort, keys, strict=True)):
        raise refused("does not fit the fields that the list is sorted by")


def segments(query: Select[Any], sort: Sequence[Key], after: Sequence[Any] | None) -> Iterator[Select[Any]]:
    """A query in the order of a list, from after some keys: first the rows with a value, then those without."""
    first, *rest = sort
    if not first.nullable:
        yield _in_order(query, sort, after)
        return
    if after is None or after[0] is not None:
        stated = [Key(first.column, first.descending, nullable=False), *rest]
        yield _in_order(query.where(first.column.is_not(None)), stated, after)
        after = None
    yield _in_order(query.where(first.column.is_(None)), rest, after and after[1:])


def direction(key: Key, column: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """Order by a key whose values stand in a column, nulls last either way; one that is never null by its index."""
    directed = column.desc() if key.descending else column.asc()
    return [column.is_(None), directed] if key.nullable else [directed]


def _in_order(query: Select[Any], sort: Sequence[Key], after: Sequence[Any] | None) -> Select[Any]:
    placed = query if after is None else query.where(_after(sort, after))
    return placed.order_by(*(part for key in sort for part in direction(key, key.column)))


def _after(sort: Sequence[Key], keys: Sequence[Any]) -> ColumnElement[bool]:
    """The rows that come after a row with these keys (keyset paging): later in one key, equal in those before it."""
    first = sort[0]
    if all(key.descending == first.descending and not key.nullable for key in sort):
        # As rows, which is one range of an index.
        columns = tuple_(*(key.column for key in sort))
        known = tuple_(*(fixed(key.column, value) for key, value in zip(sort, keys, strict=True)))
        return columns < known if first.descending else columns > known
    later = []
    for depth, (key, value) in enumerate(zip(sort, keys, strict=True)):
        equal = [_equal(before.column, known) for before, known in zip(sort[:depth], keys, strict=False)]
        later.append(and_(*equal, _beyond(key, value)))
    return and_(_not_before(first, keys[0]), or_(*later))


def _not_before(key: Key, value: Any) -> ColumnElement[bool]:  # noqa: ANN401 - what the column holds
    """Follows from the rest, but is a range of an index."""
    if value is None:
        return key.column.is_(None)
    return or_(_beyond(key, value), key.column == fixed(key.column, value))


def _equal(column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:  # noqa: ANN401 - what the column holds
    return column.is_(None) if value is None else column == fixed(column, value)


def _beyond(key: Key, value: Any) -> ColumnElement[bool]:  # noqa: ANN401 - what the column holds
    if value is None:
        # Nulls come last: nothing is beyond them.
        return false()
    known = fixed(key.column, value)
    further = key.column < known if key.descending else key.column > known
    return further | key.column.is_(None) if key.nullable else further


def _fits(key: Key, value: Any) -> bool:  # noqa: ANN401 - what a client sent
    if value is None:
        return key.nullable
    kind = key.column.type
    if type(value) is not kind.python_type:
        return False
    if isinstance(kind, Scaled):
        return kind.holds(value)
    return not isinstance(value, int) or abs(value) < 2**31
