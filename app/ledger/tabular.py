"""A record as a row of a table, and back: a column for each field, those of a quantity with a dot.

A list or a free mapping is one cell of compact JSON. An empty cell says that there is nothing: no value, an empty list.
Cells are plain here; what is written to a file or read from one goes through app/shared/csv_cells.py as well.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final

from app.ledger.resource import Resource
from app.ledger.selecting import Tree
from app.ledger.shape import FieldShape, Holds
from app.shared.errors import Flaw
from app.shared.json import dumps, loads, plain
from app.shared.types import decimal

QUANTITY: Final = ("qualifier", "amount", "low", "high", "unit", "approximate")
"""The columns of a quantity; its words are left out, since they follow from these."""

_NUMBERS: Final = ("amount", "low", "high")


@cache
def columns_of(resource: Resource) -> list[str]:
    """The columns of a resource, in the order in which a record shows its fields."""
    by_name = {shape.name: shape for shape in resource.shape}
    return [column for name in resource.shown_fields for column in _columns(name, by_name.get(name))]


def chosen_columns(resource: Resource, fields: Tree) -> list[str]:
    """The columns of some fields, in the order in which they were chosen."""
    chosen = []
    for name, inner in fields.items():
        own = [column for column in columns_of(resource) if column.startswith(f"{name}.")]
        chosen += [f"{name}.{part}" for part in inner] if own and inner else own or [name]
    return chosen


def flat(columns: Sequence[str], document: Mapping[str, Any]) -> list[str]:
    """The cells of a record as it is shown (parsed, numbers exact), one for each column."""
    return [cell(_at(document, column.split("."))) for column in columns]


def read_cells(
    resource: Resource, columns: Sequence[str], cells: Sequence[str]
) -> tuple[dict[str, Any], Sequence[Flaw]]:
    """The record that a row states, to be validated as any other: texts, numbers, and what its JSON cells hold.

    ``columns`` are some of ``columns_of``, each once, and ``cells`` as many. A cell that should hold JSON and does not
    is a flaw, with a JSON pointer, and stands in the record as its text.
    """
    as_json, numbers = json_columns(resource), number_columns(resource)
    record: dict[str, Any] = {}
    flaws: list[Flaw] = []
    for column, text in zip(columns, cells, strict=True):
        if not text:
            continue
        *outer, name = column.split(".")
        place = record
        for step in outer:
            place = place.setdefault(step, {})
        try:
            place[name] = loads(text) if column in as_json else _number(text) if column in numbers else text
        except ValueError as error:
            place[name] = text
            flaws.append(Flaw(f"the cell holds {text[:40]!r}: {error}", pointer=f"/{column}"))
    return record, flaws


def cell(value: Any) -> str:  # noqa: ANN401 - whatever a field holds
    """A value of a document as a cell: empty where there is none, JSON for a list or a mapping."""
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal):
        return plain(Decimal(value))
    return value if isinstance(value, str) else dumps(value)


@cache
def number_columns(resource: Resource) -> frozenset[str]:
    """The columns whose cells are numbers."""
    own = (shape.name for shape in resource.shape if shape.python in {int, Decimal} and not shape.is_list)
    ends = (
        f"{name}.{end}" for name in (shape.name for shape in resource.shape if _is_apart(shape)) for end in _NUMBERS
    )
    return frozenset((*own, *ends))


def _number(text: str) -> Decimal | str:
    """The number in a cell; a text that is none is left to be refused where it stands."""
    try:
        return decimal(text)
    except ValueError:
        return text


@cache
def json_columns(resource: Resource) -> frozenset[str]:
    """The columns whose cells are JSON."""
    own = (shape.name for shape in resource.shape if shape.is_list or shape.holds in {Holds.DOCUMENT, Holds.OBJECT})
    return frozenset((*own, "disputed"))


def _columns(name: str, shape: FieldShape | None) -> list[str]:
    return [f"{name}.{part}" for part in QUANTITY] if shape and _is_apart(shape) else [name]


def _is_apart(shape: FieldShape) -> bool:
    """Whether the parts of a field have columns of their own."""
    return shape.holds is Holds.QUANTITY and not shape.is_list


def _at(document: Mapping[str, Any], path: Sequence[str]) -> Any:  # noqa: ANN401 - whatever a field holds
    found: Any = document
    for step in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found
