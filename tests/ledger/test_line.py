"""The line of those who write: what waits together is served together, and still each on its own."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger import line as module
from app.ledger.idempotency import Attempt, Reply, hold
from app.ledger.line import Line, Task, Touching
from app.ledger.transaction import Author, Transaction
from app.ledger.unit import unit
from app.models.access import keys
from app.models.ledger import changes, records, revisions, versions
from app.projection.rebuild import compare
from app.shared import engines
from app.shared.database import Database
from app.shared.errors import Conflict, Unavailable, Unprocessable
from app.shared.settings import Settings
from app.shared.unavailable import is_unavailable
from app.transfer.resources import BY_TYPE
from tests.factories import company, contract, put, source
from tests.ledger.keyed import bearer
from tests.projection.stating import parties

Stated = dict[str, object]


def task(kind: str, stated: Stated, *, actor: str = "test") -> Task:
    """A task that puts one record."""
    record = BY_TYPE[kind].schema.model_validate(stated)

    async def work(write: Transaction) -> Reply:
        await write.put(BY_TYPE[kind], [record])
        return Reply(200, record.slug)

    return Task(None, Author(actor), work, Touching(((kind, record.slug),)))


async def served(line: Line, *tasks: Task) -> list[Reply | BaseException]:
    """What each of some tasks is answered that come at once."""
    return list(await asyncio.gather(*(line.reply(one) for one in tasks), return_exceptions=True))


@contextmanager
def counted(store: Database) -> Iterator[list[object]]:
    """The transactions that begin meanwhile."""
    begun: list[object] = []

    def note(connection: object) -> None:
        begun.append(connection)

    event.listen(store.writer.sync_engine, "begin", note)
    yield begun
    event.remove(store.writer.sync_engine, "begin", note)


async def key_id(store: Database) -> str:
    """The id of a key that may write."""
    await bearer(store)
    async with store.reading() as reads:
        return str(await reads.scalar(select(keys.c.id)))


async def slugs(store: Database, revision: int | None = None) -> list[str]:
    """The slugs of all records that a revision changed, or that there are."""
    query = select(records.c.slug).join(changes, changes.c.record_id == records.c.id).order_by(changes.c.position)
    async with store.reading() as reads:
        return list(await reads.scalars(query if revision is None else query.where(changes.c.revision == revision)))


async def test_what_waits_together_is_one_transaction_and_each_a_revision_of_its_own(store: Database) -> None:
    tasks = [task("companies", company(f"c-{n:02}"), actor=f"author {n}") for n in range(20)]
    with counted(store) as begun:
        replies = await served(Line(store), *tasks)
    assert [one.body for one in replies if isinstance(one, Reply)] == [f"c-{n:02}" for n in range(20)]
    assert len(begun) <= 2, "the first may be on its way before the others come"
    async with store.reading() as reads:
        told = (await reads.execute(select(revisions.c.revision, revisions.c.actor).order_by("revision"))).all()
        positions = list(await reads.scalars(select(changes.c.position).order_by("position")))
    assert told == [(n + 1, f"author {n}") for n in range(20)]
    assert positions == list(range(1, 21))
    assert [await slugs(store, n + 1) for n in range(20)] == [[f"c-{n:02}"] for n in range(20)]


async def test_who_is_refused_takes_nothing_back_of_the_others(store: Database) -> None:
    stated = [company("a"), company("child", parent="nobody"), company("b"), company("c")]
    replies = await served(Line(store), *(task("companies", one) for one in stated))
    assert [type(one) for one in replies] == [Reply, Unprocessable, Reply, Reply]
    assert await slugs(store) == ["a", "b", "c"]
    async with store.reading() as reads:
        assert list(await reads.scalars(select(revisions.c.revision).order_by("revision"))) == [1, 2, 3]


async def test_what_only_one_may_have_goes_to_the_first_and_nobody_else_is_refused(store: Database) -> None:
    """The flaw shows only when all of them are written, which is at the end: it must not be told to everyone."""
    lei = [{"scheme": "ticker", "value": "ACME"}]
    stated = [company("a"), company("b", identifiers=lei), company("c"), company("d", identifiers=lei), company("e")]
    replies = await served(Line(store), *(task("companies", one) for one in stated))
    assert [type(one) for one in replies] == [Reply, Reply, Reply, Unprocessable, Reply]
    assert await slugs(store) == ["a", "b", "c", "e"]


async def test_two_that_put_the_same_record_come_one_after_the_other(store: Database) -> None:
    names = ["One", "Two", "Three"]
    await served(Line(store), *(task("companies", company("a", name=name)) for name in names))
    async with store.reading() as reads:
        texts = await reads.scalars(select(versions.c.document).order_by(versions.c.version))
        assert [next(name for name in names if f'"{name}"' in text) for text in texts] == names


async def test_one_may_name_what_another_before_it_records(store: Database) -> None:
    await put(store, sources=[source()])
    deal = contract(slug="deal", parties=parties(a="customer", b="supplier"))
    told = [("companies", company("a")), ("companies", company("b")), ("contracts", deal)]
    replies = await served(Line(store), *(task(kind, one) for kind, one in told))
    assert [type(one) for one in replies] == [Reply] * 3
    async with store.reading() as reads:
        assert (await compare(reads)).clean


async def test_a_fault_of_one_is_no_fault_of_the_others(store: Database) -> None:
    async def broken(_write: Transaction) -> Reply:
        raise RuntimeError("a fault of ours")

    tasks = [task("companies", company(slug)) for slug in "abc"]
    tasks.insert(1, Task(None, Author("test"), broken, Touching((("companies", "x"),))))
    replies = await served(Line(store), *tasks)
    assert [type(one) for one in replies] == [Reply, RuntimeError, Reply, Reply]
    assert await slugs(store) == ["a", "b", "c"]


async def test_where_the_store_is_away_nobody_is_tried_again(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def away() -> object:
        asked.append(None)
        raise ConnectionRefusedError

    monkeypatch.setattr(store, "writing", away)
    replies = await served(Line(store), *(task("companies", company(slug)) for slug in "abc"))
    assert [type(one) for one in replies] == [ConnectionRefusedError] * 3
    assert len(asked) <= 2


async def test_whose_turn_does_not_come_is_told_and_nothing_is_done(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    done = asyncio.Event()

    async def slow(_write: Transaction) -> Reply:
        await done.wait()
        return Reply(204)

    line = Line(store)
    first = asyncio.create_task(line.reply(Task(None, Author("test"), slow, None)))
    (late,) = await served(line, task("companies", company("late")))
    done.set()
    assert isinstance(late, Unavailable)
    assert (await first).status == 204
    assert await slugs(store) == []


async def test_who_waits_too_long_for_another_process_is_told_so(
    store_url: str, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import of another replica may hold the store for minutes."""
    monkeypatch.setattr(engines, "LOCKED_MS", 100)
    ours = Database(Settings(database_url=store_url))
    async with store.writing() as other, unit(other):
        (late,) = await served(Line(ours), task("companies", company("late")))
    await ours.close()
    assert isinstance(late, Exception)
    assert is_unavailable(late)
    assert await slugs(store) == []


async def test_what_another_process_did_meanwhile_is_answered_again(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has committed just before its key is ours: its reply has to be looked for after that."""
    attempt = Attempt("store", await key_id(store), "k", "fingerprint")

    def once() -> Task:
        one = task("companies", company("a"))
        one.attempt = attempt
        return one

    async def late(connection: AsyncConnection, attempts: Sequence[Attempt]) -> dict[Attempt, Conflict]:
        monkeypatch.setattr(module, "hold", hold)
        await Line(store).reply(once())
        return await hold(connection, attempts)

    if store.writer.dialect.name == "postgresql":
        monkeypatch.setattr(module, "hold", late)
    else:
        # On SQLite nobody commits while another has begun.
        await Line(store).reply(once())
    again = once()
    await Line(store).reply(again)
    assert again.replayed
    assert await slugs(store) == ["a"]
