"""Where a field is kept that a list can be filtered by, and how its columns are compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    and_,
    any_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from app.ledger.resource import Resource
from app.ledger.shape import FieldShape, Holds

Values = Sequence[Any]

_LIST_COLUMN: Final = {"companies": "company", "sources": "source"}


@dataclass(frozen=True)
class Field:
    """A field of a resource: ``table`` has its columns, which begin with ``column``; ``owner`` is that of the resource.

    ``path`` is its dotted name.
    """

    path: str
    shape: FieldShape
    owner: Table
    table: Table
    column: str

    @property
    def inside(self) -> bool:
        """Whether it belongs to the members of a list."""
        return self.table is not self.owner

    def __getitem__(self, suffix: str) -> Column[Any]:
        """One of its columns, by what follows the name."""
        return self.table.c[self.column + suffix]

    @property
    def main(self) -> Column[Any]:
        """The column that is null where the field is not stated."""
        suffix = {Holds.REFERENCE: "_id", Holds.PARTIAL_DATE: "_earliest", Holds.QUANTITY: "_qualifier"}
        return self[suffix.get(self.shape.holds, "")]

    def some(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether a record has a row of this field's table of which a condition holds."""
        if not self.inside:
            return condition
        return self.owner.c.id.in_(select(self.table.c.owner_id).where(condition))

    def none(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether a record has no row in this field's list of which a condition holds."""
        its = self.table.c.owner_id == self.owner.c.id
        return ~exists().where(its, condition).correlate(self.owner)


def fields_of(resource: Resource) -> Iterator[Field]:
    """All fields of a resource that have columns, in the order of its schema."""
    for shape in resource.shape:
        yield from _fields(resource, shape)


def _fields(resource: Resource, shape: FieldShape) -> Iterator[Field]:
    owner = resource.table
    if not shape.is_list:
        inner, table, path = [shape], owner, ""
    elif shape.holds is Holds.OBJECT:
        inner, table, path = list(shape.parts), resource.parts[shape.name], f"{shape.name}."
    else:
        column = _LIST_COLUMN.get(shape.refers_to, "value")
        yield Field(shape.name, shape, owner, resource.parts[shape.name], column)
        return
    for one in inner:
        # A free mapping has no column.
        if one.holds not in {Holds.DOCUMENT, Holds.OBJECT}:
            yield Field(path + one.name, one, owner, table, one.name)


def fixed(column: ColumnElement[Any], value: Any) -> ColumnElement[Any]:  # noqa: ANN401 - what the column holds
    """A value to compare a column with, written into the statement.

    A plan that PostgreSQL keeps for any value would be the wrong one for the rare or for the frequent ones.
    """
    return literal(value, column.type, literal_execute=True)


def any_of(column: ColumnElement[Any], values: Values) -> ColumnElement[bool]:
    """Whether a column holds one of some values."""
    if len(values) == 1:
        return column == fixed(column, values[0])
    return column.in_(bindparam(None, list(values), type_=column.type, expanding=True, literal_execute=True))


def none_of(column: ColumnElement[Any], values: Values) -> ColumnElement[bool]:
    """Whether a column holds none of some values, as ranges between them, which an index finds where few do."""
    first, *others = (fixed(column, value) for value in sorted(set(values)))
    gaps, last = [column < first], first
    for value in others:
        gaps.append(and_(column > last, column < value))
        last = value
    return or_(*gaps, column > last, *_null(column))


def among_first(column: Column[Any], found: Select[Any]) -> ColumnElement[bool]:
    """Whether a column holds one of what a query finds, asked before anything else is read: on PostgreSQL."""
    return column == any_(func.array(found.scalar_subquery()))


def nobody(owner: Table, part: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether no member of a list meets some conditions: counted, since of EXISTS a plan may hash all members."""
    members = select(func.count()).select_from(part).where(part.c.owner_id == owner.c.id, *conditions)
    return members.correlate(owner).scalar_subquery() == literal_column("0")


def unless(column: ColumnElement[Any], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a condition holds or a column is null."""
    return or_(condition, *_null(column))


def _null(column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    return [column.is_(None)] if getattr(column, "nullable", True) else []
