"""What the lists inside a record lack: words of a vocabulary that no member has, and fields that no member states.

A member that is not there has no row that an index could find. So a record keeps, in ``lacks``, a code for each such
word and field, and an index finds the records with a code. A null stands in a row that an older version wrote.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, get_args
from zlib import crc32

from sqlalchemy import Boolean, ColumnElement, bindparam, literal_column, select, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.ledger.resource import Resource
from app.ledger.schemas import Record
from app.ledger.shape import FieldShape, Holds
from app.models.ledger import OPEN, versions
from app.shared.database import Database
from app.shared.json import loads_own
from app.shared.quantity import Qualifier

_CHUNK: Final = 1_000
_QUALIFIERS: Final[tuple[str, ...]] = get_args(Qualifier)

Lack = tuple[str, str]
"""The path of a list, or of a field of its members, and a word of that field's vocabulary; no word: nothing of it."""


def code_of(lack: Lack) -> int:
    """The code of a lack: the same in every version, and small, since every record keeps some."""
    return crc32("=".join(lack).encode()) - 2**31


@cache
def codes_of(resource: Resource) -> Mapping[Lack, int]:
    """All that a record of a resource may lack, with the code of each."""
    return {lack: code_of(lack) for shape in resource.shape if shape.is_list for lack in _possible(shape)}


def lacking(resource: Resource, record: Record) -> list[int]:
    """The codes of what a record lacks, in their order."""
    codes = codes_of(resource)
    there = {one for name, fields in _lists(resource) for one in _there(name, fields, getattr(record, name))}
    return sorted(codes[lack] for lack in codes.keys() - there)


def lacks(resource: Resource, wanted: Iterable[Lack], otherwise: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a record of a resource's table lacks all of some; ``otherwise`` tells it of a row without the codes."""
    column = resource.table.c.lacks
    found = _Holding(column, *(literal_column(str(codes_of(resource)[lack])) for lack in wanted))
    return found | (column.is_(None) & otherwise)


async def fill(database: Database, resource: Resource) -> int:
    """Give the rows that an older version wrote their codes, some at a time. Returns how many there were."""
    table, number = resource.table, 0
    stated = (
        select(table.c.id, versions.c.document)
        .join(versions, (versions.c.record_id == table.c.id) & (versions.c.to_revision == OPEN))
        .where(table.c.lacks.is_(None))
        .limit(_CHUNK)
    )
    change = update(table).where(table.c.id == bindparam("its_id")).values(lacks=bindparam("codes"))
    while True:
        async with database.writing() as connection:
            rows = (await connection.execute(stated)).all()
            if not rows:
                return number
            records = ((id_, resource.schema.model_validate(loads_own(document))) for id_, document in rows)
            values = [{"its_id": id_, "codes": lacking(resource, record)} for id_, record in records]
            await connection.execute(change, values)
        number += len(rows)


def _possible(shape: FieldShape) -> Iterator[Lack]:
    if not shape.fewest:
        yield shape.name, ""
    for path, field in _fields(shape):
        if field.optional and field is not shape:
            yield path, ""
        yield from ((path, word) for word in field.choices)
        if field.holds is Holds.QUANTITY:
            yield from ((f"{path}__qualifier", word) for word in _QUALIFIERS)


@cache
def _lists(resource: Resource) -> Sequence[tuple[str, Sequence[tuple[str, FieldShape]]]]:
    return [(shape.name, _fields(shape)) for shape in resource.shape if shape.is_list]


def _there(name: str, fields: Sequence[tuple[str, FieldShape]], members: Iterable[Any]) -> Iterator[Lack]:
    for member in members:
        yield name, ""
        for path, field in fields:
            value = member if path == name else getattr(member, field.name)
            if value is None:
                continue
            yield path, ""
            if field.choices:
                yield path, value
            elif field.holds is Holds.QUANTITY:
                yield f"{path}__qualifier", value.qualifier


def _fields(shape: FieldShape) -> list[tuple[str, FieldShape]]:
    """The fields of a list's members, each with its path; a list of plain values is its own only one."""
    if shape.holds is not Holds.OBJECT:
        return [(shape.name, shape)]
    return [(f"{shape.name}.{part.name}", part) for part in shape.parts]


class _Holding(FunctionElement[bool]):
    """Whether a column of codes holds all of those that follow."""

    type = Boolean()
    inherit_cache = True
    name = "holding"


@compiles(_Holding, "postgresql")
def _on_postgresql(element: _Holding, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column, *codes = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} @> ARRAY[{', '.join(codes)}])"


@compiles(_Holding, "sqlite")
def _on_sqlite(element: _Holding, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column, *codes = (compiler.process(part, **options) for part in element.clauses)
    found = f"SELECT count(*) FROM json_each({column}) WHERE value IN ({', '.join(codes)})"  # noqa: S608 - numbers of ours
    return f"(({found}) = {len(codes)})"
