"""What every request goes through: its id, and HEAD."""

import pytest
from httpx import AsyncClient


async def test_the_id_of_the_client_comes_back(reader: AsyncClient) -> None:
    for path in ("/health", "/nowhere", "/v1/companies/openai"):
        reply = await reader.get(path, headers={"X-Request-Id": "Trace_1.2-3"})
        assert reply.headers.get_list("X-Request-Id") == ["Trace_1.2-3"]


@pytest.mark.parametrize("given", ["", "a b", "<script>", "ä", "a" * 101, "a\tb", "{}"])
async def test_an_id_that_could_harm_a_log_is_replaced(reader: AsyncClient, given: str) -> None:
    reply = await reader.get("/health", headers={b"X-Request-Id": given.encode("latin-1")})
    assert len(reply.headers["X-Request-Id"]) == 32
    assert reply.headers["X-Request-Id"].isalnum()


async def test_each_request_without_an_id_is_given_its_own(reader: AsyncClient) -> None:
    replies = [await reader.get("/health") for _ in range(2)]
    assert replies[0].headers["X-Request-Id"] != replies[1].headers["X-Request-Id"]


@pytest.mark.parametrize("path", ["/v1/companies", "/v1/companies/openai", "/health", "/openapi.json", "/docs"])
async def test_head_answers_as_get_does_without_the_content(reader: AsyncClient, path: str) -> None:
    head, get = await reader.head(path), await reader.get(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Type", "Content-Length"):
        assert head.headers[name] == get.headers[name]


async def test_head_of_nothing_is_not_found_and_has_no_content(reader: AsyncClient) -> None:
    reply = await reader.head("/v1/companies/nobody-at-all")
    assert (reply.status_code, reply.content) == (404, b"")
