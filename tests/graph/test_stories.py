"""The stories that the article tells, asked of the store that holds it."""

import pytest
from httpx import AsyncClient

from tests.graph.asking import ask, bounds, hops

DAY = "2025-03-12"
BEFORE, AFTER = "2024-12-31", "2025-02-01"
"""Before the Stargate agreement of January 2025, and after it."""
OPENAI = "/v1/companies/openai/dependencies"


async def compute_of_openai(reader: AsyncClient, day: str) -> list[str]:
    answer = await ask(reader, f"{OPENAI}?depth=1&kind=compute&as_of={day}")
    return [edge["to"] for edge in answer["edges"] if edge["from"] == "openai"]


class TestOpenAIMovesFromMicrosoftToCoreWeave:
    async def test_its_compute_came_from_microsoft_alone_and_now_from_two_more(self, reader: AsyncClient) -> None:
        assert await compute_of_openai(reader, BEFORE) == ["microsoft"]
        assert await compute_of_openai(reader, DAY) == ["coreweave", "microsoft", "stargate"]

    async def test_the_diff_names_the_contract_and_says_that_nothing_was_given_up(self, reader: AsyncClient) -> None:
        moved = await ask(reader, f"{OPENAI}/diff?from={BEFORE}&to={DAY}&depth=1&kind=compute")
        own = [edge for edge in moved["gained"] if edge["from"] == "openai"]
        assert hops(own) == [
            ("openai", "coreweave", "compute", "openai-coreweave-compute-2025"),
            ("openai", "stargate", "compute", "stargate-2025"),
        ]
        assert bounds(own[0]["amount"]) == (11_900_000_000, 11_900_000_000, "USD")
        assert moved["lost"] == []

    async def test_microsoft_was_its_only_source_and_is_no_longer(self, reader: AsyncClient) -> None:
        for day, only, others in ((BEFORE, True, []), (DAY, False, ["coreweave", "stargate"])):
            answer = await ask(reader, f"/v1/companies/microsoft/impact?as_of={day}&kind=compute&depth=1")
            (openai,) = [one for one in answer["affected"] if one["company"] == "openai"]
            (loss,) = openai["losses"]
            assert (loss["only_source"], loss["alternatives"]) == (only, others)

    async def test_but_of_coreweave_microsoft_is_62_percent(self, reader: AsyncClient) -> None:
        exposure = await ask(reader, f"/v1/companies/coreweave/exposure?as_of={DAY}")
        (customers,) = [group for group in exposure["groups"] if group["by"] == "customer"]
        (stated,) = customers["stated_shares"]
        assert (stated["company"], stated["share"]["text"], stated["period"]) == ("microsoft", "62 percent", "2024")
        assert bounds(exposure["derived"][0]["value"]) == (1_178_000_000, 1_178_000_000, "USD")
        assert exposure["derived"][0]["note"] == "derived, not stated"

    async def test_so_openai_still_reaches_microsoft_through_the_supplier_that_it_moved_to(
        self, reader: AsyncClient
    ) -> None:
        answer = await ask(reader, f"/v1/paths?from=openai&to=microsoft&as_of={DAY}")
        through = [path for path in answer["paths"] if path["nodes"] == ["openai", "coreweave", "microsoft"]]
        (path,) = through
        assert path["edges"][1]["summary"] == "CoreWeave has 62 percent of its revenue from Microsoft in 2024."


