"""What is searched of each resource: the one place that says which words find a record. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from app.projection.names import name_rows
from app.projection.titles import title_of
from app.shared.folding import words
from app.shared.json import dumps

# What a record is called by, besides its title.
CALLED: Final[Mapping[str, tuple[str, ...]]] = {"companies": ("aliases", "identifiers.value")}
# Dotted paths into the document, in the order in which a match is shown.
CONTENT: Final[Mapping[str, tuple[str, ...]]] = {
    "companies": ("description", "parent", "website"),
    "contracts": ("parties.company", "products", "used_in", "description", "conditions"),
    "investments": ("investors", "investee", "conditions"),
    "fleets": ("operator", "hardware.vendor", "hardware.product", "users"),
    "metrics": ("company", "counterparty"),
    "events": ("companies.company", "companies.role", "summary"),
    "sources": ("publisher", "author", "url"),
}
CITED: Final = ("citations.claim", "citations.excerpt", "citations.locator")
MOST_WORDS: Final = 5_000
"""How many different words of one record are searched: PostgreSQL holds a megabyte of them."""


class Searched(NamedTuple):
    """What a record says: the path of a field, its text, and whether the record is called by it."""

    field: str
    text: str
    is_title: bool


def searched(kind: str, document: Mapping[str, Any]) -> Iterator[Searched]:
    """All texts of a record that are searched, in the order in which a match in them counts."""
    yield Searched("name" if kind == "companies" else "title", title_of(kind, document), is_title=True)
    for path, names, is_title in _paths(kind):
        for text in _texts(document, names):
            yield Searched(path, text, is_title)


@cache
def _paths(kind: str) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
    """The paths of a resource, each with the names on it, and whether a record is called by what is there."""
    called = ((path, True) for path in CALLED.get(kind, ()))
    others = ((path, False) for path in ("slug", *CONTENT[kind], *CITED))
    return tuple((path, tuple(path.split(".")), is_title) for path, is_title in (*called, *others))


def entry(record_id: int, kind: str, document: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of ``search_entries`` for a record, and the rows of ``name_keys`` for a company."""
    said = list(searched(kind, document))
    row = {
        "type": kind,
        "words": len(words(said[0].text)),
        "title": _distinct_words(one.text for one in said if one.is_title),
        "content": _distinct_words(one.text for one in said),
    }
    names = name_rows(record_id, document) if kind == "companies" else []
    return {"record_id": record_id, "digest": _digest([row, names]), **row}, names


def _distinct_words(texts: Iterable[str]) -> str:
    """The words of all texts, each once. No word goes over the end of a line."""
    return " ".join(list(dict.fromkeys(words("\n".join(texts))))[:MOST_WORDS])


def _texts(document: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    """The texts at a path, each member of a list in turn."""
    found: list[Any] = [document]
    for name in path:
        found = [member for value in found for member in _members(value.get(name))]
    return found


def _members(value: Any) -> Sequence[Any]:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return value
    return (value,) if value else ()


def _digest(content: Any) -> int:  # noqa: ANN401 - JSON
    return int.from_bytes(blake2b(dumps(content).encode(), digest_size=8).digest(), signed=True)
