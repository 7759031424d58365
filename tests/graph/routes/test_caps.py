"""The worst that can be asked: answered or honestly cut, in time, and without keeping others waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from threading import Event
from time import perf_counter
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.graph import shapes
from app.graph.routes import loops, paths
from app.main import create_app
from app.models.companies import companies
from app.shared.among import any_of
from app.shared.database import Database
from app.shared.reading import Reads
from app.shared.settings import Settings
from app.shared.unavailable import is_unavailable
from tests.conftest import DATABASES, empty_store, serving
from tests.graph.asking import ask, problem
from tests.graph.deals import tell
from tests.graph.large_world import DAY, DENSE, SPOKES, fill

pytestmark = pytest.mark.xdist_group("caps")

SECONDS = 10
"""Far more than any answer takes (2 s at most on a quiet machine), far less than one without caps would."""
ON = f"as_of={DAY}"
COUNT = text(
    "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < CAST(:most AS bigint))"
    "SELECT max(i) FROM n"
)
FOREVER, BRIEFLY = {"most": 10**12}, {"most": 50_000}


@pytest.fixture(scope="module", params=DATABASES)
async def large_url(request: pytest.FixtureRequest, templates: Path, postgresql_server: str) -> AsyncIterator[str]:
    async with empty_store(request.param, templates, postgresql_server) as url:
        database = Database(Settings(database_url=url))
        await fill(database)
        async with database.writing() as connection:
            await connection.execute(text("ANALYZE"))
        await database.close()
        yield url


@pytest.fixture(scope="module")
async def large(large_url: str) -> AsyncIterator[AsyncClient]:
    async with serving(large_url) as client:
        yield client


async def timely(client: AsyncClient, url: str) -> Any:  # noqa: ANN401 - JSON
    """An answer that comes within the bound."""
    async with asyncio.timeout(SECONDS):
        return await ask(client, url)


@pytest.mark.parametrize("depth", [1, 8])
async def test_the_dependents_of_a_hub(large: AsyncClient, depth: int) -> None:
    answer = await timely(large, f"/v1/companies/hub/dependents?depth={depth}&{ON}")
    assert len(answer["nodes"]) == answer["limits"]["nodes"] == 500
    assert {node["depth"] for node in answer["nodes"][1:]} == {1}
    assert len(answer["edges"]) == 499
    assert answer["truncated_by"] == ["nodes"]


async def test_what_would_fall_with_a_hub(large: AsyncClient) -> None:
    answer = await timely(large, f"/v1/companies/hub/impact?depth=8&{ON}")
    assert len(answer["affected"]) == 499
    assert {one["depth"] for one in answer["affected"]} == {1}
    assert answer["truncated_by"] == ["nodes"]
    assert all(loss["only_source"] for one in answer["affected"] for loss in one["losses"])


async def test_to_whom_a_hub_is_exposed(large: AsyncClient) -> None:
    answer = await timely(large, f"/v1/companies/hub/exposure?{ON}")
    (customers,) = answer["groups"]
    assert len(customers["companies"]) == answer["limits"]["edges"] == 5_000
    assert answer["truncated_by"] == ["edges"]


async def test_a_hub_beside_another_company(large: AsyncClient) -> None:
    answer = await timely(large, f"/v1/compare?company=hub&company=d00&{ON}")
    assert answer["truncated_by"] == ["edges"]
    assert [one["company"] for one in answer["dependencies"]["only"]] == [f"d{number:02}" for number in range(1, DENSE)]
    of_hub = [one for one in answer["dependents"]["only"] if one["of"] == ["hub"]]
    assert len(of_hub) == 5_000 - 2 * (DENSE - 1)


async def test_a_short_way_to_a_hub_is_found_among_its_20_000_neighbours(large: AsyncClient) -> None:
    answer = await timely(large, f"/v1/paths?from=small&to=hub&max_depth=8&{ON}")
    assert [path["nodes"] for path in answer["paths"]] == [["small", "mid", "hub"]]
    assert answer["truncated"] is False


async def test_who_has_the_most_dependents_is_counted_and_not_cut(large: AsyncClient) -> None:
    answer = await timely(large, f"/v1/rankings?limit=2&{ON}")
    most = [("hub", SPOKES + 1), ("d00", DENSE - 1)]
    assert [(row["company"], row["value"]["high"]) for row in answer["data"]] == most
    assert answer["truncated_by"] == ["companies"]


@pytest.mark.parametrize("by", ["contract_value", "investment", "sole_source"])
async def test_a_ranking_of_more_than_can_be_read_is_open(large: AsyncClient, by: str) -> None:
    answer = await timely(large, f"/v1/rankings?by={by}&{ON}")
    assert all(row["value"]["high"] is None for row in answer["data"])
    assert ("records" in answer["truncated_by"]) == (by != "investment")


async def test_what_60_companies_reach_that_all_buy_from_each_other(large: AsyncClient) -> None:
    answer = await timely(large, f"/v1/companies/d00/dependencies?depth=8&{ON}")
    assert len(answer["nodes"]) == DENSE
    assert len(answer["edges"]) == DENSE * (DENSE - 1)
    assert answer["truncated"] is False


async def test_the_shortest_of_very_many_paths(large: AsyncClient) -> None:
    answer = await timely(large, f"/v1/paths?from=d00&to=d59&max_depth=8&limit=100&{ON}")
    assert [len(path["nodes"]) for path in answer["paths"]] == [2] + [3] * 58 + [4] * 41
    assert answer["truncated_by"] == ["paths"]


@pytest.mark.parametrize("more", ["", "&company=d00"])
async def test_the_shortest_of_very_many_loops(large: AsyncClient, more: str) -> None:
    answer = await timely(large, f"/v1/loops?max_length=6&limit=1000{more}&{ON}")
    lengths = [len(loop["nodes"]) for loop in answer["data"]]
    assert lengths == sorted(lengths)
    assert len(lengths) == 1_000
    assert "loops" in answer["truncated_by"]


@pytest.mark.parametrize("by", ["value", "dependency"])
async def test_a_search_for_what_is_in_none_of_them_gives_up_and_says_so(large: AsyncClient, by: str) -> None:
    answer = await timely(large, f"/v1/loops?by={by}&max_length=6&kind=energy&company=d00&{ON}")
    assert (answer["data"], answer["truncated_by"]) == ([], ["steps"])


@pytest.mark.parametrize("shape", ["text", "csv", "mermaid", "dot", "graphml"])
async def test_a_large_graph_in_every_shape(large: AsyncClient, shape: str) -> None:
    for url in ("companies/d00/dependencies?depth=2", "companies/hub/dependents?depth=2", "loops?limit=1000"):
        async with asyncio.timeout(SECONDS):
            reply = await large.get(f"/v1/{url}&format={shape}&{ON}")
        assert reply.status_code == 200
        assert len(reply.text) > 5_000


async def test_every_limit_at_its_highest_still_answers(large_url: str) -> None:
    async with serving(large_url, max_nodes=5_000, max_edges=50_000, statement_timeout_ms=SECONDS * 1_000) as client:
        answer = await timely(client, f"/v1/companies/hub/dependents?{ON}")
        assert len(answer["nodes"]) == 5_000
        everyone = await timely(client, f"/v1/rankings?by=sole_source&limit=1&{ON}")
        assert (everyone["data"][0]["company"], everyone["data"][0]["count"]) == ("hub", SPOKES + 1)


class Held:
    """Work that goes on only when it is let go: on the loop, it would keep the test itself from doing so."""

    def __init__(self, work: Callable[..., Any]) -> None:
        self.work = work
        self.at_work = 0
        self.go_on = Event()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the work takes and gives
        self.at_work += 1
        assert self.go_on.wait(SECONDS), "nobody else was answered meanwhile"
        return self.work(*args, **kwargs)


@pytest.mark.parametrize(
    ("heavy", "more", "place"),
    [
        ("loops?company=d00", "limit=99", (loops, "_answer")),
        ("loops?max_length=3", "limit=99", (loops, "_answer")),
        ("paths?from=d00&to=d59", "limit=99", (paths, "_answer")),
        ("companies/d00/dependencies?depth=1&format=graphml", "stage=signed", (shapes.RENDERERS, "graphml")),
    ],
)
async def test_while_two_are_at_heavy_work_others_are_answered(
    large: AsyncClient, monkeypatch: pytest.MonkeyPatch, heavy: str, more: str, place: tuple[Any, str]
) -> None:
    where, name = place
    held = Held(where[name] if isinstance(where, dict) else getattr(where, name))
    (monkeypatch.setitem if isinstance(where, dict) else monkeypatch.setattr)(where, name, held)
    async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(large.get(f"/v1/{heavy}&{ON}{rest}")) for rest in ("", f"&{more}")]
        while held.at_work < 2:  # noqa: ASYNC110 - the work is in threads
            await asyncio.sleep(0.01)
        await ask(large, f"/v1/companies/small/dependencies?{ON}")
        held.go_on.set()
    assert [task.result().status_code for task in asked] == [200, 200]


async def test_a_picture_of_a_hub_is_drawn_or_says_why_not(large: AsyncClient) -> None:
    async with asyncio.timeout(3 * SECONDS):
        reply = await large.get(f"/v1/companies/d00/dependencies?format=svg&{ON}")
    assert reply.status_code == 200
    assert "150 of 3,540 dependencies" in reply.text


class TestStatementTimeout:
    """``statement_timeout_ms`` ends a read; PostgreSQL has it, SQLite is asked every few steps whether to go on."""

    async def test_a_read_that_takes_too_long_is_ended_and_the_connection_still_serves(self, store_url: str) -> None:
        database = Database(Settings(database_url=store_url, statement_timeout_ms=50))
        async with database.reading() as connection:
            for _ in range(2):
                began = perf_counter()
                with pytest.raises(DBAPIError) as ended:
                    await connection.execute(COUNT, FOREVER)
                assert perf_counter() - began < SECONDS
                assert is_unavailable(ended.value)
                assert await connection.scalar(COUNT, {"most": 1_000}) == 1_000
        await database.close()

    async def test_each_statement_has_the_whole_time_however_long_the_connection_is_held(self, store_url: str) -> None:
        database = Database(Settings(database_url=store_url, statement_timeout_ms=500))
        async with database.reading() as connection:
            await connection.scalar(COUNT, {"most": 1})
            await asyncio.sleep(0.6)
            assert await connection.scalar(COUNT, BRIEFLY) == BRIEFLY["most"]
        await database.close()

    async def test_a_write_may_take_its_time(self, store_url: str) -> None:
        database = Database(Settings(database_url=store_url, statement_timeout_ms=50))
        async with database.writing() as connection:
            assert await connection.scalar(COUNT, {"most": 500_000}) == 500_000
        await database.close()

    async def test_a_question_that_takes_too_long_is_a_503_that_says_when_to_ask_again(self, store_url: str) -> None:
        app = create_app(Settings(database_url=store_url, statement_timeout_ms=50))

        @app.get("/forever")
        async def forever(reads: Reads) -> None:
            await reads.execute(COUNT, FOREVER)

        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            reply = await client.get("/forever")
            assert problem(reply, 503)["title"] == "Service unavailable"
            assert reply.headers["retry-after"] == "2"
            assert (await client.get("/v1/timeline")).status_code == 200
        await app.state.database.close()


async def test_any_number_of_companies_can_be_looked_up(store: Database) -> None:
    """SQLite takes 32,766 bound values in one statement."""
    await tell(store, "a", "b")
    async with store.reading() as connection:
        asked = select(companies.c.slug).where(any_of(companies.c.id, "ids"))
        known = await connection.scalars(asked, {"ids": range(40_000)})
        assert sorted(known) == ["a", "b"]
