"""One company by its slug, written by hand: the columns with asyncpg, then a Pydantic model. No errors, no history.

It reads the same row of the same store as our own route, and is served by the same uvicorn.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel

_QUERY = "SELECT slug, name, kind, website, country, description FROM companies WHERE slug = $1"


class Company(BaseModel):
    """The columns of a company."""

    slug: str
    name: str
    kind: str
    website: str | None
    country: str | None
    description: str | None


@asynccontextmanager
async def _pool(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DEALGRAPH_DATABASE_URL"], min_size=10, max_size=10) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_pool)


@app.get("/v1/companies/{slug}")
async def company(request: Request, slug: str) -> Company:
    """Show one company."""
    row = await request.app.state.pool.fetchrow(_QUERY, slug)
    if row is None:
        raise HTTPException(404)
    return Company(**row)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that the process is alive."""
    return {"status": "ok"}
