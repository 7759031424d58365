"""A POST that inserts one row and commits, through the same stack as ours: FastAPI, SQLAlchemy, asyncpg. No guarantees.

No key, no check of what is sent, no history, no edges, no log, nothing for a request that is sent again.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from sqlalchemy import Column, MetaData, String, Table, insert
from sqlalchemy.ext.asyncio import create_async_engine

from app.shared.settings import with_async_driver

_TABLE = Table(
    "bare_companies",
    MetaData(),
    Column("slug", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("country", String),
)


@asynccontextmanager
async def _engine(app: FastAPI) -> AsyncIterator[None]:
    app.state.engine = create_async_engine(with_async_driver(os.environ["DEALGRAPH_DATABASE_URL"]), pool_size=10)
    async with app.state.engine.begin() as connection:
        await connection.run_sync(_TABLE.metadata.create_all)
    yield
    await app.state.engine.dispose()


app = FastAPI(lifespan=_engine)


@app.post("/v1/companies", status_code=201)
async def company(request: Request) -> Response:
    """Record one company."""
    body: dict[str, Any] = await request.json()
    row = {column.name: body[column.name] for column in _TABLE.columns}
    async with request.app.state.engine.begin() as connection:
        await connection.execute(insert(_TABLE), row)
    return Response(await request.body(), 201, media_type="application/json")
