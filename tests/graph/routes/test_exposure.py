"""How concentrated suppliers, customers and investors are: ``GET /v1/companies/{slug}/exposure``."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from tests.conftest import serving
from tests.factories import contract, metric, source
from tests.graph.asking import ask, bounds, problem, reasons, refused
from tests.graph.deals import funding, money, running, share, supply, tell
from tests.graph.small_world import BILLION, DAY, World

ON = "as_of=2025-03-12"
COREWEAVE = f"/v1/companies/coreweave/exposure?{ON}"
CLOUD = f"/v1/companies/cloud/exposure?as_of={DAY}"
CONTRACT, IN_KIND = "openai-coreweave-compute-2025", "openai-coreweave-2025-03"


async def group(client: AsyncClient, url: str, by: str, kind: str) -> Any:  # noqa: ANN401 - JSON
    """The one group of an exposure by whom and through what."""
    (found,) = [one for one in (await ask(client, url))["groups"] if (one["by"], one["kind"]) == (by, kind)]
    return found


def parties(whole: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Each party of a concentration: its amount, and its share in percent."""
    return [(one["company"], bounds(one["amount"]), bounds(one["share"])[:2]) for one in whole["parties"]]  # type: ignore[index]


async def test_to_whom_coreweave_is_exposed(reader: AsyncClient) -> None:
    answer = await ask(reader, COREWEAVE)
    assert [(one["by"], one["kind"], one["companies"]) for one in answer["groups"]] == [
        ("supplier", "hardware", ["nvidia"]),
        ("customer", "revenue", ["microsoft", "openai"]),
        ("investor", "capital", ["nvidia", "openai"]),
    ]
    assert (answer["company"], answer["unknowns"], answer["truncated"]) == ("coreweave", [], False)


async def test_microsoft_is_62_percent_of_the_revenue_and_the_rest_may_be_one_or_many(reader: AsyncClient) -> None:
    customers = await group(reader, COREWEAVE, "customer", "revenue")
    (stated,) = customers["stated_shares"]
    assert (stated["company"], bounds(stated["share"]), stated["period"]) == ("microsoft", (62, 62, "percent"), "2024")
    assert stated["record"]["slug"] == "coreweave-microsoft-revenue-share-2024"
    of_2024 = customers["concentrations"][0]
    assert (of_2024["basis"], of_2024["period"], of_2024["total"]) == ("stated", "2024", None)
    assert parties(of_2024) == [("microsoft", None, (62, 62))]
    assert bounds(of_2024["remainder"]) == (38, 38, "percent")
    assert bounds(of_2024["hhi"]) == (3844, 5288, "hhi")


async def test_the_contract_is_one_amount_and_the_undisclosed_one_leaves_all_shares_open(reader: AsyncClient) -> None:
    by_amount = (await group(reader, COREWEAVE, "customer", "revenue"))["concentrations"][1]
    assert (by_amount["basis"], by_amount["nature"], by_amount["tentative"]) == ("amounts", "money", False)
    assert bounds(by_amount["total"]) == (11_900_000_000, None, "USD")
    assert parties(by_amount) == [
        ("microsoft", (0, None, "USD"), (0, 100)),
        ("openai", (11_900_000_000, 11_900_000_000, "USD"), (0, 100)),
    ]
    assert reasons(by_amount["left_out"]) == [("microsoft", "microsoft-coreweave-compute", "undisclosed amount")]


async def test_62_percent_of_1_9_billion_is_derived_and_says_so(reader: AsyncClient) -> None:
    derived = (await ask(reader, COREWEAVE))["derived"][0]
    assert (derived["name"], derived["counterparty"], derived["period"]) == (
        "revenue from microsoft",
        "microsoft",
        "2024",
    )
    assert bounds(derived["value"]) == (1_178_000_000, 1_178_000_000, "USD")
    assert derived["value"]["text"] == "USD 1.178 billion"
    assert derived["formula"] == "revenue_share of microsoft in 2024 * revenue in 2024"
    assert [(one["name"], one["value"]["text"], one["record"]["url"]) for one in derived["inputs"]] == [
        ("revenue_share", "62 percent", "/v1/metrics/coreweave-microsoft-revenue-share-2024"),
        ("revenue", "USD 1.9 billion", "/v1/metrics/coreweave-revenue-2024"),
    ]
    assert derived["note"] == "derived, not stated"


