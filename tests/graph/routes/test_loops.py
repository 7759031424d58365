"""Circular deals and mutual dependence: ``GET /v1/loops``."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from tests.conftest import serving
from tests.factories import company, contract
from tests.graph.asking import ask, bounds, hops, problem, refused
from tests.graph.deals import funding, gpus, money, running, supply, tell
from tests.graph.small_world import DAY, World

DEALS = "/v1/loops?as_of=2025-03-12"
NEEDS = DEALS + "&by=dependency"
MILLION = 1_000_000
NVIDIA, SHARES, MUTUAL = ["coreweave", "nvidia"], ["coreweave", "openai"], ["microsoft", "openai"]
TRIANGLE = ["coreweave", "openai", "microsoft"]


async def circles(client: AsyncClient, url: str) -> list[list[str]]:
    return [loop["nodes"] for loop in (await ask(client, url))["data"]]


def ways(loop: dict[str, Any]) -> list[tuple[str, str, Any, list[str], list[str]]]:
    """Each hop: from whom, to whom, how much, what goes, by which records."""
    return [
        (hop["from"], hop["to"], bounds(hop["amount"]), hop["natures"], [record["slug"] for record in hop["records"]])
        for hop in loop["hops"]
    ]


async def test_the_circular_deals_of_the_article(reader: AsyncClient) -> None:
    answer = await ask(reader, DEALS)
    assert [loop["nodes"] for loop in answer["data"]] == [NVIDIA, SHARES, MUTUAL, TRIANGLE]
    assert (answer["by"], answer["truncated"], answer["next"], answer["unknowns"]) == ("value", False, None, [])


async def test_money_of_nvidia_comes_back_for_hardware_at_an_unknown_price(reader: AsyncClient) -> None:
    nvidia = (await ask(reader, DEALS))["data"][0]
    assert ways(nvidia) == [
        ("coreweave", "nvidia", None, ["supply"], ["coreweave-2025-03"]),
        ("nvidia", "coreweave", None, ["money"], ["nvidia-coreweave"]),
    ]
    assert (nvidia["amount"], nvidia["bottleneck"], nvidia["natures"]) == (None, None, ["money", "supply"])
    assert nvidia["unknown"] == [{"from": "coreweave", "to": "nvidia"}, {"from": "nvidia", "to": "coreweave"}]
    assert hops(nvidia["edges"]) == [
        ("coreweave", "nvidia", "hardware", "coreweave-2025-03"),
        ("coreweave", "nvidia", "capital", "nvidia-coreweave"),
    ]


async def test_what_openai_pays_comes_back_as_shares_which_are_the_bottleneck(reader: AsyncClient) -> None:
    shares = (await ask(reader, DEALS))["data"][1]
    in_kind, paid = (350 * MILLION, 350 * MILLION, "USD"), (11_900 * MILLION, 11_900 * MILLION, "USD")
    assert ways(shares) == [
        ("coreweave", "openai", in_kind, ["equity"], ["openai-coreweave-2025-03"]),
        ("openai", "coreweave", paid, ["money"], ["openai-coreweave-compute-2025"]),
    ]
    assert shares["bottleneck"] == {"from": "coreweave", "to": "openai"}
    assert (bounds(shares["amount"]), shares["unknown"]) == (in_kind, [])


async def test_what_goes_round_is_open_where_one_hop_is_unknown_and_the_other_open(reader: AsyncClient) -> None:
    mutual = (await ask(reader, DEALS))["data"][2]
    invested, rented = ways(mutual)
    assert invested[:4] == ("microsoft", "openai", (10_000 * MILLION, None, "USD"), ["money", "supply"])
    assert rented == ("openai", "microsoft", None, ["supply"], ["openai-microsoft-compute"])
    assert bounds(mutual["amount"]) == (0, None, "USD")
    assert mutual["amount"]["text"] == "unknown"
    assert mutual["unknown"] == [{"from": "openai", "to": "microsoft"}]


async def test_a_known_hop_bounds_what_can_go_round_from_above(reader: AsyncClient) -> None:
    triangle = (await ask(reader, DEALS))["data"][3]
    assert bounds(triangle["amount"]) == (0, 350 * MILLION, "USD")
    assert triangle["bottleneck"] == {"from": "coreweave", "to": "openai"}
    assert triangle["unknown"] == [{"from": "openai", "to": "microsoft"}, {"from": "microsoft", "to": "coreweave"}]


async def test_who_depends_on_each_other(reader: AsyncClient) -> None:
    """A contract that states its value makes both ends depend on each other, but by one record: no circle."""
    answer = await ask(reader, NEEDS)
    found = [loop["nodes"] for loop in answer["data"]]
    assert found == [["coreweave", "microsoft"], SHARES, MUTUAL, ["coreweave", "microsoft", "openai"], TRIANGLE]
    revenue, compute = ways(answer["data"][0])
    assert revenue == ("coreweave", "microsoft", None, [], ["coreweave-microsoft-revenue-share-2024"])
    assert compute == ("microsoft", "coreweave", None, ["supply"], ["microsoft-coreweave-compute"])
    capital, _ = ways(answer["data"][1])
    assert capital[4] == ["openai-coreweave-2025-03"], "the contract is taken by the other hop"


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("&max_length=2", [NVIDIA, SHARES, MUTUAL]),
        ("&max_length=6", [NVIDIA, SHARES, MUTUAL, TRIANGLE]),
        ("&company=nvidia", [NVIDIA]),
        ("&company=openai", [SHARES, MUTUAL, TRIANGLE]),
        ("&company=nvidia&company=microsoft", [NVIDIA, MUTUAL, TRIANGLE]),
        ("&company=oracle", []),
        ("&kind=capital", [NVIDIA, SHARES, MUTUAL, TRIANGLE]),
        ("&kind=hardware", [NVIDIA]),
        ("&kind=technology&kind=hardware", [NVIDIA, MUTUAL]),
        ("&company=openai&kind=technology", [MUTUAL]),
        ("&amount__possibly_gte=350000000", [NVIDIA, SHARES, MUTUAL, TRIANGLE]),
        ("&amount__possibly_gte=350000000.001", [NVIDIA, MUTUAL]),
        ("&published_by=2025-03-11", []),
        ("&published_by=2025-03-12", [NVIDIA, SHARES, MUTUAL, TRIANGLE]),
    ],
)
async def test_only_the_loops_that_are_asked_for(reader: AsyncClient, more: str, found: list[list[str]]) -> None:
    assert await circles(reader, DEALS + more) == found


async def test_a_kind_narrows_the_loops_but_not_their_hops(reader: AsyncClient) -> None:
    (mutual,) = (await ask(reader, DEALS + "&kind=technology"))["data"]
    assert {edge["kind"] for edge in mutual["edges"]} == {"capital", "compute", "technology"}


@pytest.mark.parametrize("by", ["value", "dependency"])
@pytest.mark.parametrize("company", ["coreweave", "microsoft", "nvidia", "openai", "stargate"])
async def test_loops_of_one_company_are_those_of_all_that_it_is_in(reader: AsyncClient, by: str, company: str) -> None:
    """They are sought near the company alone, in another statement."""
    url = f"{DEALS}&by={by}&max_length=6"
    everyone = (await ask(reader, url))["data"]
    own = (await ask(reader, f"{url}&company={company}"))["data"]
    assert own == [loop for loop in everyone if company in loop["nodes"]]


async def test_before_the_fleet_and_the_contract_only_the_mutual_deal_may_have_been(reader: AsyncClient) -> None:
    (mutual,) = (await ask(reader, "/v1/loops?as_of=2025-03-09"))["data"]
    assert mutual["nodes"] == MUTUAL
    assert {edge["record"]["slug"]: edge["possible"] for edge in mutual["edges"]} == {
        "microsoft-openai-2023-01": False,
        "microsoft-openai-technology": False,
        "microsoft-openai-copilot": True,
        "openai-microsoft-compute": True,
    }


async def test_a_limit_that_cuts_is_named_and_the_shortest_are_kept(reader: AsyncClient) -> None:
    answer = await ask(reader, DEALS + "&limit=2")
    assert [loop["nodes"] for loop in answer["data"]] == [NVIDIA, SHARES]
    assert answer["truncated_by"] == ["loops"]
    whole = await ask(reader, DEALS + "&limit=4")
    assert (len(whole["data"]), whole["truncated"]) == (4, False)


async def test_the_loop_was_not_known_before_it_was_told(world: World) -> None:
    url = f"/v1/loops?as_of={DAY}&known_at="
    assert await circles(world.client, url + world.told) == []
    assert await circles(world.client, url + world.corrected) == []
    (loop,) = (await ask(world.client, url + world.extended))["data"]
    assert ways(loop) == [
        ("chips", "cloud", None, ["supply"], ["chips-cloud"]),
        ("cloud", "chips", None, ["supply"], ["cloud-fleet"]),
    ]
    assert await circles(world.client, f"/v1/loops?as_of={DAY}&published_by=2025-06-29") == []


@pytest.mark.parametrize("more", ["", "&company=cloud"])
async def test_before_the_first_record_nothing_was_known(world: World, more: str) -> None:
    answer = await ask(world.client, f"/v1/loops?known_at=2020-01-01T00:00:00Z{more}")
    assert (answer["data"], answer["revision"]) == ([], 0)
    assert answer["unknowns"] == ["Nothing had been recorded by 2020-01-01T00:00:00Z."]


async def test_amounts_in_two_currencies_are_neither_compared_nor_added(store: Database, client: AsyncClient) -> None:
    deals = [supply("a", "b", value=money(5)), supply("b", "a", value=money(3, "EUR"))]
    several = supply("a", "b", slug="another", value=money(4, "EUR"))
    await tell(store, "a", "b", contracts=deals)
    (loop,) = (await ask(client, f"/v1/loops?as_of={DAY}"))["data"]
    assert [bounds(hop["amount"]) for hop in loop["hops"]] == [(5, 5, "USD"), (3, 3, "EUR")]
    assert (loop["amount"], loop["bottleneck"], loop["unknown"]) == (None, None, [])
    await tell(store, contracts=[several])
    (loop,) = (await ask(client, f"/v1/loops?as_of={DAY}"))["data"]
    assert [bounds(hop["amount"]) for hop in loop["hops"]] == [None, (3, 3, "EUR")]
    assert loop["unknown"] == [{"from": "a", "to": "b"}]


async def test_one_record_makes_no_loop_and_each_circle_is_told_once(store: Database, client: AsyncClient) -> None:
    """A contract with a price is revenue the other way round; a circle has as many beginnings as companies."""
    both = [{"company": slug, "role": role} for slug in ("a", "b") for role in ("customer", "supplier")]
    await tell(store, "a", "b", contracts=[contract(slug="swap", parties=both, value=money(1))])
    assert await circles(client, "/v1/loops?by=dependency") == []
    assert await circles(client, "/v1/loops") == []
    ring = ["b", "c", "a"]
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    await tell(store, "c", contracts=[supply(one, other, value=money(1)) for one, other in pairs])
    # The deals run b, c, a; the revenue of them runs the other way.
    assert await circles(client, "/v1/loops") == [["a", "b"], ["a", "b", "c"]]
    assert await circles(client, "/v1/loops?by=dependency&max_length=6") == [
        ["a", "b"],
        ["a", "b", "c"],
        ["a", "c", "b"],
    ]


async def test_an_intended_amount_stands_only_where_nothing_binds(store: Database, client: AsyncClient) -> None:
    await tell(
        store,
        "a",
        "b",
        contracts=[supply("a", "b", value=money(9), stage="intended"), supply("a", "b", slug="signed", value=money(2))],
        investments=[funding("a", "b", amount=money(7), stage="rumoured")],
        fleets=[running("a", "b", 5, accelerators=gpus(5))],
    )
    (loop,) = (await ask(client, f"/v1/loops?as_of={DAY}"))["data"]
    assert [bounds(hop["amount"]) for hop in loop["hops"]] == [(2, None, "USD"), (7, 7, "USD")]


async def test_a_loop_of_plans_or_of_what_only_may_hold_says_so(store: Database, client: AsyncClient) -> None:
    deals = [
        *(supply("a", "b", value=money(9), stage="intended"), supply("b", "a", value=money(20))),
        *(supply("x", "y", value=money(9), ends_on="2025"), supply("y", "x", value=money(20))),
    ]
    await tell(store, *"abxy", contracts=deals)
    planned, perhaps = (await ask(client, f"/v1/loops?as_of={DAY}"))["data"]
    assert [(one["tentative"], one["possible"]) for one in (planned, perhaps)] == [(True, False), (False, True)]
    assert [(hop["tentative"], hop["possible"]) for hop in planned["hops"]] == [(True, False), (False, False)]
    assert [(hop["tentative"], hop["possible"]) for hop in perhaps["hops"]] == [(False, True), (False, False)]
    assert [bounds(one["amount"]) for one in (planned, perhaps)] == [(9, 9, "USD"), (0, 9, "USD")]


@pytest.mark.parametrize("more", ["", "&company=a", "&company=b", "&company=a&company=b"])
async def test_a_joint_deal_comes_to_up_to_its_amount_wherever_the_others_of_it_are(
    store: Database, client: AsyncClient, more: str
) -> None:
    """Nothing goes to the other customer, so it is not near: the loop has to ask who else the amount is of."""
    customers = [{"company": slug, "role": "customer"} for slug in ("b", "other")]
    joint = contract(slug="joint", parties=[*customers, {"company": "a", "role": "supplier"}], value=money(100))
    rounds = [funding("b", "a", amount=money(60)), funding("a", "other", investors=["b", "other"], amount=money(70))]
    await tell(store, "a", "b", "other", contracts=[joint], investments=rounds)
    (loop,) = (await ask(client, f"/v1/loops?as_of={DAY}{more}"))["data"]
    there, back = (hop["amount"] for hop in loop["hops"])
    assert (bounds(there), bounds(back)) == ((60, 60, "USD"), (0, 100, "USD"))
    assert (bounds(loop["amount"]), loop["amount"]["text"]) == ((0, 60, "USD"), "up to USD 60")


async def test_a_price_is_not_mixed_with_the_worth_of_shares(store: Database, client: AsyncClient) -> None:
    deals = [supply("a", "b", value=money(100)), supply("b", "a", value=money(1000))]
    given = {"instrument": "shares_in_kind", "contract": "a-b"}
    shares = [
        funding("a", "b", slug="given", instrument="shares_in_kind", amount=money(500)),
        funding("a", "b", slug="under", amount=money(9_999), **given),
    ]
    await tell(store, "a", "b", contracts=deals, investments=shares)
    (loop,) = (await ask(client, f"/v1/loops?as_of={DAY}"))["data"]
    assert ways(loop)[0][2:] == ((100, 100, "USD"), ["equity", "money"], ["given", "under", "a-b"])
    assert bounds(loop["amount"]) == (100, 100, "USD")


async def test_a_search_that_gives_up_says_so(store: Database, client: AsyncClient) -> None:
    """Twenty companies that all buy from each other have more than a billion loops of six."""
    names = [f"c{number:02}" for number in range(20)]
    everything = [supply(one, other) for one in names for other in names if one != other]
    await tell(store, companies=[company(name) for name in names], contracts=everything)
    answer = await ask(client, f"/v1/loops?as_of={DAY}&max_length=6&limit=1000&amount__possibly_gte=1")
    assert answer["truncated"] is True
    assert answer["truncated_by"] == ["loops"]
    assert [len(loop["nodes"]) for loop in answer["data"]] == [2] * 190 + [3] * 810
    none = await ask(client, f"/v1/loops?as_of={DAY}&max_length=6&kind=energy")
    assert (none["data"], none["truncated_by"]) == ([], ["steps"])
    assert none["unknowns"] == [], "that there is none is not known"


async def test_where_companies_or_edges_are_cut_the_answer_says_so(world: World) -> None:
    async with serving(world.url, max_nodes=1, max_edges=2) as client:
        near = await ask(client, f"/v1/loops?as_of={DAY}&company=cloud")
        everyone = await ask(client, f"/v1/loops?as_of={DAY}")
    assert "nodes" in near["truncated_by"]
    assert everyone["truncated_by"] == ["edges"]
    assert (near["limits"]["nodes"], near["limits"]["edges"]) == (1, 2)


@pytest.mark.parametrize(
    ("query", "parameter", "suggestion"),
    [
        ("company=nvidea", "company", "nvidia"),
        ("by=values", "by", "value"),
        ("kind=captal", "kind", "capital"),
        ("max_length=1", "max_length", None),
        ("max_length=7", "max_length", None),
        ("limit=0", "limit", None),
        ("limit=1001", "limit", None),
        ("amount__possibly_gte=-1", "amount__possibly_gte", None),
        ("amount__possibly_gte=NaN", "amount__possibly_gte", None),
        ("amount_possibly_gte=1", "amount_possibly_gte", "amount__possibly_gte"),
        ("max_depth=3", "max_depth", "max_length"),
        ("by=value&by=dependency", "by", None),
    ],
)
async def test_what_cannot_be_asked(reader: AsyncClient, query: str, parameter: str, suggestion: str | None) -> None:
    flaw = await refused(reader, f"/v1/loops?{query}")
    assert (flaw["parameter"], flaw.get("suggestion")) == (parameter, suggestion)


@pytest.mark.parametrize("question", ["loops", "timeline"])
async def test_a_question_takes_only_so_many_companies(reader: AsyncClient, question: str) -> None:
    """Each is looked up by itself: 800 took 0.4 s."""
    asked = "&".join(f"company=c{number}" for number in range(51))
    (flaw,) = problem(await reader.get(f"/v1/{question}?{asked}"), 400)["errors"]
    assert flaw["parameter"] == "company"
    assert "no more than 50 are taken" in flaw["detail"]
