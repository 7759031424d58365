"""Delivery: at least once, by the schedule, each webhook for itself."""

from collections.abc import Mapping

import anyio
import pytest
from httpx import URL
from sqlalchemy import event, update
from standardwebhooks.webhooks import Webhook

from app.models.access import deliveries
from app.shared import logs
from app.shared.database import Database
from app.shared.json import loads
from app.shared.settings import Settings
from app.webhooks import deliver, queue, repository, sending
from app.webhooks.queue import DELAYS, JITTER, LEASE
from app.webhooks.sending import Outcome, Sender
from app.webhooks.signing import new_secret
from tests.factories import company, put, source
from tests.webhooks.receiver import DROP, HANG, receiving
from tests.webhooks.subscribed import SECRET, Clock, deliverer, on_their_way, subscribe, webhook

COMPANIES = [company(slug) for slug in ("openai", "coreweave", "nvidia")]


async def test_a_change_is_sent_with_a_signature_that_the_library_of_the_standard_takes(store: Database) -> None:
    await put(store, companies=[company("before")])
    async with receiving() as receiver:
        id_ = await subscribe(store, receiver.url)
        await put(store, companies=[company("openai")])
        await deliverer(store).once()
        (one,) = receiver.received
    assert one.line == "POST /hook?from=dealgraph HTTP/1.1"
    assert one.headers["content-type"] == "application/json"
    assert one.headers["user-agent"].startswith("Dealgraph/")
    assert one.id == f"msg_{id_}_2"
    sent = Webhook(SECRET).verify(one.body, one.headers)
    assert sent["type"] == "companies.created"
    assert (sent["data"]["position"], sent["data"]["record"]["slug"]) == (2, "openai")
    assert sent["timestamp"] == sent["data"]["recorded_at"]
    assert await on_their_way(store) == []


async def test_only_changes_of_the_types_that_were_asked_for_are_sent(store: Database) -> None:
    async with receiving() as receiver:
        await subscribe(store, receiver.url, "sources", "contracts")
        await put(store, companies=COMPANIES, sources=[source()])
        await deliverer(store).once()
        assert [loads(one.body)["type"] for one in receiver.received] == ["sources.created"]
    assert (await webhook(store)).position == 4


