"""How a route reads: a connection of the reading engine, and an address to send a client on to."""

from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from app.shared.database import Database


async def _reading(request: Request) -> AsyncIterator[AsyncConnection]:
    database: Database = request.app.state.database
    async with database.reading() as connection:
        yield connection


Reads = Annotated[AsyncConnection, Depends(_reading, scope="function")]
"""A connection for reading, given back before the reply is sent."""


def address(request: Request) -> str:
    """The path and query that was asked for."""
    path: str = request.scope["path"]
    query: bytes = request.scope["query_string"]
    return f"{path}?{query.decode('latin-1')}" if query else path


def same_question(request: Request, **instead: str) -> str:
    """The address of the same question with some parameters changed."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in instead]
    return f"{request.scope['path']}?{urlencode([*kept, *instead.items()])}"


def next_of(following: str | None) -> dict[str, str]:
    """The ``Link`` header (RFC 8288) that leads to the page after this one, where there is one."""
    return {"Link": f'<{following}>; rel="next"'} if following else {}
