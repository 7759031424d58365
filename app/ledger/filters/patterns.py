"""Texts that begin with others or hold them, in either case, alike on both databases.

Each letter is looked for as it is, small and capital: ``[äÄ][bB]``. That is a regular expression for PostgreSQL, whose
trigram indexes answer it, and a pattern of GLOB for SQLite. The words for it that the databases have fold the case of
ASCII only, or by the locale of a server.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Dialect, String, TypeDecorator, func, literal, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.ledger.filters.columns import any_of
from app.models.base import BEGINNING, beginning

_LAST: Final = "\U0010ffff"
_TRIGRAM: Final = 3


@dataclass(frozen=True)
class Sought:
    """A text that is looked for inside others, and the piece of it by which PostgreSQL finds the candidates.

    Words that all texts share cost an index more than they tell: a title of 1,000,000 took 48 ms by all the trigrams of
    ``company-1999``, and 1.4 ms by those of ``-1999``.
    """

    text: str
    piece: str


def pieces(text: str) -> list[str]:
    """The words of a text that trigrams can find, each with the sign before and after it, which mark its ends."""
    found, place = list[str](), 0
    for is_word, signs in groupby(text, str.isalnum):
        length = len(list(signs))
        if is_word and (length >= _TRIGRAM or place):
            found.append(text[max(place - 1, 0) : place + length + 1])
        place += length
    return found


def holds(column: ColumnElement[Any], sought: str | Sought) -> ColumnElement[bool]:
    """Whether a column holds a text, in either case."""
    if isinstance(sought, str):
        return _Matches(column, inside(sought))
    # As a function it is estimated as the operator is, but no index is asked for all of it.
    return func.textregexeq(column, inside(sought.text)) & _Matches(column, inside(sought.piece))


def inside(text: str) -> ColumnElement[str]:
    """The pattern of what holds a text."""
    return literal(text, _Inside(), literal_execute=True)


def begins(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether a column begins with a text, in either case: on PostgreSQL by a range of the index of beginnings."""
    pattern = _Matches(column, literal(text, _Beginning(), literal_execute=True))
    start, folded = _as_kept("".join(_cased_as_ascii(text))), beginning(column)
    first, last = (literal(end, String, literal_execute=True) for end in (start, start + _LAST))
    within = (folded >= first) & (folded < last)
    # What the index keeps of it may be all of it.
    return _ByDatabase(pattern, within if len(start) == len(text) else within & pattern)


def is_prose_of(column: ColumnElement[Any], texts: Sequence[str]) -> ColumnElement[bool]:
    """Whether a column that is too long for an index of its own is one of some texts; on PostgreSQL by how they begin.

    Trigrams would find them too, at the price of all that others share: 25 ms of 2 for a claim among 1,000,000.
    """
    same, folded = any_of(column, texts), beginning(column)
    starts = or_(*(folded == literal(_as_kept(text), String, literal_execute=True) for text in texts))
    return _ByDatabase(same, starts & same)


def _as_kept(text: str) -> str:
    """What the index of beginnings keeps of a text."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in text[:BEGINNING])


def _cased_as_ascii(text: str) -> Iterator[str]:
    """The signs with which a text begins that have no case but that of ASCII, which is all that the index folds."""
    return takewhile(lambda sign: sign.isascii() or len(either_case(sign)) == 1, text)


def begins_exactly(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether a column begins with a text, by a range of its index."""
    first, last = (literal(end, column.type, literal_execute=True) for end in (text, text + _LAST))
    return (column >= first) & (column < last)


def either_case(sign: str) -> str:
    """The forms of a sign that are taken for each other: itself, small, capital."""
    forms = {sign, sign.lower(), sign.upper(), sign.lower().upper(), sign.upper().lower()}
    return "".join(sorted(form for form in forms if len(form) == 1))


def as_regex(text: str) -> str:
    """The regular expression of PostgreSQL for a text in either case."""
    return _in_either_case(text, _for_regex)


class _Inside(TypeDecorator[str]):
    """A text as the pattern that a database takes for what holds it."""

    impl = String
    cache_ok = True
    anchored = False

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:
        """Write the pattern."""
        if dialect.name == "sqlite":
            pattern = _in_either_case(value or "", _for_glob)
            return pattern + "*" if self.anchored else f"*{pattern}*"
        return "^" * self.anchored + as_regex(value or "")


class _Beginning(_Inside):
    """A text as the pattern that a database takes for what begins with it."""

    cache_ok = True
    anchored = True


def _in_either_case(text: str, escape: Callable[[str], str]) -> str:
    return "".join(f"[{forms}]" if len(forms := either_case(sign)) > 1 else escape(sign) for sign in text)


def _for_glob(sign: str) -> str:
    return f"[{sign}]" if sign in "*?[" else sign


def _for_regex(sign: str) -> str:
    return "\\" + sign if sign.isascii() and not sign.isalnum() and sign.isprintable() and sign != " " else sign


class _ByDatabase(FunctionElement[bool]):
    """A condition as SQLite is asked for it, and the same as PostgreSQL is."""

    type = Boolean()
    inherit_cache = True
    name = "by_database"


@compiles(_ByDatabase, "sqlite")
def _first(element: _ByDatabase, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    condition, _ = element.clauses
    return f"({compiler.process(condition, **options)})"


@compiles(_ByDatabase, "postgresql")
def _second(element: _ByDatabase, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    _, condition = element.clauses
    return f"({compiler.process(condition, **options)})"


class _Matches(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True
    name = "matches"


@compiles(_Matches, "postgresql")
def _on_postgresql(element: _Matches, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column, pattern = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} ~ {pattern})"


@compiles(_Matches, "sqlite")
def _on_sqlite(element: _Matches, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column, pattern = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} GLOB {pattern})"
