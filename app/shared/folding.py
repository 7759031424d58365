"""Words as search compares them: without case, accents and signs, cut in the same way for every database."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 48
"""How many characters of a word are compared."""
# A combining mark belongs to the letter before it.
_WORD: Final = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Each word of a text: where it begins, where it ends, and how it is compared."""
    for match in _WORD.finditer(text):
        if word := _folded(match.group()):
            yield match.start(), match.end(), word


def words(text: str) -> list[str]:
    """The words of a text as they are compared, in their order."""
    if text.isascii():
        return [word[:LONGEST] for word in _WORD.findall(text.lower())]
    return [word for _, _, word in spans(text)]


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()[:LONGEST]
    # Twice: folding the case may bring an accent back.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    return "".join(sign for sign in plain if sign.isalnum())[:LONGEST]
