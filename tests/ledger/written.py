"""Writes over HTTP: a record of each resource, and what its life looks like from outside."""

from typing import Any

from httpx import AsyncClient, Response

from app.shared.database import Database
from app.shared.json import dumps
from tests.factories import company, contract, event, fleet, investment, metric, put, source

JSON = {"Content-Type": "application/json"}
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
ANYHOW = {"If-Match": "*"}

STATED: dict[str, dict[str, Any]] = {
    "sources": source(slug="another"),
    "companies": company("acme"),
    "contracts": contract(),
    "investments": investment(),
    "fleets": fleet(),
    "metrics": metric(),
    "events": event(),
}
"""A record of each resource that names only what `world` has put."""
CHANGED: dict[str, tuple[str, Any]] = {
    "sources": ("publisher", "Reuters"),
    "companies": ("country", "US"),
    "contracts": ("conditions", "Regulators agree."),
    "investments": ("closed_on", "2025-03"),
    "fleets": ("country", "NO"),
    "metrics": ("period", "2023"),
    "events": ("summary", "Again."),
}
"""A field of each, and another value for it."""


async def world(store: Database) -> None:
    """Put what the records of `STATED` name."""
    await put(store, sources=[source()], companies=[company(slug) for slug in ("openai", "coreweave", "nvidia")])


async def post(writer: AsyncClient, url: str, record: object, /, **headers: str) -> Response:
    """Send a record by POST."""
    return await writer.post(url, content=dumps(record), headers=JSON | named(headers))


async def place(writer: AsyncClient, url: str, record: object, /, **headers: str) -> Response:
    """Send a record by PUT."""
    return await writer.put(url, content=dumps(record), headers=JSON | named(headers))


async def change(writer: AsyncClient, url: str, changes: object, /, **headers: str) -> Response:
    """Send a merge patch, of whatever version is there unless another is named."""
    return await writer.patch(url, content=dumps(changes), headers=MERGE_PATCH | (named(headers) or ANYHOW))


async def take_back(writer: AsyncClient, url: str, /, **headers: str) -> Response:
    """Retract a record, in whatever version it is unless another is named."""
    return await writer.delete(url, headers=named(headers) or ANYHOW)


def named(headers: dict[str, str]) -> dict[str, str]:
    """Headers from keywords: ``if_match`` is If-Match."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def flaw(reply: Response, status: int) -> dict[str, Any]:
    """The one flaw that a refusal of a status names."""
    assert reply.status_code == status, reply.text
    assert reply.headers["Content-Type"] == "application/problem+json"
    (found,) = reply.json()["errors"]
    assert isinstance(found, dict)
    return found
