"""A bounded place for answers that were sent (docs/decisions/kept-answers.md)."""

from collections import OrderedDict
from datetime import date
from sys import getsizeof
from typing import Any, Final, NamedTuple, TypeAlias

Question: TypeAlias = tuple[Any, ...]
"""All that an answer may depend on, beside the store and the day."""
Headers: TypeAlias = list[tuple[bytes, bytes]]
_AROUND: Final = 1_024
"""More than what an answer takes beside its own bytes and those of its question."""
_PART: Final = 16


class Moment(NamedTuple):
    """A day, and a revision of the store."""

    day: date
    revision: int


class Answer(NamedTuple):
    """A reply as it was sent, and the headers of a 304 that stands for it; it may be that only a 304 was sent.

    ``content`` is None then.
    """

    headers: Headers
    of_304: Headers
    content: bytes | None
    route: str


class _Kept(NamedTuple):
    moment: Moment
    answer: Answer
    size: int


class Shelf:
    """The answers that were asked for last, each of its moment; ``room`` bounds them, in bytes."""

    def __init__(self, room: int) -> None:
        self.largest = room // _PART
        """The largest content that is kept, so that no answer takes the place of all others."""
        self._room = self._left = room
        self._kept: OrderedDict[Question, _Kept] = OrderedDict()

    @property
    def taken(self) -> int:
        """About how many bytes of memory all of it takes."""
        return self._room - self._left

    def __len__(self) -> int:
        """How many answers there are."""
        return len(self._kept)

    def __contains__(self, question: Question) -> bool:
        """Whether there is an answer to a question, of whichever moment."""
        return question in self._kept

    def get(self, question: Question, moment: Moment) -> Answer | None:
        """What answers a question at this moment. One of another moment is dropped."""
        found = self._kept.get(question)
        if found is None:
            return None
        if found.moment != moment:
            self._left += self._kept.pop(question).size
            return None
        self._kept.move_to_end(question)
        return found.answer

    def put(self, question: Question, moment: Moment, answer: Answer) -> None:
        """Keep what answers a question at a moment; others make place for it."""
        before = self._kept.get(question)
        if before and before.moment == moment and answer.content is None:
            return
        size = _size(question, answer)
        self._left += (before.size if before else 0) - size
        self._kept[question] = _Kept(moment, answer, size)
        while self._left < 0:
            self._left += self._kept.popitem(last=False)[1].size


def _size(question: Question, answer: Answer) -> int:
    """About how many bytes of memory an answer takes together with its question."""
    parts = [part for header in (*answer.headers, *answer.of_304) for part in header]
    said = [part for one in question for part in (one if isinstance(one, tuple) else (one,))]
    return _AROUND + sum(map(getsizeof, (*parts, *said, answer.content)))
