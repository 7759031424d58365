"""Shows where a record says what was searched for: as parts of its text, with no markup to escape or to trust. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from app.models.search import WHOLE
from app.projection.searched import Searched, searched
from app.shared.folding import spans

_BEFORE: Final = 60
_LENGTH: Final = 240
_MORE: Final = "…"


class Part(NamedTuple):
    """A piece of a text, and whether it is what was searched for."""

    text: str
    match: bool


def snippet(kind: str, document: Mapping[str, Any], asked: Collection[str]) -> tuple[str, list[Part]]:
    """The field of a record that says most of the words asked for (the first of them), and what it says round them."""
    best = max(searched(kind, document), key=lambda one: _said(one, asked))
    return best.field, parts(best.text, asked)


def parts(text: str, asked: Collection[str]) -> list[Part]:
    """A text in parts, those that match marked; cut round the first match where it is long."""
    marks = [(start, end) for start, end, word in spans(text) if _matching(word, asked)]
    start, end = _window(text, marks)
    found = [Part(_MORE, match=False)] if start else []
    place = start
    for first, last in marks:
        if start <= first and last <= end:
            found += [Part(text[place:first], match=False), Part(text[first:last], match=True)]
            place = last
    found += [Part(text[place:end], match=False), Part(_MORE if end < len(text) else "", match=False)]
    return [part for part in found if part.text]


def _said(one: Searched, asked: Collection[str]) -> int:
    return len({match for _, _, word in spans(one.text) for match in _matching(word, asked)})


def _matching(word: str, asked: Iterable[str]) -> list[str]:
    return [one for one in asked if word == one or (len(one) >= WHOLE and word.startswith(one))]


def _window(text: str, marks: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """From where to where a text is shown: whole words, beginning a little before the first match."""
    if len(text) <= _LENGTH:
        return 0, len(text)
    first = marks[0][0] if marks else 0
    start = max(0, min(first - _BEFORE, len(text) - _LENGTH))
    blank = text.find(" ", start, first)
    start = blank + 1 if start and blank >= 0 else start
    end = start + _LENGTH
    blank = text.rfind(" ", first, end)
    return start, blank if end < len(text) and blank > first else min(end, len(text))
