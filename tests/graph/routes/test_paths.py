"""How one company depends on another: ``GET /v1/paths``."""

from itertools import permutations

import pytest
from httpx import AsyncClient

from app.graph.store.both_ends import around, hops_ahead, in_turns
from app.graph.store.levels import NODE_CAP
from app.shared.database import Database
from tests.conftest import serving
from tests.graph.asking import ask, bounds, hops, refused
from tests.graph.deals import supply, tell
from tests.graph.random_world import COMPANIES, random_history
from tests.graph.small_world import BILLION, DAY, World

ON = "as_of=2025-03-12"
OPENAI_NVIDIA = f"/v1/paths?from=openai&to=nvidia&{ON}"
LAB_CHIPS = f"/v1/paths?from=lab&to=chips&as_of={DAY}"


async def ways(client: AsyncClient, url: str) -> list[list[str]]:
    return [path["nodes"] for path in (await ask(client, url))["paths"]]


async def test_openai_reaches_nvidia_through_coreweave_and_by_a_detour_over_microsoft(reader: AsyncClient) -> None:
    answer = await ask(reader, OPENAI_NVIDIA)
    short, long = answer["paths"]
    assert short["nodes"] == ["openai", "coreweave", "nvidia"]
    assert hops(short["edges"]) == [
        ("openai", "coreweave", "compute", "openai-coreweave-compute-2025"),
        ("coreweave", "nvidia", "capital", "nvidia-coreweave"),
        ("coreweave", "nvidia", "hardware", "coreweave-2025-03"),
    ]
    assert long["nodes"] == ["openai", "microsoft", "coreweave", "nvidia"]
    assert hops(long["edges"]) == [
        ("openai", "microsoft", "capital", "microsoft-openai-2023-01"),
        ("openai", "microsoft", "compute", "openai-microsoft-compute"),
        ("microsoft", "coreweave", "compute", "microsoft-coreweave-compute"),
        ("coreweave", "nvidia", "capital", "nvidia-coreweave"),
        ("coreweave", "nvidia", "hardware", "coreweave-2025-03"),
    ]
    assert (answer["truncated"], answer["truncated_by"], answer["unknowns"]) == (False, [], [])


async def test_each_hop_carries_its_evidence(reader: AsyncClient) -> None:
    short, _ = (await ask(reader, OPENAI_NVIDIA))["paths"]
    compute, _, hardware = short["edges"]
    assert bounds(compute["amount"]) == (11_900_000_000, 11_900_000_000, "USD")
    assert (compute["since"], compute["until"], compute["stage"]) == ("2025-03-10", "2030-03", "announced")
    assert compute["record"]["url"] == "/v1/contracts/openai-coreweave-compute-2025"
    assert compute["citations"][0]["attributed_to"] == "reuters-openai-coreweave"
    assert hardware["summary"] == "CoreWeave runs GPUs, Blackwell machines of Nvidia (more than 250,000 GPUs)."
    assert bounds(hardware["amount"]) == (250_000, None, "gpu")


async def test_the_shortest_come_first_and_a_limit_that_cuts_is_named(reader: AsyncClient) -> None:
    one = await ask(reader, OPENAI_NVIDIA + "&limit=1")
    assert [path["nodes"] for path in one["paths"]] == [["openai", "coreweave", "nvidia"]]
    assert one["truncated_by"] == ["paths"]
    assert one["limits"]["paths"] == 1
    exactly = await ask(reader, OPENAI_NVIDIA + "&limit=2")
    assert (len(exactly["paths"]), exactly["truncated"]) == (2, False)


@pytest.mark.parametrize(("depth", "found"), [(1, 0), (2, 1), (3, 2), (8, 2)])
async def test_a_path_has_at_most_as_many_hops_as_asked_for(reader: AsyncClient, depth: int, found: int) -> None:
    answer = await ask(reader, f"{OPENAI_NVIDIA}&max_depth={depth}")
    assert len(answer["paths"]) == found
    assert answer["truncated"] is False


async def test_where_there_is_no_way_the_answer_says_so(reader: AsyncClient) -> None:
    answer = await ask(reader, f"/v1/paths?from=nvidia&to=openai&{ON}")
    assert answer["paths"] == []
    assert answer["unknowns"] == ["No such way from Nvidia to OpenAI is recorded as of 2025-03-12."]


async def test_kinds_narrow_every_hop(reader: AsyncClient) -> None:
    answer = await ask(reader, OPENAI_NVIDIA + "&kind=compute&kind=hardware")
    assert [path["nodes"] for path in answer["paths"]] == [
        ["openai", "coreweave", "nvidia"],
        ["openai", "microsoft", "coreweave", "nvidia"],
    ]
    assert {edge["kind"] for path in answer["paths"] for edge in path["edges"]} == {"compute", "hardware"}
    assert await ways(reader, OPENAI_NVIDIA + "&kind=capital") == []


