"""How often a request asks the store, of every route: a few times, the same however much the answer holds."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from tests.conftest import serving
from tests.describing import Document, described
from tests.factories import company
from tests.ledger.written import CHANGED, STATED, change, place, post, take_back, world
from tests.statements import statements

MOST = 6
WRITING = 31
"""Statements of a write with all its guarantees: its transaction, the record, its parts, its version and the log."""
# An export asks once for its revision, and for each resource once and once more, since there may be more.
MORE = {"/v1/export": 16}
# What the description leaves optional and the route asks for all the same.
NEEDED = {"/v1/compare": "company"}


def questions() -> Iterator[tuple[str, str]]:
    """The path of each route that anyone may ask, and the address that its examples make of it."""
    for path, methods in described()["paths"].items():
        operation = methods.get("get")
        if operation and {} in operation["security"] and not _streams(operation):
            yield path, _address(path, operation)


def _streams(operation: Document) -> bool:
    return "text/event-stream" in operation["responses"]["200"].get("content", ())


def _address(path: str, operation: Document) -> str:
    parameters = operation.get("parameters", ())
    for one in parameters:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", quote(str(_example(one))))
    asked_for = [one for one in parameters if one["in"] == "query"]
    needed = {one["name"]: _example(one) for one in asked_for if one.get("required") or one["name"] == NEEDED.get(path)}
    return f"{path}?{urlencode(needed, doseq=True)}" if needed else path


def _example(parameter: Document) -> Any:  # noqa: ANN401 - JSON
    return parameter.get("example", next(iter(parameter["schema"].get("examples", ())), None))


@pytest.fixture(scope="module")
async def reader(article: Database) -> AsyncIterator[AsyncClient]:
    """Asks an app that keeps no answer."""
    async with serving(article.writer.url.render_as_string(hide_password=False), kept_bytes=0) as client:
        yield client


async def statements_of(client: AsyncClient, address: str) -> list[str]:
    """What is asked of the store for a question that has been asked before, so that all is connected."""
    await client.get(address)
    with statements() as said:
        reply = await client.get(address)
    assert reply.status_code in {200, 404}, (address, reply.text)
    return said


@pytest.mark.parametrize(("path", "address"), list(questions()))
async def test_a_question_asks_the_store_a_few_times(reader: AsyncClient, path: str, address: str) -> None:
    said = await statements_of(reader, address)
    assert len(said) <= MORE.get(path, MOST), said
    if address.count("/") == 2 and path.strip("/").partition("/")[2] in STATED:
        one, many = [await statements_of(reader, f"{address}?limit={limit}") for limit in (1, 1_000)]
        assert len(one) == len(many)


@pytest.mark.parametrize("resource", STATED)
async def test_a_write_asks_the_store_a_few_times(store: Database, writer: AsyncClient, resource: str) -> None:
    await world(store)
    # A fresh connection asks what it is connected to, and a process what signs the cursors: once, not for each write.
    reply = await post(writer, "/v1/companies", company("connected"))
    assert reply.is_success, reply.text
    stated, (field, value) = STATED[resource], CHANGED[resource]
    url = f"/v1/{resource}/{stated['slug']}"
    # Called one after the other, so that none is left unawaited where one of them asks too often.
    for work in (
        partial(post, writer, f"/v1/{resource}", stated, Idempotency_Key="one"),
        partial(place, writer, url, stated | {field: value}, Idempotency_Key="two", If_Match="*"),
        partial(change, writer, url, {field: stated.get(field)}),
        partial(take_back, writer, url),
    ):
        with statements() as said:
            reply = await work()
        assert reply.is_success, reply.text
        assert len(said) <= WRITING, said
