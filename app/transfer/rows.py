"""What a reader of a file gives: for each record its line, its resource, its slug and its text in JSON."""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple

from app.ledger.resource import Resource
from app.shared.errors import Flaw, unknown
from app.shared.json import check, dumps
from app.shared.slug import slugify
from app.transfer.resources import BY_TYPE

MAX_LINE: Final = 1_048_576
"""The longest line of a file that is read, in bytes; so nobody can make us hold more of it than that."""
_BOM: Final = b"\xef\xbb\xbf"


class Row(NamedTuple):
    """A record as it stands in a file, not yet validated; ``place`` is its line, from 1."""

    place: int
    resource: str
    slug: str
    text: bytes


def lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The lines of a file with their numbers, without a byte order mark; None for one that is longer than MAX_LINE."""
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            _skip(file)
            yield number, None
        else:
            yield number, line.removeprefix(_BOM) if number == 1 else line


def too_long(line: int) -> Flaw:
    """The flaw of a line that is not read."""
    return Flaw(f"the line is longer than {MAX_LINE:,} bytes, which is all that is read of one", line=line)


def row_of(place: int, resource: str, stated: Any) -> Row:  # noqa: ANN401 - whatever was stated
    """A record that was not read from JSON. Raises ValueError for what JSON cannot hold."""
    check(stated)
    return Row(place, resource, slug_of(BY_TYPE[resource], stated), dumps(stated).encode())


def slug_of(resource: Resource, stated: Any) -> str:  # noqa: ANN401 - the same
    """The slug that a record will have once it is validated, as far as can be told; empty where it cannot."""
    if not isinstance(stated, dict):
        return ""
    if given := stated.get("slug"):
        return given if isinstance(given, str) else ""
    named = (stated.get(name) for name in resource.schema.slug_from)
    words = ("-".join(map(str, one)) if isinstance(one, list) else one for one in named)
    return slugify(*(word for word in words if isinstance(word, str)))


def no_such_type(kind: object, line: int) -> Flaw:
    """The flaw of a record of a resource that there is not."""
    flaw = unknown("type", str(kind)[:80], BY_TYPE, "")
    return Flaw(flaw.detail, pointer="/type", suggestion=flaw.suggestion, line=line)


def _skip(file: BinaryIO) -> None:
    """Read on to the end of a line."""
    while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
        pass
