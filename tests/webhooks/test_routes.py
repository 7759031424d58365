"""Webhooks over HTTP, by a key of scope admin."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import insert, select, text

from app.models.access import deliveries, replies, webhooks
from app.models.ledger import revisions
from app.shared.database import Database
from app.webhooks import queue, repository
from tests.conftest import serving
from tests.factories import company, put
from tests.ledger.keyed import bearer
from tests.webhooks.subscribed import Clock
from tests.webhooks.test_addresses import LITERALS

URL = "https://dashboards.example.com/hook"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


@pytest.fixture
async def admin(store: Database, store_url: str) -> AsyncIterator[AsyncClient]:
    """Asks with a key of scope admin."""
    async with serving(store_url) as client:
        client.headers.update(await bearer(store, "admin"))
        yield client


async def made(admin: AsyncClient, **stated: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A new webhook, with its secret."""
    reply = await admin.post("/v1/webhooks", json={"url": URL} | stated)
    assert reply.status_code == 201, reply.text
    shown: dict[str, Any] = reply.json()
    return shown


async def fall_behind(store: Database, id_: str, *, given_up: tuple[int, ...]) -> None:
    """Let three changes be on their way, of which some were given up."""
    await put(store, companies=[company(slug) for slug in ("openai", "coreweave", "nvidia")])
    async with store.writing() as connection:
        now = Clock().at
        row = {"webhook_id": id_, "attempts": 10, "last_status": 500, "last_error": None}
        for position in (1, 2, 3):
            state = (
                {"due_at": None, "given_up_at": now} if position in given_up else {"due_at": now, "given_up_at": None}
            )
            await connection.execute(insert(deliveries), row | state | {"position": position})


async def test_a_new_webhook_shows_its_secret_once_and_begins_with_what_changes_next(
    store: Database, admin: AsyncClient
) -> None:
    await put(store, companies=[company()])
    reply = await admin.post(
        "/v1/webhooks", json={"url": URL, "types": ["contracts", "contracts"], "description": "deals"}
    )
    assert reply.status_code == 201
    shown = reply.json()
    assert SECRET.fullmatch(shown.pop("secret"))
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["location"] == f"/v1/webhooks/{shown['id']}"
    assert (shown["url"], shown["types"], shown["description"]) == (URL, ["contracts"], "deals")
    assert (shown["active"], shown["position"], shown["former_secret_until"]) == (True, 1, None)
    assert (await admin.get(reply.headers["location"])).json() == shown
    assert (await admin.get("/v1/webhooks")).json() == {"data": [shown], "next": None}


async def test_managing_webhooks_makes_no_revision(store: Database, admin: AsyncClient) -> None:
    id_ = (await made(admin))["id"]
    await admin.patch(f"/v1/webhooks/{id_}", json={"active": False})
    await admin.post(f"/v1/webhooks/{id_}/rotate")
    await admin.delete(f"/v1/webhooks/{id_}")
    async with store.reading() as connection:
        assert (await connection.execute(select(revisions))).all() == []


