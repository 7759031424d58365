"""Shows where a record says what was searched for: as parts of its text, with no markup to escape or to trust. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from app.models.search import is_beginning
from app.projection.searched import Searched, searched
from app.shared.folding import spans

_BEFORE: Final = 60
_LENGTH: Final = 240
_MORE: Final = "…"


class Sought(NamedTuple):
    """What is marked: words (folded), and a name's beginning without its blanks and signs, ``key``, empty for none."""

    words: Sequence[str]
    key: str = ""


class Part(NamedTuple):
    """A piece of a text, and whether it is what was searched for."""

    text: str
    match: bool


def snippet(kind: str, document: Mapping[str, Any], sought: Sought, title: str) -> tuple[str, list[Part]]:
    """The field of a record that says most of what is sought (the first of them), and what it says round that.

    ``title`` is what a reader is told that the record is called: it is shown for the title that is searched where it
    says what is sought too.
    """
    best = max(searched(kind, document), key=lambda one: _said(one, sought))
    said = parts(title, sought) if best.field == "title" else []
    return best.field, said if any(part.match for part in said) else parts(best.text, sought)


def parts(text: str, sought: Sought) -> list[Part]:
    """A text in parts, those that match marked; cut round the first match where it is long."""
    marks = _marks(text, sought)
    start, end = _window(text, marks)
    found = [Part(_MORE, match=False)] if start else []
    place = start
    for first, last in marks:
        if start <= first and last <= end:
            found += [Part(text[place:first], match=False), Part(text[first:last], match=True)]
            place = last
    found += [Part(text[place:end], match=False), Part(_MORE if end < len(text) else "", match=False)]
    return [part for part in found if part.text]


def _marks(text: str, sought: Sought) -> list[tuple[int, int]]:
    if whole := _begun(text, sought.key):
        return [whole]
    return [(start, end) for start, end, word in spans(text) if _matching(word, sought.words)]


def _begun(text: str, key: str) -> tuple[int, int] | None:
    """From where to where the first words of a text go, whose letters are a key or longer; None where they are not."""
    letters, first = "", None
    for start, end, word in spans(text) if key else ():
        letters, first = letters + word, start if first is None else first
        if letters.startswith(key):
            return first, end
        if not key.startswith(letters):
            return None
    return None


def _said(one: Searched, sought: Sought) -> int:
    if one.is_title and _begun(one.text, sought.key):
        return len(sought.words)
    return len({match for _, _, word in spans(one.text) for match in _matching(word, sought.words)})


def _matching(word: str, asked: Iterable[str]) -> list[str]:
    return [one for one in asked if word == one or (is_beginning(one) and word.startswith(one))]


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
