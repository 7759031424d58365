"""Names that are taken but look odd: a header of the reply says so, nothing else of it changes (docs/writing.md)."""

from collections.abc import Iterator
from typing import Any, Final

from app.ledger.schemas import Record
from app.shared.errors import Flaw, pointer_to
from app.shared.scripts import mixture

HEADER: Final = "Dealgraph-Warning"
DESCRIBED: Final[dict[str, Any]] = {
    HEADER: {
        "description": "What was taken and looks odd, such as a name that mixes Cyrillic with Latin letters: strings, "
        "each with the place in the record as its pointer (RFC 9651, RFC 6901).",
        "schema": {"type": "string"},
        "example": '"it mixes letters of Cyrillic and Latin";pointer="/name"',
    }
}
"""The header, for OpenAPI."""
_MOST: Final = 20


def odd_names(record: Record) -> Iterator[Flaw]:
    """What is odd about the names in a record, each with its place."""
    for field in record.names:
        stated = getattr(record, field)
        listed = enumerate(stated) if isinstance(stated, list) else [(None, stated)]
        for position, name in listed:
            if name and (odd := mixture(name)):
                yield Flaw(odd, pointer=pointer_to([field] if position is None else [field, position]))


def warning_of(record: Record) -> list[tuple[str, str]]:
    """The header of a reply about a record, where anything is odd: a list of strings (RFC 9651, 3.1)."""
    told = [f'"{flaw.detail}";pointer="{flaw.pointer}"' for flaw in odd_names(record)]
    if len(told) > _MOST:
        told[_MOST:] = [f'"and {len(told) - _MOST} more"']
    return [(HEADER, ", ".join(told))] if told else []
