"""From the fields of an object to the columns that keep them: what puts each there is made once for a schema."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from app.ledger.shape import FieldShape, Holds
from app.shared.partial_date import PartialDate

Row = dict[str, Any]
Target = tuple[str, str]
"""A record that is referred to: its resource and its slug."""
Ids = Mapping[Target, int]
Writing = Callable[[Any, Ids], Row]
"""What makes a row of an object."""
_Putting = Callable[[Row, Any, Ids], None]
"""What puts the value of one field into its columns."""

_SINGULAR: Final = {"companies": "company", "sources": "source"}
_KEPT_IN_DOCUMENTS: Final = (Holds.DOCUMENT, Holds.OBJECT)
"""A free mapping has no column: it is read from the document."""
_OF_A_QUANTITY: Final = ("qualifier", "amount", "low", "high", "unit", "approximate")
_OF_A_DATE: Final = ("", "_earliest", "_latest")


def writing(shapes: Iterable[FieldShape]) -> Writing:
    """What makes a row of an object with these fields."""
    fields = [(shape.name, _putting(shape.name, shape)) for shape in shapes if shape.holds not in _KEPT_IN_DOCUMENTS]

    def write(value: Any, ids: Ids) -> Row:  # noqa: ANN401 - as its shape says
        row: Row = {}
        for name, put in fields:
            put(row, getattr(value, name), ids)
        return row

    return write


def writing_member(shape: FieldShape) -> Writing:
    """What makes a row of a member of a list."""
    if shape.holds is Holds.OBJECT:
        return writing(shape.parts)
    put = _putting(_SINGULAR.get(shape.refers_to, "value"), shape)

    def write(value: Any, ids: Ids) -> Row:  # noqa: ANN401 - as its shape says
        row: Row = {}
        put(row, value, ids)
        return row

    return write


def _putting(name: str, shape: FieldShape) -> _Putting:
    match shape.holds:
        case Holds.REFERENCE:
            return _reference(f"{name}_id", shape.refers_to)
        case Holds.QUANTITY:
            return _quantity([f"{name}_{part}" for part in _OF_A_QUANTITY])
        case Holds.PARTIAL_DATE:
            return _partial_date([f"{name}{part}" for part in _OF_A_DATE])
        case _:
            return _scalar(name)


def _scalar(column: str) -> _Putting:
    def put(row: Row, value: object, _ids: Ids) -> None:
        row[column] = value

    return put


def _reference(column: str, kind: str) -> _Putting:
    def put(row: Row, slug: str | None, ids: Ids) -> None:
        row[column] = slug and ids[kind, slug]

    return put


def _quantity(columns: list[str]) -> _Putting:
    nothing = dict.fromkeys(columns)

    def put(row: Row, value: Any, _ids: Ids) -> None:  # noqa: ANN401 - a quantity
        if value is None:
            row.update(nothing)
        else:
            said = (value.qualifier, value.amount, *value.bounds, value.unit, value.approximate)
            row.update(zip(columns, said, strict=True))

    return put


def _partial_date(columns: list[str]) -> _Putting:
    said, earliest, latest = columns

    def put(row: Row, text: str | None, _ids: Ids) -> None:
        day = PartialDate.parse(text) if text else None
        row[said], row[earliest], row[latest] = text, day and day.earliest, day and day.latest

    return put
