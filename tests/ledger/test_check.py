"""The check of a store: it finds nothing in a store that was only written to, and each thing that can be wrong."""

import re

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from app.companies.repository import COMPANIES
from app.ledger.check import Report, check
from app.ledger.transaction import Author, transaction
from app.models.ledger import OPEN
from app.shared.database import Database
from app.transfer.resources import IN_ORDER
from tests.companies import test_merging as merging
from tests.factories import company, contract, one_of_each, put, source
from tests.factories.rewriting import allow_rewriting
from tests.ledger.drawn import COMPANIES as DRAWN_COMPANIES
from tests.ledger.drawn import SOURCES as DRAWN_SOURCES
from tests.ledger.drawn import drawn


async def checked(store: Database) -> Report:
    """The report on a store."""
    async with store.snapshot() as connection:
        return await check(connection, IN_ORDER)


async def lived_in(store: Database) -> None:
    """A store with corrections, a retraction and a restoration."""
    await put(store, **one_of_each())
    await put(store, companies=[company("acme"), company("gone")], contracts=[contract(title="Another title")])
    async with transaction(store, Author("ann", "never was")) as write:
        await write.retract(COMPANIES, "acme")
        await write.retract(COMPANIES, "gone")
    await put(store, companies=[company("acme", aliases=["a", "b"])])


async def test_a_store_that_was_only_written_to_is_clean(store: Database) -> None:
    await lived_in(store)
    report = await checked(store)
    assert [str(finding) for finding in report.findings] == []
    assert (report.records, report.versions, report.changes) == (11, 13, 15)


async def test_a_merge_and_its_undoing_leave_a_clean_store(store: Database, writer: AsyncClient) -> None:
    await put(store, **merging.world())
    for step in (merging.merge, merging.unmerge):
        await merging.done(await step(writer))
        assert [str(finding) for finding in (await checked(store)).findings] == []


async def test_an_empty_store_is_clean(store: Database) -> None:
    assert (await checked(store)).findings == []


async def test_the_seed_is_clean(article: Database) -> None:
    assert [str(finding) for finding in (await checked(article)).findings] == []


async def test_whatever_a_record_holds_its_rows_are_found_to_agree(store: Database) -> None:
    await put(store, sources=[source(slug=slug) for slug in DRAWN_SOURCES])
    await put(store, companies=[company(slug) for slug in DRAWN_COMPANIES])
    for resource in IN_ORDER:
        await put(store, **{resource.type: drawn(resource.type)})
    assert [str(finding) for finding in (await checked(store)).findings] == []


