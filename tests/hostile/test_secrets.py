"""What the store keeps to itself, planted and looked for in all that leaves it: replies, exports, errors and logs."""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select

from app.ledger import keys
from app.models import metadata
from app.models.access import keys as keys_table
from app.models.access import replies, webhooks
from app.models.ledger import store as store_table
from app.shared import logs
from app.shared.database import Database
from tests.conftest import serving
from tests.hostile.asking import ask, operations
from tests.ledger.keyed import bearer
from tests.ledger.test_access import explorer_paths

IDEMPOTENCY_KEY = "planted-4f0c1a7e93"
HIDDEN = {"digest", "secret", "former_secret", "idempotency_key", "fingerprint", "revoked_at", "key_id"}
"""Columns that no reply shows: `test_every_column_that_holds_a_secret_is_hidden` says which must be among them."""
FILTERS = ("{}={}", "{}__startswith={}", "{}__contains={}")
VIEWS = ("sort={}", "sort=-{}", "facets={}", "fields={}", "expand={}", "group_by={}", "sum={}")


class Planted(NamedTuple):
    """A store with secrets in it, and a client with the key of an administrator."""

    client: AsyncClient
    plain: list[str]
    kept: list[str]

    def found_in(self, reply: Response) -> list[str]:
        """The secrets that a reply holds."""
        told = f"{reply.headers}{reply.content.decode('latin-1')}"
        return [secret for secret in (*self.plain, *self.kept) if secret in told]


@pytest.fixture
async def planted(admin: AsyncClient, store: Database) -> Planted:
    """Keys of every state, a webhook whose secret was rotated, a request that was answered for a key, a cursor."""
    revoked = (await bearer(store, "admin"))["Authorization"]
    await keys.revoke(store, revoked.split("_")[1])
    written = [admin.headers["Authorization"], revoked, (await bearer(store, "read"))["Authorization"]]
    made = await admin.post("/v1/webhooks", json={"url": "https://dashboards.example.com/"})
    rotated = await admin.post(f"/v1/webhooks/{made.json()['id']}/rotate")
    once = {"Idempotency-Key": IDEMPOTENCY_KEY}
    assert (
        await admin.post("/v1/companies", json={"slug": "vault", "name": "Vault", "kind": "other"}, headers=once)
    ).status_code == 201
    assert (await admin.get("/v1/companies?limit=1")).json()["next"]
    plain = [one.rpartition("_")[2] for one in written]
    told = [made.json()["secret"], rotated.json()["secret"]]
    async with store.reading() as connection:
        signing = await connection.scalar(select(store_table.c.secret))
        prints = await connection.scalars(select(replies.c.fingerprint))
        kept = [*told, *(one.removeprefix("whsec_") for one in told), str(signing), *prints, IDEMPOTENCY_KEY]
    return Planted(admin, plain, [*kept, *(sha256(one.encode()).hexdigest() for one in plain)])


def addresses() -> Iterator[str]:
    """Every question with its example, every page of the explorer, every file of an export, and some that fail."""
    yield from ("/openapi.json", "/docs", "/redoc", "/nothing", "/v1/companies?limit=x", "/v1/webhooks/none")
    yield from (f"/v1/export?format={kind}" for kind in ("ndjson", "ftm"))
    yield from (f"/v1/export?resource={kind}&format=csv" for kind in ("companies", "contracts", "sources"))
    yield from ("/v1/changes?limit=1000", "/v1/webhooks", "/v1/companies/vault/history", "/metrics", "/ready")
    yield from explorer_paths()


