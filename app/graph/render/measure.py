"""How wide a text is, in terminal columns and in pixels, and how to cut one that is too wide."""

from collections.abc import Callable
from functools import lru_cache
from unicodedata import category, east_asian_width

_NARROW = frozenset("fijlrtI.,:;'|!()[]/ ·-")
_BROAD = frozenset("mwMWÆŒ@%&…—")
# Mean advances, in em, of the sans-serif faces that browsers fall back to, rounded up: a box may have room to
# spare, but its text never runs out of it.
_NARROW_EM, _PLAIN_EM, _UPPER_EM, _BROAD_EM, _FULL_EM = 0.38, 0.58, 0.72, 0.94, 1.05


def columns(text: str) -> int:
    """Give the number of terminal columns: two for wide East Asian characters, none for combining marks."""
    return sum(0 if _joins(char) else 1 + _is_wide(char) for char in text)


def pixels(text: str, size: float) -> float:
    """Estimate the width in pixels of a text set in a sans-serif face of that size, on the safe side."""
    return size * sum(map(_advance, text))


def shorten(text: str, limit: float, measure: Callable[[str], float]) -> str:
    """Cut a text to a width, with an ellipsis where something was cut."""
    if measure(text) <= limit:
        return text
    room, end = limit - measure("…"), 0
    while end < len(text) and (room := room - measure(text[end])) >= 0:
        end += 1
    return text[:end].rstrip() + "…"


# Texts share their letters: looked up, a picture of 60 companies is measured in a fifth of the time.
@lru_cache(maxsize=4_096)
def _advance(char: str) -> float:
    if _joins(char):
        return 0.0
    if _is_wide(char):
        return _FULL_EM
    if char in _NARROW:
        return _NARROW_EM
    if char in _BROAD:
        return _BROAD_EM
    return _UPPER_EM if char.isupper() else _PLAIN_EM


def _joins(char: str) -> bool:
    return category(char) in {"Mn", "Me", "Cf"}


def _is_wide(char: str) -> bool:
    return east_asian_width(char) in {"W", "F"}
