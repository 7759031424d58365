"""Reads NDJSON: each line a record as the API shows it, with its resource as ``type``."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from app.shared.errors import Flaw
from app.shared.json import dumps, loads
from app.transfer.records import not_json
from app.transfer.resources import BY_TYPE
from app.transfer.rows import Row, lines, no_such_type, slug_of, too_long

# As our own export begins a line: its resource and slug are known without reading all of it.
_BEGINNING: Final = re.compile(rb'\{"type": ?"([a-z]+)", ?"slug": ?"([a-z0-9]+(?:-[a-z0-9]+)*)"[,}]')
_NAMES: Final = {name.encode(): name for name in BY_TYPE}


def read(file: BinaryIO, resource: str | None = None) -> Iterator[Row | Flaw]:
    """The records of a file, and a flaw for each line that holds none; ``resource`` is that of lines without a type.

    A line that begins as expected is read when it is validated, and only then found not to be JSON.
    """
    for number, line in lines(file):
        if line is None:
            yield too_long(number)
        elif (begins := _BEGINNING.match(line)) and (name := _NAMES.get(begins[1])) and resource in {None, name}:
            yield Row(number, name, begins[2].decode(), line)
        elif line.strip():
            yield _read(number, line, resource)


def written(statements: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterator[bytes]:
    """Records by resource as lines that `read` takes."""
    for name, records in statements.items():
        for record in records:
            yield dumps({"type": name} | dict(record)).encode() + b"\n"


def _read(number: int, line: bytes, resource: str | None) -> Row | Flaw:
    try:
        stated = loads(line)
    except ValueError as error:
        return not_json(error, number)
    if not isinstance(stated, dict):
        return Flaw("a line is an object: a record with its type", line=number)
    kind = stated.get("type", resource)
    if flaw := _wrong(kind, resource, number):
        return flaw
    name = str(kind)
    return Row(number, name, slug_of(BY_TYPE[name], stated), line)


def _wrong(kind: Any, resource: str | None, number: int) -> Flaw | None:  # noqa: ANN401 - whatever was stated
    if kind is None:
        return Flaw(f"the record has no type: one of {', '.join(sorted(BY_TYPE))}", pointer="/type", line=number)
    if not isinstance(kind, str) or kind not in BY_TYPE:
        return no_such_type(kind, number)
    if resource not in {None, kind}:
        return Flaw(f"the record is of {kind}, the import of {resource}", pointer="/type", line=number)
    return None
