"""Delivery beside the API, and by a command of its own."""

import re
from pathlib import Path

import anyio.to_thread
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.shared.database import Database
from app.shared.json import loads
from app.webhooks import deliver
from tests.conftest import serving
from tests.factories import company, put
from tests.ledger.keyed import bearer
from tests.webhooks.receiver import HANG, Received, receiving
from tests.webhooks.subscribed import SECRET, on_their_way, subscribe

DOCUMENT = (Path(__file__).parents[2] / "docs/webhooks.md").read_text()
REACHING_US = {"webhook_http": True, "webhook_allow_private": True}


async def sent_by_a_server(store: Database, url: str) -> tuple[str, Received]:
    """What comes of a change that is made over HTTP where a server delivers too, and the secret that signed it."""
    async with receiving() as receiver, serving(url, deliver_webhooks=True, **REACHING_US) as client:
        client.headers.update(await bearer(store, "admin"))
        made = (await client.post("/v1/webhooks", json={"url": receiver.url})).json()
        reply = await client.post("/v1/companies", json=company("acme"))
        assert reply.status_code == 201, reply.text
        await receiver.has_received(1)
        changes = (await client.get("/v1/changes")).json()["data"]
    (one,) = receiver.received
    assert loads(one.body)["data"] == changes[0]
    return made["secret"], one


async def test_a_server_delivers_what_it_records_as_the_feed_shows_it(
    store: Database, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "INTERVAL", 0.05)
    secret, one = await sent_by_a_server(store, store_url)
    (verifying,) = re.findall(r"```python\n(import base64.*?)```", DOCUMENT, re.DOTALL)
    names: dict[str, object] = {}
    exec(verifying, names)  # noqa: S102 - it is our own page
    verify = names["verify"]
    assert callable(verify)
    assert verify(secret, one.headers, one.body)
    assert not verify(SECRET, one.headers, one.body)
    assert not verify(secret, one.headers, one.body + b" ")


async def test_a_server_ends_though_a_receiver_hangs_and_leaves_the_change_to_the_next(
    store: Database, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "INTERVAL", 0.05)
    async with receiving([HANG]) as receiver:
        await subscribe(store, receiver.url)
        await put(store, companies=[company()])
        async with serving(store_url, deliver_webhooks=True, **REACHING_US):
            await receiver.has_received(1)
    (one,) = await on_their_way(store)
    assert (one.attempts, one.given_up_at, one.last_error) == (1, None, None)


async def test_the_command_sends_what_is_due_and_ends(store: Database, store_url: str) -> None:
    variables = {
        "DEALGRAPH_DATABASE_URL": store_url,
        "DEALGRAPH_WEBHOOK_HTTP": "true",
        "DEALGRAPH_WEBHOOK_ALLOW_PRIVATE": "true",
    }
    async with receiving() as receiver:
        await subscribe(store, receiver.url)
        await put(store, companies=[company()])
        for _ in range(2):
            result = await anyio.to_thread.run_sync(
                lambda: CliRunner().invoke(app, ["deliver", "--once"], env=variables)
            )
            assert result.exit_code == 0, result.output
    assert len(receiver.received) == 1
    assert await on_their_way(store) == []