async def test_no_reply_of_any_operation_page_or_export_holds_a_secret(
    planted: Planted, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("json")
    leaks, asked = [], 0
    told = [await planted.client.get(address, headers={"Accept": "*/*"}) for address in addresses()]
    for operation in operations():
        if operation.path.endswith("/rotate") or operation.name == "POST /v1/webhooks":
            continue  # Both show a new secret, this once.
        content = {"json": operation.body()} if operation.kinds and "application/json" in operation.kinds else {}
        told.append(await ask(planted.client, operation, headers={"If-Match": "*"}, **content))
    for reply in told:
        leaks += [(str(reply.url), secret) for secret in planted.found_in(reply)]
        asked += 1
    said = "".join(capsys.readouterr())
    print(f"{asked} replies")  # noqa: T201 - a figure of docs/reliability.md
    assert leaks == []
    assert [secret for secret in (*planted.plain, *planted.kept) if secret in said] == []


async def test_no_filter_order_facet_or_view_reaches_a_hidden_column(planted: Planted) -> None:
    tried = 0
    for path in sorted(one.address for one in operations() if one.method == "GET" and one.path.startswith("/v1")):
        of_a_list = path.count("/") == 2 or path.endswith("/summary")
        for column in sorted(HIDDEN):
            for place in (*FILTERS, *VIEWS) if of_a_list else FILTERS[:1]:
                question = place.format(column, planted.kept[-1][:8])
                reply = await planted.client.get(f"{path}?{question}", headers={"Accept": "application/json"})
                assert reply.status_code in {400, 404, 410, 308}, (path, question)
                assert planted.found_in(reply) == []
                tried += 1
    print(f"{tried} questions")  # noqa: T201 - the same


async def test_no_search_finds_a_secret(planted: Planted) -> None:
    for secret in (*planted.plain, *planted.kept):
        for question in (
            f"/v1/search?q={secret[:40]}",
            f"/v1/suggest?q={secret[:40]}",
            f"/v1/companies?q={secret[:40]}",
        ):
            reply = await planted.client.get(question.replace("+", "%2B").replace("=", "%3D", 0))
            assert reply.status_code in {200, 400}, question
            assert reply.json().get("data", []) == [], question


async def test_the_store_keeps_no_key_in_plain_and_nothing_of_it_in_a_record(planted: Planted, store: Database) -> None:
    rows: dict[str, list[Any]] = {}
    async with store.reading() as connection:
        for table in metadata.sorted_tables:
            rows[table.name] = [str(row) for row in await connection.execute(select(table))]
    for secret in planted.plain:
        assert [name for name, found in rows.items() if any(secret in row for row in found)] == []
    for secret in planted.kept:
        holding = {name for name, found in rows.items() if any(secret in row for row in found)}
        assert holding <= {"keys", "webhooks", "replies", "store"}, secret


def test_every_column_that_holds_a_secret_is_hidden() -> None:
    secret = re.compile("digest|secret|fingerprint|idempotency")
    named = {column.name for table in (keys_table, replies, webhooks, store_table) for column in table.columns}
    assert {name for name in named if secret.search(name)} - {"former_secret_until"} <= HIDDEN


async def test_an_answer_that_one_key_may_have_is_given_to_no_other(store: Database, store_url: str) -> None:
    """Also where answers are kept: whoever asks second, with less, is told what they would be told first."""
    writer, reader = await bearer(store, "admin"), await bearer(store, "read")
    async with serving(store_url, public_reads=False) as client:
        for operation in operations():
            if operation.method != "GET" or operation.path in {"/health", "/ready", "/metrics"}:
                continue
            reply = await ask(client, operation, headers=writer)
            tag = {"If-None-Match": reply.headers.get("ETag", "*")}
            for key, refused in ((reader, 403), ({}, 401), ({"Authorization": "Bearer dg_0_0"}, 401)):
                if key is reader and "webhooks" not in operation.path:
                    continue
                for more in ({}, tag):
                    told = await ask(client, operation, headers={**key, **more})
                    assert (told.status_code, operation.name) == (refused, operation.name)
                    assert "ETag" not in told.headers


async def test_a_revoked_key_is_refused_on_the_next_request_for_what_it_was_just_given(
    store: Database, store_url: str
) -> None:
    async with serving(store_url, public_reads=False) as client:
        for operation in operations():
            if operation.method == "GET" and operation.path.startswith("/v1/companies"):
                key = await bearer(store, "read")
                first = await ask(client, operation, headers=key)
                await keys.revoke(store, key["Authorization"].split("_")[1])
                again = await ask(client, operation, headers=key | {"If-None-Match": first.headers.get("ETag", "*")})
                assert again.status_code == 401, operation.name


async def test_the_reply_that_is_kept_for_one_key_is_not_given_to_another(store: Database, store_url: str) -> None:
    one, other = await bearer(store), await bearer(store)
    async with serving(store_url) as client:
        body = {"slug": "a", "name": "A", "kind": "other"}
        first = await client.post("/v1/companies", json=body, headers=one | {"Idempotency-Key": "same"})
        second = await client.post("/v1/companies", json=body, headers=other | {"Idempotency-Key": "same"})
    assert (first.status_code, second.status_code) == (201, 409)
    assert "Idempotency-Replayed" not in second.headers
