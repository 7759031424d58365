"""What can be asked of what the store adds to a record: its version, and when that was recorded."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Table, literal, select

from app.ledger.filters.columns import Values, any_of, none_of
from app.ledger.filters.operators import Extent, Operator, comparisons
from app.ledger.filters.values import Reader, reader_of
from app.ledger.schemas import Recorded
from app.ledger.shape import FieldShape, shape_of
from app.models.ledger import OPEN, revisions, versions
from app.shared.fields import instant

_SHAPES: Final = {shape.name: shape for shape in shape_of(Recorded)}
_VERSION: Final = replace(_SHAPES["version"], least=Decimal(1), most=Decimal(2**31 - 1), example=2)
_RECORDED_AT: Final = _SHAPES["recorded_at"]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def operators_of_versions() -> Iterator[Operator]:
    """The operators of both fields, whose conditions are on a row of ``versions``."""
    read = reader_of(_VERSION, versions.c.version.type)
    yield from _ordered(_VERSION, versions.c.version, read, Decimal)
    for operator in _ordered(_RECORDED_AT, revisions.c.recorded_at, instant, _microseconds):
        yield replace(operator, compare=partial(_at_revision, operator.compare))


def _ordered(
    shape: FieldShape, column: Column[Any], read: Reader, place: Callable[[Any], Decimal]
) -> Iterator[Operator]:
    yield Operator("", shape, read, partial(any_of, column), extent=Extent(place, place))
    yield Operator("not", shape, read, partial(none_of, column))
    yield from comparisons(shape, column, read, place)


def _at_revision(condition: Callable[[Values], ColumnElement[bool]], values: Values) -> ColumnElement[bool]:
    return versions.c.from_revision.in_(select(revisions.c.revision).where(condition(values)))


def is_current(table: Table, condition: Callable[[Values], ColumnElement[bool]], values: Values) -> ColumnElement[bool]:
    """Whether a condition holds of the current version of a record in a resource's table."""
    is_open = versions.c.to_revision == literal(OPEN, literal_execute=True)
    return table.c.id.in_(select(versions.c.record_id).where(is_open, condition(values)))


def _microseconds(moment: datetime) -> Decimal:
    return Decimal((moment - _EPOCH) // timedelta(microseconds=1))
