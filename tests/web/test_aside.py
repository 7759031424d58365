"""What takes long in a large store is not waited for, and the page says of when it is."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.web import aside, home
from app.web.aside import Aside
from app.web.asking import Asking
from tests.factories import company, one_of_each, put
from tests.web.reading import opened


class Slow:
    """A question that is answered when it may be."""

    def __init__(self) -> None:
        self.may, self.asked = asyncio.Event(), 0

    async def __call__(self) -> int:
        self.asked += 1
        await self.may.wait()
        return self.asked


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for what a test holds up; and it is not asked again while the test runs."""
    monkeypatch.setattr(aside, "PATIENCE", 0.02)
    monkeypatch.setattr(aside, "_REST", 1_000_000)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is not held up comes soon, on a slow machine too."""
    monkeypatch.setattr(aside, "PATIENCE", 60.0)


async def _done(asked: Aside) -> None:
    await asyncio.gather(*asked._running.values())  # noqa: SLF001 - to wait for it without a clock


@pytest.mark.usefixtures("impatient")
async def test_an_answer_that_takes_long_is_asked_once_and_shown_when_it_is_there() -> None:
    asked, question = Aside(), Slow()
    assert [await asked.ask("one", 1, question) for _ in range(3)] == [(None, None, False)] * 3
    question.may.set()
    await _done(asked)
    assert await asked.ask("one", 1, question) == (1, None, False)
    assert question.asked == 1


@pytest.mark.usefixtures("impatient")
async def test_when_the_store_changed_the_last_answer_says_of_when_it_is_and_is_not_asked_again_at_once() -> None:
    asked, question = Aside(), Slow()
    await asked.ask("one", 1, question)
    question.may.set()
    await _done(asked)
    answer, since, failed = await asked.ask("one", 2, question)
    assert (answer, failed, question.asked) == (1, False, 1)
    assert since is not None
    assert since.endswith(" UTC")


@pytest.mark.usefixtures("patient")
async def test_what_is_answered_soon_is_asked_anew_at_every_revision() -> None:
    asked, question = Aside(), Slow()
    question.may.set()
    assert [(await asked.ask("one", revision, question)).answer for revision in (1, 1, 2, 3)] == [1, 1, 2, 3]


@pytest.mark.usefixtures("impatient")
async def test_what_fails_late_is_not_tried_again_at_once() -> None:
    asked, may, tried = Aside(), asyncio.Event(), []

    async def fails() -> None:
        tried.append(1)
        await may.wait()
        raise TimeoutError

    assert await asked.ask("late", 1, fails) == (None, None, False)
    may.set()
    await _done(asked)
    told = await asked.ask("late", 2, fails)
    assert (told.failed, len(tried)) == (True, 1)


@pytest.mark.usefixtures("patient")
async def test_what_fails_soon_is_told_to_who_asks() -> None:
    async def fails() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await Aside().ask("soon", 1, fails)


@pytest.mark.usefixtures("impatient")
async def test_the_home_of_a_large_store_does_not_wait_for_what_looks_through_all_of_it(
    store: Database, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, **one_of_each())
    may, original = asyncio.Event(), home._ranking  # noqa: SLF001 - the question that takes long

    async def slow(asking: Asking) -> dict[str, Any]:
        await may.wait()
        return await original(asking)

    monkeypatch.setattr(home, "_ranking", slow)
    assert "is being worked out" in (await opened(client, "/")).text
    may.set()
    for _ in range(1_000):
        if "is being worked out" not in (seen := await opened(client, "/")).text:
            break
    assert "/companies/nvidia" in seen.links
    await put(store, companies=[company("new")])
    assert "the store has changed since" in (await opened(client, "/")).text
