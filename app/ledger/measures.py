"""What can be added up over records: their quantities, by their bounds, and their whole numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, ColumnElement, String, Table, case, func, literal, null, type_coerce

from app.ledger.resource import Resource
from app.ledger.shape import Holds
from app.shared.quantity import from_thousandths

Reason = Literal["not stated", "undisclosed amount", "no certain bounds", "share of a whole"]
"""Why a record is left out of a sum."""

# 64 bits hold an amount, but not the sum of two: SQLite would fail. Sums are taken of both halves of the digits.
_HALF: Final = 10**9


@dataclass(frozen=True, eq=False)
class Measure:
    """Columns of one field: its bounds and the number that was said, its unit, and why a record has no part in a sum.

    ``reason`` is null for a record that counts. ``number`` turns an integer of the columns into what it stands for.
    """

    name: str
    low: ColumnElement[Any]
    high: ColumnElement[Any]
    amount: ColumnElement[Any]
    unit: ColumnElement[Any]
    reason: ColumnElement[Any]
    number: Callable[[int], Decimal]


@cache
def measures_of(resource: Resource) -> Mapping[str, Measure]:
    """All measures of a resource by the names of their fields."""
    found = {}
    for shape in resource.shape:
        if shape.holds is Holds.QUANTITY and not shape.is_list:
            found[shape.name] = _quantity(shape.name, resource.table)
        elif shape.holds is Holds.SCALAR and not shape.is_list and shape.python is int:
            found[shape.name] = _whole_number(shape.name, resource.table)
    return found


def halves(column: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """The two sums from which `whole` gives the sum of a column, exact however large it is."""
    digits = type_coerce(column, BigInteger)
    return [func.sum(digits // _HALF), func.sum(digits % _HALF)]


def whole(upper: Any, lower: Any) -> int:  # noqa: ANN401 - as the driver has sums
    """The sum of a column from its `halves`; of nothing it is 0."""
    return int(upper or 0) * _HALF + int(lower or 0)


def _quantity(name: str, table: Table) -> Measure:
    low, high, unit = table.c[f"{name}_low"], table.c[f"{name}_high"], table.c[f"{name}_unit"]
    qualifier = table.c[f"{name}_qualifier"]
    reason = case(
        (qualifier.is_(None), "not stated"),
        (qualifier == "undisclosed", "undisclosed amount"),
        (unit == "percent", "share of a whole"),
        (low.is_(None) & high.is_(None), "no certain bounds"),
        else_=null(),
    )
    return Measure(name, low, high, table.c[f"{name}_amount"], unit, reason, from_thousandths)


def _whole_number(name: str, table: Table) -> Measure:
    column = table.c[name]
    reason = case((column.is_(None), "not stated"), else_=null())
    return Measure(name, column, column, column, literal(None, String), reason, Decimal)