async def test_stages_and_evidence_narrow_every_hop(reader: AsyncClient) -> None:
    assert await ways(reader, OPENAI_NVIDIA + "&stage=announced") == []
    running = await ask(reader, OPENAI_NVIDIA + "&stage=active")
    assert [path["nodes"] for path in running["paths"]] == [["openai", "microsoft", "coreweave", "nvidia"]]
    assert await ways(reader, OPENAI_NVIDIA + "&evidence=confirmed") == []
    assert len(await ways(reader, OPENAI_NVIDIA + "&evidence=reported")) == 2


async def test_a_month_may_or_may_not_have_begun(reader: AsyncClient) -> None:
    """Stargate was agreed "in January 2025": not before it, possibly within it, certainly after it."""
    to_oracle = "/v1/paths?from=openai&to=oracle&as_of="
    assert await ways(reader, to_oracle + "2024-12-31") == []
    for day, possible in (("2025-01-01", True), ("2025-01-30", True), ("2025-01-31", False), ("2025-02-01", False)):
        (path,) = (await ask(reader, to_oracle + day))["paths"]
        assert path["nodes"] == ["openai", "stargate", "oracle"]
        assert [edge["possible"] for edge in path["edges"]] == [possible, possible], day


async def test_only_what_was_published_by_then(reader: AsyncClient) -> None:
    assert await ways(reader, OPENAI_NVIDIA + "&published_by=2025-03-11") == []
    assert len(await ways(reader, OPENAI_NVIDIA + "&published_by=2025-03-12")) == 2


async def test_the_store_knew_less_and_other_values_before(world: World) -> None:
    told, corrected, extended = [
        (await ask(world.client, f"{LAB_CHIPS}&known_at={then}"))["paths"]
        for then in (world.told, world.corrected, world.extended)
    ]
    assert [path["nodes"] for path in told] == [["lab", "cloud", "chips"]]
    assert [path["nodes"] for path in corrected] == [["lab", "cloud", "chips"]]
    assert [path["nodes"] for path in extended] == [["lab", "chips"], ["lab", "cloud", "chips"]]
    first, second = told[0]["edges"][0], corrected[0]["edges"][0]
    assert first["summary"] == "Lab gets compute from Cloud, USD 10 billion."
    assert second["summary"] == "Big Lab gets compute from Cloud, USD 20 billion."
    assert (bounds(first["amount"]), bounds(second["amount"])) == (
        (10 * BILLION, 10 * BILLION, "USD"),
        (20 * BILLION, 20 * BILLION, "USD"),
    )


async def test_published_by_holds_also_for_what_is_known_now(world: World) -> None:
    assert await ways(world.client, LAB_CHIPS + "&published_by=2025-06-29") == [["lab", "cloud", "chips"]]
    assert await ways(world.client, LAB_CHIPS + "&published_by=2024-12-30") == []


async def test_before_the_first_record_nothing_was_known(world: World) -> None:
    answer = await ask(world.client, LAB_CHIPS + "&known_at=2020-01-01T00:00:00Z")
    assert (answer["paths"], answer["revision"], answer["known_at"]) == ([], 0, "2020-01-01T00:00:00Z")
    assert answer["unknowns"] == ["Nothing had been recorded by 2020-01-01T00:00:00Z."]


HUB = ["mid", *(f"other-{number}" for number in range(8))]
"""The neighbours of a hub: one of them is on the way to it, and is recorded last of all."""


@pytest.mark.parametrize("ends", ["lab mid hub", "hub mid lab"])
async def test_the_many_neighbours_of_a_hub_do_not_hide_a_short_way_to_or_from_it(
    store: Database, store_url: str, ends: str
) -> None:
    """From the other end there are few companies: no more than these are met, and the answer is whole."""
    first, *_, last = way = ends.split()
    deals = [(other, "hub") if last == "hub" else ("hub", other) for other in HUB[1:]]
    await tell(store, "lab", "hub", *HUB[1:], contracts=[supply(*deal) for deal in deals])
    await tell(store, "mid", contracts=[supply(first, "mid"), supply("mid", last)])
    async with serving(store_url, max_nodes=4) as client:
        answer = await ask(client, f"/v1/paths?from={first}&to={last}&as_of={DAY}")
    assert [path["nodes"] for path in answer["paths"]] == [way]
    assert answer["truncated"] is False
    assert answer["limits"]["nodes"] == 4


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
async def test_the_paths_are_the_same_from_whichever_end_they_are_sought(
    store: Database, store_url: str, monkeypatch: pytest.MonkeyPatch, depth: int
) -> None:
    (told, *_) = random_history(3)
    await tell(store, **told)
    found = []
    # Both ends are read as far as they go, whichever of them would be chosen.
    monkeypatch.setattr("app.graph.store.both_ends.around", around.__wrapped__)
    monkeypatch.setattr("app.graph.store.both_ends.one_more_than", lambda _: NODE_CAP)
    async with serving(store_url, kept_bytes=0) as client:
        for ahead in range(depth):
            monkeypatch.setattr("app.graph.store.both_ends.hops_ahead", lambda *_, ahead=ahead: ahead)
            url = f"/v1/paths?as_of=2025-06-01&limit=100&max_depth={depth}"
            pairs = permutations(COMPANIES[:4], 2)
            found.append([(await ask(client, f"{url}&from={one}&to={other}"))["paths"] for one, other in pairs])
    assert all(one == found[0] for one in found)
    assert any(len(path["nodes"]) == depth + 1 for paths in found[0] for path in paths)


