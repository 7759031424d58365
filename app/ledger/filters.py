"""Filters: for each resource, the query parameters by which its list can be narrowed, made from its public schema.

A parameter is the name of a field; of a list of objects, the dotted path (``parties.role``), and where only one field
of the record has that name, the name alone (``role``). ``company`` means any company that the record names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Table, or_, select
from sqlalchemy.types import TypeEngine

from app.ledger.resource import Resource
from app.ledger.shape import FieldShape, Holds
from app.shared.errors import BadRequest, Flaw, unknown
from app.shared.partial_date import PartialDate
from app.shared.types import Scaled, decimal

MAX_VALUES: Final = 100
"""How often one parameter may be given: each value costs the statement a condition."""

Values = Sequence[Any]
_LIST_COLUMN = {"companies": "company_id", "sources": "source_id"}


@dataclass(frozen=True)
class Filter:
    """One query parameter of a list.

    ``read`` turns a value of it into what is compared, raising ValueError; ``clause`` gives the condition for any of
    the values that were read. ``refers_to`` names the resource whose slugs the values are, which are ids once read.
    """

    name: str
    shape: FieldShape
    read: Callable[[str], Any]
    clause: Callable[[Values], ColumnElement[bool]]

    @property
    def refers_to(self) -> str:
        """The resource whose slugs this parameter takes, empty for other values."""
        return self.shape.refers_to if self.shape.holds is Holds.REFERENCE else ""


@cache
def filters_of(resource: Resource) -> Mapping[str, Filter]:
    """All filters of a resource by their names, in the order of its schema."""
    found = [made for shape in resource.shape for made in _of_field(resource, shape)]
    last = [one.name.rpartition(".")[2] for one in found]
    short = [_renamed(one, name) for one, name in zip(found, last, strict=True) if last.count(name) == 1]
    companies = [one for one in found if one.refers_to == "companies"]
    filters = {one.name: one for one in (*found, *short)}
    if companies and resource.type != "companies":
        filters["company"] = _any_of("company", companies)
    return filters


def read_values(one: Filter, texts: Sequence[str]) -> list[Any]:
    """The values of a parameter, each as its filter compares it. Raises BadRequest, naming the parameter."""
    if len(texts) > MAX_VALUES:
        flaw = Flaw(f"it is given {len(texts)} times: at most {MAX_VALUES}", parameter=one.name)
        raise BadRequest(f"the filter {one.name} is given too often", flaw)
    try:
        return [one.read(text) for text in texts]
    except ValueError as error:
        choices = one.shape.choices
        wrong = next((text for text in texts if choices and text not in choices), "")
        flaw = unknown(one.name, wrong, choices, one.name) if choices else Flaw(str(error), parameter=one.name)
        raise BadRequest(f"the filter {one.name} cannot be read", flaw) from None


def _of_field(resource: Resource, shape: FieldShape) -> list[Filter]:
    if not shape.is_list:
        return _of_column(shape.name, shape.name, shape, resource.table, lambda condition: condition)
    part = resource.parts[shape.name]

    def inside(condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return resource.table.c.id.in_(select(part.c.owner_id).where(condition))

    if shape.holds is Holds.OBJECT:
        return [
            one
            for field in shape.parts
            for one in _of_column(f"{shape.name}.{field.name}", field.name, field, part, inside)
        ]
    column = _LIST_COLUMN.get(shape.refers_to, "value")
    return _of_column(shape.name, column.removesuffix("_id"), shape, part, inside)


def _of_column(
    name: str,
    column: str,
    shape: FieldShape,
    table: Table,
    wrap: Callable[[ColumnElement[bool]], ColumnElement[bool]],
) -> list[Filter]:
    """The filter of one column; none for a free mapping, which has no column."""
    made = _comparison(column, shape, table)
    if made is None:
        return []
    read, compare = made
    return [Filter(name, shape, read, lambda values: wrap(compare(values)))]


def _comparison(
    column: str, shape: FieldShape, table: FromClause
) -> tuple[Callable[[str], Any], Callable[[Values], ColumnElement[bool]]] | None:
    match shape.holds:
        case Holds.REFERENCE:
            return str, table.c[f"{column}_id"].in_
        case Holds.PARTIAL_DATE:
            earliest, latest = table.c[f"{column}_earliest"], table.c[f"{column}_latest"]
            # A date is found by every period that certainly contains it.
            return PartialDate.parse, lambda days: or_(
                *((earliest >= day.earliest) & (latest <= day.latest) for day in days)
            )
        case Holds.QUANTITY:
            amount = table.c[f"{column}_amount"]
            return _exactly(amount.type), amount.in_
        case Holds.SCALAR:
            return _reader(shape, table.c[column].type), table.c[column].in_
        case Holds.OBJECT | Holds.DOCUMENT:
            return None


def _reader(shape: FieldShape, kind: TypeEngine[Any]) -> Callable[[str], Any]:
    if shape.choices:
        return _choice(shape.choices)
    readers: dict[type, Callable[[str], Any]] = {bool: _truth, int: _integer, str: _words}
    return readers.get(shape.python) or _exactly(kind)


def _choice(choices: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is not one of {', '.join(choices)}")
        return text

    return read


def _words(text: str) -> str:
    if not text:
        raise ValueError("it is empty, as no value is")
    return text


def _truth(text: str) -> bool:
    words = {"true": True, "false": False}
    if text not in words:
        raise ValueError(f"{text!r} is neither true nor false")
    return words[text]


def _integer(text: str) -> int:
    number = decimal(text)
    if number != number.to_integral_value() or abs(number) >= 2**31:
        raise ValueError(f"{text!r} is not a whole number that we can hold")
    return int(number)


def _exactly(kind: TypeEngine[Any]) -> Callable[[str], Decimal]:
    """Read a number that a column can hold: one that it would round is found nowhere."""

    def read(text: str) -> Decimal:
        number = decimal(text)
        if isinstance(kind, Scaled):
            kind.scaled(number)
        return number

    return read


def _renamed(one: Filter, name: str) -> Filter:
    return Filter(name, one.shape, one.read, one.clause)


def _any_of(name: str, filters: Sequence[Filter]) -> Filter:
    return Filter(name, filters[0].shape, str, lambda values: or_(*(one.clause(values) for one in filters)))
