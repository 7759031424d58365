"""The least that a framework costs: FastAPI with a model whose values are fixed, and bare ASGI with fixed bytes."""

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

_CONTENT = b'{"slug":"company-1","name":"Company 1","kind":"software"}'
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(_CONTENT)).encode())]


class Company(BaseModel):
    """A company, as `benchmarks.peers.asyncpg_route` has it."""

    slug: str
    name: str
    kind: str
    website: str | None
    country: str | None
    description: str | None


_COMPANY = Company(
    slug="company-1",
    name="Company 1",
    kind="software",
    website="https://company-1.example",
    country="US",
    description="A company that is always the same.",
)

fastapi = FastAPI()


@fastapi.get("/v1/companies/{slug}")
async def company(slug: str) -> Company:  # noqa: ARG001 - as a route has it
    """Show the one company."""
    return _COMPANY


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer everything with the same bytes (ASGI)."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": message["type"] + ".complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS]})
    await send({"type": "http.response.body", "body": _CONTENT})
