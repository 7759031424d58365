"""Many values given as one parameter: one statement, prepared once, for any number of them.

SQLAlchemy's own IN writes a parameter for each value, so that each number of them is another statement: for a thousand
of them that takes 2 ms, and PostgreSQL prepares it anew.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Dialect,
    Select,
    String,
    Text,
    TypeDecorator,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from app.shared.json import dumps


class _Many(TypeDecorator[Iterable[Any]]):
    """Many integers or texts in one parameter: an array on PostgreSQL, a list in JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, *, texts: bool) -> None:
        super().__init__()
        self.texts = texts

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(ARRAY(String() if self.texts else BigInteger()))

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:  # noqa: ANN401 - the same
        listed = list(value or ())
        return listed if dialect.name == "postgresql" else dumps(listed)


class _Among(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()


@compiles(_Among, "postgresql")
def _any(element: _Among, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    one, many = (compiler.process(clause, **more) for clause in element.clauses)
    return f"{one} = ANY ({many})"


@compiles(_Among, "sqlite")
def _each(element: _Among, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - the same
    one, many = (compiler.process(clause, **more) for clause in element.clauses)
    return f"{one} IN (SELECT value FROM json_each({many}))"  # noqa: S608 - what SQLAlchemy wrote


def any_of(one: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether a column of integers or texts holds one of the values that the parameter ``name`` is given."""
    return _Among(one, bindparam(name, type_=_Many(texts=one.type.python_type is str)))


def listed(name: str, *, arrays: bool) -> Select[Any]:
    """The integers that the parameter ``name`` is given, as ``id``, each with its ``place`` among them.

    ``arrays``: whether the database has any, as PostgreSQL does.
    """
    many = bindparam(name, type_=_Many(texts=False))
    if arrays:
        each = func.unnest(many).table_valued(column("id", BigInteger), with_ordinality="place").render_derived()
        return select(each.c.id, each.c.place)
    each = func.json_each(many).table_valued(column("value", BigInteger), "key")
    return select(each.c.value.label("id"), each.c.key.label("place"))
