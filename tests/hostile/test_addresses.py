"""Hostile queries, headers, paths and methods on every operation, and all of them while the store is away."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient, Headers, InvalidURL

from tests.conftest import serving
from tests.describing import described
from tests.hostile import corpus
from tests.hostile.asking import SCALE, ask, flaws, operations
from tests.server import free_port

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "M-SEARCH")
PATHS = (
    "/",
    "/v1",
    "/v1/",
    "/v1//companies",
    "/v1/companies/",
    "/v1/companies/a/b/c",
    "/v1/%2e%2e/health",
    "/%00",
    "/v1/companies;x=1",
)


async def test_no_text_behind_any_parameter_makes_an_operation_fail(admin: AsyncClient) -> None:
    texts, wrong, tried = corpus.queries(), [], 0
    for operation in operations():
        for position, name in enumerate(operation.parameters):
            for step in range(min(SCALE, len(texts))):
                text = texts[(position + step) % len(texts)]
                others = "".join(
                    f"&{key}={one}" for key, one in operation.needed.items() if key != name and isinstance(one, str)
                )
                reply = await ask(
                    admin, operation, f"{operation.address}?{name}={text}{others}", headers={"If-Match": "*"}
                )
                found = flaws(operation, reply)
                wrong += [(operation.name, name, text, found)] if found else []
                tried += 1
    print(f"{tried} hostile queries")  # noqa: T201 - a figure of docs/reliability.md
    assert tried > 1_500
    assert wrong == []


async def test_no_header_makes_an_operation_fail(admin: AsyncClient) -> None:
    odd, wrong, tried = corpus.headers(), [], 0
    for place, operation in enumerate(operations()):
        if operation.path == "/v1/imports":
            continue
        # Every fourth, beginning at another one each time.
        for name, value in odd if SCALE > 1 else odd[place % 4 :: 4]:
            content = {"json": operation.body()} if operation.kinds and operation.method != "GET" else {}
            reply = await ask(admin, operation, headers=Headers([(name.encode(), value)]), **content)
            found = flaws(operation, reply)
            wrong += [(operation.name, name, value, found)] if found else []
            tried += 1
    print(f"{tried} hostile headers")  # noqa: T201 - the same
    assert wrong == []


async def test_a_path_or_a_method_that_is_not_there_is_a_problem_like_any_other(admin: AsyncClient) -> None:
    there = {path: {method.upper() for method in methods} for path, methods in described()["paths"].items()}
    # What stands beside the slugs of records is also written to like one.
    for operation in {one.path: one for one in operations() if not one.path.endswith("/summary")}.values():
        for method in METHODS:
            if method in there[operation.path] or (method == "HEAD" and "GET" in there[operation.path]):
                continue
            reply = await admin.request(method, operation.address)
            assert reply.status_code == 405, (method, operation.path)
            assert flaws(None, reply) == [], (method, operation.path)
            assert set(reply.headers["Allow"].split(", ")) == there[operation.path] | (
                {"HEAD"} if "GET" in there[operation.path] else set()
            )
    for path in (*PATHS, *(f"/v1/{text}" for text in corpus.queries())):
        try:
            reply = await admin.get(path, headers={"Accept": "application/json"})
        except InvalidURL:
            continue
        assert reply.status_code in {200, 307, 308, 400, 404}, path
        assert flaws(None, reply) == [] or path == "/", path


@pytest.fixture
async def stranded() -> AsyncIterator[AsyncClient]:
    """An app whose store is not there."""
    async with serving(f"postgresql://127.0.0.1:{free_port()}/deals") as client:
        client.headers["Authorization"] = f"Bearer dg_{'0' * 12}_{'0' * 64}"
        yield client


async def test_while_the_store_is_away_every_operation_says_so_and_when_to_ask_again(stranded: AsyncClient) -> None:
    for keyed in (True, False):
        for operation in operations():
            reply = await ask(stranded, operation, headers={"If-Match": "*"})
            if keyed or (
                operation.method == "GET" and operation.path.startswith("/v1") and "webhooks" not in operation.path
            ):
                assert reply.status_code == 503, operation.name
            if reply.status_code == 503:
                assert reply.headers["Retry-After"] == "2"
                assert flaws(operation, reply) == ["a fault of ours"], operation.name
        stranded.headers.pop("Authorization", None)
