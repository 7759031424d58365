"""Bodies of requests: how large, of what kind, and how strict."""

from collections.abc import AsyncIterator
from itertools import product

import pytest
from httpx import AsyncClient
from starlette.types import Message

from app.main import create_app
from app.shared.database import Database
from app.shared.settings import Settings
from tests.conftest import serving
from tests.factories import company, put
from tests.ledger.keyed import bearer

URL, ACME = "/v1/companies", "/v1/companies/acme"
LIMIT = 2_000
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def small(store_url: str, store: Database) -> AsyncIterator[AsyncClient]:
    """An app that reads small bodies only."""
    async with serving(store_url, max_body_bytes=LIMIT) as client:
        client.headers.update(await bearer(store))
        yield client


def padded(length: int) -> bytes:
    """A company in JSON that is so many bytes long."""
    body = b'{"slug":"acme","name":"Acme","kind":"other"}'
    return body + b" " * (length - len(body))


async def test_a_body_up_to_the_limit_is_read(small: AsyncClient) -> None:
    assert (await small.post(URL, content=padded(LIMIT), headers=JSON)).status_code == 201


def parts(taken: list[int], size: int = 500) -> AsyncIterator[bytes]:
    """A body in parts that does not say how long it is, and notes each part that is asked for."""

    async def flow() -> AsyncIterator[bytes]:
        for part in range(100):
            taken.append(part)
            yield b" " * size

    return flow()


async def test_a_body_past_the_limit_is_refused_by_its_announced_length_before_it_is_read(small: AsyncClient) -> None:
    taken: list[int] = []
    headers = JSON | {"Content-Length": str(LIMIT + 1)}
    reply = await small.post(URL, content=parts(taken), headers=headers)
    assert (reply.status_code, reply.headers["Connection"], taken) == (413, "close", [])
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert f"{LIMIT:,} bytes" in reply.json()["detail"]


async def test_a_body_that_does_not_say_its_length_is_read_up_to_the_limit(small: AsyncClient) -> None:
    taken: list[int] = []
    assert (await small.post(URL, content=parts(taken), headers=JSON)).status_code == 413
    assert len(taken) == LIMIT // 500 + 1


async def test_a_body_is_bounded_where_none_belongs(store: Database, small: AsyncClient) -> None:
    await put(store, companies=[company("acme")])
    taken: list[int] = []
    reply = await small.request("DELETE", ACME, content=parts(taken), headers={"If-Match": "*"})
    assert (reply.status_code, len(taken)) == (413, LIMIT // 500 + 1)


KINDS = (None, "text/plain", "application/xml", "application/jsonp", "multipart/form-data")
OFFERED = (
    ("POST", "Accept-Post", "application/json"),
    ("PUT", "Accept", "application/json"),
    ("PATCH", "Accept-Patch", "application/merge-patch+json, application/json"),
)


async def test_a_body_of_another_kind_is_refused_with_what_is_taken(writer: AsyncClient) -> None:
    for kind, (method, offered, takes) in product(KINDS, OFFERED):
        headers = {"Content-Type": kind} if kind else {}
        reply = await writer.request(method, URL if method == "POST" else ACME, content=b"{}", headers=headers)
        assert (reply.status_code, reply.headers[offered]) == (415, takes)


async def test_a_merge_patch_is_no_record(writer: AsyncClient) -> None:
    headers = {"Content-Type": "application/merge-patch+json"}
    assert (await writer.post(URL, content=b"{}", headers=headers)).status_code == 415


async def test_json_is_taken_with_any_parameters(writer: AsyncClient) -> None:
    for kind in ("application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"):
        reply = await writer.put(ACME, content=padded(50), headers={"Content-Type": kind, "If-Match": "*"})
        assert reply.status_code == 412


async def test_a_body_that_is_compressed_is_refused(writer: AsyncClient) -> None:
    reply = await writer.post(URL, content=b"x", headers=JSON | {"Content-Encoding": "gzip"})
    assert (reply.status_code, reply.headers["Accept-Encoding"]) == (415, "identity")


HOSTILE = (
    (b"", "not valid JSON"),
    (b"{", "not valid JSON at line 1, column 2"),
    (b"{'a': 1}", "not valid JSON"),
    (b'{"name":"A","kind":"other"} x', "not valid JSON"),
    (b'{"name":NaN}', "NaN is not a JSON number"),
    (b'{"name":-Infinity}', "-Infinity is not a JSON number"),
    (b'{"name":1e999}', "out of range"),
    (b'{"name":"A","name":"B"}', "the key 'name' stands twice"),
    (b'{"name":"\\ud800"}', "a lone surrogate"),
    (b'{"name":"\\u0000"}', "NUL"),
    (b'{"name":"\xff"}', "not valid UTF-8"),
    ('{"name":"A"}'.encode("utf-16"), "not valid UTF-8"),
    (b"[" * 900 + b"]" * 900, "nested too deep"),
    (b"[" * 100_000, "nested too deep"),
)


async def test_what_is_not_strict_json_is_refused_with_the_reason(writer: AsyncClient) -> None:
    for (body, words), (method, url) in product(HOSTILE, (("POST", URL), ("PUT", ACME), ("PATCH", ACME))):
        reply = await writer.request(method, url, content=body, headers=JSON)
        assert reply.status_code == 400, reply.text
        assert words in reply.json()["detail"]


async def test_a_body_that_breaks_off_is_no_error_of_ours(store_url: str, store: Database) -> None:
    key = (await bearer(store))["Authorization"].encode()
    headers = [(b"content-type", b"application/json"), (b"authorization", key)]
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    about = {"type": "http", "method": "POST", "path": URL, "headers": headers, "query_string": b"", "root_path": ""}
    await create_app(Settings(database_url=store_url))(about | {"client": ("192.0.2.1", 1)}, receive, send)
    assert sent[0]["status"] == 400
