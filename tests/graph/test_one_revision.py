"""A writer commits while an answer is made: it is as if that had come before the question or after the answer."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncConnection

from app.shared.database import Database
from tests.conftest import serving
from tests.factories import company, metric, put, source
from tests.graph.deals import money, running, share, supply, tell

DAY = "2025-03-12"
BY_THEN = "published_by=2025-03-12&"
QUESTIONS = [
    ("/v1/companies/c/impact?", 3),
    ("/v1/paths?from=a&to=c&", 4),
    ("/v1/companies/b/exposure?", 4),
    (f"/v1/companies/b/exposure?{BY_THEN}", 4),
    ("/v1/compare?company=a&company=b&", 4),
    ("/v1/loops?by=dependency&", 3),
    ("/v1/rankings?", 2),
    ("/v1/rankings?by=sole_source&", 3),
    ("/v1/rankings?by=gpus&", 2),
    (f"/v1/rankings?by=gpus&{BY_THEN}", 2),
]
"""Questions, and in how many statements each is answered."""


@pytest.fixture
async def client(store_url: str) -> AsyncIterator[AsyncClient]:
    """A client of an app that keeps no answers: each question is asked of the store."""
    async with serving(store_url, kept_bytes=0) as client:
        yield client


async def tell_it(store: Database) -> None:
    revenue = metric(slug="revenue", company="b", period="2023", value=money(100))
    contracts = [supply("a", "b"), supply("b", "c"), supply("b", "a", kind="energy")]
    metrics = [revenue, share("b", "a", 62)]
    await tell(store, "a", "b", "c", contracts=contracts, metrics=metrics, fleets=[running("b", "c", 9)])


async def change_all(store: Database) -> None:
    """Rename companies, end a contract, add another, move a metric, shrink a fleet, publish the source later."""
    await put(
        store,
        sources=[source(published_on="2025-04-01")],
        companies=[company("a", name="A anew"), company("b", name="B anew", kind="energy"), company("d")],
        contracts=[supply("b", "c", stage="terminated", starts_on="2001", ends_on="2002"), supply("b", "d")],
        metrics=[metric(slug="revenue", company="d", period="2023", value=money(100))],
        fleets=[running("b", "c", 8)],
    )


class Meanwhile:
    """Asks, and lets the writer come once so many statements have been asked in a way of the store's."""

    def __init__(self, store: Database, monkeypatch: pytest.MonkeyPatch, owner: type, way: str) -> None:
        self.store, self.monkeypatch = store, monkeypatch
        self.owner, self.way = owner, way

    async def answers(self, client: AsyncClient, url: str, after: int) -> list[dict[str, Any]]:
        """What is answered before the write, while it comes, and after it."""
        old = (await client.get(url)).json()
        ask, asked = getattr(self.owner, self.way), 0

        async def ask_and_write(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the store takes and gives
            nonlocal asked
            result = await ask(*args, **kwargs)
            asked += 1
            if asked == after:
                await change_all(self.store)
            return result

        self.monkeypatch.setattr(self.owner, self.way, ask_and_write)
        between = (await client.get(url)).json()
        self.monkeypatch.undo()
        assert asked >= after, "the writer never came"
        return [old, between, (await client.get(url)).json()]


@pytest.mark.parametrize(
    ("url", "after"), [(url, after) for url, statements in QUESTIONS for after in range(1, statements + 1)]
)
async def test_an_answer_never_mixes_two_states_of_the_store(
    client: AsyncClient, store: Database, monkeypatch: pytest.MonkeyPatch, url: str, after: int
) -> None:
    await tell_it(store)
    meanwhile = Meanwhile(store, monkeypatch, AsyncConnection, "execute")
    old, between, new = await meanwhile.answers(client, f"{url}as_of={DAY}", after)
    assert (old["revision"], new["revision"]) == (1, 2)
    assert old | {"revision": 2} != new
    assert between in (old, new)


async def test_two_days_are_compared_at_one_revision(
    client: AsyncClient, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell_it(store)
    meanwhile = Meanwhile(store, monkeypatch, Database, "rows")
    url = f"/v1/companies/a/dependencies/diff?from=2000-01-01&to={DAY}"
    old, between, new = await meanwhile.answers(client, url, 1)
    assert old["gained"] != new["gained"]
    assert between in (old, new)
