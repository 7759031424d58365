"""What a company depends on and who depends on it: how far, through what, and what a limit leaves."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise, product
from random import Random

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from tests.conftest import serving
from tests.factories import citation, company, contract, fleet, investment, put, source
from tests.graph.networks import ask, depths, hops, network, supply, ways
from tests.projection.stating import USD_10, parties

CHAIN = [f"c{n} c{n + 1}" for n in range(10)]


async def test_an_answer_says_what_was_asked_and_of_which_state_of_the_store(
    client: AsyncClient, store: Database
) -> None:
    await network(store, ["a b"])
    before = datetime.now(UTC).date()
    answer = await ask(client, "a")
    after = datetime.now(UTC).date()
    assert list(answer) == [
        *("root", "direction", "as_of", "known_at", "revision", "nodes", "edges"),
        *("unknowns", "truncated", "truncated_by", "limits"),
    ]
    assert (answer["root"], answer["direction"], answer["known_at"], answer["revision"]) == ("a", "depends_on", None, 1)
    assert before.isoformat() <= answer["as_of"] <= after.isoformat(), "today, where nothing else is said"
    assert (answer["unknowns"], answer["truncated"], answer["truncated_by"]) == ([], False, [])
    assert answer["limits"] == {"nodes": 500, "edges": 5000}
    assert (await ask(client, "a", "dependents"))["direction"] == "depended_on_by"


async def test_a_node_and_an_edge_say_all_that_the_design_shows(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b"], value=USD_10, announced_on="2025-03-10", term_months=60, stage="signed")
    answer = await ask(client, "a", as_of="2025-03-12")
    assert answer["nodes"] == [
        {"slug": "a", "name": "A", "kind": "other", "depth": 0, "via": []},
        {"slug": "b", "name": "B", "kind": "other", "depth": 1, "via": ["a", "b"]},
    ]
    ten = USD_10 | {"low": 10, "high": 10, "approximate": False, "text": "USD 10"}
    (cited,) = (await client.get("/v1/contracts/a-b")).json()["citations"]
    assert answer["edges"][0] == {
        "from": "a",
        "to": "b",
        "kind": "compute",
        "summary": "A gets compute from B, USD 10.",
        "possible": False,
        "amount": ten,
        "share": None,
        "since": "2025-03-10",
        "until": "2030-03",
        "stage": "signed",
        "evidenced_from": "2025-03-12",
        "evidenced_to": "2025-03-12",
        "flow": "along",
        "nature": "money",
        "part_of": None,
        "derived": {"until": "2025-03-10 + 60 months, since no end is stated"},
        "record": {"type": "contracts", "slug": "a-b", "url": "/v1/contracts/a-b"},
        "citations": [cited],
    }


async def test_three_hops_are_followed_where_no_depth_is_given(client: AsyncClient, store: Database) -> None:
    await network(store, CHAIN)
    assert depths(await ask(client, "c0")) == {"c0": 0, "c1": 1, "c2": 2, "c3": 3}


async def test_as_many_hops_are_followed_as_are_asked_for(client: AsyncClient, store: Database) -> None:
    await network(store, CHAIN)
    for depth in (1, 2, 4, 8):
        answer = await ask(client, "c0", depth=depth)
        assert depths(answer) == {f"c{n}": n for n in range(depth + 1)}
        assert hops(answer) == CHAIN[:depth]
    for depth in (1, 2, 4):
        assert depths(await ask(client, "c9", "dependents", depth=depth)) == {f"c{9 - n}": n for n in range(depth + 1)}


async def test_a_witness_path_is_the_shortest_and_among_these_the_first_by_slug(
    client: AsyncClient, store: Database
) -> None:
    await network(store, ["a c", "a b", "b d", "c d", "a e", "e f", "f d", "d g"])
    answer = await ask(client, "a")
    assert ways(answer) == {"b": "a b", "c": "a c", "e": "a e", "d": "a b d", "f": "a e f", "g": "a b d g"}
    assert list(depths(answer).items()) == [("a", 0), ("b", 1), ("c", 1), ("e", 1), ("d", 2), ("f", 2), ("g", 3)]


async def test_a_loop_ends_and_every_edge_between_the_companies_is_shown_once(
    client: AsyncClient, store: Database
) -> None:
    await network(store, ["a b", "b c", "c a", "c b"])
    answer = await ask(client, "a", depth=5)
    assert depths(answer) == {"a": 0, "b": 1, "c": 2}
    assert hops(answer) == ["a b", "b c", "c a", "c b"]


async def test_an_edge_between_two_companies_at_the_rim_is_shown(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b", "a c", "b c", "c d"])
    assert hops(await ask(client, "a", depth=1)) == ["a b", "a c", "b c"]


async def test_edges_come_by_from_to_kind_and_record(client: AsyncClient, store: Database) -> None:
    await network(store, ["b a", "a c", "a b"])
    more = [
        supply("a", "b", slug=slug, kind=kind) for slug, kind in (("z", "energy"), ("y", "compute"), ("x", "energy"))
    ]
    await put(store, contracts=more)
    edges = (await ask(client, "a"))["edges"]
    assert [(edge["from"], edge["to"], edge["kind"], edge["record"]["slug"]) for edge in edges] == [
        ("a", "b", "compute", "a-b"),
        ("a", "b", "compute", "y"),
        ("a", "b", "energy", "x"),
        ("a", "b", "energy", "z"),
        ("a", "c", "compute", "a-c"),
        ("b", "a", "compute", "b-a"),
    ]


async def test_a_company_that_depends_on_nothing_is_an_empty_answer_that_says_so(
    client: AsyncClient, store: Database
) -> None:
    await network(store, ["a b"])
    answer = await ask(client, "b", as_of="2026-01-01")
    assert (depths(answer), answer["edges"], answer["truncated"]) == ({"b": 0}, [], False)
    assert answer["unknowns"] == ["No dependency is recorded for B as of 2026-01-01."]


async def test_only_edges_of_the_asked_kinds_are_followed(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b", "b c"])
    await put(
        store, companies=[company("d")], contracts=[supply("a", "d", kind="energy"), supply("d", "c", kind="hardware")]
    )
    assert hops(await ask(client, "a", kind="compute")) == ["a b", "b c"]
    assert hops(await ask(client, "a", kind="energy")) == ["a d"]
    assert hops(await ask(client, "a", kind=["energy", "hardware"])) == ["a d", "d c"]
    assert hops(await ask(client, "a", kind="capital")) == []
    assert ways(await ask(client, "c", "dependents", kind="hardware")) == {"d": "c d"}


async def test_only_edges_of_the_asked_stages_are_followed(client: AsyncClient, store: Database) -> None:
    await network(store, ["a b", "b c"], stage="signed")
    await put(store, contracts=[supply("b", "c", stage="rumoured"), supply("a", "c", stage="intended")])
    assert hops(await ask(client, "a", stage="signed")) == ["a b"]
    assert hops(await ask(client, "a", stage=["signed", "rumoured"])) == ["a b", "b c"]
    assert hops(await ask(client, "a", stage="intended", kind="compute")) == ["a c"]


async def test_only_edges_of_the_asked_evidence_are_followed_each_by_its_strongest(
    client: AsyncClient, store: Database
) -> None:
    strong = [citation(evidence="rumoured"), citation(evidence="confirmed")]
    await network(store, ["a b", "b c"], citations=[citation(evidence="rumoured")])
    await put(store, contracts=[supply("a", "b", citations=strong)])
    assert hops(await ask(client, "a", evidence="confirmed")) == ["a b"]
    assert hops(await ask(client, "a", evidence="rumoured")) == []
    assert hops(await ask(client, "a", evidence=["confirmed", "rumoured"])) == ["a b", "b c"]


async def test_what_is_left_out_is_not_followed_and_what_says_nothing_stays(
    client: AsyncClient, store: Database
) -> None:
    rumoured = [citation(evidence="rumoured")]
    await network(store, ["a b", "b c"], stage="signed")
    await put(
        store,
        companies=[company("b", parent="a"), company("d")],
        contracts=[supply("a", "d", kind="energy", stage="rumoured", citations=rumoured)],
    )
    assert hops(await ask(client, "a")) == ["a b", "a d", "b a", "b c"]
    assert hops(await ask(client, "a", kind__not="energy")) == ["a b", "b a", "b c"]
    assert hops(await ask(client, "a", kind__not=["energy", "ownership"])) == ["a b", "b c"]
    # Who owns whom has neither a stage nor evidence.
    assert hops(await ask(client, "a", stage__not="rumoured")) == ["a b", "b a", "b c"]
    assert hops(await ask(client, "a", evidence__not="rumoured", kind="ownership", kind__not="energy")) == []
    assert hops(await ask(client, "b", evidence__not=["rumoured", "reported"])) == ["b a"]
    reply = await client.get("/v1/companies/a/dependencies?kind=energy&kind__not=energy&kind__not=compute")
    assert (reply.status_code, reply.json()["errors"][0]["parameter"]) == (400, "kind")


async def test_records_of_every_kind_are_followed_together(client: AsyncClient, store: Database) -> None:
    await put(
        store,
        sources=[source()],
        companies=[*map(company, ("softbank", "coreweave", "nvidia", "openai")), company("arm", parent="softbank")],
        contracts=[contract(parties=parties(openai="customer", coreweave="supplier"))],
        fleets=[fleet(hardware=[{"vendor": "nvidia"}])],
        investments=[investment(investors=["arm"], investee="nvidia")],
    )
    answer = await ask(client, "openai", depth=4)
    assert ways(answer)["softbank"] == "openai coreweave nvidia arm softbank"
    assert [edge["kind"] for edge in answer["edges"]] == ["ownership", "hardware", "capital", "compute"]
    assert {edge["record"]["type"] for edge in answer["edges"]} == {"companies", "fleets", "investments", "contracts"}


async def test_dependents_are_the_mirror_of_dependencies(client: AsyncClient, store: Database) -> None:
    random = Random(3)  # noqa: S311 - a seeded graph is wanted
    slugs = [f"c{n}" for n in range(12)]
    pairs = {tuple(random.sample(slugs, 2)) for _ in range(24)}
    await network(store, [f"{dependent} {on}" for dependent, on in pairs] + [f"{slug} hub" for slug in slugs])
    ahead = {slug: await ask(client, slug, depth=3) for slug in slugs}
    behind = {slug: await ask(client, slug, "dependents", depth=3) for slug in slugs}
    for one in slugs:
        for other in slugs:
            assert depths(ahead[one]).get(other) == depths(behind[other]).get(one), (one, other)
        for node in behind[one]["nodes"]:
            assert all(f"{dependent} {on}" in hops(behind[one]) for on, dependent in pairwise(node["via"]))


# What a limit leaves.


Ask = Callable[..., AbstractAsyncContextManager[AsyncClient]]


@pytest.fixture
async def limited(store: Database, store_url: str) -> Ask:
    """Asks, under limits, a store of a root with five suppliers, two of which have one of their own."""
    await network(store, ["a b", "a c", "a d", "a e", "a f", "b g", "f g"])
    return partial(serving, store_url)


async def test_a_limit_of_nodes_keeps_the_closest_and_says_so(limited: Ask) -> None:
    async with limited(max_nodes=6) as client:
        answer = await ask(client, "a")
    assert depths(answer) == {"a": 0, **dict.fromkeys("bcdef", 1)}
    assert hops(answer) == ["a b", "a c", "a d", "a e", "a f"]
    assert (answer["truncated"], answer["truncated_by"]) == (True, ["nodes"])
    assert answer["limits"] == {"nodes": 6, "edges": 5000}


async def test_a_limit_that_is_just_met_cuts_nothing(limited: Ask) -> None:
    async with limited(max_nodes=7, max_edges=7) as client:
        answer = await ask(client, "a")
    assert (len(answer["nodes"]), len(answer["edges"])) == (7, 7)
    assert (answer["truncated"], answer["truncated_by"]) == (False, [])


async def test_a_limit_of_edges_keeps_one_for_each_hop_of_the_witness_paths(limited: Ask) -> None:
    async with limited(max_edges=6) as client:
        answer = await ask(client, "a")
    assert hops(answer) == ["a b", "a c", "a d", "a e", "a f", "b g"]
    assert ways(answer)["g"] == "a b g"
    assert (answer["truncated"], answer["truncated_by"]) == (True, ["edges"])


@pytest.mark.parametrize(("company_slug", "question"), [("a", "dependencies"), ("g", "dependents")])
async def test_whatever_is_cut_the_rest_is_correct(limited: Ask, company_slug: str, question: str) -> None:
    async with limited() as client:
        whole = await ask(client, company_slug, question)
    for nodes, edges in product((1, 2, 3, 500), (1, 2, 500)):
        async with limited(max_nodes=nodes, max_edges=edges) as client:
            answer = await ask(client, company_slug, question)
        assert len(answer["nodes"]) <= nodes
        assert len(answer["edges"]) <= edges
        assert answer["truncated"] is (hops(answer) != hops(whole))
        assert depths(answer).items() <= depths(whole).items()
        assert [edge for edge in whole["edges"] if edge in answer["edges"]] == answer["edges"]
        either_way = {*hops(answer), *(" ".join(reversed(hop.split())) for hop in hops(answer))}
        assert all(
            f"{near} {far}" in either_way for way in ways(answer).values() for near, far in pairwise(way.split())
        )


async def test_a_cut_answer_says_so_in_text(limited: Ask) -> None:
    async with limited(max_nodes=3) as client:
        reply = await client.get("/v1/companies/a/dependencies", params={"format": "text"})
    assert "Cut at the limit of nodes: there is more." in reply.text


async def test_more_parallel_edges_than_the_limit_are_cut_there(store: Database, store_url: str) -> None:
    await network(store, ["a b", "b c"])
    await put(store, contracts=[supply("a", "b", slug=f"parallel-{n}") for n in range(5)])
    async with serving(store_url, max_edges=3) as client:
        answer = await ask(client, "a")
    assert (len(answer["edges"]), answer["truncated_by"]) == (3, ["edges"])
    assert ways(answer)["b"] == "a b"
