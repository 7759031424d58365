"""Every fact of the article, asked of the API as a reader would: with its hedges, its bounds and its citation."""

from typing import Any

import pytest
from httpx import AsyncClient

Record = dict[str, Any]
WIRED = "wired-italy-2025-03-12"
REUTERS = "reuters-openai-coreweave"
RESOURCES = ("sources", "companies", "contracts", "investments", "fleets", "metrics", "events")


async def all_of(reader: AsyncClient, question: str) -> list[Record]:
    reply = await reader.get(f"/v1/{question}")
    assert reply.status_code == 200, reply.text
    assert reply.json()["next"] is None
    records: list[Record] = reply.json()["data"]
    return records


async def only(reader: AsyncClient, question: str) -> Record:
    (record,) = await all_of(reader, question)
    return record


def cited(record: Record, paragraph: int, *, to: str | None = None, evidence: str = "reported") -> list[str]:
    """The claims that rest on a paragraph of the article, said by Wired itself or passed on from ``to``."""
    found = [one for one in record["citations"] if one["locator"] == f"paragraph {paragraph}"]
    assert {one["source"] for one in found} == {WIRED}
    return [one["claim"] for one in found if (one["attributed_to"], one["evidence"]) == (to, evidence)]


def said(quantity: Record | None) -> tuple[Any, ...]:
    assert quantity is not None
    return quantity["text"], quantity["low"], quantity["high"]


def roles(record: Record, field: str = "parties") -> dict[str, str]:
    return {one["company"]: one["role"] for one in record[field]}


async def test_coreweave_supplies_openai_for_five_years_at_a_stated_price(reader: AsyncClient) -> None:
    contract = await only(reader, "contracts?company=openai&announced_on=2025-03-10")
    assert roles(contract) == {"coreweave": "supplier", "openai": "customer"}
    assert (contract["kind"], contract["term_months"], contract["announced_on"]) == ("compute", 60, "2025-03-10")
    assert said(contract["value"]) == ("USD 11.9 billion", 11_900_000_000, 11_900_000_000)
    assert (contract["stage"], contract["signed_on"], contract["starts_on"]) == ("announced", None, None), (
        "the article says that they would have signed"
    )
    assert any("11.9 billion dollars" in claim for claim in cited(contract, 1, to=REUTERS))
    assert any("10 March 2025" in claim for claim in cited(contract, 4))


async def test_the_value_of_the_contract_finds_it(reader: AsyncClient) -> None:
    contract = await only(reader, "contracts?value=11900000000")
    asserted = [one["asserts"].get("value") for one in contract["citations"] if one["attributed_to"] == REUTERS]
    assert {"qualifier": "exact", "amount": 11_900_000_000, "unit": "USD"} in asserted


async def test_openai_is_to_receive_shares_with_the_public_offering(reader: AsyncClient) -> None:
    shares = await only(reader, "investments?investors=openai&investee=coreweave")
    assert (shares["instrument"], shares["stage"], shares["closed_on"]) == ("shares_in_kind", "announced", None)
    assert said(shares["amount"]) == ("USD 350 million", 350_000_000, 350_000_000)
    assert shares["contract"] == (await only(reader, "contracts?value=11900000000"))["slug"]
    assert "IPO" in shares["conditions"]
    assert "private placement" in shares["conditions"]
    claims = cited(shares, 3, to=REUTERS)
    assert any("350 million dollars" in claim for claim in claims)
    assert any("private placement" in claim for claim in claims)


async def test_nvidia_is_an_investor_in_coreweave_and_nothing_more_is_known_of_it(reader: AsyncClient) -> None:
    investment = await only(reader, "investments?company=nvidia")
    assert (investment["investors"], investment["investee"]) == (["nvidia"], "coreweave")
    unknown = ("amount", "stake", "announced_on", "closed_on", "contract")
    assert [investment[field] for field in unknown] == [None] * len(unknown)
    assert investment["instrument"] == "undisclosed"
    assert cited(investment, 1)


async def test_microsoft_invested_more_than_ten_billion_in_openai_in_january_2023(reader: AsyncClient) -> None:
    investment = await only(reader, "investments?investors=microsoft&announced_on=2023-01")
    assert (investment["investee"], investment["stage"]) == ("openai", "completed")
    assert (investment["announced_on"], investment["closed_on"]) == ("2023-01", None)
    assert said(investment["amount"]) == ("more than USD 10 billion", 10_000_000_000, None)
    assert any("upwards of 10 billion" in claim for claim in cited(investment, 6))


@pytest.mark.parametrize(
    ("year", "text", "amount"),
    [("2023", "USD 228.9 million", 228_900_000), ("2024", "USD 1.9 billion", 1_900_000_000)],
)
async def test_the_revenue_of_coreweave_in_both_years(reader: AsyncClient, year: str, text: str, amount: int) -> None:
    metric = await only(reader, f"metrics?company=coreweave&name=revenue&period={year}")
    assert said(metric["value"]) == (text, amount, amount)
    assert (metric["counterparty"], metric["value"]["unit"]) == (None, "USD")
    assert cited(metric, 4)