async def test_a_request_that_is_sent_again_makes_no_second_webhook_and_shows_no_secret_again(
    store: Database, admin: AsyncClient
) -> None:
    key = {"Idempotency-Key": "once"}
    first, second = [await admin.post("/v1/webhooks", json={"url": URL}, headers=key) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["idempotency-replayed"] == "true"
    assert second.json() == first.json() | {"secret": None}
    assert second.headers["location"] == first.headers["location"]
    rotate = f"{first.headers['location']}/rotate"
    rotated, again = [await admin.post(rotate, headers={"Idempotency-Key": "other"}) for _ in range(2)]
    assert SECRET.fullmatch(rotated.json()["secret"])
    assert again.json() == rotated.json() | {"secret": None}
    async with store.reading() as connection:
        kept = str((await connection.execute(select(replies))).all())
        assert len((await connection.execute(select(webhooks))).all()) == 1
    assert "Idempotency-Key" not in kept
    assert not SECRET.search(kept)


async def test_a_rotation_gives_a_new_secret_and_lets_the_former_one_sign_for_a_day(
    store: Database, admin: AsyncClient
) -> None:
    one = await made(admin)
    rotated = (await admin.post(f"/v1/webhooks/{one['id']}/rotate")).json()
    assert rotated["secret"] != one["secret"]
    assert rotated["former_secret_until"]
    async with store.writing() as connection:
        target, _ = await queue.claim(connection, one["id"], Clock().at)
        later, _ = await queue.claim(connection, one["id"], Clock().at + 2 * repository.FORMER_SIGNS)
    assert target
    assert later
    assert (target.secrets, later.secrets) == ([rotated["secret"], one["secret"]], [rotated["secret"]])


async def test_a_patch_changes_what_it_names_and_nothing_else(admin: AsyncClient) -> None:
    one = await made(admin, types=["contracts"], description="deals")
    one.pop("secret")
    address = f"/v1/webhooks/{one['id']}"
    assert (await admin.patch(address, json={"active": False})).json() == one | {"active": False}
    patch = {"url": "https://other.example.com/", "description": None, "types": None, "active": True}
    changed = one | {"url": "https://other.example.com/", "description": None, "types": []}
    assert (await admin.patch(address, json=patch)).json() == changed
    assert (await admin.patch(address, json={})).json() == changed
    assert (await admin.get(address)).json() == changed


async def test_a_patch_that_makes_no_webhook_is_refused_and_changes_nothing(admin: AsyncClient) -> None:
    one = await made(admin)
    one.pop("secret")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"url": None}, "/url"),
        ({"url": "https://127.0.0.1/"}, "/url"),
        ({"types": ["contract"]}, "/types/0"),
        ({"active": "yes"}, "/active"),
        ({"secret": "whsec_"}, "/secret"),
        ({"position": 0}, "/position"),
    ]
    for patch, pointer in wrong:
        reply = await admin.patch(f"/v1/webhooks/{one['id']}", json={"description": "other"} | patch)
        assert reply.status_code == 422, patch
        assert [flaw["pointer"] for flaw in reply.json()["errors"]] == [pointer]
    assert (await admin.patch(f"/v1/webhooks/{one['id']}", json=[])).status_code == 422
    assert (await admin.get(f"/v1/webhooks/{one['id']}")).json() == one


async def test_a_url_that_is_known_to_be_private_or_is_none_is_refused_at_once(admin: AsyncClient) -> None:
    for host in LITERALS:
        reply = await admin.post("/v1/webhooks", json={"url": f"https://{host}/"})
        assert reply.status_code == 422, host
        assert [flaw["pointer"] for flaw in reply.json()["errors"]] == ["/url"]
    for url in ("http://example.com/", "ftp://example.com/", "example.com", "https://user:word@example.com/", "", 1):
        assert (await admin.post("/v1/webhooks", json={"url": url})).status_code == 422, url
    assert (await admin.get("/v1/webhooks")).json()["data"] == []


async def test_settings_let_http_and_private_addresses_through(store: Database, store_url: str) -> None:
    async with serving(store_url, webhook_http=True, webhook_allow_private=True) as client:
        client.headers.update(await bearer(store, "admin"))
        assert (await made(client, url="http://127.0.0.1:8080/hook"))["url"] == "http://127.0.0.1:8080/hook"


async def test_a_webhook_that_is_not_there_is_not_found(admin: AsyncClient) -> None:
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/rotate"),
        ("GET", "/deliveries"),
        ("POST", "/redeliver"),
    ):
        reply = await admin.request(method, f"/v1/webhooks/wh_0{path}", json={} if method == "PATCH" else None)
        assert reply.status_code == 404, (method, path)


