"""One company by its slug, written by hand: the columns with asyncpg, then a Pydantic model. No errors, no history.

And a list of companies whose JSON the database makes. Both read the same rows of the same store as our own routes, and
are served by the same uvicorn.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel

_QUERY = "SELECT slug, name, kind, website, country, description FROM companies WHERE slug = $1"
_LIST = """
SELECT coalesce(json_agg(one), '[]')::text FROM (
    SELECT slug, name, kind, website, country, description FROM companies ORDER BY slug LIMIT $1
) one
"""


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


@app.get("/v1/companies")
async def companies(request: Request, limit: int) -> Response:
    """List companies, the first by their slugs."""
    return Response(await request.app.state.pool.fetchval(_LIST, limit), media_type="application/json")


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that the process is alive."""
    return {"status": "ok"}
