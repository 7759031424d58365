"""From a record to its rows: the row of its table, and the rows of the lists inside it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel

from app.ledger.lacking import lacking
from app.ledger.resource import Resource
from app.ledger.schemas import Record
from app.ledger.shape import FieldShape, Holds
from app.shared.partial_date import PartialDate
from app.shared.quantity import Quantity

Row = dict[str, Any]
Target = tuple[str, str]
"""A record that is referred to: its resource and its slug."""
Ids = Mapping[Target, int]


def by_type(targets: Iterable[Target]) -> Sequence[tuple[str, Sequence[str]]]:
    """The slugs of records by their resources, each once."""
    found: dict[str, dict[str, None]] = {}
    for kind, slug in targets:
        found.setdefault(kind, {})[slug] = None
    return [(kind, list(slugs)) for kind, slugs in found.items()]


class Mention(NamedTuple):
    """A reference as it stands in a record: the JSON pointer (RFC 6901) of the field, and whom it names."""

    pointer: str
    target: Target


_SINGULAR = {"companies": "company_id", "sources": "source_id"}


def mentions(resource: Resource, record: Record) -> Iterator[Mention]:
    """All records that a record refers to."""
    yield from _mentions(record, resource.referring, "")


def row_of(resource: Resource, record: Record, ids: Ids) -> Row:
    """The row of the resource's table, without its key."""
    single = [shape for shape in resource.shape if not shape.is_list]
    return _columns(record, single, ids) | {"lacks": lacking(resource, record)}


def part_rows(resource: Resource, record: Record, ids: Ids) -> Iterator[tuple[str, Row]]:
    """The rows of the lists inside a record: the field, and a row with its position but without its owner."""
    for shape in resource.shape:
        if shape.is_list:
            for position, item in enumerate(getattr(record, shape.name)):
                yield shape.name, {"position": position, **_item(shape, item, ids)}


def _item(shape: FieldShape, item: Any, ids: Ids) -> Row:  # noqa: ANN401 - as its shape says
    if shape.holds is Holds.OBJECT:
        return _columns(item, shape.parts, ids)
    if shape.holds is Holds.REFERENCE:
        return {_SINGULAR[shape.refers_to]: ids[shape.refers_to, item]}
    return _column("value", shape, item, ids)


def _columns(record: BaseModel, shapes: tuple[FieldShape, ...] | list[FieldShape], ids: Ids) -> Row:
    row: Row = {}
    for shape in shapes:
        row |= _column(shape.name, shape, getattr(record, shape.name), ids)
    return row


def _column(name: str, shape: FieldShape, value: Any, ids: Ids) -> Row:  # noqa: ANN401 - as its shape says
    match shape.holds:
        case Holds.SCALAR:
            return {name: value}
        case Holds.REFERENCE:
            return {f"{name}_id": value and ids[shape.refers_to, value]}
        case Holds.QUANTITY:
            return _quantity(name, value)
        case Holds.PARTIAL_DATE:
            day = PartialDate.parse(value) if value else None
            return {name: value, f"{name}_earliest": day and day.earliest, f"{name}_latest": day and day.latest}
        case Holds.DOCUMENT | Holds.OBJECT:
            # A free mapping has no column: it is read from the document.
            return {}


def _quantity(name: str, value: Quantity | None) -> Row:
    low, high = value.bounds if value else (None, None)
    return {
        f"{name}_qualifier": value and value.qualifier,
        f"{name}_amount": value and value.amount,
        f"{name}_low": low,
        f"{name}_high": high,
        f"{name}_unit": value and value.unit,
        f"{name}_approximate": value and value.approximate,
    }


def _mentions(record: BaseModel, shapes: tuple[FieldShape, ...], at: str) -> Iterator[Mention]:
    for shape in shapes:
        value = getattr(record, shape.name)
        items = list(enumerate(value)) if shape.is_list else [(None, value)]
        for position, item in items:
            pointer = f"{at}/{shape.name}" if position is None else f"{at}/{shape.name}/{position}"
            if shape.holds is Holds.REFERENCE and item:
                yield Mention(pointer, (shape.refers_to, item))
            elif shape.holds is Holds.OBJECT and item:
                yield from _mentions(item, shape.parts, pointer)
