"""Companies side by side: ``GET /v1/compare``."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from tests.conftest import serving
from tests.factories import company
from tests.graph.asking import ask, bounds, hops, refused
from tests.graph.deals import supply, tell
from tests.graph.small_world import BILLION, DAY, World

BOTH = "/v1/compare?company=openai&company=microsoft&as_of=2025-03-12"
LAB_EURO = f"/v1/compare?company=lab&company=euro&as_of={DAY}"


def neighbours(side: dict[str, Any]) -> dict[str, list[tuple[str, str, list[str]]]]:
    """Each list of one side: through what, whom, and who has it."""
    return {name: [(one["kind"], one["company"], one["of"]) for one in ones] for name, ones in side.items()}


async def test_what_openai_and_microsoft_both_depend_on_and_what_only_one_does(reader: AsyncClient) -> None:
    answer = await ask(reader, BOTH)
    assert neighbours(answer["dependencies"]) == {
        "shared": [("compute", "coreweave", ["microsoft", "openai"])],
        "partly": [],
        "only": [
            ("capital", "microsoft", ["openai"]),
            ("compute", "microsoft", ["openai"]),
            ("compute", "stargate", ["openai"]),
            ("technology", "openai", ["microsoft"]),
        ],
    }
    assert neighbours(answer["dependents"]) == {
        "shared": [("revenue", "coreweave", ["microsoft", "openai"])],
        "partly": [],
        "only": [
            ("capital", "coreweave", ["openai"]),
            ("capital", "openai", ["microsoft"]),
            ("compute", "openai", ["microsoft"]),
            ("technology", "microsoft", ["openai"]),
        ],
    }
    assert (answer["companies"], answer["truncated"], answer["unknowns"]) == (["microsoft", "openai"], False, [])


async def test_each_neighbour_comes_with_its_name_and_its_evidence(reader: AsyncClient) -> None:
    answer = await ask(reader, BOTH)
    (coreweave,) = answer["dependencies"]["shared"]
    assert coreweave["name"] == "CoreWeave"
    assert hops(coreweave["edges"]) == [
        ("microsoft", "coreweave", "compute", "microsoft-coreweave-compute"),
        ("openai", "coreweave", "compute", "openai-coreweave-compute-2025"),
    ]
    technology = answer["dependencies"]["only"][3]
    assert [edge["record"]["slug"] for edge in technology["edges"]] == [
        "microsoft-openai-copilot",
        "microsoft-openai-technology",
    ]


async def test_the_order_in_which_companies_are_given_does_not_matter(reader: AsyncClient) -> None:
    turned = await reader.get("/v1/compare?company=microsoft&company=openai&as_of=2025-03-12")
    assert turned.content == (await reader.get(BOTH)).content


async def test_of_three_companies_two_may_share(reader: AsyncClient) -> None:
    answer = await ask(reader, BOTH + "&company=coreweave")
    assert neighbours(answer["dependencies"])["partly"] == [("compute", "coreweave", ["microsoft", "openai"])]
    assert neighbours(answer["dependents"])["partly"] == [
        ("compute", "openai", ["coreweave", "microsoft"]),
        ("revenue", "coreweave", ["microsoft", "openai"]),
    ]
    assert answer["dependencies"]["shared"] == []


async def test_kinds_stages_and_evidence_narrow_what_is_compared(reader: AsyncClient) -> None:
    compute = await ask(reader, BOTH + "&kind=technology")
    assert neighbours(compute["dependencies"])["only"] == [("technology", "openai", ["microsoft"])]
    announced = await ask(reader, BOTH + "&stage=announced")
    assert neighbours(announced["dependencies"])["only"] == [
        ("compute", "coreweave", ["openai"]),
        ("compute", "stargate", ["openai"]),
    ]
    confirmed = await ask(reader, BOTH + "&evidence=confirmed")
    assert confirmed["unknowns"] == ["No dependency is recorded for any of them as of 2025-03-12 (evidence confirmed)."]


async def test_before_the_article_they_shared_nothing_for_certain(reader: AsyncClient) -> None:
    answer = await ask(reader, "/v1/compare?company=openai&company=microsoft&as_of=2025-03-11")
    (coreweave,) = answer["dependencies"]["shared"]
    assert [(edge["from"], edge["possible"]) for edge in coreweave["edges"]] == [("microsoft", True), ("openai", False)]
    earlier = await ask(reader, "/v1/compare?company=openai&company=microsoft&as_of=2025-03-09")
    assert earlier["dependencies"]["shared"] == []


async def test_amounts_and_neighbours_are_those_that_were_known_then(world: World) -> None:
    for then, worth in ((world.told, 10), (world.corrected, 20), (world.extended, 20)):
        answer = await ask(world.client, f"{LAB_EURO}&known_at={then}")
        (cloud,) = answer["dependencies"]["shared"]
        assert [bounds(edge["amount"]) for edge in cloud["edges"]] == [
            (4 * BILLION, 4 * BILLION, "EUR"),
            (worth * BILLION, worth * BILLION, "USD"),
        ]
        only = [("hardware", "chips", ["lab"])] if then == world.extended else []
        assert neighbours(answer["dependencies"])["only"] == only
    assert (await ask(world.client, LAB_EURO + "&published_by=2025-06-29"))["dependencies"]["only"] == []


async def test_the_name_of_a_neighbour_is_the_one_that_it_had(world: World) -> None:
    url = f"/v1/compare?company=cloud&company=fund&as_of={DAY}&known_at="
    for then, name in ((world.told, "Lab"), (world.corrected, "Big Lab")):
        compute = (await ask(world.client, url + then))["dependents"]["only"]
        assert [one["name"] for one in compute if one["company"] == "lab"] == [name]


async def test_before_the_first_record_nothing_was_known(world: World) -> None:
    answer = await ask(world.client, LAB_EURO + "&known_at=2020-01-01T00:00:00Z")
    assert neighbours(answer["dependencies"]) == {"shared": [], "partly": [], "only": []}
    assert answer["revision"] == 0
    assert answer["unknowns"] == ["Nothing had been recorded by 2020-01-01T00:00:00Z."]


async def test_what_two_share_is_never_shown_as_of_one_only_whatever_limit_cuts(
    store: Database, store_url: str
) -> None:
    deals = [supply(one, source) for one in ("a", "b") for source in ("x", "y", "z")]
    await tell(store, *"abxyz", contracts=[*deals, supply("a", "b"), supply("x", "a", kind="energy")])
    for limit in range(1, 9):
        async with serving(store_url, max_edges=limit) as client:
            answer = await ask(client, f"/v1/compare?company=a&company=b&as_of={DAY}")
        assert answer["truncated_by"] == (["edges"] if limit < 8 else []), limit
        assert {one["company"] for one in answer["dependencies"]["only"]} <= {"b"}
        shared = [one["company"] for one in answer["dependencies"]["shared"]]
        assert shared == ["x", "y", "z"][: len(shared)]
    assert neighbours(answer["dependencies"])["shared"] == [("compute", slug, ["a", "b"]) for slug in "xyz"]


async def test_ten_companies_are_compared_and_eleven_are_not(store: Database, client: AsyncClient) -> None:
    names = [f"c{number}" for number in range(11)]
    await tell(store, companies=[company(name) for name in names], contracts=[supply("c0", "c1")])
    query = "&".join(f"company={name}" for name in names[:10])
    assert len((await ask(client, f"/v1/compare?{query}"))["companies"]) == 10
    assert (await refused(client, f"/v1/compare?{query}&company=c10"))["parameter"] == "company"


@pytest.mark.parametrize(
    ("query", "parameter", "suggestion"),
    [
        ("company=openai", "company", None),
        ("company=openai&company=openai", "company", None),
        ("", "company", None),
        ("company=openai&company=mircosoft", "company", "microsoft"),
        ("company=openai&company=microsoft&kind=computing", "kind", "compute"),
        ("company=openai&company=microsoft&companies=nvidia", "companies", "company"),
        ("company=openai&company=microsoft&as_of=yesterday", "as_of", None),
    ],
)
async def test_what_cannot_be_asked(reader: AsyncClient, query: str, parameter: str, suggestion: str | None) -> None:
    flaw = await refused(reader, f"/v1/compare?{query}")
    assert (flaw["parameter"], flaw.get("suggestion")) == (parameter, suggestion)
