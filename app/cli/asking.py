"""How a command asks the API: a server by its address, or the app itself, in this process, on the store.

Both are asked the same over HTTP, so that they answer the same; the app in this process needs no socket, and does
nothing beside: no webhook is delivered by it.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx

from app.cli.remote import later, persistently, questioner, told
from app.cli.saying import AWAY, NOTHING, USAGE, fail

_TRIES: Final = 3
"""A person waits for the answer."""
_NOT_THERE: Final = (httpx.codes.NOT_FOUND, httpx.codes.GONE)
_NOT_LET_IN: Final = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom to ask: a server, with a key where it wants one, or the store itself, where ``url`` is None."""

    url: str | None
    key: str | None = None


@asynccontextmanager
async def asking(whom: Whom, *, as_owner: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    """A client that asks; ends the command with AWAY where the store cannot be used.

    ``as_owner``: the store is asked for whoever runs the command, who can read it anyway and so needs no key.
    """
    if whom.url:
        async with questioner(whom.url, whom.key) as client:
            yield client
    else:
        async with _own_app({"public_reads": True, "rate_limit": None} if as_owner else {}) as client:
            yield client


def ask(whom: Whom, path: str, asked: Mapping[str, Any], companies: Collection[str] = ()) -> httpx.Response:
    """The good reply to a question; what is None or empty is not asked.

    Ends the command as ``refuse`` does, with AWAY where nobody answers.
    """
    (reply,) = replies(whom, [path], asked)
    refuse(reply, companies)
    return reply


def refuse(reply: httpx.Response, companies: Collection[str] = ()) -> None:
    """End the command for a reply that is no good, with what is wrong.

    With NOTHING where a record is not there, the one in the path or one that a parameter names, of which ``companies``
    is a list; with USAGE where the question cannot be read; with AWAY where it may not be asked, or cannot be answered.
    """
    if not reply.is_success:
        fail(told(reply), _code(reply, companies))


def replies(whom: Whom, paths: Sequence[str], asked: Mapping[str, Any], tries: int = _TRIES) -> list[httpx.Response]:
    """The replies to a question at one path after another, until something is there, good or not.

    Ends the command with AWAY where nobody answers.
    """
    parameters = {name: value for name, value in asked.items() if value not in (None, "", [])}
    if whom.url is None:
        return asyncio.run(_get(whom, paths, parameters))

    def attempt() -> list[httpx.Response]:
        answered = asyncio.run(_get(whom, paths, parameters))
        later(answered[-1])
        return answered

    return persistently(attempt, tries, AWAY)


async def _get(whom: Whom, paths: Sequence[str], parameters: Mapping[str, Any]) -> list[httpx.Response]:
    answered = list[httpx.Response]()
    async with asking(whom) as client:
        for path in paths:
            answered.append(await client.get(path, params=parameters))
            if answered[-1].status_code != httpx.codes.NOT_FOUND:
                break
    return answered


@asynccontextmanager
async def _own_app(changed: Mapping[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
    # Only here: what asks a server does without all of it, and starts five times as fast.
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from app.cli.running import settings, store_exists, unusable  # noqa: PLC0415
    from app.main import create_app  # noqa: PLC0415
    from app.shared.schema import OUTDATED, schema_of, suits  # noqa: PLC0415

    # Nobody serves: there is no request to write a line of.
    given = settings(AWAY).model_copy(update={"log_requests": 0, **changed})
    if not store_exists(given):
        fail(f"there is no store at {given.database_url}: run dealgraph migrate, or name another by --url", AWAY)
    app = create_app(given)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    try:
        if not suits(await schema_of(app.state.database)):
            fail(OUTDATED, AWAY)
        async with httpx.AsyncClient(transport=transport, base_url="http://store", follow_redirects=True) as client:
            yield client
    except (SQLAlchemyError, OSError) as error:
        fail(unusable(given, error), AWAY)
    finally:
        await app.state.database.close()


def _code(reply: httpx.Response, companies: Collection[str]) -> int:
    if reply.status_code in _NOT_THERE:
        return NOTHING
    if reply.status_code in _NOT_LET_IN or reply.is_server_error:
        return AWAY
    flaws = reply.json()["errors"] if "json" in reply.headers.get("Content-Type", "") else []
    missing = [flaw.get("parameter") in companies and flaw["detail"].startswith("there is no ") for flaw in flaws]
    return NOTHING if missing and all(missing) else USAGE
