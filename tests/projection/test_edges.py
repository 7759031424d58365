"""The edges that are kept: written with the record, closed and opened with what it says, on both databases."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import RowMapping, event, func, select
from sqlalchemy.exc import IntegrityError

from app.ledger.transaction import Author, transaction
from app.models.edges import edges
from app.models.ledger import OPEN, records, versions
from app.projection.row import EdgeRow, edge_rows
from app.shared.database import Database
from app.shared.json import loads_own
from app.transfer.load import ImportRefused
from app.transfer.resources import BY_TYPE
from tests.factories import citation, company, contract, fleet, investment, metric, put, source
from tests.projection.stating import PERCENT_62, USD_10, parties

COMPANIES = ("openai", "coreweave", "nvidia", "microsoft", "amd")


@pytest.fixture(autouse=True)
async def _companies(store: Database) -> None:
    """Revision 1: whom and what all records here refer to."""
    await put(store, sources=[source()], companies=[company(slug=slug) for slug in COMPANIES])


async def kept(store: Database, record: str) -> list[RowMapping]:
    """All edges that a record ever implied, with the slugs of their companies, the oldest first."""
    dependent, on = records.alias(), records.alias()
    query = (
        select(edges, dependent.c.slug.label("dependent"), on.c.slug.label("on"))
        .join(records, records.c.id == edges.c.record_id)
        .join(dependent, dependent.c.id == edges.c.dependent_id)
        .join(on, on.c.id == edges.c.on_id)
        .where(records.c.slug == record)
        .order_by(edges.c.from_revision, edges.c.kind, on.c.slug)
    )
    async with store.reading() as connection:
        return list((await connection.execute(query)).mappings())


def recorded(rows: list[RowMapping]) -> list[tuple[str, int, int | None]]:
    """On whom, and the revisions from and to which each edge was recorded, None where it still is."""
    return [
        (row["on"], row["from_revision"], None if row["to_revision"] == OPEN else row["to_revision"]) for row in rows
    ]


def share(slug: str, period: str, **overrides: object) -> dict[str, Any]:
    value = {"name": "revenue_share", "counterparty": "microsoft", "value": PERCENT_62, "period": period}
    return metric(**({"slug": slug} | value | overrides))


async def test_the_edges_of_a_record_are_kept_with_all_that_they_say(store: Database) -> None:
    stated = contract(value=USD_10, announced_on="2025-03-10", term_months=60, stage="announced")
    report = await put(store, contracts=[stated])
    compute, revenue = await kept(store, "openai-coreweave")
    assert report.revision == 2
    assert (compute["dependent"], compute["on"], compute["kind"]) == ("openai", "coreweave", "compute")
    assert (revenue["dependent"], revenue["on"], revenue["kind"]) == ("coreweave", "openai", "revenue")
    assert (compute["from_revision"], compute["to_revision"]) == (2, OPEN)
    assert (compute["stage"], compute["evidence"], compute["flow"]) == ("announced", "reported", "along")
    assert (compute["start_earliest"], compute["start_latest"]) == (date(2025, 3, 10), date(2025, 3, 10))
    assert (compute["end_earliest"], compute["end_latest"]) == (date(2030, 3, 1), date(2030, 3, 31))
    assert (compute["evidenced_from"], compute["evidenced_to"]) == (date(2025, 3, 12), date(2025, 3, 12))
    assert compute["summary"] == "{dependent} gets compute from {on}, USD 10 (announced)."
    document = loads_own(compute["document"])
    assert document["record"] == {
        "type": "contracts",
        "slug": "openai-coreweave",
        "url": "/v1/contracts/openai-coreweave",
    }
    assert (document["since"], document["until"]) == ("2025-03-10", "2030-03")
    assert [given["source"] for given in document["citations"]] == ["the-article"]


async def test_the_store_is_never_seen_with_a_record_and_without_its_edges(store: Database) -> None:
    one = BY_TYPE["contracts"].schema.model_validate(contract())
    count = select(func.count()).select_from(edges)
    async with transaction(store, Author("test")) as write:
        await write.put(BY_TYPE["contracts"], [one])
        async with store.reading() as reads:
            assert await reads.scalar(select(records.c.id).where(records.c.slug == one.slug)) is None
            assert await reads.scalar(count) == 0
    async with store.reading() as reads:
        assert await reads.scalar(count) == 1


async def test_a_record_that_is_loaded_again_unchanged_leaves_its_edges_as_they_are(store: Database) -> None:
    await put(store, contracts=[contract(value=USD_10)])
    before = await kept(store, "openai-coreweave")
    assert (await put(store, contracts=[contract(value=USD_10)])).revision is None
    assert await kept(store, "openai-coreweave") == before


async def test_a_change_that_no_edge_shows_opens_no_new_edge(store: Database) -> None:
    await put(store, contracts=[contract(starts_on="2025")])
    await put(store, contracts=[contract(starts_on="2025", description="told in more words", used_in=["ChatGPT"])])
    assert recorded(await kept(store, "openai-coreweave")) == [("coreweave", 2, None)]


async def test_a_change_closes_the_edge_that_it_touches_and_opens_another(store: Database) -> None:
    await put(store, contracts=[contract(stage="announced")])
    await put(store, contracts=[contract(stage="signed")])
    rows = await kept(store, "openai-coreweave")
    assert recorded(rows) == [("coreweave", 2, 3), ("coreweave", 3, None)]
    assert [row["stage"] for row in rows] == ["announced", "signed"]


async def test_of_many_edges_only_those_that_say_something_else_are_replaced(store: Database) -> None:
    lines = [{"vendor": "nvidia", "product": "GPUs"}, {"vendor": "amd", "product": "GPUs"}]
    await put(store, fleets=[fleet(hardware=lines)])
    await put(store, fleets=[fleet(hardware=[lines[0], lines[1] | {"product": "MI300X"}])])
    rows = await kept(store, "coreweave-2025-03")
    assert sorted(recorded(rows), key=str) == [("amd", 2, 3), ("amd", 3, None), ("nvidia", 2, None)]


async def test_an_edge_that_is_no_longer_implied_is_closed(store: Database) -> None:
    await put(store, contracts=[contract(value=USD_10)])
    await put(store, contracts=[contract()])
    rows = await kept(store, "openai-coreweave")
    assert [(row["kind"], row["to_revision"]) for row in rows] == [("compute", 3), ("revenue", 3), ("compute", OPEN)]


async def test_a_party_that_leaves_takes_its_edge_and_may_bring_it_back(store: Database) -> None:
    both = parties(openai="customer", coreweave="supplier", microsoft="supplier")
    await put(store, contracts=[contract(parties=both)])
    await put(store, contracts=[contract()])
    await put(store, contracts=[contract(parties=both)])
    assert recorded(await kept(store, "openai-coreweave")) == [
        ("coreweave", 2, None),
        ("microsoft", 2, 3),
        ("microsoft", 4, None),
    ]


async def test_an_investment_and_a_parent_have_edges_too(store: Database) -> None:
    await put(store, investments=[investment(amount=USD_10)], companies=[company(slug="openai", parent="microsoft")])
    ((capital,), (ownership,)) = (await kept(store, "nvidia-coreweave"), await kept(store, "openai"))
    assert (capital["dependent"], capital["on"], capital["kind"]) == ("coreweave", "nvidia", "capital")
    assert (ownership["dependent"], ownership["on"], ownership["kind"]) == ("openai", "microsoft", "ownership")
    assert (ownership["stage"], ownership["evidence"], ownership["evidenced_from"]) == (None, None, None)


async def test_a_source_whose_date_changes_moves_when_its_edges_were_evidenced(store: Database) -> None:
    await put(store, contracts=[contract()])
    await put(store, sources=[source(published_on="2025-02")])
    first, second = await kept(store, "openai-coreweave")
    assert (first["evidenced_from"], first["to_revision"]) == (date(2025, 3, 12), 3)
    assert (second["evidenced_from"], second["evidenced_to"]) == (date(2025, 2, 28), date(2025, 2, 28))
    assert (second["from_revision"], second["to_revision"]) == (3, OPEN)
    assert second["start_latest"] == date(2025, 2, 28), "an undated relation began by its first report"


async def test_a_source_that_changes_otherwise_moves_nothing(store: Database) -> None:
    await put(store, contracts=[contract()])
    await put(store, sources=[source(title="Another title")])
    assert recorded(await kept(store, "openai-coreweave")) == [("coreweave", 2, None)]


async def test_an_edge_is_evidenced_from_its_first_source_to_its_newest(store: Database) -> None:
    later, undated = source(slug="later", published_on="2026"), source(slug="undated", published_on=None)
    cited = [citation(source=slug) for slug in ("later", "the-article", "undated")]
    await put(store, sources=[later, undated], contracts=[contract(citations=cited)])
    (edge,) = await kept(store, "openai-coreweave")
    assert (edge["evidenced_from"], edge["evidenced_to"]) == (date(2025, 3, 12), date(2026, 12, 31))
    document = loads_own(edge["document"])
    assert (document["evidenced_from"], document["evidenced_to"]) == ("2025-03-12", "2026")


async def test_the_next_metric_closes_the_valid_range_of_the_one_before(store: Database) -> None:
    await put(store, metrics=[share("share-2023", "2023")])
    await put(store, metrics=[share("share-2025", "2025")])
    await put(store, metrics=[share("share-2024", "2024")])
    rows = await kept(store, "share-2023")
    assert recorded(rows) == [("microsoft", 2, 3), ("microsoft", 3, 4), ("microsoft", 4, None)]
    assert [row["end_latest"] for row in rows] == [date.max, date(2024, 12, 31), date(2023, 12, 31)]
    assert recorded(await kept(store, "share-2024")) == [("microsoft", 4, None)]
    assert recorded(await kept(store, "share-2025")) == [("microsoft", 3, None)]


@pytest.mark.parametrize(
    "other", [{"counterparty": "openai"}, {"company": "nvidia"}, {"name": "compute_share"}, {"period": None}]
)
async def test_a_metric_of_something_else_closes_nothing(store: Database, other: dict[str, str]) -> None:
    await put(store, metrics=[share("share-2023", "2023"), share("other", "2024") | other])
    assert recorded(await kept(store, "share-2023")) == [("microsoft", 2, None)]
    assert (await kept(store, "share-2023"))[0]["end_latest"] == date.max


@pytest.mark.parametrize(
    "change", [{"counterparty": "openai"}, {"company": "nvidia"}, {"name": "revenue"}, {"period": "2022"}]
)
async def test_a_metric_that_turns_out_to_be_of_something_else_reopens_the_one_before(
    store: Database, change: dict[str, str]
) -> None:
    await put(store, metrics=[share("share-2023", "2023"), share("share-2024", "2024")])
    await put(store, metrics=[share("share-2024", "2024") | change])
    rows = await kept(store, "share-2023")
    assert recorded(rows) == [("microsoft", 2, 3), ("microsoft", 3, None)]
    assert rows[-1]["end_latest"] == date.max


async def test_a_fleet_that_supersedes_another_ends_it(store: Database) -> None:
    await put(store, fleets=[fleet(users=["openai"])])
    await put(store, fleets=[fleet(slug="coreweave-2025-09", as_of="2025-09", supersedes="coreweave-2025-03")])
    rows = await kept(store, "coreweave-2025-03")
    assert recorded(rows) == [("coreweave", 2, 3), ("coreweave", 3, None)]
    assert [(row["end_earliest"], row["end_latest"]) for row in rows] == [
        (date.max, date.max),
        (date(2025, 8, 31), date(2025, 9, 29)),
    ]
    assert loads_own(rows[-1]["document"])["until"] == "2025-09"


async def test_a_fleet_that_supersedes_another_no_longer_lets_it_hold_on(store: Database) -> None:
    later = fleet(slug="coreweave-2025-09", as_of="2025-09", supersedes="coreweave-2025-03")
    await put(store, fleets=[fleet(users=["openai"]), later])
    await put(store, fleets=[later | {"supersedes": None}])
    rows = await kept(store, "coreweave-2025-03")
    assert recorded(rows) == [("coreweave", 2, 3), ("coreweave", 3, None)]
    assert rows[-1]["end_latest"] == date.max


async def test_of_two_fleets_that_supersede_one_the_earlier_ends_it(store: Database) -> None:
    dates = ("2026", "2025-09", "2025-09-01", "2025-09~")
    later = [fleet(slug=f"f{n}", as_of=day, supersedes="coreweave-2025-03") for n, day in enumerate(dates)]
    await put(store, fleets=[fleet(users=["openai"]), *later])
    (edge,) = await kept(store, "coreweave-2025-03")
    assert (edge["end_latest"], loads_own(edge["document"])["until"]) == (date(2025, 8, 31), "2025-09-01")


async def test_a_fleet_ends_by_the_last_day_on_which_the_first_of_two_may_have_followed_it(store: Database) -> None:
    later = [fleet(slug=f"in-{day}", as_of=day, supersedes="coreweave-2025-03") for day in ("2026-05-01", "2026")]
    await put(store, fleets=[fleet(users=["openai"]), *later])
    (edge,) = await kept(store, "coreweave-2025-03")
    assert (edge["end_earliest"], edge["end_latest"]) == (date(2025, 12, 31), date(2026, 4, 30))
    assert loads_own(edge["document"])["until"] == "2026"


async def test_an_undated_fleet_takes_the_place_of_another_by_its_first_report_and_moves_with_it(
    store: Database,
) -> None:
    undated = fleet(slug="undated", as_of=None, supersedes="coreweave-2025-03", citations=[citation(source="report")])
    await put(store, sources=[source(slug="report", published_on="2025-09")], fleets=[fleet(users=["openai"]), undated])
    await put(store, sources=[source(slug="report", published_on="2025-07-01")])
    first, second = await kept(store, "coreweave-2025-03")
    assert [(row["end_earliest"], row["end_latest"]) for row in (first, second)] == [
        (date.min, date(2025, 9, 29)),
        (date.min, date(2025, 6, 30)),
    ]
    assert (first["to_revision"], loads_own(second["document"])["until"]) == (3, None)


async def test_a_plan_ends_nothing_that_runs_until_it_holds_itself(store: Database) -> None:
    plan = fleet(slug="plan", as_of="2026", supersedes="coreweave-2025-03", stage="intended")
    await put(store, fleets=[fleet(users=["openai"]), plan])
    await put(store, fleets=[plan | {"stage": "active", "as_of": "2026-04-01"}])
    rows = await kept(store, "coreweave-2025-03")
    assert recorded(rows) == [("coreweave", 2, 3), ("coreweave", 3, None)]
    assert [row["end_latest"] for row in rows] == [date.max, date(2026, 3, 31)]


async def test_what_follows_a_plan_ends_what_the_plan_was_to_replace(store: Database) -> None:
    plan = fleet(slug="plan", as_of="2026", supersedes="coreweave-2025-03", stage="rumoured", users=["openai"])
    built = fleet(slug="built", as_of="2026-04-01", supersedes="plan")
    await put(store, fleets=[fleet(users=["openai"]), plan])
    await put(store, fleets=[built])
    await put(store, fleets=[built | {"supersedes": None}])
    for slug in ("coreweave-2025-03", "plan"):
        rows = await kept(store, slug)
        assert recorded(rows) == [("coreweave", 2, 3), ("coreweave", 3, 4), ("coreweave", 4, None)]
        assert [row["end_latest"] for row in rows] == [date.max, date(2026, 3, 31), date.max]


@pytest.mark.parametrize("slug", ["coreweave-2025-03", "coreweave-2025-09"])
async def test_a_date_of_a_fleet_that_is_corrected_moves_the_end_of_the_one_before(store: Database, slug: str) -> None:
    fleets = {
        "coreweave-2025-03": fleet(users=["openai"]),
        "coreweave-2025-09": fleet(slug="coreweave-2025-09", as_of="2025-09", supersedes="coreweave-2025-03"),
    }
    await put(store, fleets=list(fleets.values()))
    await put(store, fleets=[fleets[slug] | {"as_of": "2025-06"}])
    (*_, edge) = await kept(store, "coreweave-2025-03")
    ends = {"coreweave-2025-03": date(2025, 9, 29), "coreweave-2025-09": date(2025, 6, 29)}
    assert (edge["from_revision"], edge["end_latest"]) == (3, ends[slug])


async def test_an_import_that_is_refused_leaves_no_edge(store: Database) -> None:
    with pytest.raises(ImportRefused):
        await put(store, contracts=[contract()], investments=[investment(investors=["nobody"])])
    assert await kept(store, "openai-coreweave") == []


async def test_a_write_that_fails_at_its_end_leaves_no_edge_and_closes_none(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, contracts=[contract(stage="announced")])
    before = await kept(store, "openai-coreweave")
    one = BY_TYPE["contracts"].schema.model_validate(contract(stage="signed"))

    def nonsense(*given: Any) -> list[EdgeRow]:  # noqa: ANN401 - as edge_rows takes them
        return [row | {"kind": "nonsense"} for row in edge_rows(*given)]

    async def write_and_fail() -> None:
        async with transaction(store, Author("test")) as write:
            # What writes the edges, last of all, meets one that it did not expect.
            monkeypatch.setattr("app.projection.edges.edge_rows", nonsense)
            await write.put(BY_TYPE["contracts"], [one])

    with pytest.raises(IntegrityError):
        await write_and_fail()
    assert await kept(store, "openai-coreweave") == before
    async with store.reading() as reads:
        assert await reads.scalar(select(func.max(versions.c.from_revision))) == 2


async def test_however_many_edges_are_closed_no_statement_carries_a_value_for_each(store: Database) -> None:
    """Both databases take at most 32,767 values with a statement; one contract of many parties has more edges."""
    sides = {f"{role}-{n}": role for role in ("customer", "supplier") for n in range(5)}
    await put(store, companies=[company(slug) for slug in sides], contracts=[contract(parties=parties(**sides))])
    sizes: list[int] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Sequence[Any], *more: object) -> None:
        if "DELETE FROM edges" in statement or "UPDATE edges" in statement:
            sizes.extend(len(one) for one in (parameters if more[-1] else [parameters]))

    event.listen(store.writer.sync_engine, "before_cursor_execute", note)
    await put(store, contracts=[contract()])
    assert (len(sizes), max(sizes)) == (2 * 25, 2), "each edge by its id, and a revision"
    assert [row["to_revision"] for row in await kept(store, "openai-coreweave")] == [3] * 25 + [OPEN]