async def test_more_changes_than_one_look_takes_are_all_sent_once(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_FANNED_OUT", 7)
    monkeypatch.setattr(queue, "_CLAIMED", 3)
    async with receiving() as receiver:
        id_ = await subscribe(store, receiver.url)
        await put(store, companies=[company(f"company-{number}") for number in range(20)])
        await deliverer(store).once()
        assert sorted(receiver.ids) == sorted(f"msg_{id_}_{position}" for position in range(1, 21))


async def test_what_fails_is_sent_again_by_the_schedule_with_the_same_id_and_body_until_it_is_given_up(
    store: Database,
) -> None:
    clock = Clock()
    async with receiving([500, 404, 302, DROP, 429, 503, 400, 500, 500, 500]) as receiver:
        await subscribe(store, receiver.url)
        await put(store, companies=[company()])
        ours = deliverer(store, clock)
        for number, delay in enumerate(DELAYS, 1):
            await ours.once()
            (one,) = await on_their_way(store)
            assert (one.attempts, one.given_up_at) == (number, None)
            assert delay <= one.due_at - clock.at <= delay * (1 + JITTER)
            clock.at = one.due_at - (one.due_at - clock.at) / 1_000
            await ours.once()
            assert len(receiver.received) == number
            clock.at = one.due_at
        await ours.once()
        (one,) = await on_their_way(store)
        assert (one.attempts, one.due_at, one.given_up_at) == (10, None, clock.at)
        assert (one.last_status, one.last_error) == (500, None)
        clock.move(LEASE * 10_000)
        await ours.once()
        assert len(receiver.received) == 10
        assert len({(request.id, request.body) for request in receiver.received}) == 1
        assert len({request.headers["webhook-timestamp"] for request in receiver.received}) == 10


async def test_what_was_given_up_is_sent_once_it_is_asked_for_again(store: Database) -> None:
    async with receiving() as receiver:
        id_ = await subscribe(store, receiver.url)
        await put(store, companies=COMPANIES)
        ours = deliverer(store)
        async with store.writing() as connection:
            await queue.fan_out(connection, id_, Clock().at)
            given_up = {"due_at": None, "given_up_at": Clock().at, "attempts": 10, "last_status": 500}
            await connection.execute(update(deliveries).values(given_up))
        await ours.once()
        assert receiver.received == []
        async with store.writing() as connection:
            assert await repository.redeliver(connection, id_, [2]) == 1
        await deliverer(store).once()
        assert receiver.ids == [f"msg_{id_}_2"]
        async with store.writing() as connection:
            assert await repository.redeliver(connection, id_, None) == 2
        await deliverer(store).once()
        assert sorted(receiver.ids) == [f"msg_{id_}_{position}" for position in (1, 2, 3)]
    assert await on_their_way(store) == []


async def test_a_receiver_may_ask_for_more_time_but_not_for_more_than_a_day(store: Database) -> None:
    clock = Clock()
    async with receiving([(503, {"Retry-After": "7200"}), (503, {"Retry-After": "999999"})]) as receiver:
        await subscribe(store, receiver.url)
        await put(store, companies=[company()])
        ours = deliverer(store, clock)
        for hours in (2, 24):
            await ours.once()
            (one,) = await on_their_way(store)
            assert (one.due_at - clock.at).total_seconds() == hours * 3_600
            clock.at = one.due_at


async def test_410_switches_the_webhook_off_and_its_changes_wait(store: Database) -> None:
    clock = Clock()
    async with receiving([410]) as receiver:
        id_ = await subscribe(store, receiver.url)
        await put(store, companies=[company()])
        ours = deliverer(store, clock)
        await ours.once()
        assert not (await webhook(store)).active
        await put(store, companies=[company("nvidia")])
        clock.move(DELAYS[-1])
        await ours.once()
        assert len(receiver.received) == 1
        async with store.writing() as connection:
            await repository.change(connection, id_, {"active": True})
        await ours.once()
        assert receiver.ids == [f"msg_{id_}_1", f"msg_{id_}_1", f"msg_{id_}_2"]


async def test_both_secrets_sign_for_a_day_after_a_rotation_and_only_the_new_one_later(store: Database) -> None:
    clock, secret = Clock(), new_secret()
    async with receiving() as receiver:
        id_ = await subscribe(store, receiver.url)
        async with store.writing() as connection:
            await repository.rotate(connection, id_, secret)
        ours = deliverer(store, clock)
        for slug in ("during", "after"):
            await put(store, companies=[company(slug)])
            await ours.once()
            clock.move(repository.FORMER_SIGNS * 2)
        during, after = receiver.received
    for known in (secret, SECRET):
        Webhook(known).verify(during.body, during.headers)
    assert len(during.headers["webhook-signature"].split()) == 2
    assert len(after.headers["webhook-signature"].split()) == 1
    assert during.headers["webhook-signature"] != after.headers["webhook-signature"]


async def test_two_deliverers_at_once_send_each_delivery_once(store: Database, store_url: str) -> None:
    other = Database(Settings(database_url=store_url))
    async with receiving() as receiver:
        id_ = await subscribe(store, receiver.url)
        await put(store, companies=[company(f"company-{number}") for number in range(40)])
        async with anyio.create_task_group() as group:
            for database in (store, other):
                group.start_soon(deliverer(database).once)
        # Whoever lost a turn left it to the other, which may have been done by then.
        await deliverer(store).once()
        assert sorted(receiver.ids) == sorted(f"msg_{id_}_{position}" for position in range(1, 41))
    await other.close()
    assert await on_their_way(store) == []


class Killed(BaseException):
    """The end of the process, as far as a test goes."""


async def test_a_deliverer_that_dies_after_sending_leaves_it_to_be_sent_again_with_the_same_id(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> None:
        raise Killed

    clock = Clock()
    async with receiving() as receiver:
        id_ = await subscribe(store, receiver.url)
        await put(store, companies=[company()])
        with monkeypatch.context() as patch:
            patch.setattr(queue, "settle", killed)
            with pytest.raises(BaseExceptionGroup):
                await deliverer(store, clock).once()
        await deliverer(store, clock).once()
        assert receiver.ids == [f"msg_{id_}_1"]
        clock.move(LEASE)
        await deliverer(store, clock).once()
        assert receiver.ids == [f"msg_{id_}_1"] * 2
        assert len({one.body for one in receiver.received}) == 1
    assert await on_their_way(store) == []


async def test_what_ends_after_its_lease_does_not_undo_the_next_attempt(store: Database) -> None:
    clock = Clock()
    id_ = await subscribe(store, "https://example.com/")
    await put(store, companies=[company()])
    async with store.writing() as connection:
        await queue.fan_out(connection, id_, clock.at)
        target, (late,) = await queue.claim(connection, id_, clock.at)
        clock.move(LEASE)
        _, (current,) = await queue.claim(connection, id_, clock.at)
        assert target
        await queue.settle(connection, target, late, Outcome(status=500), clock.at)
    (one,) = await on_their_way(store)
    assert (one.due_at, one.attempts) == (current.until, 2)


async def test_a_receiver_that_hangs_holds_up_nobody_else(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.3)
    order: list[str] = []

    class Noting(Sender):
        async def post(self, url: URL, headers: Mapping[str, str], body: bytes) -> Outcome:
            outcome = await super().post(url, headers, body)
            order.append("hung" if outcome.error else "sent")
            return outcome

    async with receiving([HANG]) as hanging, receiving() as receiver:
        await subscribe(store, hanging.url)
        await subscribe(store, receiver.url)
        await put(store, companies=COMPANIES[:1])
        await deliverer(store, sender=Noting(allow_private=True)).once()
    assert order == ["sent", "hung"]
    (one,) = await on_their_way(store)
    assert "no reply within" in one.last_error


async def test_an_address_that_may_not_be_called_is_never_called_and_the_reason_is_kept(store: Database) -> None:
    async with receiving() as receiver:
        await subscribe(store, receiver.url)
        await subscribe(store, receiver.url.replace("http://127.0.0.1", "https://localhost"))
        await put(store, companies=[company()])
        await deliver.Deliverer(store, Sender()).once()
        assert receiver.connections == 0
    errors = {one.last_error for one in await on_their_way(store)}
    assert any("begin with https" in error for error in errors)
    assert any("not an address of the public internet" in error for error in errors)


async def test_a_webhook_that_is_deleted_takes_what_is_on_its_way_with_it(store: Database) -> None:
    async with receiving([500]) as receiver:
        id_ = await subscribe(store, receiver.url)
        await put(store, companies=[company()])
        await deliverer(store).once()
        async with store.writing() as connection:
            await repository.remove(connection, id_)
    assert await on_their_way(store) == []


async def test_looking_for_work_where_there_are_no_webhooks_is_one_statement(store: Database) -> None:
    await put(store, companies=[company()])
    asked: list[str] = []
    for engine in (store.reader, store.writer):
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    await deliverer(store).once()
    (statement,) = asked
    assert statement.startswith("SELECT webhooks.id")


async def test_running_delivers_as_changes_come_and_outlives_a_store_that_fails(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "INTERVAL", 0.01)
    monkeypatch.setattr(deliver, "_PAUSE", 0.01)
    waiting, failed = queue.waiting, list[Exception]()

    async def failing_first(*given: object) -> list[str]:
        if len(failed) < 2:
            failed.append(OSError("away") if failed else RuntimeError("a mistake"))
            raise failed[-1]
        return await waiting(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(queue, "waiting", failing_first)
    async with receiving() as receiver, anyio.create_task_group() as group:
        group.start_soon(deliverer(store, clock=None).run)
        await subscribe(store, receiver.url)
        for number in (1, 2):
            await put(store, companies=[company(f"company-{number}")])
            await receiver.has_received(number)
        group.cancel_scope.cancel()
    assert len(failed) == 2


async def test_a_mistake_of_ours_with_one_delivery_is_a_failed_attempt_and_stops_no_other(
    store: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    class Mistaken(Sender):
        async def post(self, url: URL, headers: Mapping[str, str], body: bytes) -> Outcome:
            if headers["webhook-id"].endswith("_2"):
                raise RuntimeError("a mistake")
            return await super().post(url, headers, body)

    logs.configure("console")
    async with receiving() as receiver:
        id_ = await subscribe(store, receiver.url)
        await put(store, companies=COMPANIES)
        await deliverer(store, sender=Mistaken(allow_private=True)).once()
        assert sorted(receiver.ids) == [f"msg_{id_}_1", f"msg_{id_}_3"]
    (one,) = await on_their_way(store)
    assert (one.position, one.attempts, one.last_status) == (2, 1, None)
    said = capsys.readouterr()
    assert "a mistake" in said.out + said.err
    assert SECRET not in said.out + said.err
