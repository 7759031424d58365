"""Figures for Prometheus: of every route, of what waits, and of several processes together."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from app.main import create_app
from app.shared.database import Database
from app.shared.settings import Settings
from tests.conftest import serving
from tests.factories.companies import company
from tests.ledger.keyed import bearer
from tests.server import free_port, started

COUNT = "dealgraph_request_duration_seconds_count"
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(page: str) -> Figures:
    """The figures of a page, by their names and labels; fails where Prometheus could not read it."""
    families = text_string_to_metric_families(page)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


async def figures(client: AsyncClient) -> Figures:
    """What /metrics tells."""
    reply = await client.get("/metrics")
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return read(reply.text)


def one(found: Figures, name: str, **labels: str) -> float:
    """A figure, 0 where it is not told."""
    return found.get((name, frozenset(labels.items())), 0)


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and path of an app as it routes them, pages and documentation included."""
    for route in app.router.routes:
        contexts = getattr(route, "effective_route_contexts", None)
        each: Any
        for each in contexts() if contexts else [route]:
            path = each.path if getattr(each, "methods", None) else f"{each.path}/{{path}}"
            yield from (
                ((method, path) for method in each.methods or () if method != "HEAD")
                if getattr(each, "methods", None)
                else [("GET", path)]
            )


ROUTES = sorted(set(routes(create_app(Settings(database_url="sqlite:///unused.db")))))


async def test_every_route_is_told_of_by_its_template_after_one_request(store_url: str, store: Database) -> None:
    headers = await bearer(store, "admin")
    assert len(ROUTES) > 100
    assert {"/v1/companies/{slug}/dependencies", "/docs", "/openapi.json", "/", "/metrics"} <= {p for _, p in ROUTES}
    async with serving(store_url) as client:
        for method, path in ROUTES:
            # A parameter that no route knows ends it at once, the endless stream too.
            await client.request(method, re.sub(r"{.*?}", "x", path), params={"nonsense": "1"}, headers=headers)
        found = await figures(client)
    told = {(dict(labels)["method"], dict(labels)["route"]) for name, labels in found if name == COUNT}
    assert [pair for pair in ROUTES if pair not in told] == []
    # Nothing that was asked for is a label.
    assert {path for _, path in told} <= {path for _, path in ROUTES} | {"none"}


async def test_paths_that_are_not_there_share_one_series(client: AsyncClient) -> None:
    for path in ("/a", "/b", "/v1/c"):
        await client.get(path)
    assert one(await figures(client), COUNT, method="GET", route="none", status="404") == 3


async def test_what_a_request_asked_of_the_store_is_counted(writer: AsyncClient) -> None:
    # Each is asked for once: an answer that is kept asks the store for less.
    slugs = ("acme", "beta", "corp")
    for slug in slugs:
        await writer.post("/v1/companies", json=company(slug))
    del writer.headers["Authorization"]
    for slug in slugs:
        assert (await writer.get(f"/v1/companies/{slug}")).status_code == 200
    about = {"method": "GET", "route": "/v1/companies/{slug}", "status": "200"}
    found = await figures(writer)
    assert (one(found, COUNT, **about), one(found, "dealgraph_queries_total", **about)) == (3, 3)


async def test_the_store_tells_its_revision_and_what_waits(writer: AsyncClient) -> None:
    before = await figures(writer)
    await writer.post("/v1/companies", json=company("acme"))
    after = await figures(writer)
    assert one(after, "dealgraph_revision") - one(before, "dealgraph_revision") == 1
    for name in ("dealgraph_store_up", "dealgraph_requests_in_flight"):
        assert one(after, name) == 1
    for name in ("dealgraph_deliveries_waiting", "dealgraph_writers_waiting"):
        assert after[name, frozenset()] == 0
    assert [dict(labels).keys() for name, labels in after if name == "dealgraph_build_info"] == [{"version", "python"}]


async def test_a_connection_that_is_in_use_is_told(store_url: str) -> None:
    async with serving(store_url) as client:
        database: Database = client._transport.app.state.database  # type: ignore[attr-defined]  # noqa: SLF001
        async with database.reading(), database.reading():
            found = await figures(client)
    assert one(found, "dealgraph_pool_connections_in_use", engine="reader") == 2
    assert one(found, "dealgraph_pool_connections_in_use", engine="writer") == 0


async def test_what_is_kept_is_told_and_room_for_it_is_made(store_url: str) -> None:
    room = 20_000
    async with serving(store_url, kept_bytes=room) as client:
        for number in range(12):
            await client.get(f"/v1/companies?limit={number + 1}")
        found = await figures(client)
    assert 0 < one(found, "dealgraph_kept_answers") < 12
    assert 0 < one(found, "dealgraph_kept_answers_bytes") <= room


async def test_a_store_that_is_away_is_told_and_the_rest_with_it(client: AsyncClient, store: Database) -> None:
    async with store.writing() as connection:
        await connection.execute(text("ALTER TABLE store RENAME TO elsewhere"))
    await client.get("/v1/companies")
    found = await figures(client)
    assert found["dealgraph_store_up", frozenset()] == 0
    assert ("dealgraph_revision", frozenset()) not in found
    assert sum(value for (name, _), value in found.items() if name == COUNT) == 1


def ask(port: int, path: str) -> httpx.Response:
    """A reply over a connection of its own, so that any of the processes may answer."""
    return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=30)


def children(parent: int) -> list[int]:
    """The processes that a process started and that serve."""
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
    return [int(one) for one in found if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


def test_several_processes_tell_their_sum_and_forget_what_a_killed_one_held(tmp_path: Path) -> None:
    port = free_port()
    command = [str(Path(sys.executable).parent / "dealgraph"), "serve", "--port", str(port), "--workers", "2"]
    env = {**os.environ, "DEALGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/new.db", "TMPDIR": str(tmp_path)}
    about = {"method": "GET", "route": "/v1/companies/{slug}", "status": "200"}
    with started(command, port, cwd=tmp_path, env=env) as process:
        for _ in range(30):
            assert ask(port, "/v1/companies/openai").status_code == 200
        # A reply is counted when all of it is sent, which may be after it has come.
        _wait_until(lambda: one(read(ask(port, "/metrics").text), COUNT, **about) == 30)
        # Whichever answers.
        pages = [read(ask(port, "/metrics").text) for _ in range(4)]
        assert [one(page, COUNT, **about) for page in pages] == [30] * 4
        (folder,) = tmp_path.glob("dealgraph-metrics-*")
        first, *_ = children(process.pid)
        os.kill(first, signal.SIGKILL)
        _wait_until(lambda: not Path(f"/proc/{first}").exists())
        page = read(ask(port, "/metrics").text)
        assert one(page, COUNT, **about) == 30
        assert list(folder.glob(f"gauge_live*_{first}.db")) == []
        process.terminate()
        process.wait(30)
    assert not folder.exists()


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("method", ["BREW", "GET"])
async def test_a_bucket_for_every_limit_that_the_alerts_name(client: AsyncClient, method: str) -> None:
    await client.request(method, "/health")
    name = f"{COUNT.removesuffix('_count')}_bucket"
    limits = {dict(labels)["le"] for found, labels in await figures(client) if found == name}
    assert {"0.5", "2.5", "+Inf"} <= limits
