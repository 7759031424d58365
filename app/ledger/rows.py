"""From a record to its rows: the row of its table, and the rows of the lists inside it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from pydantic import BaseModel

from app.ledger.columns import Ids, Row, Target, Writing, writing, writing_member
from app.ledger.lacking import lacking
from app.ledger.resource import Resource
from app.ledger.schemas import Record
from app.ledger.shape import FieldShape, Holds
from app.shared.forms import SLUG

__all__ = ["Ids", "Mention", "Row", "Target", "by_type", "mentions", "part_rows", "row_of", "stated_mentions"]


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


def mentions(resource: Resource, record: Record) -> Iterator[Mention]:
    """All records that a record refers to."""
    yield from _mentions(record, resource.referring, "")


def stated_mentions(resource: Resource, stated: Any) -> Iterator[Mention]:  # noqa: ANN401 - whatever was stated
    """All records that something refers to which was stated as a record and is none, as far as it names any."""
    yield from _stated(stated, resource.referring, "")


def row_of(resource: Resource, record: Record, ids: Ids) -> Row:
    """The row of the resource's table, without its key."""
    return _whole(resource)(record, ids) | {"lacks": lacking(resource, record)}


def part_rows(resource: Resource, record: Record, ids: Ids) -> Iterator[tuple[str, Row]]:
    """The rows of the lists inside a record: the field, and a row with its position but without its owner."""
    for name, write in _lists(resource):
        for position, member in enumerate(getattr(record, name)):
            yield name, {"position": position, **write(member, ids)}


@cache
def _whole(resource: Resource) -> Writing:
    return writing(shape for shape in resource.shape if not shape.is_list)


@cache
def _lists(resource: Resource) -> Sequence[tuple[str, Writing]]:
    return [(shape.name, writing_member(shape)) for shape in resource.shape if shape.is_list]


def _stated(stated: Any, shapes: tuple[FieldShape, ...], at: str) -> Iterator[Mention]:  # noqa: ANN401 - the same
    for shape in shapes if isinstance(stated, dict) else ():
        pointer, value = f"{at}/{shape.name}", stated.get(shape.name)
        items = {f"{pointer}/{n}": one for n, one in enumerate(value)} if isinstance(value, list) else {pointer: value}
        for place, item in items.items():
            if shape.holds is Holds.OBJECT:
                yield from _stated(item, shape.parts, place)
            elif shape.holds is Holds.REFERENCE and isinstance(item, str) and re.fullmatch(SLUG, item):
                yield Mention(place, (shape.refers_to, item))


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