async def test_a_deleted_webhook_is_gone(admin: AsyncClient) -> None:
    address = f"/v1/webhooks/{(await made(admin))['id']}"
    reply = await admin.delete(address)
    assert (reply.status_code, reply.content) == (204, b"")
    assert (await admin.get(address)).status_code == 404


async def test_there_are_at_most_a_hundred(admin: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "MOST", 2)
    for _ in range(2):
        await made(admin)
    assert (await admin.post("/v1/webhooks", json={"url": URL})).status_code == 409


async def test_what_was_not_delivered_is_listed_by_state_and_a_page_at_a_time(
    store: Database, admin: AsyncClient
) -> None:
    id_ = (await made(admin))["id"]
    await fall_behind(store, id_, given_up=(1, 3))
    url = f"/v1/webhooks/{id_}/deliveries"
    everything = (await admin.get(url)).json()
    assert [one["position"] for one in everything["data"]] == [1, 2, 3]
    dead = (await admin.get(url, params={"state": "given_up"})).json()["data"]
    assert [one["position"] for one in dead] == [1, 3]
    assert dead[0].keys() == {"position", "attempts", "due_at", "given_up_at", "last_status", "last_error"}
    assert (dead[0]["attempts"], dead[0]["last_status"], dead[0]["due_at"]) == (10, 500, None)
    assert [one["position"] for one in (await admin.get(url, params={"state": "due"})).json()["data"]] == [2]
    first = await admin.get(url, params={"limit": 2})
    assert [one["position"] for one in first.json()["data"]] == [1, 2]
    assert first.headers["link"] == f'<{first.json()["next"]}>; rel="next"'
    second = (await admin.get(first.json()["next"])).json()
    assert ([one["position"] for one in second["data"]], second["next"]) == ([3], None)
    for unknown in ("state=dead", "limit=0", "page=2", "state=due&state=given_up"):
        assert (await admin.get(f"{url}?{unknown}")).status_code == 400, unknown


async def test_redelivery_is_of_what_was_given_up_and_of_nothing_else(store: Database, admin: AsyncClient) -> None:
    id_ = (await made(admin))["id"]
    await fall_behind(store, id_, given_up=(1, 3))
    url = f"/v1/webhooks/{id_}/redeliver"
    refused = await admin.post(url, json={"positions": [1, 2, 9]})
    assert refused.status_code == 422
    assert [flaw["pointer"] for flaw in refused.json()["errors"]] == ["/positions/1", "/positions/2"]
    assert (await admin.post(url, json={"positions": [3]})).json() == {"due": 1}
    assert (await admin.post(url)).json() == {"due": 1}
    assert (await admin.post(url, json={})).json() == {"due": 0}
    due = (await admin.get(f"/v1/webhooks/{id_}/deliveries")).json()["data"]
    assert [(one["attempts"], one["given_up_at"]) for one in due] == [(0, None), (10, None), (0, None)]


async def test_a_secret_is_in_no_other_reply_and_in_no_log(
    store: Database, admin: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = (await made(admin))["secret"]
    id_ = (await admin.get("/v1/webhooks")).json()["data"][0]["id"]
    replied = [
        await admin.get(path) for path in ("/v1/webhooks", f"/v1/webhooks/{id_}", "/v1/changes", "/openapi.json")
    ]
    replied += [await admin.patch(f"/v1/webhooks/{id_}", json={"secret": secret})]
    replied += [await admin.get(f"/v1/webhooks/{id_}/deliveries")]
    async with store.writing() as connection:
        await connection.execute(text("ALTER TABLE webhooks RENAME COLUMN former_secret TO gone"))
    failed = await admin.post(f"/v1/webhooks/{id_}/rotate")
    assert failed.status_code == 500
    said = capsys.readouterr()
    assert "former_secret" in said.err
    for shown in (*(reply.text for reply in (*replied, failed)), said.err, said.out):
        assert not SECRET.search(shown.replace("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=", ""))