async def test_microsoft_is_62_percent_of_the_revenue_of_coreweave_in_2024(reader: AsyncClient) -> None:
    metric = await only(reader, "metrics?company=coreweave&name=revenue_share")
    assert (metric["counterparty"], metric["period"]) == ("microsoft", "2024")
    assert said(metric["value"]) == ("62 percent", 62, 62)
    assert cited(metric, 4)


async def test_no_metric_is_stated_that_is_only_derived(reader: AsyncClient) -> None:
    assert len(await all_of(reader, "metrics")) == 3, "62 percent of 1.9 billion is for an answer to derive"


async def test_microsoft_is_the_largest_customer_of_coreweave(reader: AsyncClient) -> None:
    supplied = {tuple(roles(one).items()): one for one in await all_of(reader, "contracts?company=coreweave")}
    contract = supplied[("coreweave", "supplier"), ("microsoft", "customer")]
    assert len(supplied) == 2
    assert (contract["value"], contract["term_months"], contract["stage"]) == (None, None, "active")
    assert any("larger than Microsoft" in claim for claim in cited(contract, 4))


async def test_azure_was_exclusive_until_stargate_and_still_supplies_openai(reader: AsyncClient) -> None:
    contract = await only(reader, "contracts?company=openai&kind=compute&exclusive=true")
    assert roles(contract) == {"microsoft": "supplier", "openai": "customer"}
    assert (contract["exclusive_until"], contract["ends_on"], contract["stage"]) == ("2025-01", None, "active")
    assert "Microsoft Azure" in contract["products"]
    assert "training" in contract["used_in"][0]
    assert any("hung on Azure" in claim for claim in cited(contract, 7))
    assert any("greater part of the servers" in claim for claim in cited(contract, 2))
    assert any("still needs" in claim for claim in cited(contract, 8))


async def test_microsoft_has_exclusive_rights_to_what_openai_makes(reader: AsyncClient) -> None:
    contract = await only(reader, "contracts?kind=technology&exclusive=true")
    assert roles(contract) == {"openai": "supplier", "microsoft": "customer"}
    assert (contract["signed_on"], contract["exclusive_until"]) == ("2023-01", None)
    assert {"Word", "Excel"} < set(contract["used_in"])
    assert any("sole rights" in claim for claim in cited(contract, 6))
    (dated,) = [one for one in contract["citations"] if "signed_on" in one["asserts"]]
    assert dated["confidence"] == "low", "the article dates the investment, not the rights"


async def test_microsoft_builds_copilot_on_gpt_4(reader: AsyncClient) -> None:
    for question in ("contracts?used_in=Microsoft 365 Copilot", "contracts?products=GPT-4"):
        contract = await only(reader, question)
        assert roles(contract) == {"openai": "supplier", "microsoft": "customer"}
        assert (contract["kind"], contract["stage"]) == ("technology", "active")
        assert any("GPT-4" in claim for claim in cited(contract, 8))


async def test_stargate_and_who_takes_part(reader: AsyncClient) -> None:
    contract = await only(reader, "contracts?company=stargate")
    assert roles(contract) == {"stargate": "venture", "softbank": "member", "oracle": "member", "openai": "customer"}
    assert (contract["kind"], contract["announced_on"], contract["value"]) == ("partnership", "2025-01", None)
    assert len(cited(contract, 7)) == 3


async def test_the_fleet_of_coreweave(reader: AsyncClient) -> None:
    fleet = await only(reader, "fleets?operator=coreweave")
    assert said(fleet["sites"]) == ("32 sites", 32, 32)
    assert said(fleet["accelerators"]) == ("more than 250,000 GPUs", 250_000, None)
    assert (fleet["as_of"], fleet["power"], fleet["stage"]) == ("2025-03-12", None, "active")
    assert len(cited(fleet, 10)) == 3


async def test_the_new_hardware_of_the_fleet(reader: AsyncClient) -> None:
    fleet = await only(reader, "fleets?hardware.product=Blackwell machines")
    gpus, blackwell = fleet["hardware"]
    assert (blackwell["vendor"], blackwell["quantity"]) == ("nvidia", None)
    assert (gpus["vendor"], said(gpus["quantity"])) == ("nvidia", ("more than 250,000 GPUs", 250_000, None))
    event = await only(reader, "events?company=nvidia&kind=product")
    assert roles(event, "companies") == {"coreweave": "operator", "nvidia": "vendor"}
    assert event["date"] is None
    assert cited(event, 10)


async def test_microsoft_hired_mustafa_suleyman(reader: AsyncClient) -> None:
    event = await only(reader, "events?kind=hire")
    assert roles(event, "companies") == {"microsoft": "employer", "deepmind": "former_company", "openai": "rival"}
    assert "Suleyman" in event["title"]
    assert event["date"] is None
    assert cited(event, 8)


