"""The plans of PostgreSQL for a large table: a page never reads all of it, whatever it is filtered and sorted by."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.contracts.repository import CONTRACTS
from app.ledger.filters import Filter, filters_of
from app.ledger.lacking import codes_of
from app.ledger.listing import conditions_of, page_query, read_question
from app.ledger.ordering import sortable
from app.ledger.shape import Holds
from app.shared.database import Database
from app.shared.settings import Settings
from tests.conftest import empty_store
from tests.plans import Plan, explained, steps

# One of them fills the table for all.
pytestmark = pytest.mark.xdist_group("plans")

# As records are, only made at once: frequent values and rare ones, half of the fields left open.
FILL = """
SET session_replication_role = replica;
INSERT INTO revisions (revision, recorded_at, actor)
SELECT n, timestamptz '2010-01-01 00:00:00Z' + n * interval '1 hour', 'test' FROM generate_series(1, {last}) n;
INSERT INTO records (id, type, slug, version, retracted)
SELECT n, CASE WHEN n <= 100 THEN 'sources' WHEN n <= 1000 THEN 'companies' ELSE 'contracts' END, 'r-' || n, 1, false
FROM generate_series(1, {last}) n;
INSERT INTO contract_parties (owner_id, position, company_id, role)
SELECT n, p, 101 + CASE p WHEN 0 THEN n % 7 * n % 300 ELSE n % 900 END,
    CASE WHEN n % 4000 = 0 THEN 'guarantor' WHEN p = 0 THEN 'supplier' ELSE 'customer' END
FROM generate_series(1001, {last}) n, generate_series(0, 1) p;
INSERT INTO contract_products (owner_id, position, value)
SELECT n, 0, 'H' || n % 700 FROM generate_series(1001, {last}, 2) n;
INSERT INTO contract_used_in (owner_id, position, value)
SELECT n, 0, 'Copilot ' || n % 700 FROM generate_series(1001, {last}, 5) n;
INSERT INTO contract_capacities (owner_id, position, value_qualifier, value_amount, value_low, value_high, value_unit,
    value_approximate)
SELECT n, 0, 'exact', n, n, n, CASE n % 400 WHEN 0 THEN 'MW' ELSE 'gpu' END, false
FROM generate_series(1001, {last}, 3) n;
INSERT INTO citations (owner_id, position, source_id, claim, evidence, confidence, locator, excerpt, attributed_to_id)
SELECT n, 0, CASE n % 2 WHEN 0 THEN 1 ELSE 1 + n % 100 END, 'They agreed on ' || n,
    CASE n % 3000 WHEN 0 THEN 'rumoured' ELSE 'reported' END, CASE n % 3000 WHEN 0 THEN 'low' ELSE 'medium' END,
    CASE n % 400 WHEN 0 THEN 'paragraph ' || n END, CASE n % 400 WHEN 0 THEN 'It said ' || n END,
    CASE n % 400 WHEN 0 THEN 2 END
FROM generate_series(1001, {last}) n;
INSERT INTO contracts (id, slug, title, kind, stage, term_months, exclusive, conditions, amends_id, description,
    value_qualifier, value_amount, value_low, value_high, value_unit, value_approximate,
    announced_on, announced_on_earliest, announced_on_latest, signed_on, signed_on_earliest, signed_on_latest,
    starts_on, starts_on_earliest, starts_on_latest, ends_on, ends_on_earliest, ends_on_latest,
    exclusive_until, exclusive_until_earliest, exclusive_until_latest, lacks)
SELECT n, 'r-' || n, 'Company ' || n || ' rents ' || CASE n % 2 WHEN 0 THEN 'power' ELSE 'racks' END,
    CASE n % 7 WHEN 0 THEN 'energy' ELSE 'compute' END, CASE WHEN n % 5000 = 0 THEN 'rumoured' ELSE 'signed' END,
    CASE n % 2 WHEN 0 THEN n % 120 + 1 END, CASE n % 3 WHEN 0 THEN n % 2 = 0 END,
    CASE n % 50 WHEN 0 THEN 'if regulators approve ' || n END, CASE n % 90 WHEN 0 THEN 1001 END, 'Number ' || n,
    q, CASE WHEN q <> 'undisclosed' THEN n END, CASE WHEN q IN ('exact', 'more_than') THEN n END,
    CASE q WHEN 'exact' THEN n END, CASE WHEN q IS NOT NULL THEN CASE n % 400 WHEN 0 THEN 'EUR' ELSE 'USD' END END,
    CASE WHEN q IS NOT NULL THEN false END,
    day, day, day, day, day, day, day, day, day, day, day, day, day, day, day, {lacks}
FROM (SELECT n, (ARRAY['exact', 'more_than', 'undisclosed'])[1 + n % 6] AS q,
      CASE WHEN n % 3 > 0 THEN date '2010-01-01' + n % 5000 END AS day FROM generate_series(1001, {last}) n) numbers;
