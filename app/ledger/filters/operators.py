"""What can be asked of a field, by what it holds: the operators of its filters."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final, get_args

from sqlalchemy import ColumnElement, or_

from app.ledger.filters import identifiers, quantities
from app.ledger.filters.columns import Field, Values, any_of, fixed, none_of, unless
from app.ledger.filters.patterns import begins, begins_exactly, holds, is_prose_of
from app.ledger.filters.values import Reader, exactly, part_of_text, reader_of, truth
from app.ledger.shape import FieldShape, Holds
from app.models.companies import company_identifiers
from app.shared.partial_date import PartialDate
from app.shared.quantity import Qualifier
from app.shared.types import Scaled

CODE: Final = 120
"""The longest text that is a code where it has a notation of its own: it is never searched for a part of it."""
PROSE: Final = 2_000
"""The longest text that an index keeps whole."""

RANGES: Final = ("gt", "gte", "lt", "lte")
_SIGNS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
}


@dataclass(frozen=True)
class Extent:
    """From where to where a value of an operator reaches, both ends included, None where it has no end there.

    Numbers, and days as numbers. ``certain``: whether all that the field may mean lies within; otherwise some of it.
    """

    low: Callable[[Any], Decimal] | None
    high: Callable[[Any], Decimal] | None
    certain: bool = True


@dataclass(frozen=True)
class Operator:
    """An operator of a field.

    ``read`` turns a text into a value, ``compare`` values into a condition on a row; where it ``excludes``, no member
    of a list may meet that. ``of``: the part of a quantity that it asks of. ``repeats``: whether it may be given
    several times. Where it excludes ``words`` of a vocabulary, its values are what a list lacks.
    """

    name: str
    shape: FieldShape
    read: Reader
    compare: Callable[[Values], ColumnElement[bool]]
    of: str = ""
    excludes: bool = False
    words: bool = False
    repeats: bool = True
    extent: Extent | None = None


def is_code(shape: FieldShape) -> bool:
    """Whether a text has a notation of its own: a slug, a country, a hash."""
    return bool(shape.pattern) and shape.longest <= CODE


def is_prose(shape: FieldShape) -> bool:
    """Whether a text may be too long for an index to keep it, and for a list to be sorted by it."""
    return shape.longest > PROSE


def operators_of(field: Field) -> Iterator[Operator]:
    """The operators of a field, equality first, under an empty name."""
    match field.shape.holds:
        case Holds.PARTIAL_DATE:
            yield from _of_date(field)
        case Holds.QUANTITY:
            yield from _of_quantity(field)
        case Holds.REFERENCE:
            yield from _equality(field, field["_id"], str, field.shape)
        case _:
            yield from _of_scalar(field)


def _equality(
    field: Field, column: ColumnElement[Any], read: Reader, shape: FieldShape, of: str = ""
) -> Iterator[Operator]:
    """Equality and its opposite. A word of a few is none of some where it is one of the others."""
    extent = Extent(Decimal, Decimal) if shape.python in (int, Decimal) else None
    found_by_beginning = shape.python is str and not is_code(shape) and (is_prose(shape) or field.inside)
    compare = is_prose_of if found_by_beginning and not shape.choices else any_of
    equal = identifiers.same if column is company_identifiers.c.value else partial(compare, column)
    yield Operator("", shape, read, equal, of, extent=extent)
    if field.inside:
        yield Operator("not", shape, read, equal, of, excludes=True, words=bool(shape.choices))
    elif shape.choices:
        yield Operator("not", shape, read, partial(_other_choice, column, shape.choices), of)
    else:
        yield Operator("not", shape, read, partial(none_of, column), of)


def _other_choice(column: ColumnElement[Any], choices: tuple[str, ...], values: Values) -> ColumnElement[bool]:
    others = [choice for choice in choices if choice not in values]
    return unless(column, any_of(column, others) if others else column.in_([]))


def _of_scalar(field: Field) -> Iterator[Operator]:
    shape, column = field.shape, field[""]
    yield from _equality(field, column, reader_of(shape, column.type), shape)
    if shape.choices or shape.python is bool:
        return
    if shape.python is not str:
        yield from _of_number(shape, column)
    elif is_code(shape):
        yield Operator("startswith", shape, part_of_text, partial(_any, begins_exactly, column))
    else:
        yield Operator("contains", shape, part_of_text, partial(_any, holds, column))
        yield Operator("startswith", shape, part_of_text, partial(_any, begins, column))


def _any(
    compare: Callable[[ColumnElement[Any], Any], ColumnElement[bool]], column: ColumnElement[Any], values: Values
) -> ColumnElement[bool]:
    return or_(*(compare(column, value) for value in values))


def _of_number(shape: FieldShape, column: ColumnElement[Any]) -> Iterator[Operator]:
    step = Decimal(1).scaleb(-column.type.places) if isinstance(column.type, Scaled) else Decimal(1)
    yield from comparisons(shape, column, reader_of(shape, column.type), step=step)


def comparisons(
    shape: FieldShape,
    column: ColumnElement[Any],
    read: Reader,
    place: Callable[[Any], Decimal] = Decimal,
    step: Decimal = Decimal(1),
) -> Iterator[Operator]:
    """The comparisons of a column: ``place`` tells a value as a number, ``step`` the least by which two differ."""
    for name, sign in _SIGNS.items():

        def compare(values: Values, sign: Callable[[Any, Any], Any] = sign) -> ColumnElement[bool]:
            condition: ColumnElement[bool] = sign(column, fixed(column, values[0]))
            return condition

        yield Operator(name, shape, read, compare, repeats=False, extent=_extent(name, place, place, step))


def _extent(
    name: str, first: Callable[[Any], Decimal], last: Callable[[Any], Decimal], step: Decimal, *, certain: bool = True
) -> Extent:
    """How far a comparison reaches, by the first and the last of what its value stands for."""
    match name:
        case "gt":
            return Extent(lambda value: last(value) + step, None, certain)
        case "gte":
            return Extent(first, None, certain)
        case "lt":
            return Extent(None, lambda value: first(value) - step, certain)
        case _:
            return Extent(None, last, certain)


def _of_date(field: Field) -> Iterator[Operator]:
    shape, earliest, latest = field.shape, field["_earliest"], field["_latest"]
    extent = Extent(_first_day, _last_day)
    within = partial(_any, partial(_within, latest), earliest)
    yield Operator("", shape, PartialDate.parse, within, extent=extent)
    if field.inside:
        yield Operator("not", shape, PartialDate.parse, within, excludes=True)
    else:
        yield Operator("not", shape, PartialDate.parse, partial(_outside, earliest, latest))
    for prefix, low, high in (("", earliest, latest), ("possibly_", latest, earliest)):
        for name, sign in _SIGNS.items():
            column = low if name.startswith("g") else high
            reach = _extent(name, _first_day, _last_day, Decimal(1), certain=not prefix)
            compare = partial(_beside, sign, column, use_last=name in ("gt", "lte"))
            yield Operator(prefix + name, shape, PartialDate.parse, compare, repeats=False, extent=reach)


def _within(latest: ColumnElement[Any], earliest: ColumnElement[Any], day: PartialDate) -> ColumnElement[bool]:
    # That the first day is not after the last one of the period follows, but tells the planner how few there are.
    first, last = fixed(earliest, day.earliest), fixed(latest, day.latest)
    return (earliest >= first) & (earliest <= last) & (latest <= last)


def _outside(earliest: ColumnElement[Any], latest: ColumnElement[Any], days: Values) -> ColumnElement[bool]:
    apart = [(earliest < fixed(earliest, day.earliest)) | (latest > fixed(latest, day.latest)) for day in days]
    condition = apart[0]
    for further in apart[1:]:
        condition &= further
    return unless(earliest, condition)


def _beside(
    sign: Callable[[Any, Any], Any], column: ColumnElement[Any], values: Values, *, use_last: bool
) -> ColumnElement[bool]:
    (day,) = values
    edge: date = day.latest if use_last else day.earliest
    condition: ColumnElement[bool] = sign(column, fixed(column, edge))
    return condition


def _first_day(day: PartialDate) -> Decimal:
    return Decimal(day.earliest.toordinal())


def _last_day(day: PartialDate) -> Decimal:
    return Decimal(day.latest.toordinal())


def _of_quantity(field: Field) -> Iterator[Operator]:
    shape, amount = field.shape, field["_amount"]
    read = exactly(amount.type)
    # What was said of an amount may leave open how much it is: only what is certain contradicts it.
    extent = Extent(Decimal, Decimal, certain=False)
    yield Operator("", shape, read, partial(any_of, amount), extent=extent)
    compare = partial(any_of if field.inside else none_of, amount)
    yield Operator("not", shape, read, compare, excludes=field.inside)
    step = Decimal(1).scaleb(-3)
    for prefix, conditions in (("", quantities.CERTAINLY), ("possibly_", quantities.POSSIBLY)):
        for name in RANGES:
            reach = _extent(name, Decimal, Decimal, step, certain=not prefix)
            ask = partial(conditions[name], field)
            yield Operator(prefix + name, shape, read, ask, repeats=False, extent=reach)
    yield from _of_words(field)


def _of_words(field: Field) -> Iterator[Operator]:
    """What can be asked of how a quantity was said, and of its unit."""
    about, is_list = field.shape.description.rstrip("."), field.shape.is_list
    own: Any = field.shape.unit
    unit: FieldShape = replace(
        own, is_list=is_list, description=f"{about}: its unit", example=field.shape.example["unit"]
    )
    said: tuple[str, ...] = get_args(Qualifier)
    qualifier = FieldShape("qualifier", Holds.SCALAR, is_list, f"{about}: how the number was said", choices=said)
    yield from _equality(field, field["_unit"], reader_of(unit, field["_unit"].type), unit, "unit")
    yield from _equality(
        field, field["_qualifier"], reader_of(qualifier, field["_qualifier"].type), qualifier, "qualifier"
    )


def emptiness(shape: FieldShape, compare: Callable[[Values], ColumnElement[bool]]) -> Operator:
    """Whether a field is stated at all."""
    return Operator("empty", shape, truth, compare, repeats=False)
