"""What a company takes over from another that it turned out to be, and how it gives that back. Pure."""

from collections.abc import Sequence
from typing import Any, Final

from app.companies.renaming import Stated

_TAKEN: Final = ("aliases", "identifiers", "citations")
"""The lists that hold what came with a merge, and of which no assertion comes with it."""


def joined(into: Stated, other: Stated) -> Stated:
    """The company ``into`` with the names, identifiers and citations of ``other``, each once.

    An assertion comes along where ``into`` says nothing of that field, or where sources of its own assert it too: a
    merge does not change what ``into`` states.
    """
    kept = _without_parent(into, other["slug"])
    names = [name for name in (other["name"], *other["aliases"]) if name != into["name"]]
    citations = [one | {"asserts": _fitting(one["asserts"], kept, other["slug"])} for one in other["citations"]]
    return kept | {
        "aliases": _with(kept["aliases"], names),
        "identifiers": _with(kept["identifiers"], other["identifiers"]),
        "citations": _with(kept["citations"], citations),
    }


def parted(was: Stated, made: Stated, now: Stated) -> Stated:
    """The company ``now`` without what came to it when ``was`` became ``made``, where that is still there."""
    restored = {name: was.get(name) if value == made.get(name) else value for name, value in now.items()}
    for name in _TAKEN:
        if now[name] != made[name]:
            restored[name] = [one for one in now[name] if one in was[name] or one not in made[name]]
    return restored


def _without_parent(company: Stated, parent: str) -> Stated:
    """The company, which cannot be its own parent: nor can a source of it say so, or be preferred for it."""
    citations = [one | {"asserts": _but(one["asserts"], ("parent", parent))} for one in company["citations"]]
    said_by = {(field, one["source"]) for one in citations for field in one["asserts"]}
    return company | {
        "parent": None if company["parent"] == parent else company["parent"],
        "citations": citations,
        "preferred": dict(pin for pin in company["preferred"].items() if pin in said_by),
    }


def _but(asserts: Stated, pair: tuple[str, str]) -> Stated:
    return {field: value for field, value in asserts.items() if (field, value) != pair}


def _fitting(asserts: Stated, into: Stated, other: str) -> Stated:
    own = {field for one in into["citations"] for field in one["asserts"]}
    open_fields = own | {field for field, value in into.items() if value in (None, [])}
    itself = (("parent", into["slug"]), ("parent", other))
    return {
        field: value
        for field, value in asserts.items()
        if field in open_fields and field not in ("name", *_TAKEN) and (field, value) not in itself
    }


def _with(items: Sequence[Any], more: Sequence[Any]) -> list[Any]:
    """A list and what it does not hold yet, each once."""
    found = list(items)
    for one in more:
        if one not in found:
            found.append(one)
    return found
