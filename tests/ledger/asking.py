"""Asks for lists, and for what a list says is wrong."""

from typing import Any

from httpx import AsyncClient
from sqlalchemy import select

from app.ledger.cursor import sealed
from app.models.ledger import store as stores
from app.shared.database import Database

MOST_PAGES = 50


async def get(client: AsyncClient, url: str, /, **parameters: Any) -> Any:  # noqa: ANN401 - JSON
    """The content of a reply that must succeed."""
    reply = await client.get(url, params=parameters or None)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def slugs(client: AsyncClient, url: str, /, **parameters: Any) -> list[str]:  # noqa: ANN401 - as httpx takes them
    """The slugs of one page of a list."""
    return [record["slug"] for record in (await get(client, url, **parameters))["data"]]


async def walk(client: AsyncClient, url: str) -> list[dict[str, Any]]:
    """All records of a list, page after page."""
    found: list[dict[str, Any]] = []
    following: str | None = url
    for _ in range(MOST_PAGES):
        if following is None:
            return found
        page = await get(client, following)
        found += page["data"]
        following = page["next"]
    raise AssertionError(f"{url} has no end")


async def refusal(client: AsyncClient, url: str) -> dict[str, Any]:
    """The one flaw that a 400 names."""
    reply = await client.get(url)
    assert reply.status_code == 400, reply.text
    (flaw,) = reply.json()["errors"]
    assert isinstance(flaw, dict)
    return flaw


async def forged(store: Database, question: str, keys: list[Any]) -> str:
    """A cursor that only somebody who knows the store's secret can make."""
    secret = await store.scalar(select(stores.c.secret), {})
    return sealed(bytes.fromhex(secret), question, keys)
