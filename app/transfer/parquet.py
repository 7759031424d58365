"""Records of one resource as Parquet, with the types of their fields; pyarrow is an extra (``dealgraph[parquet]``)."""

from collections.abc import AsyncIterator, Sequence
from importlib.util import find_spec
from io import RawIOBase
from typing import Any, Final

from app.ledger.resource import Resource, stated
from app.ledger.shape import FieldShape, Holds
from app.shared.aside import aside
from app.shared.errors import NotImplementedHere
from app.shared.json import dumps, loads_own
from app.transfer.export import Chunk, Shown

_ROWS: Final = 10
"""Chunks of 1,000 records in a row group."""


def refuse_where_absent() -> None:
    """Raise NotImplementedHere (501) where pyarrow is not installed, saying what to install."""
    if find_spec("pyarrow") is None:
        raise NotImplementedHere("this server writes no Parquet: install it with pip install 'dealgraph[parquet]'")


async def parquet(resource: Resource, chunks: AsyncIterator[Chunk]) -> AsyncIterator[bytes]:
    """A Parquet file, piece by piece: a row group of up to 10,000 records each, then what says where they are."""
    from pyarrow.parquet import ParquetWriter  # noqa: PLC0415 - it may be absent

    sink = _Sink()
    writer = ParquetWriter(sink, schema_of(resource), compression="zstd")
    waiting: list[Shown] = []
    async for _, some in chunks:
        waiting += some
        if len(waiting) >= _ROWS * 1_000:
            await aside(_write, writer, resource, waiting)
            waiting = []
            yield sink.taken()
    await aside(_write, writer, resource, waiting)
    writer.close()
    yield sink.taken()


def schema_of(resource: Resource) -> Any:  # noqa: ANN401 - pyarrow is not typed
    """The columns of a resource as an Arrow schema."""
    import pyarrow  # noqa: ICN001, PLC0415 - it may be absent

    return pyarrow.schema([pyarrow.field(shape.name, _type(shape)) for shape in _in_order(resource)])


def _in_order(resource: Resource) -> Sequence[FieldShape]:
    shapes = {shape.name: shape for shape in resource.shape}
    return [shapes[name] for name in resource.shown_fields if name in shapes]


def _write(writer: Any, resource: Resource, some: Sequence[Shown]) -> None:  # noqa: ANN401 - the same
    import pyarrow  # noqa: ICN001, PLC0415 - it may be absent

    shapes = _in_order(resource)
    rows = [_row(shapes, stated(loads_own(one.document))) for one in some]
    writer.write_table(pyarrow.Table.from_pylist(rows, schema=writer.schema))


def _row(shapes: Sequence[FieldShape], record: dict[str, Any]) -> dict[str, Any]:
    return {shape.name: _value(shape, record.get(shape.name)) for shape in shapes}


def _value(shape: FieldShape, value: Any) -> Any:  # noqa: ANN401 - as its shape says
    if value is None:
        return None
    if shape.is_list:
        return [_item(shape, item) for item in value]
    return _item(shape, value)


def _item(shape: FieldShape, value: Any) -> Any:  # noqa: ANN401 - the same
    if shape.holds is Holds.DOCUMENT:
        return dumps(value)
    return _row(shape.parts, value) if shape.holds is Holds.OBJECT else value


def _type(shape: FieldShape) -> Any:  # noqa: ANN401 - pyarrow is not typed
    import pyarrow  # noqa: ICN001, PLC0415 - it may be absent

    one = _type_of_one(shape)
    return pyarrow.list_(one) if shape.is_list else one


def _type_of_one(shape: FieldShape) -> Any:  # noqa: ANN401 - the same
    import pyarrow as pa  # noqa: PLC0415 - it may be absent

    match shape.holds:
        case Holds.QUANTITY:
            number = pa.decimal128(19, 3)
            texts, numbers = ("qualifier", "unit", "text"), ("amount", "low", "high")
            fields = [(name, pa.string()) for name in texts] + [(name, number) for name in numbers]
            return pa.struct([*fields, ("approximate", pa.bool_())])
        case Holds.OBJECT:
            return pa.struct([(part.name, _type(part)) for part in shape.parts])
        case Holds.SCALAR if shape.python in (bool, int):
            return pa.bool_() if shape.python is bool else pa.int64()
        case Holds.SCALAR if shape.python is not str:
            return pa.decimal128(9, 6)
        case _:
            return pa.string()


class _Sink(RawIOBase):
    """What a writer writes to, and what is sent on of it meanwhile."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, piece: Any) -> int:  # noqa: ANN401 - any buffer
        """Keep a piece until it is taken."""
        self._pieces.append(bytes(piece))
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        """How much was written in all."""
        return self._size

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