BROKEN: dict[str, tuple[str, str]] = {
    "a hole in the versions": (
        "UPDATE versions SET version = 3 WHERE version = 2",
        "records whose versions are not numbered from 1 with no hole: 2 (companies/acme, contracts/openai-coreweave)",
    ),
    "a record behind its versions": (
        "UPDATE records SET version = 1 WHERE slug = 'acme'",
        "records that name another version than their newest: 1 (companies/acme)",
    ),
    "versions that overlap": (
        "UPDATE versions SET to_revision = OPEN - 1 WHERE version = 1 AND record_id = ID(acme)",
        "versions that last into a later one: 1 (companies/acme/1)",
    ),
    "a retracted record with a version": (
        "UPDATE versions SET to_revision = OPEN WHERE record_id = ID(gone)",
        "records that are retracted, yet have an open version: 1 (companies/gone)",
    ),
    "a record with no version": (
        "UPDATE records SET retracted = FALSE WHERE slug = 'gone'",
        "records that are not retracted, yet have no open version: 1 (companies/gone)",
    ),
    "a merged record that goes on": (
        "UPDATE records SET merged_into_id = 2 WHERE slug = 'acme'",
        "records that were merged into another, yet are not retracted: 1 (companies/acme)",
    ),
    "a lost change": (
        "DELETE FROM changes WHERE position = 1",
        "changes that are not numbered from 1 to the newest: 1 (2/15/14/15)",
    ),
    "a lost last change": (
        "DELETE FROM changes WHERE position = 15",
        "changes that are not numbered from 1 to the newest: 1 (1/14/14/15)",
    ),
    "a version that nothing made": (
        "UPDATE changes SET record_id = 1 WHERE position = 15",
        "versions that not exactly one change made: 1 (companies/acme/2)",
    ),
    "a change of nothing": (
        "UPDATE changes SET version = 7 WHERE position = 15",
        "changes that neither made nor ended a version: 1 (15)",
    ),
    "an end that nothing says": (
        "UPDATE changes SET revision = 2 WHERE position = 14",
        "versions that ended with no change that says so: 1 (companies/gone/1)",
    ),
    "an end that a correction says, with none after it": (
        "UPDATE changes SET action = 'updated' WHERE position = 14",
        "versions that ended with none after it, though the record was not taken out: 1 (companies/gone/1)",
    ),
    "changes out of order": (
        "UPDATE changes SET revision = 4 WHERE position = 1",
        "changes whose next has an earlier revision: 1 (1)",
    ),
    "a revision too many": (
        "INSERT INTO revisions (revision, recorded_at, actor) SELECT 5, max(recorded_at), 'ann' FROM revisions",
        "revisions that are not numbered from 1 to the newest: 1 (1/5/5/4)",
    ),
    "a revision of nothing": (
        "UPDATE changes SET revision = 1 WHERE revision = 2",
        "revisions with no change: 1 (2)",
    ),
    "a clock that went back": (
        "UPDATE revisions SET recorded_at = '2001-01-01 00:00:00' WHERE revision = 3",
        "revisions whose next was recorded earlier: 1 (2)",
    ),
    "a column that says something else": (
        "UPDATE contracts SET title = 'Forged'",
        "contracts whose rows say something else than their document: 1 (openai-coreweave)",
    ),
    "a list that says something else": (
        "UPDATE contract_parties SET role = 'member' WHERE position = 1",
        "contracts whose rows say something else than their document: 1 (openai-coreweave)",
    ),
    "a row of a list that is lost": (
        "DELETE FROM company_aliases WHERE position = 1",
        "companies whose rows say something else than their document: 1 (acme)",
    ),
    "a document that is none": (
        """UPDATE versions SET document = '{"slug":"acme"}' WHERE version = 2 AND record_id = ID(acme)""",
        "companies whose rows say something else than their document: 1 (acme)",
    ),
    "a lost row": ("DELETE FROM events", "events with no row: 1 (openai-says)"),
    "a row too many": (
        "INSERT INTO companies (id, slug, name, kind) SELECT id, slug, slug, 'other' FROM records WHERE slug = 'gone'",
        "rows of companies that belong to no current record: 1 (gone)",
    ),
    "a lost edge": ("DELETE FROM edges WHERE id = (SELECT min(id) FROM edges)", "edges that are missing: 1"),
    "an edge too many": ("UPDATE edges SET kind = 'hardware' WHERE kind = 'compute'", "edges that no record implies: "),
    "a record that search does not know": (
        "DELETE FROM search_entries WHERE record_id = ID(acme)",
        "records that search does not find: 1 (companies/acme)",
    ),
    "an entry that says something else": (
        "UPDATE search_entries SET digest = 1 WHERE record_id = ID(acme)",
        "records that search finds by something else than they say: 1 (companies/acme)",
    ),
    "an entry that lost a word": (
        "UPDATE search_entries SET content = 'acme' WHERE record_id = ID(acme)",
        "records that search finds by something else than they say: 1 (companies/acme)",
    ),
    "a name that is lost": (
        "DELETE FROM name_keys WHERE company_id = ID(acme) AND position = 1",
        "records that search finds by something else than they say: 1 (companies/acme)",
    ),
    "a record that search still knows": (
        "UPDATE search_entries SET record_id = ID(gone) WHERE record_id = ID(acme)",
        "entries of search that belong to no current record: 1 ",
    ),
    "a name of nobody": (
        "UPDATE name_keys SET company_id = ID(gone) WHERE company_id = ID(acme)",
        "names of companies that are not current: 1 ",
    ),
    "a reference to nothing": (
        "UPDATE companies SET parent_id = 999 WHERE slug = 'acme'",
        "companies whose parent_id is not in companies: 1 (999)",
    ),
}


async def tamper(store: Database, statement: str) -> None:
    """Run a statement past all that would refuse it."""
    statement = re.sub(r"ID\((\w+)\)", r"(SELECT id FROM records WHERE slug = '\1')", statement)
    statement = statement.replace("OPEN", str(OPEN))
    off = "PRAGMA foreign_keys = OFF"
    if store.writer.dialect.name == "postgresql":
        off = "SET session_replication_role = replica"
    async with store.writing() as connection:
        await allow_rewriting(connection)
    async with store.reader.connect() as connection:
        # In AUTOCOMMIT: SQLite takes no notice of the pragma inside of a transaction.
        await connection.execute(text(off))
        await connection.execute(text(statement))
        await connection.invalidate()


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_wrong_is_found_and_named(store: Database, broken: str) -> None:
    statement, finding = BROKEN[broken]
    await lived_in(store)
    await tamper(store, statement)
    found = [str(one) for one in (await checked(store)).findings]
    assert any(one.startswith(finding) for one in found), found
