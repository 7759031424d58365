"""What if a company stopped: ``GET /v1/companies/{slug}/impact``."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from tests.conftest import serving
from tests.graph.asking import ask, bounds, hops, problem, reasons, refused
from tests.graph.deals import money, share, supply, tell
from tests.graph.small_world import BILLION, DAY, World

ON = "as_of=2025-03-12"
NVIDIA, COREWEAVE = f"/v1/companies/nvidia/impact?{ON}", f"/v1/companies/coreweave/impact?{ON}"


def losses(answer: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Every loss by whose, of what, from whom."""
    affected = answer["affected"]
    return {(one["company"], loss["kind"], loss["source"]): loss for one in affected for loss in one["losses"]}


def sources(loss: dict[str, Any]) -> tuple[bool, list[str], list[str], list[str]]:
    return loss["only_source"], loss["alternatives"], loss["also_affected"], loss["planned"]


async def test_who_is_affected_when_nvidia_stops_and_through_whom(reader: AsyncClient) -> None:
    answer = await ask(reader, NVIDIA)
    assert [(one["company"], one["name"], one["depth"], one["via"]) for one in answer["affected"]] == [
        ("coreweave", "CoreWeave", 1, ["nvidia", "coreweave"]),
        ("microsoft", "Microsoft", 2, ["nvidia", "coreweave", "microsoft"]),
        ("openai", "OpenAI", 2, ["nvidia", "coreweave", "openai"]),
    ]
    assert hops(answer["affected"][2]["hops"]) == [
        ("coreweave", "nvidia", "capital", "nvidia-coreweave"),
        ("openai", "coreweave", "compute", "openai-coreweave-compute-2025"),
    ]
    assert (answer["company"], answer["depth"], answer["truncated"]) == ("nvidia", 3, False)


async def test_what_each_would_lose(reader: AsyncClient) -> None:
    found = losses(await ask(reader, NVIDIA))
    assert list(found) == [
        ("coreweave", "capital", "nvidia"),
        ("coreweave", "hardware", "nvidia"),
        ("microsoft", "compute", "coreweave"),
        ("openai", "compute", "coreweave"),
    ]
    hardware = found["coreweave", "hardware", "nvidia"]
    assert sources(hardware) == (True, [], [], [])
    (gpus,) = hardware["amounts"]
    assert (bounds(gpus["amount"]), gpus["amount"]["text"]) == ((250_000, None, "gpu"), "more than 250,000 GPUs")
    assert [one["record"]["slug"] for one in gpus["counted"]] == ["coreweave-2025-03"]
    compute = found["openai", "compute", "coreweave"]
    assert bounds(compute["amounts"][0]["amount"]) == (11_900_000_000, 11_900_000_000, "USD")
    assert hops(compute["edges"]) == [("openai", "coreweave", "compute", "openai-coreweave-compute-2025")]


async def test_another_source_that_would_fall_too_is_no_alternative(reader: AsyncClient) -> None:
    found = losses(await ask(reader, COREWEAVE))
    assert sources(found["openai", "compute", "coreweave"]) == (False, ["stargate"], ["microsoft"], [])
    assert sources(found["microsoft", "compute", "coreweave"]) == (True, [], [], [])


@pytest.mark.parametrize("depth", [1, 2, 8])
async def test_how_deep_is_listed_does_not_change_what_would_fall(reader: AsyncClient, depth: int) -> None:
    """OpenAI, from which CoreWeave has capital too, falls with Nvidia two hops away, whether it is listed or not."""
    answer = await ask(reader, f"{NVIDIA}&depth={depth}")
    assert {one["depth"] for one in answer["affected"]} == set(range(1, min(depth, 2) + 1))
    capital = losses(answer)["coreweave", "capital", "nvidia"]
    assert sources(capital) == (False, [], ["openai"], [])


async def test_what_nobody_disclosed_is_listed_and_never_guessed(reader: AsyncClient) -> None:
    answer = await ask(reader, COREWEAVE)
    compute = losses(answer)["microsoft", "compute", "coreweave"]
    assert (compute["amounts"], compute["shares"]) == ([], [])
    assert compute["unknowns"] == [
        "What share of the compute of Microsoft comes from CoreWeave is not disclosed.",
        "What amount is at stake for Microsoft in its compute from CoreWeave is not disclosed.",
    ]
    assert answer["unknowns"] == [
        *compute["unknowns"],
        "What share of the compute of OpenAI comes from CoreWeave is not disclosed.",
    ]


async def test_coreweave_would_lose_62_percent_of_its_revenue_with_microsoft(reader: AsyncClient) -> None:
    found = losses(await ask(reader, f"/v1/companies/microsoft/impact?{ON}"))
    revenue = found["coreweave", "revenue", "microsoft"]
    assert [bounds(one) for one in revenue["shares"]] == [(62, 62, "percent")]
    assert sources(revenue) == (False, [], ["openai"], [])
    assert found["openai", "capital", "microsoft"]["amounts"][0]["amount"]["text"] == "more than USD 10 billion"


