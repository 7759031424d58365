"""The one MetaData, and the columns that recur: a quantity with its bounds, a partial date with its days, an enum."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, get_args

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    MetaData,
    Table,
    func,
    literal_column,
)
from sqlalchemy.schema import SchemaItem

from app.shared.quantity import Qualifier
from app.shared.types import Codes, Identity, Scaled, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

TRIGRAMS: Final = "tg_"
"""How the names of indexes of trigrams begin, which only PostgreSQL has."""
BEGINNINGS: Final = "sw_"
"""How the names of indexes of beginnings of texts begin, which only PostgreSQL has too."""
BEGINNING: Final = 24
"""How many characters such an index holds of each text."""
LACKING: Final = "gin_"
"""How the names of indexes of ``lacks`` begin, which only PostgreSQL has too."""

Stage = Literal[
    "rumoured", "intended", "announced", "signed", "active", "completed", "lapsed", "terminated", "superseded"
]


def one_of(column: str, vocabulary: Any) -> CheckConstraint:  # noqa: ANN401 - a Literal has no type of its own
    """Check that a column holds one of the words of a Literal."""
    listed = ", ".join(f"'{word}'" for word in get_args(vocabulary))
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def reference(name: str, target: str, *, optional: bool = False) -> Column[int]:
    """A foreign key, checked at commit: records of one batch may point at each other in any order."""
    key = ForeignKey(f"{target}.id", deferrable=True, initially="DEFERRED")
    return Column(name, Identity, key, nullable=optional, index=True)


def quantity(name: str) -> Sequence[SchemaItem]:
    """A quantity: how it was qualified, its certain bounds in thousandths, its unit."""
    return (
        Column(f"{name}_qualifier", Words),
        Column(f"{name}_amount", Scaled(3)),
        Column(f"{name}_low", Scaled(3)),
        Column(f"{name}_high", Scaled(3)),
        Column(f"{name}_unit", Words),
        Column(f"{name}_approximate", Boolean),
        one_of(f"{name}_qualifier", Qualifier),
        CheckConstraint(f"{name}_low <= {name}_high", name=f"{name}_bounds"),
    )


def partial_date(name: str) -> Sequence[SchemaItem]:
    """A partial date: its text, and the earliest and the latest day that it may mean."""
    return (
        Column(name, Words),
        Column(f"{name}_earliest", Date),
        Column(f"{name}_latest", Date),
        CheckConstraint(f"{name}_earliest <= {name}_latest", name=f"{name}_bounds"),
    )


def resource_table(
    name: str,
    *items: SchemaItem | Sequence[SchemaItem],
    indexed: Iterable[str] = (),
    texts: Iterable[str] = (),
    prose: Iterable[str] = (),
) -> Table:
    """The current state of a resource: a row for each record that is not retracted, keyed as in ``records``.

    A list is sorted by the columns that are ``indexed``. ``texts`` are searched for parts of them; ``prose`` too, and
    are too long for any other index.
    """
    flat = [part for item in items for part in (item if isinstance(item, Sequence) else (item,))]
    table = Table(
        name,
        metadata,
        Column("id", Identity, ForeignKey("records.id"), primary_key=True, autoincrement=False),
        Column("slug", Words, nullable=False, unique=True),
        *flat,
        # What no member of its lists says, which no index of the members could tell (app/ledger/lacking.py). It is
        # null where a version of before there was this column wrote the row.
        Column("lacks", Codes),
    )
    Index(f"{LACKING}{name}_lacks", table.c.lacks, postgresql_using="gin").ddl_if("postgresql")
    index_stated(table, "lacks", table.c.id, stated=False)
    for column in indexed:
        # The slug breaks ties, so that every sorted page reads one index.
        Index(f"ix_{name}_{column}", table.c[column], table.c.slug)
    index_ranges(table)
    index_texts(table, [*texts, *prose])
    for column in prose:
        index_stated(table, column, table.c.slug)
        index_stated(table, column, table.c.slug, stated=False)
    return table


def part_table(name: str, owner: str, *items: SchemaItem | Sequence[SchemaItem], texts: Iterable[str] = ()) -> Table:
    """A list inside a record: a row for each member, in the order in which it was stated."""
    flat = [part for item in items for part in (item if isinstance(item, Sequence) else (item,))]
    key = ForeignKey(f"{owner}.id", ondelete="CASCADE")
    table = Table(
        name,
        metadata,
        Column("owner_id", Identity, key, primary_key=True),
        Column("position", Identity, primary_key=True, autoincrement=False),
        *flat,
    )
    for column in [one for one in table.c if one.name.endswith("_low")]:
        Index(None, column)
    index_ranges(table)
    index_texts(table, texts)
    return table


def index_ranges(table: Table) -> None:
    """Index what filters compare of quantities and dates, beside the lower ends, by which lists are sorted.

    No slug is in these: PostgreSQL keeps equal keys once, so that they cost a write little.
    """
    for column in list(table.c):
        if column.name.endswith(("_latest", "_amount", "_high", "_unit", "_qualifier")):
            Index(None, column)
        elif column.name.endswith("_approximate"):
            # Few are, and they have no bounds that would find them.
            there = column.is_(True)
            Index(
                f"ix_{table.name}_{column.name}", table.c.id if "id" in table.c else table.c.owner_id, **_where(there)
            )


def beginning(column: ColumnElement[Any]) -> ColumnElement[str]:
    """What a text begins with, in small letters, as an index keeps it: of ASCII only, in the order of code points."""
    return func.lower(func.substr(column, literal_column("1"), literal_column(str(BEGINNING))))


def index_texts(table: Table, columns: Iterable[str]) -> None:
    """Index texts on PostgreSQL: their trigrams, which find any part of them (pg_trgm), and what they begin with."""
    for column in columns:
        Index(
            f"{TRIGRAMS}{table.name}_{column}",
            table.c[column],
            postgresql_using="gin",
            postgresql_ops={column: "gin_trgm_ops"},
        ).ddl_if("postgresql")
        Index(f"{BEGINNINGS}{table.name}_{column}", beginning(table.c[column])).ddl_if("postgresql")


def index_stated(table: Table, column: str, by: Column[Any], *, stated: bool = True) -> None:
    """Index the rows that state a text which is too long for an index, or those that do not."""
    there = table.c[column].is_not(None) if stated else table.c[column].is_(None)
    Index(f"ix_{table.name}_{column}_{'stated' if stated else 'empty'}", by, **_where(there))


def _where(condition: ColumnElement[bool]) -> dict[str, Any]:
    return {"postgresql_where": condition, "sqlite_where": condition}
