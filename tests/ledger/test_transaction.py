"""The way of every write: one revision for what changes, nothing for what does not, all or nothing."""

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest
from sqlalchemy import Table, func, select, text

from app.companies.repository import COMPANIES
from app.companies.schemas import Company
from app.ledger import transaction as module
from app.ledger.transaction import Author, Refused, transaction
from app.models import metadata
from app.models.companies import companies, company_aliases
from app.models.edges import edges
from app.models.ledger import OPEN, changes, records, revisions, versions
from app.models.ledger import store as newest
from app.shared.database import Database
from app.shared.json import loads
from app.transfer.load import ImportRefused
from tests.factories import citation, company, contract, one_of_each, put, source


async def everything(store: Database) -> dict[str, list[Any]]:
    """All rows of all tables."""
    async with store.reading() as connection:
        return {
            table.name: [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


async def rows(store: Database, table: Table) -> list[dict[str, Any]]:
    """All rows of a table, in the order of its key."""
    async with store.reading() as connection:
        found = await connection.execute(select(table).order_by(*table.primary_key))
        return [dict(row) for row in found.mappings()]


async def newest_revision(store: Database) -> int:
    """The revision that the store says it has."""
    async with store.reading() as connection:
        return int((await connection.execute(select(newest.c.revision))).scalar_one())


async def test_a_batch_is_one_revision_that_says_who_and_why(store: Database) -> None:
    report = await put(store, **one_of_each())
    (revision,) = await rows(store, revisions)
    assert (revision["revision"], revision["actor"], revision["reason"]) == (1, "test", "to be tested")
    assert timedelta(0) <= datetime.now(UTC) - revision["recorded_at"] < timedelta(minutes=1)
    assert report.revision == await newest_revision(store) == 1
    assert {row["from_revision"] for row in await rows(store, versions)} == {1}
    assert {row["from_revision"] for row in await rows(store, edges)} == {1}


async def test_what_is_known_already_makes_no_version_and_no_revision(store: Database) -> None:
    await put(store, **one_of_each())
    before = await everything(store)
    report = await put(store, **one_of_each())
    assert await everything(store) == before
    assert report.revision is None
    assert {tally.unchanged for tally in report.tallies.values()} == {1, 3}


async def test_a_report_counts_what_became_of_each_record(store: Database) -> None:
    await put(store, companies=[company("a"), company("b"), company("c")])
    report = await put(store, companies=[company("a", name="X"), company("b", name="Y"), company("c"), company("d")])
    tally = report.tallies["companies"]
    assert (tally.created, tally.changed, tally.unchanged) == (1, 2, 1)


async def test_a_change_closes_the_old_version_where_the_new_one_opens(store: Database) -> None:
    await put(store, companies=[company("acme", name="Before"), company("other")])
    await put(store, companies=[company("acme", name="After"), company("other")])
    first, second, other = sorted(await rows(store, versions), key=lambda row: (row["record_id"], row["version"]))
    assert (first["from_revision"], first["to_revision"]) == (1, 2)
    assert (second["from_revision"], second["to_revision"]) == (2, OPEN)
    assert (other["from_revision"], other["to_revision"]) == (1, OPEN)
    assert [loads(row["document"])["name"] for row in (first, second)] == ["Before", "After"]
    assert [loads(row["document"])["version"] for row in (first, second)] == [1, 2]
    assert [row["version"] for row in await rows(store, records)] == [2, 1]


async def test_a_change_replaces_the_lists_inside_a_record(store: Database) -> None:
    await put(store, sources=[source()], companies=[company("acme", aliases=["a", "b", "c"], citations=[citation()])])
    await put(store, companies=[company("acme", aliases=["c"], name="Acme")])
    assert [(row["position"], row["value"]) for row in await rows(store, company_aliases)] == [(0, "c")]
    assert await rows(store, metadata.tables["citations"]) == []


async def test_going_back_to_what_was_said_before_is_a_version_of_its_own(store: Database) -> None:
    for name in ("a", "b", "a"):
        await put(store, companies=[company("acme", name=name)])
    assert [row["version"] for row in await rows(store, versions)] == [1, 2, 3]


async def test_a_record_that_others_refer_to_can_change(store: Database) -> None:
    await put(store, **one_of_each())
    await put(store, companies=[company("coreweave", name="CoreWeave, Inc.")], sources=[source(title="Another")])
    assert len(await rows(store, metadata.tables["contract_parties"])) == 2
    assert await newest_revision(store) == 2


async def test_records_of_a_batch_refer_to_each_other_in_any_order(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CHUNK", 2)
    parents = {"a": "e", "b": "a", "c": "b", "d": None, "e": "d"}
    await put(store, companies=[company(slug, parent=parent) for slug, parent in parents.items()])
    assert [(row["slug"], row["parent_id"]) for row in await rows(store, companies)] == [
        ("a", 5),
        ("b", 1),
        ("c", 2),
        ("d", None),
        ("e", 4),
    ]


async def refused(store: Database, **batch: list[dict[str, Any]]) -> list[tuple[str, int, str | None, str | None]]:
    """Why an import is refused, of which nothing may be kept."""
    before = await everything(store)
    with pytest.raises(ImportRefused) as caught:
        await put(store, **batch)
    assert await everything(store) == before
    return [(r.resource, r.position, r.flaw.pointer, r.flaw.suggestion) for r in caught.value.refusals]


async def test_every_unknown_reference_is_pointed_at_and_nothing_is_kept(store: Database) -> None:
    parties = [{"company": "openai", "role": "customer"}, {"company": "coreweve", "role": "supplier"}]
    unknown = contract(slug="b", parties=parties, amends="a", citations=[citation(), citation(source="the-articel")])
    found = await refused(
        store,
        sources=[source()],
        companies=[company("openai"), company("coreweave")],
        contracts=[contract(slug="a"), unknown],
    )
    assert found == [
        ("contracts", 1, "/citations/1/source", "the-article"),
        ("contracts", 1, "/parties/1/company", "coreweave"),
    ]


async def test_a_reference_to_another_resource_is_unknown(store: Database) -> None:
    found = await refused(store, sources=[source()], companies=[company("acme", parent="the-article")])
    assert found == [("companies", 0, "/parent", None)]


async def test_the_same_slug_twice_is_refused_at_its_second_place(store: Database) -> None:
    batch = [company("acme"), company("other"), company("acme", name="Again")]
    assert await refused(store, companies=batch) == [("companies", 2, "/slug", None)]


async def test_one_slug_may_name_a_record_of_each_resource(store: Database) -> None:
    await put(store, sources=[source(slug="acme")], companies=[company("acme")])
    assert [(row["type"], row["slug"]) for row in await rows(store, records)] == [
        ("sources", "acme"),
        ("companies", "acme"),
    ]


async def test_an_edge_leads_to_the_company_whatever_else_has_its_slug(store: Database) -> None:
    parties = [{"company": "acme", "role": "customer"}, {"company": "beta", "role": "supplier"}]
    await put(
        store,
        sources=[source(slug="acme"), source(slug="beta")],
        companies=[company("acme"), company("beta")],
        contracts=[contract(slug="beta", parties=parties, citations=[citation(source="acme")])],
    )
    ids = {row["slug"]: row["id"] for row in await rows(store, records) if row["type"] == "companies"}
    assert {(row["dependent_id"], row["on_id"]) for row in await rows(store, edges)} == {(ids["acme"], ids["beta"])}


async def test_what_is_put_again_in_the_same_transaction_is_known_already(store: Database) -> None:
    for name in ("Acme", "Acme Corporation"):
        async with transaction(store, Author("test")) as write:
            await write.put(COMPANIES, [Company.model_validate(company("acme", name=name))])
            tally = await write.put(COMPANIES, [Company.model_validate(company("acme", name=name))])
        assert (tally.created, tally.changed, tally.unchanged) == (0, 0, 1)
    assert [row["version"] for row in await rows(store, versions)] == [1, 2]


async def test_a_change_that_refers_to_nothing_is_told_its_place_in_the_batch(store: Database) -> None:
    await put(store, companies=[company("acme"), company("beta")])
    changed = [company("acme", name="A"), company("beta", parent="acmee")]
    with pytest.raises(Refused) as refused:
        async with transaction(store, Author("test")) as write:
            await write.put(COMPANIES, [Company.model_validate(one) for one in changed])
    assert [(place, flaw.pointer, flaw.suggestion) for place, flaw in refused.value.flaws] == [(1, "/parent", "acme")]


async def test_what_fails_at_the_end_leaves_nothing(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("the projection failed")

    before = await everything(store)
    monkeypatch.setattr("app.ledger.storing.project", fail)
    with pytest.raises(RuntimeError):
        await put(store, **one_of_each())
    assert await everything(store) == before


class ClockPutBack(datetime):
    """A clock an hour behind the real one."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) - timedelta(hours=1)


async def test_a_clock_that_is_put_back_does_not_put_back_what_is_recorded(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, companies=[company("a")])
    monkeypatch.setattr("app.ledger.unit.datetime", ClockPutBack)
    await put(store, companies=[company("b")])
    first, second = await rows(store, revisions)
    assert second["recorded_at"] == first["recorded_at"]


async def test_writers_take_turns_and_leave_no_gap(store: Database) -> None:
    writers = [put(store, companies=[company(f"c-{n}"), company("shared", name=str(n))]) for n in range(8)]
    reports = await asyncio.gather(*writers)
    assert sorted(report.revision or 0 for report in reports) == list(range(1, 9))
    assert [row["revision"] for row in await rows(store, revisions)] == list(range(1, 9))
    assert await newest_revision(store) == 8
    history = [row for row in await rows(store, versions) if loads(row["document"])["slug"] == "shared"]
    assert [row["version"] for row in history] == list(range(1, 9))
    assert [row["to_revision"] for row in history] == [*(row["from_revision"] for row in history[1:]), OPEN]
    recorded = [row["recorded_at"] for row in await rows(store, revisions)]
    assert recorded == sorted(recorded)


async def test_a_transaction_without_a_change_leaves_the_revision(store: Database) -> None:
    async with transaction(store, Author("nobody")):
        pass
    async with store.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(revisions)) == 0
    assert await newest_revision(store) == 0


async def test_what_is_retracted_can_come_back_in_the_same_transaction(store: Database) -> None:
    await put(store, companies=[company("acme")])
    async with transaction(store, Author("test")) as write:
        await write.retract(COMPANIES, "acme")
        gone = (await write.known(COMPANIES, ["acme"]))["acme"]
        assert (gone.version, gone.document, gone.announced) == (1, None, False)
        tally = await write.put(COMPANIES, [Company.model_validate(company("acme", name="Back"))])
    assert tally.changed == 1
    (record,) = await rows(store, records)
    assert (record["id"], record["version"], record["retracted"]) == (gone.id, 2, False)
    assert [row["action"] for row in await rows(store, changes)] == ["created", "retracted", "restored"]


async def test_what_was_merged_leads_on_in_the_same_transaction(store: Database) -> None:
    await put(store, companies=[company("acme"), company("acme-inc")])
    async with transaction(store, Author("test")) as write:
        known = await write.known(COMPANIES, ["acme", "acme-inc"])
        await write.merge(COMPANIES, "acme-inc", known["acme-inc"], known["acme"])
        with pytest.raises(Refused, match="was merged into 'acme'") as refused:
            await write.put(COMPANIES, [Company.model_validate(company(slug)) for slug in ("acme", "acme-inc")])
    assert [(place, flaw.pointer, flaw.suggestion) for place, flaw in refused.value.flaws] == [(1, "/slug", "acme")]


async def test_after_a_large_write_the_planner_knows_how_large_the_tables_are(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until autovacuum looks, an export of a million records would be planned as one of none, and time out."""
    monkeypatch.setattr("app.ledger.unit._MANY", 10)
    await put(store, companies=[company(f"c-{n}") for n in range(20)])
    if store.writer.dialect.name == "postgresql":
        async with store.reading() as reads:
            known = await reads.scalar(text("SELECT reltuples FROM pg_class WHERE relname = 'companies'"))
        assert known == 20
    assert len(await rows(store, companies)) == 20
