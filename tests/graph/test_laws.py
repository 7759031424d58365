"""What holds of every question of the graph, on random stores that were told in several revisions."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from httpx import AsyncClient

from app.projection.lifetime import ENDING_STAGES, NOT_BINDING
from app.projection.rebuild import rebuild
from app.shared.database import Database
from app.shared.settings import Settings
from tests.conftest import DATABASES, empty_store, serving
from tests.graph.asking import ask, hop, hops
from tests.graph.deals import tell
from tests.graph.random_world import AS_OF, COMPANIES, random_history

SEEDS = (1, 2)
RANKINGS = ("dependents", "contract_value", "investment", "gpus", "sites", "sole_source")
QUESTIONS = [
    "/v1/companies/c0/dependencies?depth=2",
    "/v1/companies/c1/dependents?depth=8&kind=compute&kind=capital",
    "/v1/companies/c2/exposure?",
    "/v1/companies/c3/exposure?",
    "/v1/companies/c4/impact?",
    "/v1/companies/c5/impact?depth=1&stage=signed&stage=active",
    "/v1/paths?from=c0&to=c1",
    "/v1/paths?from=c2&to=c3&evidence=reported",
    "/v1/loops?max_length=3",
    "/v1/loops?by=dependency&company=c6",
    "/v1/compare?company=c0&company=c1&company=c2",
    *(f"/v1/rankings?by={by}" for by in RANKINGS),
]
"""Questions that have both clocks."""


class Store(NamedTuple):
    """A store, when each of its revisions was recorded, and what was answered right after each."""

    url: str
    client: AsyncClient
    moments: list[str]
    answers: list[dict[str, Any]]


@pytest.fixture(scope="module", params=SEEDS)
async def twins(request: pytest.FixtureRequest, templates: Path, postgresql_server: str) -> AsyncIterator[list[Store]]:
    """The same random history in a store of each kind."""
    async with (
        empty_store(DATABASES[0], templates, postgresql_server) as one,
        empty_store(DATABASES[1], templates, postgresql_server) as other,
        serving(one) as ask_one,
        serving(other) as ask_other,
    ):
        yield [await _told(one, ask_one, request.param), await _told(other, ask_other, request.param)]


async def _told(url: str, client: AsyncClient, seed: int) -> Store:
    told = Store(url, client, [], [])
    database = Database(Settings(database_url=url))
    for revision in random_history(seed):
        told.moments.append(await tell(database, **revision))
        told.answers.append(await answers(client))
    await database.close()
    return told


async def answers(client: AsyncClient, more: str = "") -> dict[str, Any]:
    """The answers to all questions on some days."""
    asked = [f"{question}&as_of={day}" for question in QUESTIONS for day in AS_OF]
    return {url: await ask(client, url + more) for url in asked}


def without(answer: Any, *names: str) -> Any:  # noqa: ANN401 - JSON
    """An answer without some of what it says of its question."""
    return {name: value for name, value in answer.items() if name not in names}


async def test_the_questions_are_worth_asking(twins: list[Store]) -> None:
    """Else the laws would hold of nothing."""
    newest = twins[0].answers[-1]
    empty = [url for url, answer in newest.items() if answer["unknowns"] and answer["unknowns"][0].startswith("No")]
    assert len(empty) < len(newest) / 3, empty
    assert any(answer["data"] for url, answer in newest.items() if "loops" in url)
    assert any(edge["possible"] for url, answer in newest.items() for edge in answer.get("edges", ()))


async def test_both_databases_give_the_same_answers(twins: list[Store]) -> None:
    one, other = twins
    for revision in range(len(one.moments)):
        assert one.answers[revision] == other.answers[revision]


async def test_the_same_question_gives_the_same_bytes(twins: list[Store]) -> None:
    async with serving(twins[0].url) as another:
        for question in QUESTIONS:
            first, second = await twins[0].client.get(question), await another.get(question)
            assert first.content == second.content
            assert (await twins[1].client.get(question)).content == first.content


async def test_what_was_answered_then_is_answered_as_known_then(twins: list[Store]) -> None:
    """The store has learned more since; a question about what it knew then gives what it said then."""
    for store in twins:
        for moment, then in zip(store.moments, store.answers, strict=True):
            again = await answers(store.client, f"&known_at={moment}")
            for url, answer in then.items():
                assert without(again[url], "known_at") == without(answer, "known_at"), (url, moment)


async def test_to_know_what_is_known_now_is_to_know(twins: list[Store]) -> None:
    for store in twins:
        now = await answers(store.client, "&known_at=2999-12-31T23:59:59Z")
        for url, answer in store.answers[-1].items():
            assert without(now[url], "known_at") == without(answer, "known_at")
            assert now[url]["known_at"] == "2999-12-31T23:59:59Z"


async def test_a_rebuild_of_the_edges_changes_no_answer(twins: list[Store]) -> None:
    limits = {"max_nodes": 4, "max_edges": 9}
    for store in twins:
        then = f"&known_at={store.moments[1]}"
        async with serving(store.url, **limits) as limited:
            before = [await answers(client, more) for client in (store.client, limited) for more in ("", then)]
            database = Database(Settings(database_url=store.url))
            async with database.writing() as connection:
                await rebuild(connection)
            await database.close()
            after = [await answers(client, more) for client in (store.client, limited) for more in ("", then)]
        assert after == before


async def test_dependents_are_the_mirror_of_dependencies(twins: list[Store]) -> None:
    client = twins[0].client
    for more in ("as_of=2024-03-01", f"as_of=2025-06-01&known_at={twins[0].moments[0]}", "kind=compute&stage=signed"):
        ahead, behind = [
            {
                (company, node["slug"]): node["depth"]
                for company in COMPANIES
                for node in (await ask(client, f"/v1/companies/{company}/{way}?depth=3&{more}"))["nodes"]
            }
            for way in ("dependencies", "dependents")
        ]
        assert ahead == {(company, on): depth for (on, company), depth in behind.items()}


async def test_a_diff_turns_the_old_answer_into_the_new(twins: list[Store]) -> None:
    client, moments = twins[1].client, twins[1].moments
    for company in COMPANIES[:4]:
        url = f"/v1/companies/{company}/dependencies"
        for by, (start, end) in (
            ("as_of", AS_OF[:2]),
            ("as_of", AS_OF[1:]),
            ("known_at", moments[:2]),
            ("known_at", [moments[0], moments[2]]),
        ):
            old, new = [
                {hop(edge): edge for edge in (await ask(client, f"{url}?{by}={then}"))["edges"]}
                for then in (start, end)
            ]
            said = await ask(client, f"{url}/diff?by={by}&from={start}&to={end}")
            assert hops(said["gained"]) == [key for key in new if key not in old]
            assert hops(said["lost"]) == [key for key in old if key not in new]
            assert [change["edge"] for change in said["changed"]] == [
                edge for key, edge in new.items() if key in old and old[key] != edge
            ]


async def test_a_ranking_counts_the_fleets_that_the_graph_shows(twins: list[Store]) -> None:
    for store in twins:
        for then in ("", f"&known_at={store.moments[0]}"):
            for day in AS_OF:
                rows = (await ask(store.client, f"/v1/rankings?by=gpus&as_of={day}{then}"))["data"]
                ranked = {row["company"]: (row["count"], row["value"]["low"]) for row in rows if row["count"]}
                assert ranked == {
                    company: said
                    for company in COMPANIES
                    if (said := await fleets_shown(store.client, company, f"as_of={day}{then}"))[0]
                }


async def fleets_shown(client: AsyncClient, operator: str, asked: str) -> tuple[int, int]:
    """How many fleets of a company a graph shows that run, and how many GPUs those have that certainly do."""
    answer = await ask(client, f"/v1/companies/{operator}/dependencies?depth=1&kind=hardware&{asked}")
    fleets = [
        edge
        for edge in answer["edges"]
        if edge["from"] == operator
        and edge["record"]["type"] == "fleets"
        and edge["stage"] not in NOT_BINDING | ENDING_STAGES
    ]
    return len(fleets), sum(edge["amount"]["low"] for edge in fleets if not edge["possible"])


async def test_loops_near_a_company_are_those_of_the_whole_store_that_it_is_in(twins: list[Store]) -> None:
    for by in ("value", "dependency"):
        for day in AS_OF:
            url = f"/v1/loops?by={by}&as_of={day}&max_length=4&limit=1000"
            everyone = (await ask(twins[0].client, url))["data"]
            for company in COMPANIES:
                own = (await ask(twins[0].client, f"{url}&company={company}"))["data"]
                assert own == [loop for loop in everyone if company in loop["nodes"]]


async def test_every_path_is_a_chain_of_shown_dependencies_and_the_first_is_a_shortest(twins: list[Store]) -> None:
    client = twins[0].client
    for day in AS_OF[1:]:
        for start in COMPANIES[:4]:
            reached = await ask(client, f"/v1/companies/{start}/dependencies?depth=5&as_of={day}")
            depths = {node["slug"]: node["depth"] for node in reached["nodes"]}
            edges = {hop(edge) for edge in reached["edges"]}
            for end in COMPANIES[4:]:
                paths = (await ask(client, f"/v1/paths?from={start}&to={end}&max_depth=5&limit=100&as_of={day}"))[
                    "paths"
                ]
                lengths = [len(path["nodes"]) - 1 for path in paths]
                assert lengths == sorted(lengths)
                assert (lengths[0] if lengths else None) == depths.get(end)
                assert {hop(edge) for path in paths for edge in path["edges"]} <= edges
                assert len({tuple(path["nodes"]) for path in paths}) == len(paths)


async def test_a_capped_graph_is_the_closest_part_of_the_whole_and_names_its_limits(twins: list[Store]) -> None:
    for nodes, edges in ((1, 50), (3, 50), (5, 50), (8, 3), (8, 9), (4, 4)):
        async with serving(twins[0].url, max_nodes=nodes, max_edges=edges) as limited:
            for company in COMPANIES:
                for way in ("dependencies", "dependents"):
                    url = f"/v1/companies/{company}/{way}?depth=3&as_of=2025-06-01"
                    assert_is_part(await ask(limited, url), await ask(twins[0].client, url), nodes, edges)


def assert_is_part(part: dict[str, Any], whole: dict[str, Any], max_nodes: int, max_edges: int) -> None:
    depths = {node["slug"]: node["depth"] for node in whole["nodes"]}
    shown = {node["slug"]: node["depth"] for node in part["nodes"]}
    assert shown.items() <= depths.items()
    assert [node["via"][1:-1] for node in part["nodes"] if set(node["via"]) - shown.keys()] == []
    assert len(shown) <= max_nodes
    assert len(part["edges"]) <= max_edges
    assert all(edge in whole["edges"] for edge in part["edges"])
    assert max(shown.values()) <= min([depth for slug, depth in depths.items() if slug not in shown], default=8)
    between = [edge for edge in whole["edges"] if {edge["from"], edge["to"]} <= shown.keys()]
    complete = len(between) == len(part["edges"]) and len(shown) == min(len(depths), max_nodes)
    assert complete or "edges" in part["truncated_by"]
    assert ("nodes" in part["truncated_by"]) == (len(depths) > max_nodes) or "edges" in part["truncated_by"]
    fits = len(depths) <= max_nodes and len(whole["edges"]) <= max_edges
    assert (part == whole | {"limits": part["limits"]}) == fits
    assert part["truncated"] == bool(part["truncated_by"])