async def test_only_kinds_that_are_asked_for(reader: AsyncClient) -> None:
    found = losses(await ask(reader, NVIDIA + "&kind=capital"))
    assert list(found) == [("coreweave", "capital", "nvidia")]
    hardware = losses(await ask(reader, NVIDIA + "&kind=hardware&kind=compute"))
    assert list(hardware) == [
        ("coreweave", "hardware", "nvidia"),
        ("microsoft", "compute", "coreweave"),
        ("openai", "compute", "coreweave"),
    ]


async def test_a_dependency_that_only_may_hold_says_so(reader: AsyncClient) -> None:
    answer = await ask(reader, "/v1/companies/microsoft/impact?as_of=2025-03-11&depth=1&kind=compute")
    (loss,) = answer["affected"][0]["losses"]
    assert [edge["possible"] for edge in loss["edges"]] == [True]
    assert "Whether OpenAI has compute from Microsoft on the day in question is not certain." in loss["unknowns"], loss[
        "unknowns"
    ]


async def test_nobody_depends_on_anthropic(reader: AsyncClient) -> None:
    answer = await ask(reader, f"/v1/companies/anthropic/impact?{ON}")
    assert answer["affected"] == []
    assert answer["unknowns"] == ["No dependency is recorded for Anthropic as of 2025-03-12."]


async def test_names_and_amounts_are_those_that_were_known_then(world: World) -> None:
    for then, name, worth in ((world.told, "Lab", 10), (world.corrected, "Big Lab", 20)):
        answer = await ask(world.client, f"/v1/companies/cloud/impact?as_of={DAY}&known_at={then}")
        assert [(one["company"], one["name"]) for one in answer["affected"]] == [("euro", "Euro"), ("lab", name)]
        loss = losses(answer)["lab", "compute", "cloud"]
        assert bounds(loss["amounts"][0]["amount"]) == (worth * BILLION, worth * BILLION, "USD")
        assert f"What share of the compute of {name} comes from Cloud is not disclosed." in answer["unknowns"]


async def test_a_dependent_is_there_only_once_it_was_told_and_published(world: World) -> None:
    for more, companies in (
        (f"&known_at={world.corrected}", ["euro", "lab"]),
        (f"&known_at={world.extended}", ["chips", "euro", "lab"]),
        ("&published_by=2025-06-29", ["euro", "lab"]),
        ("&published_by=2024-12-30", []),
    ):
        answer = await ask(world.client, f"/v1/companies/cloud/impact?as_of={DAY}&depth=1{more}")
        assert [one["company"] for one in answer["affected"]] == companies, more


async def test_before_the_first_record_nothing_was_known(world: World) -> None:
    answer = await ask(world.client, "/v1/companies/cloud/impact?known_at=2020-01-01T00:00:00Z")
    assert (answer["affected"], answer["revision"]) == ([], 0)
    assert answer["unknowns"] == ["Nothing had been recorded by 2020-01-01T00:00:00Z."]


async def test_what_is_only_planned_neither_saves_nor_endangers(store: Database, client: AsyncClient) -> None:
    deals = [supply("lab", "cloud"), supply("lab", "plan", stage="intended"), supply("shop", "cloud", stage="rumoured")]
    await tell(store, "lab", "cloud", "plan", "shop", contracts=deals)
    found = losses(await ask(client, f"/v1/companies/cloud/impact?as_of={DAY}"))
    assert sources(found["lab", "compute", "cloud"]) == (True, [], [], ["plan"])
    assert sources(found["shop", "compute", "cloud"]) == (False, [], [], [])


async def test_amounts_stay_apart_by_currency_and_by_whether_they_bind(store: Database, client: AsyncClient) -> None:
    deals = [
        supply("lab", "cloud", slug="dollars", value=money(10)),
        supply("lab", "cloud", slug="more-dollars", value=money(5, qualifier="at_least")),
        supply("lab", "cloud", slug="euros", value=money(7, "EUR")),
        supply("lab", "cloud", slug="plan", value=money(100), stage="intended"),
        supply("lab", "cloud", slug="silent"),
    ]
    await tell(store, "lab", "cloud", contracts=deals, metrics=[share("lab", "cloud", 80, name="compute_share")])
    loss = losses(await ask(client, f"/v1/companies/cloud/impact?as_of={DAY}"))["lab", "compute", "cloud"]
    euros, dollars, plan = loss["amounts"]
    assert (bounds(dollars["amount"]), dollars["tentative"]) == ((15, None, "USD"), False)
    assert [one["record"]["slug"] for one in dollars["counted"]] == ["dollars", "more-dollars"]
    assert (bounds(euros["amount"]), bounds(plan["amount"])) == ((7, None, "EUR"), (100, 100, "USD"))
    assert plan["tentative"] is True
    assert reasons(dollars["left_out"]) == [
        ("cloud", "euros", "other currency"),
        ("cloud", "plan", "intended or rumoured"),
        ("cloud", "silent", "undisclosed amount"),
    ]
    assert [bounds(one) for one in loss["shares"]] == [(80, 80, "percent")]
    assert loss["unknowns"] == []