async def test_altman_said_on_x_that_gpus_are_scarce(reader: AsyncClient) -> None:
    event = await only(reader, "events?kind=statement&role=speaker")
    assert roles(event, "companies") == {"openai": "speaker"}
    assert event["date"] is None
    assert any("scarce" in claim for claim in cited(event, 10, to="altman-x-gpu-scarcity"))
    assert any("survival" in claim for claim in cited(event, 10))


async def test_the_contract_was_announced_on_a_confirmed_day(reader: AsyncClient) -> None:
    event = await only(reader, "events?kind=announcement&date=2025-03-10")
    assert roles(event, "companies") == {"openai": "customer", "coreweave": "supplier", "microsoft": "affected"}
    assert any("10 March 2025" in claim for claim in cited(event, 4, evidence="confirmed"))
    assert cited(event, 1, to=REUTERS), "that they agreed is only reported"


async def test_the_public_offering_is_expected_and_has_not_happened(reader: AsyncClient) -> None:
    event = await only(reader, "events?kind=listing")
    assert roles(event, "companies") == {"coreweave": "issuer"}
    assert event["date"] is None
    assert "expected" in event["title"]
    assert "not taken place" in event["summary"]


@pytest.mark.parametrize(
    ("question", "company", "paragraph"),
    [
        ("events?kind=announcement&company=stargate", "softbank", 7),
        ("events?role=benchmark", "anthropic", 8),
        ("events?kind=other&role=rival", "microsoft", 8),
        ("events?locator=paragraph 6", "openai", 6),
        ("events?locator=paragraph 2", "coreweave", 2),
        ("events?date=2025-03-12", "nvidia", 10),
    ],
)
async def test_the_other_events_of_the_article(
    reader: AsyncClient, question: str, company: str, paragraph: int
) -> None:
    event = await only(reader, question)
    assert company in roles(event, "companies")
    assert cited(event, paragraph)


async def test_reuters_is_the_origin_of_what_wired_reports(reader: AsyncClient) -> None:
    wired = await only(reader, "sources?publisher=Wired Italy")
    assert (wired["slug"], wired["published_on"], wired["language"]) == (WIRED, "2025-03-12", "en")
    assert REUTERS in wired["reports_on"]
    assert "Serfatty" in wired["author"]
    reuters = await only(reader, "sources?publisher=Reuters")
    assert (reuters["published_on"], reuters["url"]) == (None, None), "the article gives neither"
    assert len(cited(reuters, 1, evidence="confirmed") + cited(reuters, 3, evidence="confirmed")) == 2


async def test_what_reuters_reported_is_found_by_its_attribution(reader: AsyncClient) -> None:
    contracts = await all_of(reader, f"contracts?attributed_to={REUTERS}")
    investments = await all_of(reader, f"investments?attributed_to={REUTERS}")
    assert [one["slug"] for one in contracts] == ["openai-coreweave-compute-2025"]
    assert [one["slug"] for one in investments] == ["openai-coreweave-2025-03"]


async def test_the_companies_of_the_article_and_no_others(reader: AsyncClient) -> None:
    found = {one["slug"]: (one["name"], one["kind"]) for one in await all_of(reader, "companies")}
    assert found == {
        "anthropic": ("Anthropic", "ai_lab"),
        "coreweave": ("CoreWeave", "cloud_provider"),
        "deepmind": ("DeepMind", "ai_lab"),
        "microsoft": ("Microsoft", "cloud_provider"),
        "nvidia": ("Nvidia", "chip_vendor"),
        "openai": ("OpenAI", "ai_lab"),
        "oracle": ("Oracle", "cloud_provider"),
        "softbank": ("SoftBank", "investor"),
        "stargate": ("Stargate", "joint_venture"),
    }
    coreweave = await only(reader, "companies?slug=coreweave")
    assert (coreweave["country"], coreweave["aliases"]) == ("US", ["Coreweave"])


@pytest.mark.parametrize(
    ("resource", "count"),
    [("sources", 3), ("contracts", 6), ("investments", 3), ("fleets", 1), ("metrics", 3), ("events", 11)],
)
async def test_every_record_is_cited_by_paragraph_and_there_are_no_others(
    reader: AsyncClient, resource: str, count: int
) -> None:
    records = await all_of(reader, resource)
    assert len(records) == count
    places = {one["locator"] for record in records for one in record["citations"]}
    assert places <= {f"paragraph {number}" for number in range(1, 12)}
    assert all(record["citations"] for record in records)


async def test_only_what_the_text_attests_itself_is_confirmed(reader: AsyncClient) -> None:
    found = {resource: await all_of(reader, f"{resource}?evidence=confirmed") for resource in RESOURCES}
    assert {resource: [one["slug"] for one in records] for resource, records in found.items() if records} == {
        "sources": [REUTERS, WIRED],
        "events": ["openai-coreweave-announcement-2025-03-10"],
    }
