"""What the database itself refuses, whoever writes to it, and how it keeps numbers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import VARCHAR, CheckConstraint, Column, Connection, Table, delete, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import Double, Float, Numeric

from app.models import metadata
from app.shared.database import Database
from tests.factories import citation, company, contract, event, fleet, investment, metric, put, source
from tests.factories.rewriting import allow_rewriting

MONEY = {"qualifier": "exact", "amount": 5, "unit": "USD"}
GPUS = {"qualifier": "exact", "amount": 5, "unit": "gpu"}
NOW = datetime(2025, 3, 12, tzinfo=UTC)
BESIDE_RECORDS: list[tuple[str, dict[str, Any]]] = [
    ("keys", {"id": "k", "name": "k", "scope": "write", "digest": "00", "created_at": NOW}),
    (
        "replies",
        {
            "key_id": "k",
            "idempotency_key": "once",
            "fingerprint": "00",
            "status": 201,
            "headers": "{}",
            "body": "{}",
            "answered_at": NOW,
        },
    ),
    (
        "webhooks",
        {
            "id": "w",
            "url": "https://hooks.example/",
            "types": "[]",
            "secret": "s",
            "position": 0,
            "active": True,
            "created_at": NOW,
            "key_id": "k",
        },
    ),
    ("deliveries", {"webhook_id": "w", "position": 1, "attempts": 0, "due_at": NOW}),
    ("merges", {"from_id": 1, "into_id": 2, "revision": 1, "moved": "[]"}),
]


@pytest.fixture
async def full(store: Database) -> Database:
    """A store with a row in every table, and a value in every column that a check looks at."""
    cited = [citation(attributed_to="the-article")]
    days = dict.fromkeys(("announced_on", "signed_on", "starts_on", "ends_on", "exclusive_until"), "2025")
    names = {"aliases": ["Open AI"], "identifiers": [{"scheme": "ticker", "value": "X"}]}
    await put(
        store,
        sources=[source(published_on="2025", accessed_on="2025"), source(slug="other", reports_on=["the-article"])],
        companies=[company("coreweave"), company("nvidia"), company("openai", parent="nvidia", **names)],
        contracts=[contract(value=MONEY, capacities=[GPUS], products=["a"], used_in=["b"], term_months=1, **days)],
        investments=[investment(amount=MONEY, stake=GPUS | {"unit": "percent"}, announced_on="2025", closed_on="2025")],
        fleets=[
            fleet(
                sites=GPUS,
                accelerators=GPUS,
                power=GPUS,
                latitude=1,
                longitude=1,
                users=["openai"],
                hardware=[{"vendor": "nvidia", "quantity": GPUS}],
            )
        ],
        metrics=[metric()],
        events=[event(citations=cited)],
    )
    async with store.writing() as connection:
        await allow_rewriting(connection)
        for table, row in BESIDE_RECORDS:
            await connection.execute(insert(metadata.tables[table]), row)
    return store


def checked() -> Iterator[tuple[Table, CheckConstraint, str]]:
    """Every check of every table, with the column that it is named after."""
    for table in metadata.sorted_tables:
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint):
                yield table, constraint, str(constraint.name).removeprefix(f"ck_{table.name}_")


async def refuses(store: Database, table: Table, **values: Any) -> bool:  # noqa: ANN401 - what a column takes
    """Whether the database refuses to set columns of all rows, of which there must be some."""
    async with store.reading() as connection:
        assert (await connection.execute(select(table).limit(1))).all(), f"{table.name} is empty"
    assignments = ", ".join(f"{name} = {value}" for name, value in values.items())
    try:
        async with store.writing() as connection:
            await connection.execute(text(f"UPDATE {table.name} SET {assignments}"))  # noqa: S608 - our own names
    except IntegrityError:
        return True
    return False


async def test_a_word_outside_its_vocabulary_is_refused_in_every_column(full: Database) -> None:
    columns = [(table, name.removesuffix("_known")) for table, _, name in checked() if name.endswith("_known")]
    assert len(columns) >= 25
    for table, column in columns:
        assert await refuses(full, table, **{column: "'nonsense'"}), f"{table.name}.{column}"


async def test_a_low_end_above_the_high_one_is_refused_in_every_column(full: Database) -> None:
    ranges = [(table, name.removesuffix("_bounds")) for table, _, name in checked() if name.endswith("_bounds")]
    assert len(ranges) >= 20
    for table, name in ranges:
        if f"{name}_low" in table.c:
            backwards = {f"{name}_low": "2", f"{name}_high": "1"}
        else:
            backwards = {f"{name}_earliest": "'2025-02-01'", f"{name}_latest": "'2025-01-01'"}
        assert await refuses(full, table, **backwards), f"{table.name}.{name}"


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("records", {"version": "0"}),
        ("store", {"id": "2"}),
        ("versions", {"to_revision": "1"}),
        ("edges", {"to_revision": "1"}),
        ("edges", {"on_id": "dependent_id"}),
        ("contracts", {"term_months": "0"}),
        ("fleets", {"latitude": "90000001"}),
        ("fleets", {"longitude": "-180000001"}),
        ("merges", {"into_id": "from_id"}),
        ("deliveries", {"attempts": "-1"}),
        ("deliveries", {"due_at": "NULL"}),
        ("records", {"slug": "'same'", "type": "'companies'"}),
        ("companies", {"slug": "'same'"}),
        ("companies", {"name": "NULL"}),
    ],
)
async def test_other_rules_hold_in_the_database(full: Database, table: str, values: dict[str, str]) -> None:
    assert await refuses(full, metadata.tables[table], **values)


def references() -> list[tuple[Table, Column[Any]]]:
    """Every column that is a foreign key."""
    return [(table, column) for table in metadata.sorted_tables for column in table.columns if column.foreign_keys]


async def test_every_foreign_key_is_enforced(full: Database) -> None:
    assert len(references()) >= 30
    for table, column in references():
        assert await refuses(full, table, **{column.name: "999999"}), f"{table.name}.{column.name}"


async def test_a_record_that_others_refer_to_cannot_be_deleted(full: Database) -> None:
    companies = metadata.tables["companies"]
    with pytest.raises(IntegrityError):
        async with full.writing() as connection:
            await connection.execute(delete(companies).where(companies.c.slug == "coreweave"))


async def insert_again(store: Database, table: Table, **changed: Any) -> None:  # noqa: ANN401 - what a column takes
    """Insert the first row of a table again, with some columns changed."""
    async with store.writing() as connection:
        row = (await connection.execute(select(table).limit(1))).mappings().one()
        await connection.execute(table.insert().values({**row, **changed}))


async def test_two_open_versions_of_a_record_are_refused(full: Database) -> None:
    with pytest.raises(IntegrityError):
        await insert_again(full, metadata.tables["versions"], version=2)


async def test_two_open_edges_of_a_kind_between_two_companies_by_one_record_are_refused(full: Database) -> None:
    with pytest.raises(IntegrityError):
        await insert_again(full, metadata.tables["edges"], id=999_999)


async def test_every_foreign_key_is_the_first_column_of_an_index(store: Database) -> None:
    def first_columns(connection: Connection) -> dict[str, set[str | None]]:
        looked = inspect(connection)
        return {
            name: {
                *(index["column_names"][0] for index in looked.get_indexes(name)),
                *(unique["column_names"][0] for unique in looked.get_unique_constraints(name)),
                *looked.get_pk_constraint(name)["constrained_columns"][:1],
            }
            for name in looked.get_table_names()
        }

    async with store.reading() as connection:
        indexed = await connection.run_sync(first_columns)
    for table, column in references():
        assert column.name in indexed[table.name], f"{table.name}.{column.name}"


async def test_no_column_holds_a_number_that_could_be_rounded(store: Database) -> None:
    def inexact(connection: Connection) -> list[str]:
        looked = inspect(connection)
        return [
            f"{name}.{column['name']}"
            for name in looked.get_table_names()
            for column in looked.get_columns(name)
            if isinstance(column["type"], (Float, Double, Numeric))
        ]

    async with store.reading() as connection:
        assert await connection.run_sync(inexact) == []


async def test_the_largest_amount_and_the_smallest_fraction_are_kept_exactly(store: Database) -> None:
    largest = {"qualifier": "range", "low": Decimal("0.001"), "high": 9_000_000_000_000_000, "unit": "USD"}
    await put(store, sources=[source()], companies=[company("coreweave")], metrics=[metric(value=largest)])
    async with store.reading() as connection:
        kept = await connection.execute(text("SELECT value_low, value_high FROM metrics"))
        assert tuple(kept.one()) == (1, 9_000_000_000_000_000_000)


async def test_text_sorts_by_its_code_points_whatever_the_locale_of_the_server(store: Database) -> None:
    def collations(connection: Connection) -> dict[str, str | None]:
        looked = inspect(connection)
        return {
            f"{table.name}.{column['name']}": column["type"].collation
            for table in metadata.sorted_tables
            for column in looked.get_columns(table.name)
            if type(column["type"]) is VARCHAR
        }

    async with store.reading() as connection:
        found = await connection.run_sync(collations)
    # SQLite compares bytes, which for UTF-8 is the same.
    assert set(found.values()) == ({"C"} if store.writer.dialect.name == "postgresql" else {None})