async def test_where_companies_are_cut_the_closest_are_kept(store: Database, store_url: str) -> None:
    deals = [supply("b", "hub"), supply("c", "hub"), supply("a", "b"), supply("d", "c")]
    await tell(store, *"abcd", "hub", contracts=deals)
    async with serving(store_url, max_nodes=3) as client:
        answer = await ask(client, f"/v1/companies/hub/impact?as_of={DAY}")
    assert [(one["company"], one["depth"]) for one in answer["affected"]] == [("b", 1), ("c", 1)]
    assert answer["truncated_by"] == ["nodes"]


async def test_a_company_whose_sources_may_be_cut_off_is_not_shown_to_have_an_only_one(
    store: Database, store_url: str
) -> None:
    """Each of three companies has two sources; whatever limit cuts, none has one only, or a safe one."""
    deals = [supply(one, source) for one in ("a", "b", "c") for source in ("hub", "spare")]
    await tell(store, *"abc", "hub", "spare", contracts=deals)
    for limit in range(1, 7):
        async with serving(store_url, max_edges=limit) as client:
            answer = await ask(client, f"/v1/companies/hub/impact?as_of={DAY}")
        cut = limit < 6
        found = [(loss["only_source"], loss["alternatives"], loss["unchecked"]) for loss in losses(answer).values()]
        assert found == [(False, [], ["spare"]) if cut else (False, ["spare"], [])] * (limit // 2)
        assert answer["truncated_by"] == (["edges"] if cut else [])


@pytest.mark.parametrize(
    ("cap", "limit", "depth", "checked"),
    [
        ("edges", 5, 3, True),
        ("edges", 4, 3, False),
        ("nodes", 5, 3, True),
        ("nodes", 3, 1, False),
        ("nodes", 3, 3, False),
    ],
)
async def test_a_second_source_whose_fall_is_cut_off_is_not_shown_as_safe(  # noqa: PLR0913 - two stores and a case
    store: Database, store_url: str, cap: str, limit: int, depth: int, *, checked: bool
) -> None:
    """It depends on the hub too, three hops away: the last that is found."""
    hops = (("a", "hub"), ("a", "spare"), ("m", "hub"), ("n", "m"), ("spare", "n"))
    await tell(store, "hub", "a", "m", "n", "spare", contracts=[supply(*hop) for hop in hops])
    async with serving(store_url, **{f"max_{cap}": limit}) as client:
        answer = await ask(client, f"/v1/companies/hub/impact?as_of={DAY}&depth={depth}")
    loss = losses(answer)["a", "compute", "hub"]
    others = (loss["alternatives"], loss["also_affected"], loss["unchecked"])
    assert others == (([], ["spare"], []) if checked else ([], [], ["spare"]))
    said = "Whether Spare, from which A has compute too, would be affected was not looked at."
    assert (said in answer["unknowns"]) is not checked
    assert answer["truncated_by"] == ([] if checked else [cap])


async def test_a_second_source_that_would_fall_further_away_than_is_looked_is_not_shown_as_safe(
    store: Database, client: AsyncClient
) -> None:
    chain = ["hub", *(f"c{number}" for number in range(1, 10))]
    hops = [("a", "hub"), ("a", "c9"), *zip(chain[1:], chain, strict=False)]
    await tell(store, "a", *chain, contracts=[supply(*hop) for hop in hops])
    answer = await ask(client, f"/v1/companies/hub/impact?as_of={DAY}")
    loss = losses(answer)["a", "compute", "hub"]
    assert (loss["alternatives"], loss["unchecked"], answer["truncated"]) == ([], ["c9"], False)


@pytest.mark.parametrize(
    ("query", "parameter", "suggestion"),
    [
        ("depth=0", "depth", None),
        ("depth=9", "depth", None),
        ("depth=deep", "depth", None),
        ("kind=gpus", "kind", None),
        ("stage=sined", "stage", "signed"),
        ("evidence=reportd", "evidence", "reported"),
        ("dept=3", "dept", "depth"),
        ("format=svg", "format", None),
    ],
)
async def test_what_cannot_be_asked(reader: AsyncClient, query: str, parameter: str, suggestion: str | None) -> None:
    flaw = await refused(reader, f"/v1/companies/nvidia/impact?{query}")
    assert (flaw["parameter"], flaw.get("suggestion")) == (parameter, suggestion)


async def test_a_company_that_does_not_exist(reader: AsyncClient) -> None:
    said = problem(await reader.get("/v1/companies/nvidai/impact"), 404)
    assert said["errors"][0]["suggestion"] == "nvidia"
