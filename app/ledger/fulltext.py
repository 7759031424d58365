"""Full text: the words that a client searches for, and which records of a resource say them."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Select, select

from app.ledger.resource import Resource
from app.models.search import is_beginning, says, search_entries
from app.shared.folding import words

MOST_WORDS: Final = 16
"""How many different words one question has at most: each costs a look into the index."""
LONGEST: Final = 500
"""How many characters a question has at most."""


def read_words(text: str) -> list[str]:
    """The different words of a text as search compares them; none where it has no letter and no digit.

    Raises ValueError for an empty text, and for more than an index should be asked for.
    """
    if not text:
        raise ValueError("it is empty")
    if len(text) > LONGEST:
        raise ValueError(f"it has {len(text):,} characters: at most {LONGEST} are searched for")
    found = list(dict.fromkeys(words(text)))
    if len(found) > MOST_WORDS:
        raise ValueError(f"it has {len(found)} different words: at most {MOST_WORDS} are searched for")
    return found


def saying(resource: Resource, asked: Sequence[str]) -> Select[int]:
    """The ids of the records of a resource that say all the words that were asked for, or longer ones that begin so."""
    its = search_entries.c.type == resource.type
    return select(search_entries.c.record_id).where(its, says(search_entries.c.content, asked))


def beginnings(either: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """The sets of words that were asked for, without those that are asked for whole; none where that leaves nothing."""
    long = [[word for word in asked if is_beginning(word)] for asked in either]
    return long if all(long) else []
