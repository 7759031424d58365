"""What is searched: the words of every current record, and the names of companies in forms that indexes find fast.

Both tables are a projection of the records, kept by ``app/projection/search.py``. They refer to records by their ids
with no foreign key, which every write would pay for; ``dealgraph check`` holds them against the records.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal
from unicodedata import east_asian_width

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    literal,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.models.base import BEGINNINGS, LACKING, TRIGRAMS, metadata, one_of
from app.shared.types import Identity, Words

NameKind = Literal["name", "alias", "identifier"]

FTS: Final = "search_index"
"""The FTS5 table over ``search_entries`` on SQLite, which triggers keep; the migration makes both."""

_ON_POSTGRESQL: Final = "ix_search_entries_"
_WHOLE: Final = 3

# Each word once, folded, with blanks between: PostgreSQL reads that as a tsvector, on SQLite FTS5 indexes it.
_FOLDED = Text().with_variant(TSVECTOR(), "postgresql")

# ``title``: the words of what a record is called; ``content``: those and all others. ``words``: how many it is called
# by, so that the shortest comes first. ``digest`` tells whether an entry says what its record says.
search_entries = Table(
    "search_entries",
    metadata,
    Column("record_id", Identity, primary_key=True, autoincrement=False),
    Column("type", Words, nullable=False),
    Column("words", Integer, nullable=False),
    Column("digest", BigInteger, nullable=False),
    Column("title", _FOLDED, nullable=False),
    Column("content", _FOLDED, nullable=False),
)
for _column in ("title", "content"):
    Index(f"{_ON_POSTGRESQL}{_column}", search_entries.c[_column], postgresql_using="gin").ddl_if("postgresql")

# ``key``: the letters and digits of a name or an identifier, or (``inside``) of what follows a later word of a name.
# ``core``: the same without the legal form, ``backwards`` that from its end, ``letters`` how long it is: what comes
# before a slip of the pen and what comes after it is as it was, so a few short ranges hold what was meant. All that
# such a range reads stands in its index, so that it can stop where it has enough.
name_keys = Table(
    "name_keys",
    metadata,
    Column("company_id", Identity, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("what", Words, nullable=False),
    Column("scheme", Words),
    Column("value", Words, nullable=False),
    Column("inside", Boolean, nullable=False),
    Column("key", Words, nullable=False),
    Column("core", Words),
    Column("backwards", Words),
    Column("letters", Integer),
    one_of("what", NameKind),
    CheckConstraint("(core IS NULL) = (letters IS NULL)", name="core_counted"),
)
Index("ix_name_keys_key", name_keys.c.inside, name_keys.c.key, name_keys.c.company_id, name_keys.c.position)
for _column in ("core", "backwards"):
    _there = name_keys.c[_column].is_not(None)
    Index(
        f"ix_name_keys_{_column}",
        name_keys.c.letters,
        name_keys.c[_column],
        name_keys.c.company_id,
        name_keys.c.position,
        postgresql_where=_there,
        sqlite_where=_there,
    )


def is_beginning(word: str) -> bool:
    """Whether a word that is asked for (folded) stands for all that begin with it.

    Too many begin with one or two letters. Of a script that is written wide, two signs are a word, and what is written
    without blanks goes on behind it.
    """
    return len(word) >= _WHOLE or any(east_asian_width(sign) == "W" for sign in word)


def says(column: ColumnElement[Any], words: Sequence[str]) -> ColumnElement[bool]:
    """Whether a column of ``search_entries`` holds all of these words (folded), or longer ones that begin so.

    Nothing holds none; `is_beginning` says which words have to be there as they are.
    """
    asked = " ".join(f"{word}*" if is_beginning(word) else word for word in words)
    return _Says(column, literal(asked, String)) if words else false()


class _Says(FunctionElement[bool]):
    inherit_cache = True
    name = "says"
    type = Boolean()


@compiles(_Says, "postgresql")
def _on_postgresql(element: _Says, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column, asked = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} @@ CAST(replace(replace({asked}, '*', ':*'), ' ', ' & ') AS tsquery))"


@compiles(_Says, "sqlite")
def _on_sqlite(element: _Says, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column, asked = element.clauses
    its, words = (compiler.process(part, **options) for part in (search_entries.c.record_id, asked))
    found = f"SELECT rowid FROM {FTS} WHERE {FTS}.{column.key} MATCH {words}"  # noqa: S608 - our own names, and a bound value
    return f"({its} IN ({found}))"


def is_compared(_part: object, name: str | None, kind: str, _is_there: bool, _other: object) -> bool:  # noqa: FBT001 - Alembic's own
    """Whether Alembic can tell if the store has a part of the schema as the models say (its ``include_object``).

    FTS5 makes tables of its own beside the one that it is asked for, and an index of one database only is news to it.
    """
    return not (name or "").startswith(
        {"table": (FTS,), "index": (_ON_POSTGRESQL, TRIGRAMS, BEGINNINGS, LACKING)}.get(kind, (" ",))
    )
