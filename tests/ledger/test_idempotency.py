"""Idempotency-Key: the same request twice is answered twice and done once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import func, insert, select, update

from app.ledger import idempotency, line, performing
from app.ledger.idempotency import KEPT_FOR, Attempt, hold, in_flight
from app.models.access import keys, replies
from app.models.ledger import store as newest
from app.shared.database import Database
from app.shared.errors import Conflict
from app.shared.json import dumps
from app.transfer.resources import BY_TYPE
from tests.factories import company, one_of_each, put
from tests.ledger.asking import slugs
from tests.ledger.keyed import bearer
from tests.ledger.written import JSON, MERGE_PATCH, STATED, change, place, post, take_back, world

URL, ACME = "/v1/companies", "/v1/companies/acme"


async def rows(store: Database) -> int:
    """How many replies are kept."""
    async with store.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(replies)) or 0)


async def revision(store: Database) -> int:
    """The newest revision of the store."""
    async with store.reading() as connection:
        return int(await connection.scalar(select(newest.c.revision)) or 0)


def same(first: Response, again: Response) -> None:
    """The second reply is the first one, byte for byte, but for the id of its request and that it says so."""
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert (again.status_code, again.content) == (first.status_code, first.content)
    own = ("x-request-id", "idempotency-replayed")
    assert [pair for pair in again.headers.multi_items() if pair[0] not in own] == [
        pair for pair in first.headers.multi_items() if pair[0] not in own
    ]
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]


@pytest.mark.parametrize("resource", BY_TYPE)
async def test_every_unsafe_request_is_done_once(store: Database, writer: AsyncClient, resource: str) -> None:
    await world(store)
    stated = STATED[resource]
    url = f"/v1/{resource}/{stated['slug']}"
    asked: list[tuple[str, str, object, dict[str, str]]] = [
        ("POST", f"/v1/{resource}", stated, JSON),
        ("PATCH", url, {}, MERGE_PATCH | {"If-Match": '"1"'}),
        ("DELETE", url, None, {"If-Match": '"1"'}),
        ("POST", f"{url}/restore", None, {}),
        ("DELETE", url, None, {"If-Match": '"2"'}),
        ("PUT", url, stated, JSON),
    ]
    for number, (method, path, body, headers) in enumerate(asked):
        content = b"" if body is None else dumps(body).encode()
        request = {"content": content, "headers": headers | {"Idempotency-Key": f"key-{number}"}}
        first = await writer.request(method, path, **request)  # type: ignore[arg-type]
        assert first.status_code < 300, first.text
        before = await revision(store)
        same(first, await writer.request(method, path, **request))  # type: ignore[arg-type]
        assert await revision(store) == before
    assert await rows(store) == len(asked)


async def test_a_reply_is_given_again_after_the_record_has_changed(writer: AsyncClient) -> None:
    first = await post(writer, URL, company("acme"), idempotency_key="k")
    await change(writer, ACME, {"name": "B"})
    await take_back(writer, ACME)
    same(first, await post(writer, URL, company("acme"), idempotency_key="k"))


async def test_a_made_slug_is_made_once(writer: AsyncClient) -> None:
    for _ in range(3):
        reply = await post(writer, URL, {"name": "Acme", "kind": "other"}, idempotency_key="k")
        assert reply.json()["slug"] == "acme"
    assert await slugs(writer, URL) == ["acme"]


async def test_a_key_that_came_with_another_request_is_refused(store: Database, writer: AsyncClient) -> None:
    await place(writer, ACME, company("acme"), idempotency_key="k")
    before = await revision(store)
    for reply in (
        await place(writer, ACME, company("acme", name="B"), idempotency_key="k"),
        await place(writer, f"{ACME}?reason=x", company("acme"), idempotency_key="k"),
        await place(writer, f"{ACME}-2", company("acme-2"), idempotency_key="k"),
        await place(writer, ACME, company("acme"), idempotency_key="k", if_match='"1"'),
        await place(writer, ACME, company("acme"), idempotency_key="k", if_none_match="*"),
        await post(writer, URL, company("acme"), idempotency_key="k"),
        await take_back(writer, ACME, if_match='"1"', idempotency_key="k"),
    ):
        assert reply.status_code == 422, reply.text
        assert "another request" in reply.json()["detail"]
    assert await revision(store) == before


async def test_a_key_counts_for_one_api_key(store: Database, writer: AsyncClient) -> None:
    other = await bearer(store, name="another")
    await post(writer, URL, company("acme"), idempotency_key="k")
    reply = await writer.post(URL, content=dumps(company("b")), headers=JSON | other | {"Idempotency-Key": "k"})
    assert reply.status_code == 201
    assert await rows(store) == 2


async def test_a_failed_request_keeps_nothing_and_may_be_tried_again(store: Database, writer: AsyncClient) -> None:
    child = company("child", parent="acme")
    assert (await post(writer, URL, child, idempotency_key="k")).status_code == 422
    assert (await change(writer, ACME, {}, if_match="*", idempotency_key="k")).status_code == 404
    assert await rows(store) == 0
    await put(store, companies=[company("acme")])
    assert (await post(writer, URL, child, idempotency_key="k")).status_code == 201


async def test_a_key_that_is_none_is_refused(writer: AsyncClient) -> None:
    for key in ("", " ", "x" * 256):
        refused = await post(writer, URL, company("acme"), idempotency_key=key)
        assert (refused.status_code, "1 to 255 characters" in refused.json()["detail"]) == (400, True)
    assert await slugs(writer, URL) == []


async def test_two_keys_on_one_request_are_refused(writer: AsyncClient) -> None:
    lines = [("Content-Type", "application/json"), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    assert (await writer.post(URL, content=dumps(company("acme")), headers=lines)).status_code == 400


async def test_the_longest_key_is_taken(writer: AsyncClient) -> None:
    first = await post(writer, URL, company("acme"), idempotency_key="k" * 255)
    same(first, await post(writer, URL, company("acme"), idempotency_key="k" * 255))


async def test_while_the_first_is_worked_on_the_second_is_told_to_wait(
    writer: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()
    keep = idempotency.keep

    async def late(*given: object) -> None:
        arrived.set()
        await go_on.wait()
        await keep(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(line, "keep", late)
    first = asyncio.create_task(post(writer, URL, company("acme"), idempotency_key="k"))
    await arrived.wait()
    second = await post(writer, URL, company("acme"), idempotency_key="k")
    assert (second.status_code, second.headers["Retry-After"]) == (409, "1")
    assert "being worked on" in second.json()["detail"]
    go_on.set()
    assert (await first).status_code == 201
    same(await first, await post(writer, URL, company("acme"), idempotency_key="k"))


async def test_a_key_is_held_across_processes_until_the_transaction_ends(store: Database) -> None:
    """On PostgreSQL another replica is refused; on SQLite it cannot even begin, so it waits."""
    mine = Attempt("store", "key", "k", "fingerprint")
    if store.writer.dialect.name == "sqlite":
        with in_flight(mine), pytest.raises(Conflict), in_flight(mine):
            pass
        return
    async with store.writing() as one:
        assert await hold(one, [mine]) == {}
        async with store.writing() as other:
            refused = await hold(other, [mine, Attempt("store", "key", "another", "fingerprint")])
            assert list(refused) == [mine]
    async with store.writing() as other:
        assert await hold(other, [mine]) == {}


async def test_what_breaks_before_the_commit_is_done_anew(
    store: Database, writer: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the process died")

    with monkeypatch.context() as patch:
        patch.setattr(line, "keep", broken)
        assert (await post(writer, URL, company("acme"), idempotency_key="k")).status_code == 500
    assert (await rows(store), await revision(store)) == (0, 0)
    assert (await post(writer, URL, company("acme"), idempotency_key="k")).status_code == 201


async def test_what_breaks_after_the_commit_is_answered_as_it_would_have_been(
    store: Database, writer: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the process died")

    with monkeypatch.context() as patch:
        patch.setattr(performing, "_response", broken)
        assert (await post(writer, URL, company("acme"), idempotency_key="k")).status_code == 500
    again = await post(writer, URL, company("acme"), idempotency_key="k")
    assert (again.status_code, again.headers["Location"], again.headers["ETag"]) == (201, ACME, '"1"')
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.text == (await writer.get(ACME)).text
    assert await revision(store) == 1


async def test_after_a_day_a_key_is_new_again(store: Database, writer: AsyncClient) -> None:
    await place(writer, ACME, company("acme"), idempotency_key="k")
    await age(store, KEPT_FOR - timedelta(minutes=1))
    same_again = await place(writer, ACME, company("acme"), idempotency_key="k")
    assert same_again.headers["Idempotency-Replayed"] == "true"
    await age(store, KEPT_FOR + timedelta(minutes=1))
    reply = await place(writer, ACME, company("acme"), idempotency_key="k")
    assert reply.status_code == 428
    other = await place(writer, ACME, company("acme", name="B"), idempotency_key="k", if_match='"1"')
    assert other.status_code == 200
    assert await rows(store) == 1


async def age(store: Database, by: timedelta) -> None:
    async with store.writing() as connection:
        await connection.execute(update(replies).values(answered_at=datetime.now(UTC) - by))


async def test_old_replies_go_a_bounded_number_at_a_time_the_oldest_first(
    store: Database, writer: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "_CLEARED_AT_ONCE", 2)
    await post(writer, URL, company("new"), idempotency_key="new")
    async with store.writing() as connection:
        key = await connection.scalar(select(keys.c.id))
        for n in range(5):
            old = datetime.now(UTC) - KEPT_FOR - timedelta(hours=n)
            row = {"key_id": key, "idempotency_key": f"old-{n}", "fingerprint": "", "status": 201}
            await connection.execute(insert(replies), row | {"headers": "[]", "body": "", "answered_at": old})
    left = [{"new", "a", "old-0", "old-1", "old-2"}, {"new", "a", "b", "old-0"}, {"new", "a", "b", "c"}]
    for name, expected in zip("abc", left, strict=True):
        await post(writer, URL, company(name), idempotency_key=name)
        async with store.reading() as connection:
            assert set(await connection.scalars(select(replies.c.idempotency_key))) == expected


async def test_without_a_key_nothing_is_kept(store: Database, writer: AsyncClient) -> None:
    await put(store, **one_of_each())
    await change(writer, "/v1/contracts/openai-coreweave", {"conditions": "None."})
    assert await rows(store) == 0
