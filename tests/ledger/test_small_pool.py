"""A store that may be asked by one connection at a time: no question takes a second one while it holds the first."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from tests.conftest import serving
from tests.factories import one_of_each, put

KNOWN = "known_at=2999-12-31T23:59:59Z"


@pytest.fixture
async def narrow(store: Database, store_url: str) -> AsyncIterator[AsyncClient]:
    await put(store, **one_of_each())
    async with serving(store_url, pool_size=1, kept_bytes=0) as client:
        yield client


@pytest.mark.parametrize(
    "url",
    [
        f"/v1/companies/openai/claims?{KNOWN}",
        "/v1/companies/openai/claims",
        "/reconcile/preview?id=openai",
        f"/v1/companies/openai/exposure?{KNOWN}",
        f"/v1/companies/openai/dependencies?{KNOWN}",
    ],
)
async def test_a_question_is_answered_by_one_connection(narrow: AsyncClient, url: str) -> None:
    reply = await narrow.get(url)
    assert reply.status_code == 200, reply.text