async def test_a_derived_figure_is_never_among_the_stated_ones(reader: AsyncClient) -> None:
    customers = await group(reader, COREWEAVE, "customer", "revenue")
    assert "1178000000" not in str(customers)


async def test_the_growth_of_a_year_is_rounded_outward(reader: AsyncClient) -> None:
    _, growth = (await ask(reader, COREWEAVE))["derived"]
    assert growth["name"] == "revenue relative to the year before"
    assert growth["formula"] == "revenue in 2024 / revenue in 2023 * 100"
    low, high = growth["value"]["low"], growth["value"]["high"]
    assert (str(low), str(high), growth["value"]["unit"]) == ("830.056", "830.057", "percent")
    assert low < 100 * 1_900_000_000 / 228_900_000 < high


async def test_shares_in_kind_are_not_counted_beside_the_contract_that_they_are_part_of(reader: AsyncClient) -> None:
    investors = await group(reader, COREWEAVE, "investor", "capital")
    assert investors["concentrations"] == []
    assert reasons(investors["left_out"]) == [
        ("nvidia", "nvidia-coreweave", "undisclosed amount"),
        ("openai", IN_KIND, "in kind under a contract"),
    ]
    left = {one["company"]: bounds(one["amount"]) for one in investors["left_out"]}
    assert left == {"nvidia": None, "openai": (350_000_000, 350_000_000, "USD")}
    counted = [
        record["slug"]
        for one in (await ask(reader, COREWEAVE))["groups"]
        for whole in one["concentrations"]
        for party in whole["parties"]
        for record in party["records"]
    ]
    assert counted.count(CONTRACT) == 1
    assert IN_KIND not in counted


async def test_one_supplier_of_hardware_is_all_of_it(reader: AsyncClient) -> None:
    (whole,) = (await group(reader, COREWEAVE, "supplier", "hardware"))["concentrations"]
    assert parties(whole) == [("nvidia", (250_000, None, "gpu"), (100, 100))]
    assert bounds(whole["hhi"]) == (10_000, 10_000, "hhi")


async def test_a_customer_without_any_stated_price_has_suppliers_but_no_shares(reader: AsyncClient) -> None:
    answer = await ask(reader, f"/v1/companies/microsoft/exposure?{ON}")
    assert [(one["by"], one["kind"], one["companies"]) for one in answer["groups"]] == [
        ("supplier", "compute", ["coreweave"]),
        ("supplier", "technology", ["openai"]),
        ("customer", "revenue", ["openai"]),
    ]
    assert [one["concentrations"] for one in answer["groups"]] == [[], [], []]


async def test_figures_of_a_year_that_has_not_begun_are_not_known_yet(reader: AsyncClient) -> None:
    url = "/v1/companies/coreweave/exposure?as_of="
    assert (await ask(reader, url + "2023-12-31"))["derived"] == []
    assert len((await ask(reader, url + "2024-01-01"))["derived"]) == 2
    before = await ask(reader, url + "2022-12-31")
    assert [one["kind"] for one in before["groups"]] == ["revenue", "capital"]
    assert before["groups"][0]["stated_shares"] == []


async def test_nothing_is_recorded_of_anthropic(reader: AsyncClient) -> None:
    answer = await ask(reader, f"/v1/companies/anthropic/exposure?{ON}")
    assert (answer["groups"], answer["derived"]) == ([], [])
    assert answer["unknowns"] == ["No dependency is recorded for Anthropic as of 2025-03-12."]


