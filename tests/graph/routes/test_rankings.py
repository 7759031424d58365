"""Companies in order of a figure: ``GET /v1/rankings``."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.graph.analysis.parties import SUPPLY_KINDS
from app.shared.database import Database
from tests.conftest import serving
from tests.factories import contract, source
from tests.graph.asking import ask, bounds, reasons, refused
from tests.graph.deals import funding, gpus, money, running, supply, tell
from tests.graph.small_world import BILLION, DAY, World

ON = "as_of=2025-03-12"
MILLION = 1_000_000


def ranks(answer: dict[str, Any]) -> list[tuple[str, Any, Any, int, int | None]]:
    """Each row: who, from how much to how much, and from which to which rank."""
    return [
        (row["company"], row["value"]["low"], row["value"]["high"], row["best_rank"], row["worst_rank"])
        for row in answer["data"]
    ]


async def test_who_has_the_most_dependents(reader: AsyncClient) -> None:
    answer = await ask(reader, f"/v1/rankings?{ON}")
    assert ranks(answer) == [
        ("coreweave", 2, 2, 1, 1),
        ("microsoft", 2, 2, 1, 1),
        ("openai", 2, 2, 1, 1),
        ("nvidia", 1, 1, 4, 4),
        ("oracle", 1, 1, 4, 4),
        ("softbank", 1, 1, 4, 4),
        ("stargate", 1, 1, 4, 4),
    ]
    assert (answer["by"], answer["unit"], answer["truncated"], answer["unknowns"]) == (
        "dependents",
        "company",
        False,
        [],
    )


async def test_an_undisclosed_contract_may_be_worth_more_than_the_largest_known_one(reader: AsyncClient) -> None:
    answer = await ask(reader, f"/v1/rankings?by=contract_value&{ON}")
    assert ranks(answer) == [
        ("coreweave", 11_900 * MILLION, None, 1, 4),
        ("microsoft", 0, None, 1, 4),
        ("openai", 0, None, 1, 4),
        ("stargate", 0, None, 1, 4),
    ]
    coreweave, microsoft, openai, _ = answer["data"]
    assert coreweave["count"] == 1
    assert reasons(coreweave["left_out"]) == [
        ("coreweave", "microsoft-coreweave-compute", "undisclosed amount"),
    ]
    assert reasons(microsoft["left_out"]) == [("microsoft", "openai-microsoft-compute", "undisclosed amount")]
    assert [slug for _, slug, _ in reasons(openai["left_out"])] == [
        "microsoft-openai-copilot",
        "microsoft-openai-technology",
    ]


async def test_investment_leaves_out_shares_that_are_part_of_a_contract(reader: AsyncClient) -> None:
    answer = await ask(reader, f"/v1/rankings?by=investment&{ON}")
    openai, coreweave = answer["data"]
    assert (openai["company"], bounds(openai["value"])) == ("openai", (10 * BILLION, None, "USD"))
    assert (coreweave["company"], bounds(coreweave["value"])) == ("coreweave", (0, None, "USD"))
    assert reasons(coreweave["left_out"]) == [
        ("coreweave", "nvidia-coreweave", "undisclosed amount"),
        ("coreweave", "openai-coreweave-2025-03", "in kind under a contract"),
    ]


@pytest.mark.parametrize(("by", "low", "high", "unit"), [("gpus", 250_000, None, "gpu"), ("sites", 32, 32, "site")])
async def test_coreweave_runs_more_than_250_000_gpus_at_32_sites(
    reader: AsyncClient, by: str, low: int, high: int | None, unit: str
) -> None:
    answer = await ask(reader, f"/v1/rankings?by={by}&{ON}")
    assert [(row["company"], bounds(row["value"])) for row in answer["data"]] == [("coreweave", (low, high, unit))]
    before = await ask(reader, f"/v1/rankings?by={by}&as_of=2025-03-11")
    assert before["data"] == []
    assert before["unknowns"] == ["Nothing is recorded that could be ranked as of 2025-03-11."]


async def test_who_is_the_only_source_of_what(reader: AsyncClient) -> None:
    answer = await ask(reader, f"/v1/rankings?by=sole_source&{ON}")
    assert [(row["company"], row["count"], row["needs"]) for row in answer["data"]] == [
        ("coreweave", 1, [{"dependent": "microsoft", "kind": "compute", "possible": False}]),
        ("microsoft", 1, [{"dependent": "openai", "kind": "capital", "possible": False}]),
        ("nvidia", 1, [{"dependent": "coreweave", "kind": "hardware", "possible": False}]),
        ("openai", 1, [{"dependent": "microsoft", "kind": "technology", "possible": False}]),
    ]
    assert answer["unit"] == "need"


async def test_kinds_narrow_what_is_ranked(reader: AsyncClient) -> None:
    compute = await ask(reader, f"/v1/rankings?{ON}&kind=compute")
    assert ranks(compute) == [
        ("coreweave", 2, 2, 1, 1),
        ("microsoft", 1, 1, 2, 2),
        ("stargate", 1, 1, 2, 2),
    ]
    sole = await ask(reader, f"/v1/rankings?by=sole_source&{ON}&kind=capital")
    assert [row["company"] for row in sole["data"]] == ["microsoft"]
    assert (await ask(reader, f"/v1/rankings?by=contract_value&{ON}&stage=announced"))["data"][0]["left_out"] == []


async def test_a_limit_that_cuts_is_named_and_ranks_count_those_that_are_cut(reader: AsyncClient) -> None:
    answer = await ask(reader, f"/v1/rankings?by=contract_value&{ON}&limit=1")
    assert ranks(answer) == [("coreweave", 11_900 * MILLION, None, 1, 4)]
    assert (answer["truncated_by"], answer["limits"]["companies"]) == (["companies"], 1)
    dependents = await ask(reader, f"/v1/rankings?{ON}&limit=3")
    assert [row["company"] for row in dependents["data"]] == ["coreweave", "microsoft", "openai"]
    assert dependents["truncated_by"] == ["companies"]


@pytest.mark.parametrize("by", ["dependents", "sole_source"])
async def test_who_only_may_depend_is_no_certain_dependent_and_who_plans_to_stands_apart(
    store: Database, client: AsyncClient, by: str
) -> None:
    deals = [
        *(supply("x", "a"), supply("y", "a", ends_on="2025"), supply("z", "a", stage="rumoured")),
        supply("x", "b", kind="energy", stage="intended", ends_on="2025"),
    ]
    await tell(store, *"abxyz", contracts=deals)
    answer = await ask(client, f"/v1/rankings?by={by}&as_of={DAY}")
    assert ranks(answer) == [("a", 1, 2, 1, 1), ("b", 0, 0, 2, 2)]
    unit = answer["unit"]
    # That somebody plans to depend on another is no dependence, but to have no other source is one of the plan.
    at_least = 0 if by == "dependents" else 1
    assert [bounds(one["tentative"]) for one in answer["data"]] == [(at_least, 1, unit), (0, 1, unit)]
    if by == "sole_source":
        needs = [(one["dependent"], one["possible"]) for one in answer["data"][0]["needs"]]
        assert needs == [("x", False), ("y", True)]


async def test_a_shorter_list_of_dependents_is_the_beginning_of_the_whole_one_with_its_ranks(
    store: Database, client: AsyncClient
) -> None:
    """Recorded the other way round than they are listed, so that no tie is cut in their order by chance."""
    on = {"z-few": "a", "y-few": "b", "x-few": "b", "most": "abc", "maybe": "", "few": "c"}
    deals = [supply(one, slug) for slug, dependents in on.items() for one in dependents]
    deals += [supply(one, "maybe", ends_on="2025") for one in "abc"]
    await tell(store, *on, *"abc", contracts=deals)
    whole = (await ask(client, f"/v1/rankings?as_of={DAY}"))["data"]
    assert [row["company"] for row in whole] == ["most", "few", "x-few", "y-few", "z-few", "maybe"]
    assert [row["worst_rank"] for row in whole] == [1, 3, 3, 3, 3, 6], "few and its equals stand behind maybe at worst"
    for limit in range(1, len(whole) + 1):
        answer = await ask(client, f"/v1/rankings?as_of={DAY}&limit={limit}")
        assert answer["data"] == whole[:limit]
        assert answer["truncated"] is (limit < len(whole))


async def test_the_figures_are_those_that_were_known_then(world: World) -> None:
    for then, contracted, invested, chips in ((world.told, 10, 5, 100), (world.corrected, 20, 7, 200)):
        at = f"as_of={DAY}&known_at={then}"
        (contracts,) = (await ask(world.client, f"/v1/rankings?by=contract_value&{at}&unit=USD"))["data"]
        assert bounds(contracts["value"]) == (contracted * BILLION, None, "USD")
        assert reasons(contracts["left_out"]) == [("cloud", "euro-cloud", "other currency")]
        (capital,) = (await ask(world.client, f"/v1/rankings?by=investment&{at}"))["data"]
        assert bounds(capital["value"]) == (invested * BILLION, invested * BILLION, "USD")
        (fleet,) = (await ask(world.client, f"/v1/rankings?by=gpus&{at}"))["data"]
        assert bounds(fleet["value"]) == (chips, chips, "gpu")


async def test_dependents_and_only_sources_are_those_that_were_known_and_published(world: World) -> None:
    old = {"cloud": 2, "chips": 1, "euro": 1, "fund": 1, "lab": 1}
    for more, counts in (
        (f"&known_at={world.corrected}", old),
        (f"&known_at={world.extended}", {"cloud": 3, "chips": 2, "euro": 1, "fund": 1, "lab": 2}),
        ("&published_by=2025-06-29", old),
        ("&published_by=2024-12-30", {}),
    ):
        answer = await ask(world.client, f"/v1/rankings?as_of={DAY}{more}")
        assert {row["company"]: row["count"] for row in answer["data"]} == counts, more
    sole = await ask(world.client, f"/v1/rankings?by=sole_source&as_of={DAY}&published_by=2025-06-29")
    assert {row["company"]: row["count"] for row in sole["data"]} == {"cloud": 2, "chips": 1, "fund": 1}


@pytest.mark.parametrize("known_at", ["", "&known_at="])
async def test_fleets_that_no_source_had_published_are_not_ranked(world: World, known_at: str) -> None:
    then = f"/v1/rankings?by=gpus&as_of={DAY}" + (known_at and known_at + world.told)
    assert len((await ask(world.client, then + "&published_by=2024-12-31"))["data"]) == 1
    assert (await ask(world.client, then + "&published_by=2024-12-30"))["data"] == []


@pytest.mark.parametrize("by", ["dependents", "contract_value", "investment", "power", "hardware", "sole_source"])
async def test_before_the_first_record_nothing_was_known(world: World, by: str) -> None:
    answer = await ask(world.client, f"/v1/rankings?by={by}&known_at=2020-01-01T00:00:00Z")
    assert (answer["data"], answer["revision"]) == ([], 0)
    assert answer["unknowns"] == ["Nothing had been recorded by 2020-01-01T00:00:00Z."]


async def test_each_currency_is_ranked_by_itself(store: Database, client: AsyncClient) -> None:
    deals = [
        supply("x", "a", value=money(10)),
        supply("y", "a", value=money(90, "EUR")),
        supply("x", "b", value=money(20)),
    ]
    await tell(store, *"abxy", contracts=deals)
    commonest = await ask(client, f"/v1/rankings?by=contract_value&as_of={DAY}")
    assert (commonest["unit"], ranks(commonest)) == ("USD", [("b", 20, 20, 1, 2), ("a", 10, None, 1, 2)])
    euros = await ask(client, f"/v1/rankings?by=contract_value&as_of={DAY}&unit=EUR")
    assert ranks(euros) == [("a", 90, None, 1, 2), ("b", 0, None, 1, 2)]
    assert reasons(euros["data"][0]["left_out"]) == [("a", "x-a", "other currency")]


async def test_what_is_intended_stands_apart(store: Database, client: AsyncClient) -> None:
    deals = [supply("x", "a", value=money(10)), supply("y", "a", value=money(500), stage="intended")]
    capital = [funding("a", "x", amount=money(3)), funding("a", "y", amount=money(4), stage="rumoured")]
    await tell(store, *"axy", contracts=deals, investments=capital)
    (contracts,) = (await ask(client, f"/v1/rankings?by=contract_value&as_of={DAY}"))["data"]
    assert (bounds(contracts["value"]), bounds(contracts["tentative"])) == ((10, 10, "USD"), (500, 500, "USD"))
    (invested,) = (await ask(client, f"/v1/rankings?by=investment&as_of={DAY}"))["data"]
    assert (bounds(invested["value"]), bounds(invested["tentative"])) == ((3, 3, "USD"), (4, 4, "USD"))
    sole = await ask(client, f"/v1/rankings?by=sole_source&as_of={DAY}&kind=capital")
    assert [(row["company"], row["count"]) for row in sole["data"]] == [("x", 1)]


async def test_a_joint_contract_counts_for_each_supplier_from_nothing_to_all(
    store: Database, client: AsyncClient
) -> None:
    joint = [{"company": slug, "role": "supplier"} for slug in ("a", "b")] + [{"company": "x", "role": "customer"}]
    await tell(store, *"abx", contracts=[contract(slug="joint", parties=joint, value=money(10))])
    answer = await ask(client, f"/v1/rankings?by=contract_value&as_of={DAY}")
    assert ranks(answer) == [("a", 0, 10, 1, 2), ("b", 0, 10, 1, 2)]


async def test_a_fleet_counts_by_its_newest_observation_and_for_some_days_by_either(
    store: Database, client: AsyncClient
) -> None:
    newer = running("a", "maker", 300, slug="newer", as_of="2025-03", supersedes="a-fleet")
    over = running("a", "maker", 9, slug="over", stage="terminated")
    await tell(store, "a", "maker", fleets=[running("a", "maker", 100), newer, over])
    for day, low, high in (
        ("2024-03-31", 100, 100),
        ("2025-02-28", 100, 100),
        ("2025-03-01", 0, 400),
        ("2025-03-30", 0, 400),
        ("2025-03-31", 300, 300),
    ):
        (row,) = (await ask(client, f"/v1/rankings?by=gpus&as_of={day}"))["data"]
        assert bounds(row["value"]) == (low, high, "gpu"), day
    (begun,) = (await ask(client, "/v1/rankings?by=gpus&as_of=2024-03-01"))["data"]
    assert bounds(begun["value"]) == (0, 100, "gpu"), "in March 2024: perhaps later in March"


async def shown(client: AsyncClient, day: str) -> list[tuple[str, bool]]:
    """Which fleets of a the graph shows on a day, and whether each only may hold."""
    answer = await ask(client, f"/v1/companies/a/dependencies?as_of={day}&depth=1")
    return [(edge["record"]["slug"], edge["possible"]) for edge in answer["edges"]]


async def counted(client: AsyncClient, day: str, by: str = "gpus") -> Any:  # noqa: ANN401 - JSON
    (row,) = (await ask(client, f"/v1/rankings?by={by}&as_of={day}"))["data"]
    return bounds(row["value"])


async def test_of_two_fleets_that_follow_one_the_certain_one_replaces_it(store: Database, client: AsyncClient) -> None:
    later = [
        running("a", "maker", 200, slug="day", as_of="2025-05-01", supersedes="a-fleet"),
        running("a", "maker", 10, slug="year", as_of="2025", supersedes="a-fleet"),
    ]
    await tell(store, "a", "maker", fleets=[running("a", "maker", 100), *later])
    for day, edges, low, high in (
        ("2024-12-31", [("a-fleet", False)], 100, 100),
        ("2025-04-30", [("a-fleet", True), ("year", True)], 0, 110),
        ("2025-06-15", [("day", False), ("year", True)], 200, 210),
        ("2025-12-31", [("day", False), ("year", False)], 210, 210),
    ):
        assert await shown(client, day) == edges, day
        assert await counted(client, day) == await counted(client, day, "hardware") == (low, high, "gpu"), day


async def test_when_an_undated_fleet_replaced_another_is_not_known_before_its_first_report(
    store: Database, client: AsyncClient
) -> None:
    undated = running("a", "maker", 200, slug="undated", as_of=None, supersedes="a-fleet")
    then = await tell(store, "a", "maker", fleets=[running("a", "maker", 100), undated])
    await tell(store, sources=[source(published_on="2025-06-01")])
    for day, more, edges, low, high in (
        ("2025-05-31", "", [("a-fleet", True), ("undated", True)], 0, 300),
        ("2025-06-01", "", [("undated", False)], 200, 200),
        ("2025-03-11", f"&known_at={then}", [("a-fleet", True), ("undated", True)], 0, 300),
        ("2025-03-12", f"&known_at={then}", [("undated", False)], 200, 200),
    ):
        assert await shown(client, day + more) == edges, day
        assert await counted(client, day + more) == (low, high, "gpu"), day


async def test_a_plan_stands_beside_what_runs_and_replaces_it_once_it_runs(
    store: Database, client: AsyncClient
) -> None:
    plan = running("a", "maker", 300, slug="plan", as_of="2025-05-01", supersedes="a-fleet", stage="intended")
    await tell(store, "a", "maker", fleets=[running("a", "maker", 100), plan])
    day = "2025-06-15"
    (row,) = (await ask(client, f"/v1/rankings?by=gpus&as_of={day}"))["data"]
    assert (bounds(row["value"]), bounds(row["tentative"])) == ((100, 100, "gpu"), (300, 300, "gpu"))
    assert await shown(client, day) == [("a-fleet", False), ("plan", False)]
    await tell(store, fleets=[plan | {"stage": "active"}])
    assert (await counted(client, day), await shown(client, day)) == ((300, 300, "gpu"), [("plan", False)])


async def test_accelerators_of_another_unit_are_not_added(store: Database, client: AsyncClient) -> None:
    other = {"qualifier": "exact", "amount": 40, "unit": "accelerator"}
    fleets = [running("a", "maker", 100), running("a", "maker", 1, slug="other", accelerators=other)]
    await tell(store, "a", "maker", fleets=fleets)
    (row,) = (await ask(client, "/v1/rankings?by=gpus"))["data"]
    assert (bounds(row["value"]), reasons(row["left_out"])) == ((100, None, "gpu"), [("a", "other", "other unit")])
    (row,) = (await ask(client, "/v1/rankings?by=gpus&unit=accelerator"))["data"]
    assert bounds(row["value"]) == (40, None, "accelerator")


async def test_vendors_have_what_fleets_run_of_theirs_and_power_is_ranked_like_sites(
    store: Database, client: AsyncClient
) -> None:
    def product(vendor: str, quantity: dict[str, Any] | None) -> dict[str, Any]:
        return {"vendor": vendor, "product": None, "quantity": quantity}

    tpus = {"qualifier": "exact", "amount": 7, "unit": "chip"}
    known = [product("maker", gpus(100)), product("maker", gpus(20, "at_least")), product("chips", tpus)]
    partly = [product("maker", gpus(30)), product("maker", None), product("maker", tpus)]
    power = {"qualifier": "more_than", "amount": 360, "unit": "MW"}
    fleets = [
        running("a", "maker", 120, hardware=known, power=power),
        running("b", "maker", 30, hardware=partly),
    ]
    await tell(store, "a", "b", "maker", "chips", fleets=fleets)
    answer = await ask(client, f"/v1/rankings?by=hardware&as_of={DAY}")
    assert ranks(answer) == [("maker", 150, None, 1, 2), ("chips", 0, None, 1, 2)]
    assert reasons(answer["data"][1]["left_out"]) == [("chips", "a-fleet", "other unit")]
    chips = await ask(client, f"/v1/rankings?by=hardware&unit=chip&as_of={DAY}")
    assert ranks(chips) == [("chips", 7, 7, 1, 2), ("maker", 7, None, 1, 1)]
    drawn = await ask(client, f"/v1/rankings?by=power&as_of={DAY}")
    assert (drawn["unit"], ranks(drawn)) == ("MW", [("a", 360, None, 1, 2), ("b", 0, None, 1, 2)])


async def test_where_records_are_cut_no_value_looks_complete_and_no_source_looks_like_the_only_one(
    store: Database, store_url: str
) -> None:
    deals = [supply(one, source, value=money(1)) for one in ("a", "b", "c") for source in ("hub", "spare")]
    fleets = [running(one, "hub", 10, hardware=[]) for one in ("a", "b")]
    await tell(store, *"abc", "hub", "spare", contracts=deals, fleets=fleets, investments=[funding("hub", "a")])
    async with serving(store_url, max_edges=4) as client:
        worth = await ask(client, f"/v1/rankings?by=contract_value&as_of={DAY}")
        sole = await ask(client, f"/v1/rankings?by=sole_source&as_of={DAY}&kind=compute&kind=capital")
    async with serving(store_url, max_edges=1) as client:
        fleet = await ask(client, f"/v1/rankings?by=gpus&as_of={DAY}")
    assert worth["truncated_by"] == sole["truncated_by"] == fleet["truncated_by"] == ["records"]
    assert ranks(worth) == [("hub", 2, None, 1, None), ("spare", 2, None, 1, None)]
    assert sole["data"] == []
    assert ranks(fleet) == [("a", 10, None, 1, None)]


@pytest.mark.parametrize(
    ("query", "parameter", "suggestion"),
    [
        ("by=investments", "by", "investment"),
        ("by=site", "by", "sites"),
        ("limit=0", "limit", None),
        ("limit=1001", "limit", None),
        ("by=contract_value&unit=dollars", "unit", None),
        ("by=contract_value&unit=usd", "unit", None),
        ("by=dependents&unit=USD", "unit", None),
        ("by=sole_source&unit=need", "unit", None),
        ("by=contract_value&unit=gpu", "unit", None),
        ("by=investment&unit=percent", "unit", None),
        ("by=gpus&unit=USD", "unit", "gpu"),
        ("by=hardware&unit=site", "unit", "gpu"),
        ("by=sites&unit=gpu", "unit", "site"),
        ("by=power&unit=chip", "unit", "MW"),
        ("by=gpus&kind=compute", "kind", None),
        ("by=investment&kind=compute", "kind", "capital"),
        ("by=investment&kind=capital&kind=compute", "kind", "capital"),
        ("by=investment&kind__not=capital", "kind__not", None),
        ("by=contract_value&kind=revenue", "kind", None),
        ("by=contract_value&kind=partnership", "kind", None),
        ("by=sites&stage=active", "stage", None),
        ("by=power&kind=energy", "kind", None),
        ("by=hardware&stage=active", "stage", None),
        ("by=gpus&evidence=reported", "evidence", None),
        ("by=sites&stage__not=active", "stage__not", None),
        ("sort=-value", "sort", None),
    ],
)
async def test_what_cannot_be_asked(reader: AsyncClient, query: str, parameter: str, suggestion: str | None) -> None:
    flaw = await refused(reader, f"/v1/rankings?{query}")
    assert (flaw["parameter"], flaw.get("suggestion")) == (parameter, suggestion)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        (
            "by=contract_value&kind=compute&kind=revenue&kind=capital",
            f"by=contract_value ranks {', '.join(SUPPLY_KINDS)}, and nothing of revenue or capital",
        ),
        ("by=investment&kind__not=capital", "by=investment ranks capital, and this leaves out all of it"),
        ("by=gpus&unit=USD", "by=gpus cannot be ranked in USD: write gpu or accelerator or chip or h100_equivalent"),
        ("by=investment&unit=MW", "by=investment cannot be ranked in MW: write an ISO 4217 currency code such as USD"),
    ],
)
async def test_what_would_fit_is_said(reader: AsyncClient, query: str, detail: str) -> None:
    assert (await refused(reader, f"/v1/rankings?{query}"))["detail"] == detail


@pytest.mark.parametrize(
    "query",
    [
        "by=investment&kind=capital&unit=EUR",
        "by=contract_value&kind=energy&kind=other&kind__not=energy&kind__not=revenue",
        "by=power&unit=GW",
        "by=hardware&unit=h100_equivalent",
        "by=sole_source&kind=revenue",
    ],
)
async def test_what_fits_is_answered(reader: AsyncClient, query: str) -> None:
    await ask(reader, f"/v1/rankings?{query}")


async def test_a_unit_that_was_meant_is_named(reader: AsyncClient) -> None:
    assert "did you mean USD?" in (await refused(reader, "/v1/rankings?by=contract_value&unit=usd"))["detail"]
