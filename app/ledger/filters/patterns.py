"""Texts that begin with others or hold them, in either case, alike on both databases.

Each letter is looked for as it is, small and capital: ``[äÄ][bB]``. That is a regular expression for PostgreSQL, whose
trigram indexes answer it, and a pattern of GLOB for SQLite. The words for it that the databases have fold the case of
ASCII only, or by the locale of a server.
"""

from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Dialect, String, TypeDecorator, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_LAST: Final = "\U0010ffff"


def holds(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether a column holds a text, in either case."""
    return _Matches(column, literal(text, _Inside(), literal_execute=True))


def begins(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether a column begins with a text, in either case."""
    return _Matches(column, literal(text, _Beginning(), literal_execute=True))


def begins_exactly(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether a column begins with a text, by a range of its index."""
    first, last = (literal(end, column.type, literal_execute=True) for end in (text, text + _LAST))
    return (column >= first) & (column < last)


def either_case(sign: str) -> str:
    """The forms of a sign that are taken for each other: itself, small, capital."""
    forms = {sign, sign.lower(), sign.upper(), sign.lower().upper(), sign.upper().lower()}
    return "".join(sorted(form for form in forms if len(form) == 1))


class _Inside(TypeDecorator[str]):
    """A text as the pattern that a database takes for what holds it."""

    impl = String
    cache_ok = True
    anchored = False

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:
        """Write the pattern."""
        escape = _for_glob if dialect.name == "sqlite" else _for_regex
        pattern = "".join(f"[{forms}]" if len(forms := either_case(sign)) > 1 else escape(sign) for sign in value or "")
        if dialect.name == "sqlite":
            return pattern + "*" if self.anchored else f"*{pattern}*"
        return "^" + pattern if self.anchored else pattern


class _Beginning(_Inside):
    """A text as the pattern that a database takes for what begins with it."""

    cache_ok = True
    anchored = True


def _for_glob(sign: str) -> str:
    return f"[{sign}]" if sign in "*?[" else sign


def _for_regex(sign: str) -> str:
    return "\\" + sign if sign.isascii() and not sign.isalnum() and sign.isprintable() and sign != " " else sign


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