class TestMicrosoftAndOpenAIDependOnEachOther:
    async def test_they_are_a_loop_of_dependence(self, reader: AsyncClient) -> None:
        answer = await ask(reader, f"/v1/loops?by=dependency&max_length=2&company=openai&as_of={DAY}")
        (mutual,) = [loop for loop in answer["data"] if loop["nodes"] == ["microsoft", "openai"]]
        gpt_4, money_and_azure = mutual["hops"]
        assert [record["slug"] for record in gpt_4["records"]] == [
            "microsoft-openai-copilot",
            "microsoft-openai-technology",
        ]
        assert [record["slug"] for record in money_and_azure["records"]] == [
            "microsoft-openai-2023-01",
            "openai-microsoft-compute",
        ]

    @pytest.mark.parametrize(("one", "other"), [("openai", "microsoft"), ("microsoft", "openai")])
    async def test_each_reaches_the_other_in_one_hop(self, reader: AsyncClient, one: str, other: str) -> None:
        answer = await ask(reader, f"/v1/paths?from={one}&to={other}&as_of={DAY}&max_depth=1")
        assert [path["nodes"] for path in answer["paths"]] == [[one, other]]

    async def test_each_is_the_only_source_of_something_to_the_other(self, reader: AsyncClient) -> None:
        answer = await ask(reader, f"/v1/rankings?by=sole_source&as_of={DAY}")
        needs = {row["company"]: row["needs"] for row in answer["data"]}
        assert needs["microsoft"] == [{"dependent": "openai", "kind": "capital", "possible": False}]
        assert needs["openai"] == [{"dependent": "microsoft", "kind": "technology", "possible": False}]


class TestNvidiasMoneyComesBackAsHardware:
    async def test_it_is_a_circular_deal_of_which_no_amount_is_known(self, reader: AsyncClient) -> None:
        (loop,) = (await ask(reader, f"/v1/loops?company=nvidia&as_of={DAY}"))["data"]
        bought, funded = loop["hops"]
        assert (bought["from"], bought["to"], bought["natures"]) == ("coreweave", "nvidia", ["supply"])
        assert (funded["from"], funded["to"], funded["natures"]) == ("nvidia", "coreweave", ["money"])
        assert (loop["amount"], len(loop["unknown"])) == (None, 2)

    async def test_nvidia_depends_on_nobody_for_it(self, reader: AsyncClient) -> None:
        answer = await ask(reader, f"/v1/companies/nvidia/dependencies?as_of={DAY}")
        assert [node["slug"] for node in answer["nodes"]] == ["nvidia"]
        assert answer["unknowns"] == ["No dependency is recorded for Nvidia as of 2025-03-12."]


class TestBeforeStargateAndAfterIt:
    async def test_as_of(self, reader: AsyncClient) -> None:
        for day, companies in ((BEFORE, []), (AFTER, ["oracle", "softbank", "stargate"])):
            answer = await ask(reader, f"{OPENAI}?as_of={day}&kind=compute&kind=partnership")
            found = {node["slug"] for node in answer["nodes"]}
            assert sorted(found & {"oracle", "softbank", "stargate"}) == companies

    async def test_within_january_it_only_may_have_been(self, reader: AsyncClient) -> None:
        answer = await ask(reader, f"{OPENAI}?as_of=2025-01-15&kind=partnership&kind=compute")
        stargate = [edge for edge in answer["edges"] if edge["record"]["slug"] == "stargate-2025"]
        assert [edge["possible"] for edge in stargate] == [True, True, True]

    async def test_the_difference_is_the_agreement_and_nothing_else(self, reader: AsyncClient) -> None:
        answer = await ask(reader, f"{OPENAI}/diff?from={BEFORE}&to={AFTER}")
        assert hops(answer["gained"]) == [
            ("openai", "stargate", "compute", "stargate-2025"),
            ("stargate", "oracle", "partnership", "stargate-2025"),
            ("stargate", "softbank", "partnership", "stargate-2025"),
        ]
        assert (answer["lost"], answer["changed"]) == ([], [])
        assert {edge["record"]["url"] for edge in answer["gained"]} == {"/v1/contracts/stargate-2025"}

    async def test_the_timeline_has_it_between_the_investment_and_coreweave(self, reader: AsyncClient) -> None:
        answer = await ask(reader, "/v1/timeline?company=openai&from=2025-01-01&to=2025-03-10")
        titles = [fact["title"] for fact in answer["data"]]
        assert titles.index("Stargate agreement") < titles.index(
            "CoreWeave supplies OpenAI with GPU cloud computing for five years"
        )