async def test_the_figures_are_those_that_were_known_then(world: World) -> None:
    told = await ask(world.client, f"{CLOUD}&known_at={world.told}")
    corrected = await ask(world.client, f"{CLOUD}&known_at={world.corrected}")
    assert [bounds(answer["derived"][0]["value"]) for answer in (told, corrected)] == [
        (100, 100, "USD"),
        (120, 120, "USD"),
    ]
    for answer, percent, contracted, invested in ((told, 50, 10, 5), (corrected, 60, 20, 7)):
        _, customers, investors = answer["groups"]
        assert parties(customers["concentrations"][0]) == [("lab", None, (percent, percent))]
        worth = contracted * BILLION
        lab = next(one for one in customers["concentrations"][2]["parties"] if one["company"] == "lab")
        assert bounds(lab["amount"]) == (worth, worth, "USD")
        assert bounds(investors["concentrations"][0]["total"]) == (invested * BILLION, invested * BILLION, "USD")


async def test_a_new_customer_is_there_only_once_it_was_told_and_published(world: World) -> None:
    for more, customers in (
        (f"&known_at={world.corrected}", ["euro", "lab"]),
        (f"&known_at={world.extended}", ["chips", "euro", "lab"]),
        ("&published_by=2025-06-29", ["euro", "lab"]),
        ("&published_by=2025-06-30", ["chips", "euro", "lab"]),
    ):
        assert (await group(world.client, CLOUD + more, "customer", "revenue"))["companies"] == customers


@pytest.mark.parametrize("known_at", ["", "&known_at=told"])
async def test_what_no_source_had_published_is_not_derived_from(world: World, known_at: str) -> None:
    then = CLOUD + known_at.replace("told", world.told)
    assert (await ask(world.client, then + "&published_by=2024-12-31"))["derived"] != []
    answer = await ask(world.client, then + "&published_by=2024-12-30")
    assert (answer["groups"], answer["derived"]) == ([], [])


async def test_before_the_first_record_nothing_was_known(world: World) -> None:
    answer = await ask(world.client, CLOUD + "&known_at=2020-01-01T00:00:00Z")
    assert (answer["groups"], answer["derived"], answer["revision"]) == ([], [], 0)
    assert answer["unknowns"] == ["Nothing had been recorded by 2020-01-01T00:00:00Z."]


async def test_currencies_are_apart_and_each_leaves_out_the_other(world: World) -> None:
    customers = await group(world.client, f"{CLOUD}&known_at={world.corrected}", "customer", "revenue")
    _, euro, dollar = customers["concentrations"]
    assert parties(euro) == [("euro", (4 * BILLION, 4 * BILLION, "EUR"), (0, 100)), ("lab", (0, None, "EUR"), (0, 100))]
    assert reasons(euro["left_out"]) == [("lab", "lab-cloud", "other currency")]
    assert reasons(dollar["left_out"]) == [("euro", "euro-cloud", "other currency")]
    assert bounds(dollar["total"]) == (20 * BILLION, None, "USD")


async def test_the_share_of_2024_stays_in_2024_when_that_of_2025_is_known(store: Database, client: AsyncClient) -> None:
    shares = [share("shop", "a", 60, "2024"), share("shop", "b", 30, "2024"), share("shop", "a", 70, "2025")]
    await tell(store, "shop", "a", "b", metrics=shares)
    customers = await group(client, "/v1/companies/shop/exposure?as_of=2025-06-01", "customer", "revenue")
    of_2024, of_2025 = customers["concentrations"]
    assert (of_2024["period"], parties(of_2024)) == ("2024", [("a", None, (60, 60)), ("b", None, (30, 30))])
    assert bounds(of_2024["remainder"]) == (10, 10, "percent")
    assert (of_2025["period"], parties(of_2025)) == ("2025", [("a", None, (70, 70))])


