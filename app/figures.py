"""What /metrics tells beside requests: of this process, and of the store (docs/operations.md)."""

import platform
from typing import Any, Final

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.ledger.line import Line
from app.models.ledger import store
from app.shared.database import Database
from app.shared.observing.metrics import Figure, Metrics
from app.webhooks.queue import backlog

_MOST: Final = 10_001
"""More deliveries than that are not counted."""


def install(app: FastAPI, metrics: Metrics) -> None:
    """Tell the figures of an app at /metrics."""
    database: Database = app.state.database
    line: Line = app.state.line
    _of_process(metrics, database, line)

    @app.get("/metrics", tags=["operations"], summary="Figures for Prometheus", response_class=_Page)
    async def page() -> Response:
        """Tell how much is asked, how long answers take, and what waits, in the text format of Prometheus."""
        return _Page(await metrics.page([_build(app.version), *await _of_store(database)]))


class _Page(Response):
    media_type = CONTENT_TYPE_PLAIN_0_0_4


def _of_process(metrics: Metrics, database: Database, line: Line) -> None:
    used = ("dealgraph_pool_connections_in_use", "Connections to the store that are in use.")
    for name, engine in database.engines.items():
        pool: Any = engine.pool
        metrics.gauge(*used, pool.checkedout, engine=name)
    metrics.gauge("dealgraph_writers_waiting", "Writes that wait for their turn.", lambda: line.waiting)


def _build(version: str) -> Figure:
    labels = {"version": version, "python": platform.python_version()}
    return Figure("dealgraph_build_info", "What runs here.", 1, labels)


async def _of_store(database: Database) -> list[Figure]:
    """What the store says; only that it is away where it cannot be asked."""
    up = ("dealgraph_store_up", "Whether the store could be asked.")
    try:
        revision = await database.scalar(select(store.c.revision), {})
        waiting = await backlog(database, _MOST)
    except (SQLAlchemyError, OSError):
        return [Figure(*up, 0)]
    return [
        Figure(*up, 1),
        Figure("dealgraph_revision", "The revision of the store.", revision),
        Figure("dealgraph_deliveries_waiting", f"Deliveries to webhooks that wait, counted up to {_MOST:,}.", waiting),
    ]
