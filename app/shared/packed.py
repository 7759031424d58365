"""Many rows in one: each column of theirs as one text, which a driver reads at once.

200 dependencies as rows of eight values cost 0.25 of the 2.6 ms that it takes to find them.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, FromClause, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Values(FunctionElement[str]):
    """The values of a column, a list in JSON."""

    inherit_cache = True
    type = String()


class _Lines(FunctionElement[str]):
    """The values of a column of JSON texts as we write them, which hold no line break: each in a line."""

    inherit_cache = True
    type = String()


@compiles(_Values, "postgresql")
def _(element: _Values, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    return f"CAST(json_agg({compiler.process(element.clauses, **more)}) AS text)"


@compiles(_Values, "sqlite")
def _(element: _Values, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - the same
    return f"json_group_array({compiler.process(element.clauses, **more)})"


@compiles(_Lines, "postgresql")
def _(element: _Lines, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - the same
    return f"string_agg({compiler.process(element.clauses, **more)}, chr(10))"


@compiles(_Lines, "sqlite")
def _(element: _Lines, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - the same
    return f"group_concat({compiler.process(element.clauses, **more)}, char(10))"


def packed(rows: FromClause, documents: str | None = None) -> list[ColumnElement[str]]:
    """The columns of some rows, each in one text: what a select of one row is made of.

    They keep the order that ``rows`` are in. ``documents`` names a column of JSON texts, which is taken as it is.
    """
    return [(_Lines if column.name == documents else _Values)(column) for column in rows.c]


def values_in(texts: Sequence[str | None]) -> Iterator[tuple[Any, ...]]:
    """The rows in packed columns, none of which holds documents."""
    return zip(*columns_in(texts), strict=True)


def columns_in(texts: Sequence[str | None]) -> list[list[Any]]:
    """The values of each packed column, none of which holds documents."""
    return [orjson.loads(text or "[]") for text in texts]


def documents_in(text: str | None) -> list[str]:
    """The texts in a packed column of documents."""
    return text.split("\n") if text else []
