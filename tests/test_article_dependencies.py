"""What the companies of the article depend on, and who depends on them, read against the article."""

from typing import Any

import pytest
from httpx import AsyncClient

Answer = dict[str, Any]
Arrow = tuple[str, str, str, str]
"""Who depends on whom through what, by which record."""

CONTRACT = "openai-coreweave-compute-2025"
COREWEAVE: set[Arrow] = {
    ("coreweave", "microsoft", "revenue", "coreweave-microsoft-revenue-share-2024"),
    ("coreweave", "nvidia", "capital", "nvidia-coreweave"),
    ("coreweave", "nvidia", "hardware", "coreweave-2025-03"),
    ("coreweave", "openai", "capital", "openai-coreweave-2025-03"),
    ("coreweave", "openai", "revenue", CONTRACT),
}
MICROSOFT: set[Arrow] = {
    ("microsoft", "coreweave", "compute", "microsoft-coreweave-compute"),
    ("microsoft", "openai", "technology", "microsoft-openai-copilot"),
    ("microsoft", "openai", "technology", "microsoft-openai-technology"),
}
OPENAI: set[Arrow] = {
    ("openai", "coreweave", "compute", CONTRACT),
    ("openai", "microsoft", "capital", "microsoft-openai-2023-01"),
    ("openai", "microsoft", "compute", "openai-microsoft-compute"),
    ("openai", "stargate", "compute", "stargate-2025"),
}
STARGATE: set[Arrow] = {
    ("stargate", "oracle", "partnership", "stargate-2025"),
    ("stargate", "softbank", "partnership", "stargate-2025"),
}
EVERY = COREWEAVE | MICROSOFT | OPENAI | STARGATE


async def ask(reader: AsyncClient, company: str, question: str = "dependencies", **parameters: object) -> Answer:
    path = f"/v1/companies/{company}/{question}"
    reply = await reader.get(
        path, params={"as_of": "2025-03-12", **{key: str(value) for key, value in parameters.items()}}
    )
    assert reply.status_code == 200, reply.text
    answer: Answer = reply.json()
    assert answer["truncated"] is False
    return answer


def arrows(answer: Answer) -> set[Arrow]:
    return {(edge["from"], edge["to"], edge["kind"], edge["record"]["slug"]) for edge in answer["edges"]}


def reached(answer: Answer) -> dict[str, int]:
    return {node["slug"]: node["depth"] for node in answer["nodes"]}


def ways(answer: Answer) -> dict[str, list[str]]:
    return {node["slug"]: node["via"] for node in answer["nodes"] if node["via"]}


def edge_of(answer: Answer, record: str, kind: str) -> dict[str, Any]:
    (edge,) = [one for one in answer["edges"] if (one["record"]["slug"], one["kind"]) == (record, kind)]
    return edge  # type: ignore[no-any-return]


async def test_openai_depends_on_its_clouds_and_through_them_on_nvidia_and_on_those_in_stargate(
    reader: AsyncClient,
) -> None:
    answer = await ask(reader, "openai")
    near = {"openai": 0, "coreweave": 1, "microsoft": 1, "stargate": 1, "nvidia": 2, "oracle": 2, "softbank": 2}
    assert reached(answer) == near
    assert ways(answer) == {
        "coreweave": ["openai", "coreweave"],
        "microsoft": ["openai", "microsoft"],
        "stargate": ["openai", "stargate"],
        "nvidia": ["openai", "coreweave", "nvidia"],
        "oracle": ["openai", "stargate", "oracle"],
        "softbank": ["openai", "stargate", "softbank"],
    }
    assert arrows(answer) == EVERY


async def test_coreweave_depends_on_its_customers_for_revenue_and_on_nvidia_for_hardware_and_capital(
    reader: AsyncClient,
) -> None:
    answer = await ask(reader, "coreweave", depth=1)
    assert reached(answer) == {"coreweave": 0, "microsoft": 1, "nvidia": 1, "openai": 1}
    assert {one for one in arrows(answer) if one[0] == "coreweave"} == COREWEAVE
    assert reached(await ask(reader, "coreweave", depth=2)) == {
        **reached(answer),
        "stargate": 2,
    }
    assert ways(await ask(reader, "coreweave"))["oracle"] == ["coreweave", "openai", "stargate", "oracle"]


async def test_microsoft_depends_on_openai_for_technology_and_on_coreweave_for_compute(reader: AsyncClient) -> None:
    answer = await ask(reader, "microsoft", depth=1)
    assert reached(answer) == {"microsoft": 0, "coreweave": 1, "openai": 1}
    assert {one for one in arrows(answer) if one[0] == "microsoft"} == MICROSOFT
    assert ways(await ask(reader, "microsoft"))["softbank"] == ["microsoft", "openai", "stargate", "softbank"]


async def test_nvidia_depends_on_nobody_as_far_as_the_article_goes(reader: AsyncClient) -> None:
    answer = await ask(reader, "nvidia")
    assert (reached(answer), answer["edges"]) == ({"nvidia": 0}, [])
    assert any("Nvidia" in one or "nvidia" in one for one in answer["unknowns"]), "an empty answer says so"


async def test_everybody_with_gpus_depends_on_nvidia(reader: AsyncClient) -> None:
    answer = await ask(reader, "nvidia", "dependents")
    assert reached(answer) == {"nvidia": 0, "coreweave": 1, "microsoft": 2, "openai": 2}
    assert ways(answer)["microsoft"] == ["nvidia", "coreweave", "microsoft"]
    assert arrows(answer) == COREWEAVE | MICROSOFT | OPENAI - {("openai", "stargate", "compute", "stargate-2025")}