async def test_why_each_record_is_left_out(store: Database, client: AsyncClient) -> None:
    await tell(
        store,
        *("shop", "big", "small", "vague", "silent", "perhaps"),
        contracts=[
            supply("big", "shop", value=money(75)),
            supply("small", "shop", value=money(25)),
            supply("vague", "shop", value=money(5, qualifier="approximately")),
            supply("silent", "shop", value={"qualifier": "undisclosed", "unit": "USD"}),
            supply("perhaps", "shop", value=money(100), stage="intended"),
        ],
    )
    customers = await group(client, f"/v1/companies/shop/exposure?as_of={DAY}", "customer", "revenue")
    binding, tentative = customers["concentrations"]
    assert reasons(binding["left_out"]) == [
        ("perhaps", "perhaps-shop", "intended or rumoured"),
        ("silent", "silent-shop", "undisclosed amount"),
        ("vague", "vague-shop", "no certain bounds"),
    ]
    assert bounds(binding["total"]) == (100, None, "USD")
    assert (tentative["tentative"], bounds(tentative["total"])) == (True, (100, 100, "USD"))


async def test_known_amounts_make_exact_shares(store: Database, client: AsyncClient) -> None:
    await tell(
        store,
        *("shop", "big", "small"),
        contracts=[supply("big", "shop", value=money(75)), supply("small", "shop", value=money(25))],
    )
    customers = await group(client, f"/v1/companies/shop/exposure?as_of={DAY}", "customer", "revenue")
    (whole,) = customers["concentrations"]
    assert parties(whole) == [("big", (75, 75, "USD"), (75, 75)), ("small", (25, 25, "USD"), (25, 25))]
    assert bounds(whole["hhi"]) == (75**2 + 25**2, 75**2 + 25**2, "hhi")
    assert bounds(whole["remainder"]) == (0, 0, "percent")


async def test_an_amount_of_two_customers_together_is_no_ones_alone(store: Database, client: AsyncClient) -> None:
    joint = [{"company": slug, "role": "customer"} for slug in ("a", "b")] + [{"company": "shop", "role": "supplier"}]
    await tell(store, "a", "b", "shop", contracts=[contract(slug="joint", parties=joint, value=money(10))])
    (whole,) = (await group(client, "/v1/companies/shop/exposure", "customer", "revenue"))["concentrations"]
    assert parties(whole) == [("a", (0, 10, "USD"), (0, 100)), ("b", (0, 10, "USD"), (0, 100))]
    assert bounds(whole["total"]) == (10, 10, "USD")


async def test_what_only_may_hold_counts_for_nothing_to_all_of_it(store: Database, client: AsyncClient) -> None:
    await tell(store, "a", "shop", contracts=[supply("a", "shop", value=money(10), announced_on="2025")])
    (whole,) = (await group(client, "/v1/companies/shop/exposure?as_of=2025-06-01", "customer", "revenue"))[
        "concentrations"
    ]
    assert bounds(whole["total"]) == (0, 10, "USD")
    assert (await ask(client, "/v1/companies/shop/exposure?as_of=2024-12-31"))["groups"] == []


async def test_a_figure_that_cannot_be_derived_says_what_is_missing(store: Database, client: AsyncClient) -> None:
    revenue = metric(slug="other-year", company="shop", period="2022", value=money(9))
    await tell(store, "a", "shop", metrics=[share("shop", "a", 40), revenue])
    answer = await ask(client, f"/v1/companies/shop/exposure?as_of={DAY}")
    assert answer["derived"] == []
    assert answer["unknowns"] == ["revenue from a in 2023: the revenue of shop in 2023 is not stated"]


async def test_a_metric_that_was_of_another_company_is_so_only_in_the_past(
    store: Database, client: AsyncClient
) -> None:
    of_a = metric(slug="revenue", company="a", period="2023", value=money(50))
    before = await tell(store, "a", "b", "c", metrics=[of_a, share("a", "c", 10), share("b", "c", 10, slug="of-b")])
    await tell(store, metrics=[of_a | {"company": "b"}])
    for company, known_at, derived in (("a", before, 1), ("b", before, 0), ("a", "", 0), ("b", "", 1)):
        asked = f"&known_at={known_at}" if known_at else ""
        answer = await ask(client, f"/v1/companies/{company}/exposure?as_of={DAY}{asked}")
        assert len(answer["derived"]) == derived, (company, known_at)


