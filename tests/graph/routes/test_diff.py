"""What changed between two dates: ``GET /v1/companies/{slug}/dependencies/diff``."""

import csv
from io import StringIO
from typing import Any

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.shared.json import loads
from tests.conftest import serving
from tests.factories import citation, source
from tests.graph.asking import Hop, ask, bounds, hop, hops, problem, refused
from tests.graph.deals import money, supply, tell
from tests.graph.small_world import BILLION, DAY, World

OPENAI = "/v1/companies/openai/dependencies/diff"
LAB = f"/v1/companies/lab/dependencies/diff?as_of={DAY}&by=known_at"

INSTANTS = "by=known_at&from=2025-03-11T00:00:00Z&to=2025-03-12T00:00:00Z"


def fields(change: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What changed of an edge, from what to what."""
    return {one["field"]: (one["old"], one["new"]) for one in change["fields"]}


async def test_openai_gains_coreweave_and_stargate(reader: AsyncClient) -> None:
    answer = await ask(reader, f"{OPENAI}?from=2024-12-31&to=2025-03-12&depth=1&kind=compute&kind=capital")
    assert hops(answer["gained"]) == [
        ("coreweave", "openai", "capital", "openai-coreweave-2025-03"),
        ("microsoft", "coreweave", "compute", "microsoft-coreweave-compute"),
        ("openai", "coreweave", "compute", "openai-coreweave-compute-2025"),
        ("openai", "stargate", "compute", "stargate-2025"),
    ]
    assert answer["lost"] == []
    (change,) = answer["changed"]
    assert (hop(change["edge"]), fields(change)) == (
        ("openai", "microsoft", "compute", "openai-microsoft-compute"),
        {"possible": (True, False)},
    )
    assert change["record"]["url"] == "/v1/contracts/openai-microsoft-compute"
    assert answer["from"] == {"as_of": "2024-12-31", "known_at": None, "revision": 1}
    assert answer["to"] == {"as_of": "2025-03-12", "known_at": None, "revision": 1}
    assert (answer["root"], answer["by"], answer["truncated"], answer["unknowns"]) == ("openai", "as_of", False, [])


async def test_the_same_day_twice_has_no_difference(reader: AsyncClient) -> None:
    answer = await ask(reader, f"{OPENAI}?from=2025-03-12&to=2025-03-12")
    assert (answer["gained"], answer["lost"], answer["changed"]) == ([], [], [])


async def test_the_contract_ends_with_its_term_of_five_years(reader: AsyncClient) -> None:
    answer = await ask(reader, f"{OPENAI}?from=2025-03-12&to=2030-04-01&depth=1")
    assert ("openai", "coreweave", "compute", "openai-coreweave-compute-2025") in hops(answer["lost"])
    first = await ask(reader, f"{OPENAI}?from=2025-03-12&to=2030-03-01&depth=1")
    assert (first["lost"], first["changed"]) == ([], []), "whichever day of March it is, on the first it still runs"
    before = await ask(reader, f"{OPENAI}?from=2025-03-12&to=2030-03-31&depth=1")
    assert before["lost"] == []
    assert [(hop(one["edge"])[3], fields(one)) for one in before["changed"]] == [
        ("openai-coreweave-compute-2025", {"possible": (False, True)}),
        ("openai-coreweave-compute-2025", {"possible": (False, True)}),
    ]


async def test_what_the_store_learned_between_two_instants(world: World) -> None:
    answer = await ask(world.client, f"{LAB}&from={world.told}&to={world.corrected}")
    assert (answer["gained"], answer["lost"]) == ([], [])
    contract = next(one for one in answer["changed"] if hop(one["edge"])[0] == "lab")
    assert contract["record"]["slug"] == "lab-cloud"
    changed = fields(contract)
    assert set(changed) == {"amount", "summary"}
    assert [bounds(value) for value in changed["amount"]] == [
        (10 * BILLION, 10 * BILLION, "USD"),
        (20 * BILLION, 20 * BILLION, "USD"),
    ]
    assert changed["summary"] == (
        "Lab gets compute from Cloud, USD 10 billion.",
        "Big Lab gets compute from Cloud, USD 20 billion.",
    )
    assert bounds(contract["edge"]["amount"]) == (20 * BILLION, 20 * BILLION, "USD")
    assert [answer[side]["revision"] for side in ("from", "to")] == [1, 2]
    assert [answer[side]["known_at"] for side in ("from", "to")] == [world.told, world.corrected]
    assert [answer[side]["as_of"] for side in ("from", "to")] == [DAY, DAY]


async def test_what_it_gained_comes_with_the_record_that_caused_it(world: World) -> None:
    answer = await ask(world.client, f"{LAB}&from={world.corrected}&to={world.extended}")
    assert hops(answer["gained"]) == [
        ("chips", "cloud", "compute", "chips-cloud"),
        ("chips", "lab", "revenue", "lab-chips"),
        ("lab", "chips", "hardware", "lab-chips"),
    ]
    assert answer["changed"] == []
    earlier = await ask(world.client, f"{LAB}&from={world.corrected}&to={world.extended}&published_by=2025-06-29")
    assert earlier["gained"] == []


async def test_before_the_first_record_nothing_was_known(world: World) -> None:
    answer = await ask(world.client, f"{LAB}&from=2020-01-01T00:00:00Z&to={world.told}")
    assert answer["from"]["revision"] == 0
    assert answer["lost"] == []
    assert len(answer["gained"]) > 0
    assert answer["unknowns"] == ["Nothing had been recorded by 2020-01-01T00:00:00Z."]


async def test_an_edge_that_a_correction_takes_back_is_lost(store: Database, client: AsyncClient) -> None:
    before = await tell(store, *"abc", contracts=[supply("a", "b", slug="deal"), supply("b", "c")])
    after = await tell(store, contracts=[supply("a", "c", slug="deal")])
    answer = await ask(client, f"/v1/companies/a/dependencies/diff?by=known_at&from={before}&to={after}")
    assert hops(answer["gained"]) == [("a", "c", "compute", "deal")]
    assert hops(answer["lost"]) == [("a", "b", "compute", "deal"), ("b", "c", "compute", "b-c")]


async def test_better_evidence_is_a_change_though_nothing_else_is_said(store: Database, client: AsyncClient) -> None:
    sources = [source(slug="rumour", published_on="2024"), source(slug="filing", published_on="2025-02-01")]
    reported, confirmed = citation(source="rumour"), citation(source="filing", evidence="confirmed")
    before = await tell(store, "a", "b", sources=sources, contracts=[supply("a", "b", citations=[reported])])
    after = await tell(store, contracts=[supply("a", "b", citations=[confirmed])])
    url = f"/v1/companies/a/dependencies/diff?by=known_at&from={before}&to={after}&as_of={DAY}"
    answer = await ask(client, url)
    assert (answer["gained"], answer["lost"]) == ([], [])
    (change,) = answer["changed"]
    changed = fields(change)
    old, new = changed.pop("citations")
    assert changed == {
        "evidence": ("reported", "confirmed"),
        "evidenced_from": ("2024", "2025-02-01"),
        "evidenced_to": ("2024", "2025-02-01"),
    }
    assert [[one["source"] for one in cited] for cited in (old, new)] == [["rumour"], ["filing"]]
    assert new == change["edge"]["citations"]
    rows = csv.DictReader(StringIO((await client.get(f"{url}&format=csv")).text, newline=""))
    said = {row["field"]: (row["old"], row["new"]) for row in rows}
    assert loads(said.pop("citations")[1]) == new
    assert said == changed


async def test_an_end_that_was_derived_and_is_stated_now_is_a_change(store: Database, client: AsyncClient) -> None:
    before = await tell(store, "a", "b", contracts=[supply("a", "b", starts_on="2024-03-10", term_months=24)])
    after = await tell(store, contracts=[supply("a", "b", starts_on="2024-03-10", term_months=24, ends_on="2026-03")])
    answer = await ask(client, f"/v1/companies/a/dependencies/diff?by=known_at&from={before}&to={after}&as_of={DAY}")
    (change,) = answer["changed"]
    formula = "2024-03-10 + 24 months, since no end is stated"
    assert fields(change) == {"derived": ({"until": formula}, {})}


@pytest.mark.parametrize(
    ("company", "start", "end"),
    [
        ("openai", "2022-12-31", "2025-03-12"),
        ("openai", "2025-01-15", "2025-03-11"),
        ("microsoft", "2023-01-15", "2025-03-10"),
        ("coreweave", "2024-06-01", "2030-04-01"),
        ("stargate", "2024-12-31", "2025-01-01"),
    ],
)
async def test_a_diff_turns_the_old_answer_into_the_new(
    reader: AsyncClient, company: str, start: str, end: str
) -> None:
    url = f"/v1/companies/{company}/dependencies"
    old, new = [(await ask(reader, f"{url}?as_of={day}"))["edges"] for day in (start, end)]
    changed = await ask(reader, f"{url}/diff?from={start}&to={end}")
    assert applied({hop(edge): edge for edge in old}, changed) == {hop(edge): edge for edge in new}


def applied(edges: dict[Hop, dict[str, Any]], difference: dict[str, Any]) -> dict[Hop, dict[str, Any]]:
    """The edges with what a diff says of them: taken away, added, shown anew."""
    kept = {key: edge for key, edge in edges.items() if key not in hops(difference["lost"])}
    anew = [*difference["gained"], *(change["edge"] for change in difference["changed"])]
    return kept | {hop(edge): edge for edge in anew}


async def test_what_a_limit_cuts_off_is_neither_gained_nor_lost(store: Database, store_url: str) -> None:
    """A new neighbour pushes an old one out of the three companies that are shown: it is still there."""
    await tell(store, *"rbcd", "a", contracts=[supply("r", "b"), supply("r", "d")])
    await tell(store, contracts=[supply("r", "a", announced_on="2025-02-01"), supply("b", "c", announced_on="2024")])
    url = "/v1/companies/r/dependencies/diff?from=2025-01-01&to=2025-03-01"
    async with serving(store_url, max_nodes=3) as client:
        answer = await ask(client, url)
    assert answer["truncated_by"] == ["nodes"]
    assert answer["lost"] == []
    assert set(hops(answer["gained"])) <= {("r", "a", "compute", "r-a")}
    async with serving(store_url, max_edges=1) as client:
        answer = await ask(client, url)
    assert (answer["gained"], answer["lost"], answer["truncated_by"]) == ([], [], ["edges"])


async def test_different_currencies_are_a_change_and_no_sum(store: Database, client: AsyncClient) -> None:
    before = await tell(store, "a", "b", contracts=[supply("a", "b", value=money(5))])
    after = await tell(store, contracts=[supply("a", "b", value=money(5, "EUR"))])
    answer = await ask(client, f"/v1/companies/a/dependencies/diff?by=known_at&from={before}&to={after}&kind=compute")
    (change,) = answer["changed"]
    assert [bounds(value) for value in fields(change)["amount"]] == [(5, 5, "USD"), (5, 5, "EUR")]


@pytest.mark.parametrize(
    ("query", "parameter", "suggestion"),
    [
        ("to=2025-03-12", "from", None),
        ("from=2025-03-12", "to", None),
        ("from=2025-03-12&to=2025-03-11", "from", None),
        ("from=2025&to=2025-03-12", "from", None),
        ("from=2025-03-12&to=2025-03", "to", None),
        ("from=2025-03-12&to=tomorrow", "to", None),
        ("from=2025-03-11&to=2025-03-12&by=knownat", "by", "known_at"),
        ("from=2025-03-11&to=2025-03-12&by=known_at", "from", None),
        ("from=2024&to=2025&by=known_at", "from", None),
        ("from=2025-03-11T00:00:00Z&to=2025-03-12T00:00:00&by=known_at", "to", None),
        ("from=0001-01-01T00:00:00%2B14:00&to=2025-03-12T00:00:00Z&by=known_at", "from", None),
        ("from=2025-03-12T00:00:00Z&to=2025-03-11T00:00:00Z&by=known_at", "from", None),
        ("from=2030-03-12T00:00:00Z&to=2029-03-11T00:00:00Z&by=known_at", "from", None),
        ("from=2025-03-11&to=2025-03-12&as_of=2025-03-12", "as_of", None),
        (
            "from=2025-03-11T00:00:00Z&to=2025-03-12T00:00:00Z&by=known_at&known_at=2025-03-12T00:00:00Z",
            "known_at",
            None,
        ),
        ("from=2025-03-11&to=2025-03-12&depth=9", "depth", None),
        ("from=2025-03-11&to=2025-03-12&until=2025", "until", None),
        ("from=2025-03-11&from=2025-03-12&to=2025-03-12", "from", None),
    ],
)
async def test_what_cannot_be_asked(reader: AsyncClient, query: str, parameter: str, suggestion: str | None) -> None:
    flaw = await refused(reader, f"{OPENAI}?{query}")
    assert (flaw["parameter"], flaw.get("suggestion")) == (parameter, suggestion)


async def test_a_company_that_does_not_exist(reader: AsyncClient) -> None:
    said = problem(await reader.get("/v1/companies/opnai/dependencies/diff?from=2025-01-01&to=2025-03-12"), 404)
    assert said["errors"][0]["suggestion"] == "openai"
