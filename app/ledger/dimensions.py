"""What records can be counted by: the values of a field, the records that it names, the year of a date."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Row, Select, cast, extract, literal, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.filters.operators import is_prose
from app.ledger.resource import Resource
from app.ledger.shape import FieldShape, Holds
from app.models.ledger import store


@dataclass(frozen=True, eq=False)
class Dimension:
    """``column``: the value, the id of a record where ``names_record``; ``part``: the table of a list's members."""

    name: str
    column: ColumnElement[Any]
    names_record: bool
    part: FromClause | None = None


@cache
def dimensions_of(resource: Resource) -> Mapping[str, Dimension]:
    """All dimensions of a resource by their names: dotted for members of lists, with ``.year`` for dates."""
    found = [one for shape in resource.shape if shape.name != "slug" for one in _of_field(resource, shape)]
    return {one.name: one for one in found}


def word_field(resource: Resource) -> str:
    """The first field of a resource that holds one of a few words: the best example of a dimension."""
    return next(shape.name for shape in resource.shape if shape.choices)


def _of_field(resource: Resource, shape: FieldShape) -> list[Dimension]:
    if not shape.is_list:
        return _of_column(shape, shape.name, resource.table)
    # Under a name of its own: a filter may ask the same table.
    part = resource.parts[shape.name].alias(f"counted_{shape.name}")
    if shape.holds is Holds.OBJECT:
        return [one for field in shape.parts for one in _of_column(field, f"{shape.name}.{field.name}", part, part)]
    if shape.holds in {Holds.SCALAR, Holds.REFERENCE}:
        named = shape.holds is Holds.REFERENCE
        column = next(column for column in part.c if column.name == "value" or (named and not column.primary_key))
        return [Dimension(shape.name, column, named, part)]
    return []


def _of_column(shape: FieldShape, name: str, table: FromClause, part: FromClause | None = None) -> list[Dimension]:
    match shape.holds:
        case Holds.SCALAR if not is_prose(shape):
            return [Dimension(name, table.c[shape.name], names_record=False, part=part)]
        case Holds.REFERENCE:
            return [Dimension(name, table.c[f"{shape.name}_id"], names_record=True, part=part)]
        case Holds.PARTIAL_DATE:
            # No partial date reaches past one year.
            year = cast(extract("year", table.c[f"{shape.name}_earliest"]), Integer)
            return [Dimension(f"{name}.year", year, names_record=False, part=part)]
        case _:
            return []


async def at_revision(connection: AsyncConnection, query: Select[Any]) -> tuple[int, list[Row[Any]]]:
    """The revision of the store, and the rows that a query finds in it, in no order: one statement.

    The rows have the columns of the query by their names. Where it finds nothing, there is a revision still.
    """
    found = query.add_columns(literal(1).label("found")).subquery()
    statement = select(store.c.revision.label("read_at"), found).select_from(store.outerjoin(found, true()))
    rows = (await connection.execute(statement)).all()
    return rows[0].read_at, [row for row in rows if row.found]
