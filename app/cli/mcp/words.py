"""Answers in words, for a model that reads text only: what is recorded, and how it is known."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

Document = Mapping[str, Any]

_SHOWN: Final = 100
"""How many dependencies are told one by one: more would crowd out what a model was asked."""


def in_words(name: str, answer: Document, tree: str) -> str:
    """The answer of a tool in words; ``tree``: what the API makes of one that is a graph."""
    if tree:
        return "\n".join([tree, "Records and sources:", *_evidence(answer)])
    if name == "search":
        return "\n".join(map(_hit, answer["data"])) or "Nothing that is recorded says so."
    return json.dumps(answer, ensure_ascii=False)


def _evidence(answer: Document) -> Iterator[str]:
    """A line for each dependency, once: what it says, by which record, from which sources."""
    parts = [answer, *answer.get("paths", ()), *answer.get("data", ())]
    edges = (edge for part in parts for edge in part.get("edges", ()))
    said = list(dict.fromkeys(map(_because, edges)))
    yield from said[:_SHOWN]
    if len(said) > _SHOWN:
        yield f"- and {len(said) - _SHOWN} more: narrow the question, or read the structured result"
    yield from (f"Not known: {unknown}" for unknown in answer["unknowns"])


def _because(edge: Document) -> str:
    record = f"{edge['record']['type']}/{edge['record']['slug']}"
    sources = dict.fromkeys(f"{one['source']} ({one['evidence']})" for one in edge["citations"])
    return f"- {edge['summary']} [{record}; {', '.join(sources)}]"


def _hit(hit: Document) -> str:
    said = "".join(part["text"] for part in hit["snippet"])
    maybe = " (only alike)" if hit["fuzzy"] else ""
    return f"- {hit['type']}/{hit['slug']}: {hit['title']}{maybe}. {hit['field']}: {said}"
