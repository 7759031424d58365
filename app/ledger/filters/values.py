"""The values of filters: each read from the text of a query, raising ValueError for what its field cannot hold."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.types import TypeEngine

from app.ledger.shape import FieldShape
from app.shared.errors import Unreadable
from app.shared.forms import IN_WORDS
from app.shared.json import normal
from app.shared.slug import slugify
from app.shared.types import Scaled, decimal

LONGEST_PATTERN: Final = 200
"""How many characters of a text may be searched for inside of others."""

Reader = Callable[[str], Any]


def reader_of(shape: FieldShape, kind: TypeEngine[Any]) -> Reader:
    """What reads a value of a scalar field, whose column has a type."""
    if shape.choices:
        return _choice(shape.choices)
    readers: dict[type, Reader] = {bool: truth, int: _integer, str: as_written(shape)}
    return readers.get(shape.python) or exactly(kind)


def truth(text: str) -> bool:
    """Read ``true`` or ``false``."""
    words = {"true": True, "false": False}
    if text not in words:
        raise ValueError(f"{text[:40]!r} is neither true nor false")
    return words[text]


def part_of_text(text: str) -> str:
    """Read what is looked for inside of a text."""
    if len(text) > LONGEST_PATTERN:
        raise ValueError(f"it has {len(text)} characters: at most {LONGEST_PATTERN} are searched for")
    return _words(text)


def exactly(kind: TypeEngine[Any]) -> Callable[[str], Decimal]:
    """Read a number that a column can hold: one that it would round is found nowhere."""

    def read(text: str) -> Decimal:
        number = decimal(text)
        if isinstance(kind, Scaled):
            kind.scaled(number)
        return number

    return read


def as_written(shape: FieldShape) -> Reader:
    """Read a text by the rules that it is written by in a record: what they refuse is found nowhere."""
    form = re.compile(shape.pattern)

    def read(text: str) -> str:
        said = _words(text if shape.pattern else text.strip())
        if shape.longest and len(said) > shape.longest:
            raise Unreadable(f"it has {len(said)} characters: at most {shape.longest}")
        if shape.pattern and not form.fullmatch(said):
            raise Unreadable(IN_WORDS.get(shape.pattern, f"it is not of the form {shape.pattern}"), _meant(form, said))
        for check in shape.checks:
            said = check(said)
        return said

    return read


def _meant(form: re.Pattern[str], text: str) -> str | None:
    """The same text in a form, by its case, its separators or what stands before it; None where that is not it."""
    bare, slug = text.strip(), slugify(text)
    spelt = (bare, bare.upper(), bare.lower(), slug, slug.replace("-", "_"), f"https://{bare}")
    return next((one for one in spelt if form.fullmatch(one)), None)


def _choice(choices: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is not one of {', '.join(choices)}")
        return text

    return read


def _words(text: str) -> str:
    if not text:
        raise ValueError("it is empty, as no value is")
    return normal(text)


def _integer(text: str) -> int:
    number = decimal(text)
    if number != number.to_integral_value() or abs(number) >= 2**31:
        raise ValueError(f"{text!r} is not a whole number that we can hold")
    return int(number)