async def test_a_source_that_was_dated_later_on_does_not_change_what_was_known_then(
    store: Database, client: AsyncClient
) -> None:
    revenue = metric(company="a", period="2023", value=money(100))
    before = await tell(store, "a", "c", sources=[source(published_on=None)], metrics=[revenue, share("a", "c", 10)])
    now = await tell(store)
    url = "/v1/companies/a/exposure?as_of=2025-06-01&published_by=2025-03-12&known_at="
    assert (await ask(client, url + before))["derived"] == []
    assert len((await ask(client, url + now))["derived"]) == 1


async def test_where_records_are_cut_every_share_is_open(store: Database, store_url: str) -> None:
    """Of ten customers of ten each, one that is read alone must not look like the only one."""
    customers = [f"customer-{number}" for number in range(10)]
    deals = [supply(customer, "shop", value=money(10)) for customer in customers]
    await tell(store, "shop", *customers, contracts=deals, investments=[funding("shop", "customer-0")])
    async with serving(store_url, max_edges=4) as client:
        answer = await ask(client, f"/v1/companies/shop/exposure?as_of={DAY}")
    assert answer["truncated_by"] == ["edges"]
    for one in answer["groups"]:
        for whole in one["concentrations"]:
            assert whole["total"]["high"] is None
            assert all(party["share"]["low"] <= 10 for party in whole["parties"])
            assert whole["hhi"]["low"] <= 1_000
            assert whole["remainder"]["high"] == 100


async def test_gpus_are_no_money(store: Database, client: AsyncClient) -> None:
    bought = supply("operator", "maker", kind="hardware", value=money(500))
    await tell(store, "operator", "maker", contracts=[bought], fleets=[running("operator", "maker", 70)])
    hardware = await group(client, f"/v1/companies/operator/exposure?as_of={DAY}", "supplier", "hardware")
    assert [(one["unit"], bounds(one["total"])) for one in hardware["concentrations"]] == [
        ("USD", (500, 500, "USD")),
        ("gpu", (70, 70, "gpu")),
    ]


@pytest.mark.parametrize(
    ("query", "parameter", "suggestion"),
    [
        ("as_off=2025-03-12", "as_off", "as_of"),
        ("as_of=2025", "as_of", None),
        ("as_of=0999-01-01", "as_of", None),
        ("as_of=2025-02-30", "as_of", None),
        ("published_by=2025-03", "published_by", None),
        ("known_at=2025-03-12", "known_at", None),
        ("known_at=2025-03-12T10:00:00", "known_at", None),
        ("known_at=2025", "known_at", None),
        ("known_at=0001-01-01T00:00:00%2B14:00", "known_at", None),
        ("known_at=9999-12-31T23:59:59-14:00", "known_at", None),
        ("limit=3", "limit", None),
        ("as_of=2025-03-12&as_of=2025-03-13", "as_of", None),
    ],
)
async def test_what_cannot_be_asked(reader: AsyncClient, query: str, parameter: str, suggestion: str | None) -> None:
    flaw = await refused(reader, f"/v1/companies/coreweave/exposure?{query}")
    assert (flaw["parameter"], flaw.get("suggestion")) == (parameter, suggestion)


async def test_a_company_that_does_not_exist(reader: AsyncClient) -> None:
    said = problem(await reader.get("/v1/companies/corweave/exposure"), 404)
    assert said["errors"][0]["suggestion"] == "coreweave"


async def test_another_spelling_leads_to_the_company(reader: AsyncClient) -> None:
    reply = await reader.get(f"/v1/companies/CoreWeave/exposure?{ON}")
    assert (reply.status_code, reply.headers["location"]) == (308, COREWEAVE)
