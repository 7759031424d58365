"""The one MetaData, and the columns that recur: a quantity with its bounds, a partial date with its days, an enum."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, MetaData, Table
from sqlalchemy.schema import SchemaItem

from app.shared.quantity import Qualifier
from app.shared.types import Identity, Scaled, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

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


def resource_table(name: str, *items: SchemaItem | Sequence[SchemaItem], indexed: Iterable[str] = ()) -> Table:
    """The current state of a resource: a row for each record that is not retracted, keyed as in ``records``."""
    flat = [part for item in items for part in (item if isinstance(item, Sequence) else (item,))]
    table = Table(
        name,
        metadata,
        Column("id", Identity, ForeignKey("records.id"), primary_key=True, autoincrement=False),
        Column("slug", Words, nullable=False, unique=True),
        *flat,
    )
    for column in indexed:
        # The slug breaks ties, so that every sorted page reads one index.
        Index(f"ix_{name}_{column}", table.c[column], table.c.slug)
    return table


def part_table(name: str, owner: str, *items: SchemaItem | Sequence[SchemaItem]) -> Table:
    """A list inside a record: a row for each member, in the order in which it was stated."""
    flat = [part for item in items for part in (item if isinstance(item, Sequence) else (item,))]
    key = ForeignKey(f"{owner}.id", ondelete="CASCADE")
    return Table(
        name,
        metadata,
        Column("owner_id", Identity, key, primary_key=True),
        Column("position", Identity, primary_key=True, autoincrement=False),
        *flat,
    )
