"""Every hostile body on every route that takes one: refused as it should be, and in words that can be read."""

from collections.abc import AsyncIterator
from urllib.parse import quote_from_bytes

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.shared.json import dumps
from tests.conftest import serving
from tests.hostile import corpus
from tests.hostile.asking import SCALE, Operation, ask, flaws, operations
from tests.ledger.keyed import bearer

FORM = "application/x-www-form-urlencoded"
ANYHOW = {"If-Match": "*"}
LIMIT = 1_024


def taking(*kinds: str, webhook: str = "wh_0") -> list[Operation]:
    """The operations that take a body of one of some kinds; of any where none is named."""
    return [one for one in operations(webhook) if one.kinds and (not kinds or set(kinds) & set(one.kinds))]


async def test_every_hostile_body_is_refused_by_every_route_that_takes_json(
    admin: AsyncClient, webhook: str, store_url: str
) -> None:
    wrong, tried = [], 0
    # Few bodies get as far as the store: on PostgreSQL each route is sent every third, beginning at another one each.
    step = 3 if store_url.startswith("postgresql") and SCALE == 1 else 1
    for place, operation in enumerate(taking("application/json", webhook=webhook)):
        may_be_left_out = not operation.about["requestBody"]["required"]
        for body in corpus.bodies()[place % step :: step]:
            headers = ANYHOW | {"Content-Type": "application/json"}
            reply = await ask(admin, operation, content=body.content, headers=headers)
            expected = 200 if may_be_left_out and not body.content else body.answer
            found = flaws(operation, reply) + ([] if reply.status_code == expected else [str(reply.status_code)])
            wrong += [(operation.name, body.name, found)] if found else []
            tried += 1
    print(f"{tried} hostile bodies")  # noqa: T201 - a figure of docs/reliability.md
    assert tried > 25 * 45 / step
    assert wrong == []


async def test_every_hostile_body_in_a_file_or_a_form_is_answered_in_words(admin: AsyncClient) -> None:
    wrong, tried = [], 0
    for operation in taking("text/csv", FORM):
        for kind in operation.kinds:
            for body in corpus.bodies():
                content = b"queries=" + quote_from_bytes(body.content).encode() if kind == FORM else body.content
                query = "" if kind == FORM else "?resource=companies&dry_run=true"
                reply = await ask(
                    admin, operation, operation.path + query, content=content, headers={"Content-Type": kind}
                )
                found = flaws(operation, reply)
                wrong += [(kind, body.name, found)] if found else []
                tried += 1
    print(f"{tried} hostile files and forms")  # noqa: T201 - the same
    assert wrong == []


async def test_every_hostile_value_in_every_field_of_a_record_is_taken_or_refused(admin: AsyncClient) -> None:
    wrong, tried = [], 0
    creating = [one for one in taking("application/json") if one.method == "POST" and one.path.count("/") == 2]
    for operation in creating:
        example = operation.body()
        for field in example:
            others = dumps({name: value for name, value in example.items() if name != field})[1:-1].encode()
            for value in corpus.values():
                content = b'{"%s":%s,%s}' % (field.encode(), value, others)
                reply = await ask(admin, operation, content=content, headers={"Content-Type": "application/json"})
                found = flaws(operation, reply)
                wrong += [(operation.name, field, value, found)] if found else []
                tried += 1
    print(f"{tried} hostile values")  # noqa: T201 - the same
    assert tried > 1_000
    assert wrong == []


@pytest.fixture
async def small(store: Database, store_url: str) -> AsyncIterator[AsyncClient]:
    """An app that reads small bodies only."""
    async with serving(store_url, max_body_bytes=LIMIT, max_import_bytes=LIMIT) as client:
        client.headers.update(await bearer(store, "admin"))
        yield client


async def test_a_large_body_is_a_413_and_one_of_another_kind_a_415_on_every_route_that_takes_any(
    small: AsyncClient,
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * LIMIT

    for operation in taking():
        for kind in operation.kinds:
            reply = await ask(small, operation, content=pieces(), headers=ANYHOW | {"Content-Type": kind})
            assert (reply.status_code, flaws(operation, reply)) == (413, []), (operation.name, kind)
        for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x"):
            reply = await ask(small, operation, content=b"{}", headers=ANYHOW | {"Content-Type": kind})
            assert (reply.status_code, flaws(operation, reply)) == (415, []), (operation.name, kind)
