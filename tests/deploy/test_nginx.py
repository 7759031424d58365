"""nginx with our own nginx.conf, in front of two replicas on one PostgreSQL."""

import os
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.shared.database import Database
from app.shared.settings import Settings
from app.transfer.seed import seed
from tests.conftest import empty_store
from tests.factories.companies import company
from tests.ledger.keyed import bearer
from tests.server import asking, free_port, running
from tests.server import served as served_by

CONFIGURATION = Path(__file__).parents[2] / "docs/deploy/nginx.conf"
pytestmark = [pytest.mark.deploy, pytest.mark.xdist_group("nginx")]


@dataclass
class Served:
    """A client of nginx, the replicas behind it, and the header of a key that may write."""

    client: httpx.Client
    replicas: list[subprocess.Popen[bytes]]
    ports: list[int]
    key: dict[str, str]


@pytest.fixture(scope="module")
async def served(
    templates: Path, postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """Shared by the tests that leave the replicas alive."""
    async with all_of_it(templates, postgresql_server, tmp_path_factory.mktemp("nginx")) as found:
        yield found


@asynccontextmanager
async def all_of_it(templates: Path, postgresql_server: str, folder: Path) -> AsyncIterator[Served]:
    """nginx, two replicas, and a store of their own that holds the seed."""
    async with empty_store("postgresql", templates, postgresql_server) as url:
        database = Database(Settings(database_url=url))
        await seed(database)
        key = await bearer(database)
        await database.close()
        with ExitStack() as stack:
            ports = [free_port(), free_port()]
            # They believe what nginx says of the client.
            believing = {"trusted_proxies": "127.0.0.1", "rate_limit": "100000/minute"}
            replicas = [stack.enter_context(served_by(url, folder, port, **believing)) for port in ports]
            client = stack.enter_context(nginx(ports, folder))
            yield Served(client, replicas, ports, key)


@contextmanager
def nginx(ports: list[int], folder: Path) -> Iterator[httpx.Client]:
    """Nginx with our file, in which nothing is changed but where it listens, where it writes and whom it asks."""
    port = free_port()
    text = CONFIGURATION.read_text()
    (upstream,) = re.findall(r"server api:8000( [^;]+);", text)
    servers = "".join(f"server 127.0.0.1:{one}{upstream};" for one in ports)
    text = text.replace(f"server api:8000{upstream};", servers).replace("listen 8080;", f"listen 127.0.0.1:{port};")
    file = folder / "nginx.conf"
    file.write_text(text.replace("/tmp/", f"{folder}/"))  # noqa: S108 - that of the container
    subprocess.run(["nginx", "-t", "-q", "-c", file], check=True)
    with running(
        ["nginx", "-c", str(file), "-g", "daemon off; user root;"], port, cwd=folder, env=os.environ
    ) as client:
        yield client


async def test_both_replicas_answer_and_are_told_who_asks(served: Served) -> None:
    spoofed = {"X-Forwarded-For": "203.0.113.7", "X-Request-Id": "find-me"}
    for _ in range(20):
        reply = served.client.get("/v1/companies/openai/dependencies?format=text", headers=spoofed)
        assert reply.text.startswith("OpenAI depends on")
        assert reply.headers.get_list("X-Request-Id") == ["find-me"]
    counted = []
    for port in served.ports:
        with asking(port) as replica:
            page = replica.get("/metrics").text
        found = re.search(r'seconds_count\{method="GET",route="/v1/companies/\{slug\}/dependencies".*} ([\d.]+)', page)
        counted.append(float(found[1]) if found else 0)
    assert sum(counted) == 20
    assert min(counted) > 0


async def test_what_one_replica_recorded_the_other_shows(served: Served) -> None:
    made = served.client.post("/v1/companies", json=company("acme"), headers=served.key)
    assert made.status_code == 201
    assert [served.client.get("/v1/companies/acme").status_code for _ in range(4)] == [200] * 4


async def test_figures_stay_inside_and_what_is_too_large_is_refused_as_we_refuse_it(served: Served) -> None:
    outside = served.client.get("/metrics")
    large = served.client.post("/v1/companies", content=b" " * 1_100_000, headers=served.key)
    for reply, status in ((outside, 404), (large, 413)):
        assert reply.status_code == status
        assert reply.headers["Content-Type"].startswith("application/problem+json")
        assert reply.json()["status"] == status
    # A file may be larger: it is read, and refused for what is in it.
    about = served.key | {"Content-Type": "application/x-ndjson"}
    file = served.client.post("/v1/imports?dry_run=true", content=(b" " * 999 + b"\n") * 1_500 + b"{}\n", headers=about)
    assert file.status_code not in {413, 502, 503, 504}


async def test_a_change_reaches_who_listens_at_once(served: Served) -> None:
    with served.client.stream("GET", "/v1/changes/stream", headers={"Accept": "text/event-stream"}) as stream:
        assert stream.status_code == 200
        lines = stream.iter_lines()
        served.client.post("/v1/companies", json=company("heard-of"), headers=served.key)
        assert any("heard-of" in line for line in lines)


async def test_one_replica_is_enough_and_none_is_a_503_that_says_when_to_ask_again(
    templates: Path, postgresql_server: str, tmp_path: Path
) -> None:
    async with all_of_it(templates, postgresql_server, tmp_path) as served:
        first, second = served.replicas
        first.kill()
        first.wait()
        assert {served.client.get("/v1/companies/openai").status_code for _ in range(30)} == {200}
        second.kill()
        second.wait()
        reply = served.client.get("/v1/companies/openai")
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    assert reply.json()["detail"] == "nobody can answer now; ask again in a moment"
