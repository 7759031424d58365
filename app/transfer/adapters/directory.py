"""The companies of the store that a file is loaded into: reached directly, or through a server."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final

from httpx import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.ledger import OPEN, records, versions
from app.search.matching import Asked, Candidate, candidates
from app.shared.chunks import in_chunks
from app.shared.http import JSON
from app.shared.json import dumps, loads_own

Request = Callable[..., Awaitable[Response]]
"""Asks a server: a method and a path, then what ``httpx.AsyncClient.request`` takes."""

_CHUNK: Final = 500
_AT_ONCE: Final = 100
"""For how many companies a server is asked in one request: their slugs stand in its address."""
_IDENTIFIERS: Final = 20
"""By how many identifiers a server matches at most."""


class Store:
    """The companies of a store that is reached directly."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def candidates(self, asked: Sequence[Asked]) -> Sequence[Sequence[Candidate]]:
        """Who may be meant by each of the names, the best first."""
        return await candidates(self._connection, asked)

    async def records(self, slugs: Collection[str]) -> Mapping[str, dict[str, Any]]:
        """The companies of these slugs as the API shows them, without those that do not exist."""
        query = (
            select(records.c.slug, versions.c.document)
            .join(versions, versions.c.record_id == records.c.id)
            .where(records.c.type == "companies", versions.c.to_revision == OPEN)
        )
        found: dict[str, dict[str, Any]] = {}
        for some in in_chunks(list(slugs), _CHUNK):
            rows = await self._connection.execute(query.where(records.c.slug.in_(some)))
            found |= {slug: loads_own(text) for slug, text in rows}
        return found


class Server:
    """The companies of a store behind a server, as anybody may ask it."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def candidates(self, asked: Sequence[Asked]) -> Sequence[Sequence[Candidate]]:
        """Who may be meant by each of the names, the best first."""
        found: list[list[Candidate]] = []
        for some in in_chunks(asked, _CHUNK):
            body = dumps({"names": [_question(one) for one in some]})
            reply = await self._request("POST", "/v1/match", content=body, headers={"Content-Type": JSON})
            found += [[_candidate(one) for one in answer["candidates"]] for answer in _data(reply)]
        return found

    async def records(self, slugs: Collection[str]) -> Mapping[str, dict[str, Any]]:
        """The companies of these slugs as the API shows them, without those that do not exist."""
        found: dict[str, dict[str, Any]] = {}
        for some in in_chunks(list(slugs), _AT_ONCE):
            reply = await self._request("GET", "/v1/companies", params={"slug": list(some), "limit": _AT_ONCE})
            found |= {one["slug"]: one for one in _data(reply)}
        return found


def _question(asked: Asked) -> dict[str, Any]:
    listed = [{"scheme": scheme, "value": value} for scheme, value in asked.identifiers[:_IDENTIFIERS]]
    return {"name": asked.name, "identifiers": listed}


def _candidate(shown: Mapping[str, Any]) -> Candidate:
    return Candidate(
        shown["slug"], shown["name"], shown["kind"], float(shown["score"]), shown["decided"], tuple(shown["why"])
    )


def _data(reply: Response) -> list[Any]:
    data: list[Any] = loads_own(reply.raise_for_status().text)["data"]
    return data
