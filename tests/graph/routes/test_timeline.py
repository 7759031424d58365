"""Dated facts in order: ``GET /v1/timeline``."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.ledger.cursor import sealed
from app.shared.database import Database
from tests.factories import event, fleet, metric
from tests.graph.asking import ask, refused
from tests.graph.deals import funding, money, supply, tell
from tests.ledger.asking import forged

ARTICLE = [
    ("2023-01", "contracts", "microsoft-openai-technology", "signed_on"),
    ("2023-01", "investments", "microsoft-openai-2023-01", "announced_on"),
    ("2023", "metrics", "coreweave-revenue-2023", "period"),
    ("2024", "metrics", "coreweave-microsoft-revenue-share-2024", "period"),
    ("2024", "metrics", "coreweave-revenue-2024", "period"),
    ("2025-01", "contracts", "openai-microsoft-compute", "exclusive_until"),
    ("2025-01", "contracts", "stargate-2025", "announced_on"),
    ("2025-01", "events", "stargate-announcement-2025-01", "date"),
    ("2025-03-10", "contracts", "openai-coreweave-compute-2025", "announced_on"),
    ("2025-03-10", "events", "openai-coreweave-announcement-2025-03-10", "date"),
    ("2025-03-10", "investments", "openai-coreweave-2025-03", "announced_on"),
    ("2025-03-12", "events", "gpu-supply-decides-ai", "date"),
    ("2025-03-12", "fleets", "coreweave-2025-03", "as_of"),
]

Fact = tuple[str, str, str, str]


def facts(answer: dict[str, Any]) -> list[Fact]:
    """Each fact: the date as it was said, and of which record which field it is."""
    return [(one["date"], one["record"]["type"], one["record"]["slug"], one["field"]) for one in answer["data"]]


async def walk(client: AsyncClient, url: str, most: int = 30) -> list[list[Fact]]:
    """The facts page after page."""
    pages, following = list[list[Fact]](), url
    while following and len(pages) < most:
        answer = await ask(client, following)
        pages.append(facts(answer))
        following = answer["next"]
    return pages


async def test_every_date_of_the_article_in_the_order_of_its_first_day(reader: AsyncClient) -> None:
    answer = await ask(reader, "/v1/timeline")
    assert facts(answer) == ARTICLE
    assert answer["next"] is None


async def test_a_fact_says_what_it_is_and_how_it_is_known(reader: AsyncClient) -> None:
    stargate = next(one for one in (await ask(reader, "/v1/timeline"))["data"] if one["date"] == "2025-01")
    assert (stargate["earliest"], stargate["latest"]) == ("2025-01-01", "2025-01-31")
    share = (await ask(reader, "/v1/timeline?from=2024-01-01&to=2024-12-31"))["data"][0]
    assert share["title"] == "revenue share of CoreWeave with Microsoft: 62 percent"
    assert share["stage"] is None
    assert share["record"]["url"] == "/v1/metrics/coreweave-microsoft-revenue-share-2024"
    assert share["citations"][0]["excerpt"] == "62% of its income from 2024"


@pytest.mark.parametrize("limit", [1, 2, 5, 12, 13, 14])
async def test_pages_hold_all_facts_once_and_in_order(reader: AsyncClient, limit: int) -> None:
    pages = await walk(reader, f"/v1/timeline?limit={limit}")
    assert [fact for page in pages for fact in page] == ARTICLE
    assert {len(page) for page in pages[:-1]} <= {limit}
    assert 1 <= len(pages[-1]) <= limit


async def test_pages_keep_to_the_question(reader: AsyncClient) -> None:
    asked = "company=openai&company=nvidia&from=2025-01-15&limit=2"
    pages = await walk(reader, f"/v1/timeline?{asked}")
    assert [slug for page in pages for _, _, slug, _ in page] == [
        "openai-microsoft-compute",
        "stargate-2025",
        "stargate-announcement-2025-01",
        "openai-coreweave-compute-2025",
        "openai-coreweave-announcement-2025-03-10",
        "openai-coreweave-2025-03",
        "gpu-supply-decides-ai",
        "coreweave-2025-03",
    ]
    assert [len(page) for page in pages] == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        ("from=2025-03-12", 11, 13),
        ("from=2025-03-13", 13, 13),
        ("to=2023-01-01", 0, 3),
        ("to=2022-12-31", 0, 0),
        ("from=2024-06-01&to=2025-01-15", 3, 8),
        ("from=2025-01-31&to=2025-01-31", 5, 8),
        ("from=2025-02-01&to=2025-03-10", 8, 11),
    ],
)
async def test_a_span_has_what_may_fall_into_it(reader: AsyncClient, span: str, first: int, last: int) -> None:
    assert facts(await ask(reader, f"/v1/timeline?{span}")) == ARTICLE[first:last]


@pytest.mark.parametrize(
    ("company", "slugs"),
    [
        ("softbank", ["stargate-2025", "stargate-announcement-2025-01"]),
        ("nvidia", ["gpu-supply-decides-ai", "coreweave-2025-03"]),
        ("anthropic", []),
    ],
)
async def test_only_facts_that_name_a_company(reader: AsyncClient, company: str, slugs: list[str]) -> None:
    found = facts(await ask(reader, f"/v1/timeline?company={company}"))
    assert [slug for _, _, slug, _ in found] == slugs


async def test_a_company_is_named_in_any_role_of_any_record(store: Database, client: AsyncClient) -> None:
    everything: dict[str, list[dict[str, Any]]] = {
        "contracts": [
            supply("us", "x", slug="we-buy", announced_on="2024-01-01", ends_on="2026-01-01"),
            supply("x", "us", slug="we-sell", announced_on="2024-01-02", term_months=12),
            supply("x", "y", slug="not-us", announced_on="2024-01-03"),
        ],
        "investments": [
            funding("us", "x", slug="they-invest", closed_on="2024-01-04"),
            funding("x", "us", slug="we-invest", closed_on="2024-01-05", amount=money(1)),
        ],
        "fleets": [
            fleet(slug="we-run", operator="us", as_of="2024-01-06"),
            fleet(slug="we-use", operator="x", users=["us"], as_of="2024-01-07"),
            fleet(slug="our-chips", operator="x", hardware=[{"vendor": "us"}], as_of="2024-01-08"),
        ],
        "metrics": [
            metric(slug="our-revenue", company="us", period="2024-01-09"),
            metric(slug="our-share", company="x", counterparty="us", period="2024-01-10"),
        ],
        "events": [event(slug="we-speak", companies=[{"company": "us", "role": "speaker"}], date="2024-01-11")],
    }
    await tell(store, "us", "x", "y", **everything)
    expected = ["we-buy", "we-sell", "they-invest", "we-invest", "we-run", "we-use", "our-chips"]
    expected += ["our-revenue", "our-share", "we-speak", "we-buy"]
    for limit in (50, 3):
        pages = await walk(client, f"/v1/timeline?company=us&limit={limit}")
        assert [slug for page in pages for _, _, slug, _ in page] == expected
    assert (await ask(client, "/v1/timeline?company=us"))["data"][-1]["field"] == "ends_on"


async def test_the_timeline_shows_what_is_known_now(store: Database, client: AsyncClient) -> None:
    await tell(store, "a", "b", contracts=[supply("a", "b", announced_on="2024-05", title="A first word")])
    await tell(store, contracts=[supply("a", "b", announced_on="2023-05", title="A better word", signed_on="2024")])
    answer = await ask(client, "/v1/timeline")
    assert facts(answer) == [
        ("2023-05", "contracts", "a-b", "announced_on"),
        ("2024", "contracts", "a-b", "signed_on"),
    ]
    assert {one["title"] for one in answer["data"]} == {"A better word"}


def _identity(asked: str) -> str:
    return f"timeline [] {asked}"


FORGED = [
    ["2025-01-01", "contracts", "a", "b"],
    [None, "contracts", "a", "b"],
    [1, 2, 3, 4],
    [True, "contracts", "a", "b"],
    [["2025-01-01"], "contracts", "a", "b"],
]


@pytest.mark.parametrize("keys", FORGED, ids=str)
async def test_a_cursor_of_other_keys_is_refused_and_never_reaches_the_store(
    article: Database, reader: AsyncClient, keys: list[Any]
) -> None:
    cursor = await forged(article, _identity("None None"), keys)
    assert "does not fit" in (await refused(reader, f"/v1/timeline?cursor={cursor}"))["detail"]


@pytest.mark.parametrize(
    "cursor", ["x", "AAAA", "%F0%9F%92%A9", "eyJhIjoxfQ", sealed(b"guessed", "timeline [] None None", ["a"])]
)
async def test_what_is_no_cursor_of_ours_is_refused(reader: AsyncClient, cursor: str) -> None:
    assert (await refused(reader, f"/v1/timeline?cursor={cursor}"))["parameter"] == "cursor"


async def test_a_cursor_goes_with_its_question_only(reader: AsyncClient) -> None:
    following = (await ask(reader, "/v1/timeline?limit=2&company=openai"))["next"]
    other = following.replace("company=openai", "company=microsoft")
    assert "belongs to another question" in (await refused(reader, other))["detail"]
    assert (await reader.get(following.replace("limit=2", "limit=5"))).status_code == 200


@pytest.mark.parametrize(
    ("query", "parameter", "suggestion"),
    [
        ("company=opnai", "company", "openai"),
        ("from=2025-03-12&to=2025-03-11", "from", None),
        ("from=2025", "from", None),
        ("to=12.03.2025", "to", None),
        ("limit=0", "limit", None),
        ("limit=1001", "limit", None),
        ("frm=2025-01-01", "frm", "from"),
        ("as_of=2025-01-01", "as_of", None),
        ("from=2025-01-01&from=2025-01-02", "from", None),
    ],
)
async def test_what_cannot_be_asked(reader: AsyncClient, query: str, parameter: str, suggestion: str | None) -> None:
    flaw = await refused(reader, f"/v1/timeline?{query}")
    assert (flaw["parameter"], flaw.get("suggestion")) == (parameter, suggestion)