@pytest.mark.parametrize(
    ("company", "near", "further"),
    [
        ("openai", {"coreweave", "microsoft"}, set()),
        ("coreweave", {"openai", "microsoft"}, set()),
        ("microsoft", {"openai", "coreweave"}, set()),
        ("softbank", {"stargate"}, {"openai"}),
        ("oracle", {"stargate"}, {"openai"}),
        ("stargate", {"openai"}, {"coreweave", "microsoft"}),
        ("anthropic", set(), set()),
        ("deepmind", set(), set()),
    ],
)
async def test_who_depends_on_a_company(reader: AsyncClient, company: str, near: set[str], further: set[str]) -> None:
    depths = reached(await ask(reader, company, "dependents", depth=2))
    assert depths == {company: 0} | dict.fromkeys(near, 1) | dict.fromkeys(further, 2)


async def test_openai_turns_from_microsoft_to_coreweave_of_whose_revenue_microsoft_is_62_percent(
    reader: AsyncClient,
) -> None:
    answer = await ask(reader, "openai")
    contract = edge_of(answer, CONTRACT, "compute")
    assert (contract["amount"]["text"], contract["since"], contract["until"]) == (
        "USD 11.9 billion",
        "2025-03-10",
        "2030-03",
    )
    assert contract["derived"] == {"until": "2025-03-10 + 60 months, since no end is stated"}
    assert contract["stage"] == "announced"
    assert contract["summary"] == "OpenAI gets GPU cloud computing from CoreWeave, USD 11.9 billion (announced)."
    share = edge_of(answer, "coreweave-microsoft-revenue-share-2024", "revenue")
    assert (share["share"]["low"], share["share"]["high"], share["amount"]) == (62, 62, None)
    assert (share["since"], share["until"], share["stage"]) == ("2024", None, None)


async def test_microsoft_and_openai_depend_on_each_other(reader: AsyncClient) -> None:
    answer = await ask(reader, "openai", depth=1)
    pairs = {(edge["from"], edge["to"], edge["kind"]) for edge in answer["edges"]}
    assert {("openai", "microsoft", "compute"), ("microsoft", "openai", "technology")} <= pairs
    capital = edge_of(answer, "microsoft-openai-2023-01", "capital")
    assert (capital["amount"]["text"], capital["amount"]["low"], capital["amount"]["high"]) == (
        "more than USD 10 billion",
        10_000_000_000,
        None,
    )
    assert (capital["since"], capital["flow"], capital["nature"]) == ("2023-01", "against", "money")


async def test_nvidias_money_in_coreweave_comes_back_for_hardware(reader: AsyncClient) -> None:
    answer = await ask(reader, "coreweave", depth=1)
    capital = edge_of(answer, "nvidia-coreweave", "capital")
    hardware = edge_of(answer, "coreweave-2025-03", "hardware")
    assert (capital["flow"], capital["nature"], capital["amount"]) == ("against", "money", None)
    assert (hardware["flow"], hardware["nature"]) == ("along", "supply")
    assert hardware["amount"]["text"] == "more than 250,000 GPUs"
    assert (hardware["amount"]["low"], hardware["amount"]["high"]) == (250_000, None)
    assert (hardware["since"], hardware["until"]) == ("2025-03-12", None)


async def test_the_shares_for_openai_are_part_of_its_contract(reader: AsyncClient) -> None:
    shares = edge_of(await ask(reader, "coreweave", depth=1), "openai-coreweave-2025-03", "capital")
    assert shares["part_of"] == {"type": "contracts", "slug": CONTRACT, "url": f"/v1/contracts/{CONTRACT}"}
    assert (shares["amount"]["text"], shares["stage"]) == ("USD 350 million", "announced")
    assert (shares["flow"], shares["nature"]) == ("along", "equity")
    assert shares["summary"].endswith("(announced).")


async def test_every_dependency_says_where_it_was_read_and_when_that_was_published(reader: AsyncClient) -> None:
    for edge in (await ask(reader, "openai"))["edges"]:
        assert edge["citations"], edge["summary"]
        assert {one["source"] for one in edge["citations"]} == {"wired-italy-2025-03-12"}
        assert (edge["evidenced_from"], edge["evidenced_to"]) == ("2025-03-12", "2025-03-12")
        record = (await reader.get(edge["record"]["url"])).json()
        assert record["slug"] == edge["record"]["slug"]
        assert record["citations"] == edge["citations"]


async def test_every_dependency_holds_for_certain_on_the_day_of_the_article(reader: AsyncClient) -> None:
    assert not [edge for edge in (await ask(reader, "openai"))["edges"] if edge["possible"]]


async def test_before_stargate_openai_depended_on_microsoft_alone_for_compute(reader: AsyncClient) -> None:
    answer = await ask(reader, "openai", kind="compute", depth=1, as_of="2024-12-31")
    assert [(edge["to"], edge["possible"]) for edge in answer["edges"]] == [("microsoft", True)]
    after = await ask(reader, "openai", kind="compute", depth=1, as_of="2025-02-01")
    assert {edge["to"]: edge["possible"] for edge in after["edges"]} == {"microsoft": True, "stargate": False}


async def test_in_january_2025_stargate_only_may_have_been_agreed(reader: AsyncClient) -> None:
    answer = await ask(reader, "openai", as_of="2025-01-15")
    assert edge_of(answer, "stargate-2025", "compute")["possible"] is True
    assert CONTRACT not in {edge["record"]["slug"] for edge in answer["edges"]}


async def test_when_the_five_years_are_over_the_contract_only_may_hold(reader: AsyncClient) -> None:
    on_the_day = await ask(reader, "openai", as_of="2030-03-10")
    assert edge_of(on_the_day, CONTRACT, "compute")["possible"] is True
    later = await ask(reader, "openai", as_of="2030-04-01")
    assert CONTRACT not in {edge["record"]["slug"] for edge in later["edges"]}