@pytest.mark.parametrize(
    ("reached", "hops", "ahead"),
    [
        ({"source": [1, 5, 25, 125], "target": [1, 400, 101]}, 3, 3),
        ({"source": [1, 501], "target": [1, 2, 4, 8]}, 3, 0),
        ({"source": [1, 30, 471], "target": [1, 30, 471]}, 3, 2),
        ({"source": [1, 3, 300], "target": [1, 3, 300]}, 2, 1),
        ({"source": [1], "target": [1]}, 0, 0),
    ],
)
def test_hops_are_gone_from_the_end_that_meets_the_fewest(reached: dict[str, list[int]], hops: int, ahead: int) -> None:
    met = [
        (end, id_, depth)
        for end, numbers in reached.items()
        for depth, number in enumerate(numbers)
        for id_ in range(number)
    ]
    assert hops_ahead(met, hops, 500) == ahead


def test_the_many_neighbours_of_one_end_do_not_crowd_out_the_few_of_the_other() -> None:
    met = [("source", 1, 0), *(("source", id_, 1) for id_ in range(10, 20)), ("target", 2, 0), ("target", 30, 1)]
    assert in_turns([*met, ("target", 40, 2)], {"source": 1, "target": 1})[:5] == [1, 2, 10, 30, 11]
    # What is met from both ends stands where it is closest.
    assert in_turns([*met, ("target", 19, 0)], {"source": 1, "target": 0}) == [1, 2, 19, *range(10, 19)]


async def test_between_two_hubs_the_search_is_cut_and_says_so(store: Database, store_url: str) -> None:
    deals = [(one, other) for name in HUB for one, other in (("hub", name), (f"to-{name}", "goal"))]
    await tell(store, "hub", "goal", *HUB, *(f"to-{name}" for name in HUB), contracts=[supply(*deal) for deal in deals])
    await tell(store, contracts=[supply("hub", "to-mid")])
    async with serving(store_url, max_nodes=10) as client:
        answer = await ask(client, f"/v1/paths?from=hub&to=goal&max_depth=4&as_of={DAY}")
    assert [path["nodes"] for path in answer["paths"]] == [["hub", "to-mid", "goal"]]
    assert answer["truncated_by"] == ["nodes"]


async def test_where_edges_are_cut_the_answer_says_so(world: World) -> None:
    async with serving(world.url, max_edges=2) as client:
        answer = await ask(client, LAB_CHIPS)
    assert answer["truncated_by"] == ["edges"]
    assert [path["nodes"] for path in answer["paths"]] == [["lab", "chips"]]


async def test_from_and_to_must_differ(reader: AsyncClient) -> None:
    flaw = await refused(reader, "/v1/paths?from=openai&to=openai")
    assert flaw["parameter"] == "to"
    assert "loops" in flaw["detail"]


@pytest.mark.parametrize(
    ("query", "parameter", "suggestion"),
    [
        ("from=opnai&to=nvidia", "from", "openai"),
        ("from=openai&to=nvidai", "to", "nvidia"),
        ("from=OpenAI&to=nvidia", "from", "openai"),
        ("from=openai", "to", None),
        ("from=openai&to=nvidia&max_depth=0", "max_depth", None),
        ("from=openai&to=nvidia&max_depth=9", "max_depth", None),
        ("from=openai&to=nvidia&limit=101", "limit", None),
        ("from=openai&to=nvidia&limit=many", "limit", None),
        ("from=openai&to=nvidia&kind=computes", "kind", "compute"),
        ("from=openai&to=nvidia&depth=3", "depth", "max_depth"),
        ("from=openai&to=nvidia&as_of=2025-03", "as_of", None),
        ("from=openai&to=nvidia&to=oracle", "to", None),
    ],
)
async def test_what_cannot_be_asked(reader: AsyncClient, query: str, parameter: str, suggestion: str | None) -> None:
    flaw = await refused(reader, f"/v1/paths?{query}")
    assert (flaw["parameter"], flaw.get("suggestion")) == (parameter, suggestion)