INSERT INTO versions (record_id, version, from_revision, to_revision, document)
SELECT n, CASE n % 400 WHEN 0 THEN 2 ELSE 1 END, n, 9223372036854775807, '{{}}' FROM generate_series(1001, {last}) n;
CREATE TABLE not_to_be_used_again ();
ANALYZE;
UPDATE pg_class SET reltuples = reltuples * {more}
WHERE relnamespace = 'public'::regnamespace AND relname ~ 'contract|citations|versions|revisions|records';
"""
# Where the members of each list are, and what they state.
LISTS = {
    "parties.role": ("contract_parties", "role"),
    "capacities": ("contract_capacities", "position"),
    "capacities__qualifier": ("contract_capacities", "value_qualifier"),
    "products": ("contract_products", "position"),
    "used_in": ("contract_used_in", "position"),
    **{f"citations.{name}": ("citations", name) for name in ("locator", "excerpt", "evidence", "confidence")},
    "citations.attributed_to": ("citations", "attributed_to_id"),
}
LAST = 9_000
LATER: dict[str, list[Any]] = {
    "-title": ["Company 5000", "r-5000"],
    "value": [Decimal(5), "r-5000"],
    "-announced_on": [date(2015, 6, 1), "r-5000"],
}
WITHOUT = {
    "ix_contracts_value_amount": ("value", "9000"),
    "ix_contracts_announced_on_latest": ("announced_on__possibly_gte", "2030"),
    "tg_contracts_title": ("title__contains", "nobody says so"),
    "ix_versions_changed": ("version__gte", "9"),
    "ix_contracts_description_empty": ("description__empty", "true"),
}
# The planner is told that there are a million: it reckons with what a table was last counted to hold.
MORE = 125


@pytest.fixture(scope="module")
async def large(templates: Path, postgresql_server: str) -> AsyncIterator[Database]:
    """A store on PostgreSQL with many contracts."""
    async with empty_store("postgresql", templates, postgresql_server) as url:
        database = Database(Settings(database_url=url))
        async with database.writing() as connection:
            for statement in FILL.format(last=LAST, more=MORE, lacks=lacking()).split(";\n"):
                await connection.execute(text(statement))
        yield database
        await database.close()


def lacking() -> str:
    """What contract ``n`` lacks, told from the rows of its lists."""
    each = []
    for (path, word), code in codes_of(CONTRACTS).items():
        table, column = LISTS[path]
        there = f"{column} = '{word}'" if word else f"{column} IS NOT NULL"
        each.append(f"CASE WHEN NOT EXISTS (SELECT FROM {table} WHERE owner_id = n AND {there}) THEN {code} END")
    return f"array_remove(ARRAY[{', '.join(each)}], NULL)"


def options(one: Filter) -> list[str]:
    """Values of a filter that many records have, few and none."""
    if one.operator == "empty" or one.shape.python is bool:
        return ["true", "false"]
    if one.operator in ("contains", "startswith"):
        return ["company 777", "power", "nobody says so"]
    if one.field in ("version", "recorded_at"):
        return ["2", "3", "9"] if one.field == "version" else [f"{year}-01-01T05:00:00Z" for year in (2010, 2011, 2030)]
    by_kind = {
        Holds.REFERENCE: {"companies": ["r-101", "r-900"], "sources": ["r-1", "r-2"]}.get(one.refers_to, ["r-1001"]),
        Holds.PARTIAL_DATE: ["2010-01", "2014-06-10", "2030"],
        Holds.QUANTITY: ["1.2", "9", "9000"],
        Holds.SCALAR: {
            "unit": ["USD", "EUR", "JPY"] if one.field.startswith("value") else ["MW", "site", "chip"],
            "term_months": ["7", "120", "1199"],
        }.get(one.shape.name, ["7", "120", "9000"]),
    }
    return list(one.shape.choices[::3]) or by_kind[one.shape.holds]


def questions() -> Iterator[list[tuple[str, str]]]:
    """Each filter of contracts alone, and each sort."""
    for one in {(one.field, one.operator): one for one in filters_of(CONTRACTS).values()}.values():
        yield from ([(one.name, value)] for value in options(one) if one.field != "q")
    for name in sortable(CONTRACTS):
        yield [("sort", name)]
        yield [("sort", f"-{name}")]


async def plan_of(
    connection: AsyncConnection, parameters: list[tuple[str, str]], after: list[Any] | None = None
) -> Plan:
    """How PostgreSQL would answer a page of 20."""
    question = read_question(CONTRACTS, [*parameters, ("limit", "20")])
    return await explained(connection, page_query(question, await conditions_of(connection, question), after))


def cost_of(plan: Plan) -> float:
    """What a plan costs, without what is found first: an index is asked for what no sample has, of which few are."""
    first = [step for step in steps(plan) if step.get("Parent Relationship") == "InitPlan"]
    assert all(step["Node Type"] in ("Bitmap Heap Scan", "Seq Scan") for step in first), plan
    return float(plan["Total Cost"] - sum(step["Total Cost"] for step in first))


async def test_no_filter_and_no_sort_reads_a_large_table_as_a_whole(large: Database) -> None:
    asked = 0
    async with large.reading() as connection:
        whole = (await explained(connection, select(CONTRACTS.table)))["Total Cost"]
        for parameters in questions():
            plan = await plan_of(connection, parameters)
            scanned = {step["Relation Name"] for step in steps(plan) if step["Node Type"] == "Seq Scan"}
            assert scanned <= {"store"}, (parameters, plan)
            # Nor does it walk an index from end to end.
            assert cost_of(plan) < whole / 4, (parameters, plan)
            asked += 1
        for sort, after in LATER.items():
            plan = await plan_of(connection, [("sort", sort)], after)
            assert any("ROW(" in step.get("Index Cond", "") for step in steps(plan)), (sort, plan)
    assert asked > 400


async def test_a_plan_without_its_index_would_be_noticed(large: Database) -> None:
    async with large.writer.connect() as connection:
        whole = (await explained(connection, select(CONTRACTS.table)))["Total Cost"]
        for index, parameters in WITHOUT.items():
            await connection.execute(text(f"DROP INDEX {index}"))
            assert (await plan_of(connection, [parameters]))["Total Cost"] > whole / 4, index
        await connection.rollback()
