"""The whole assembly: settings, store, routes, errors, documentation."""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from app import api, figures, web
from app.ledger import access, kept, ready_routes, replica
from app.ledger.change_stream import watching
from app.ledger.line import Line
from app.ledger.openapi_whole import Documented
from app.ledger.rate_limits import limits_of
from app.ledger.revisions import Revisions
from app.search import reconcile_cors
from app.shared import documentation, http, logs, operations
from app.shared.database import Database
from app.shared.observing import tracing
from app.shared.observing.metrics import Metrics
from app.shared.observing.requests import Observed, observer_of
from app.shared.settings import Settings
from app.webhooks.deliver import delivering

DESCRIPTION = """
Companies, contracts, investments and data-center fleets of AI infrastructure, each fact with its source, and the
question that a list of deals cannot answer: who depends on whom, through what, how much, since when, and how do we
know?
"""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Assemble the app; settings come from the environment unless they are given."""
    settings = settings or Settings()
    logs.configure(settings.log_format, settings.log_level)
    database, metrics = Database(settings), Metrics()
    revisions = Revisions(database)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with delivering(database, settings), watching(app, database), metrics.kept_up_to_date():
            yield
        await database.close()

    app = Documented(
        title="Dealgraph",
        version=version("dealgraph"),
        description=DESCRIPTION.strip(),
        lifespan=lifespan,
        openapi_tags=[{"name": tag} for tag in api.TAGS],
        telemetry=tracing.telemetry(),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.settings, app.state.database, app.state.line = settings, database, Line(database)
    figures.install(app, metrics)
    app.state.turns, app.state.revisions = {}, revisions
    documentation.install(app)
    limits, observer = limits_of(settings), observer_of(settings, metrics)
    # The last to be added is the first to be asked.
    access.install(app, database, limits, public_reads=settings.public_reads)
    replica.install(app, database)
    reconcile_cors.install(app, is_open=settings.reconcile_cors)
    http.install(app)
    app.add_middleware(Observed, observer=observer)
    kept.install(app, revisions, observer, limits, settings)
    api.install(app)
    app.include_router(operations.router)
    app.include_router(ready_routes.router)
    web.install(app)
    return app


def create_app_to_serve() -> FastAPI:
    """Assemble the app for a process that does nothing else: the garbage collector leaves alone what stays for good.

    Looking through all of it again and again, every 700 new objects, took 80 of 266 µs that a read of one record cost.
    There is hardly any garbage yet: to look for it first took a seventh of the start, and found 92 objects.
    """
    app = create_app()
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 10, 10)
    # Threads at long work would keep the loop waiting for 5 ms each time that it has something to do.
    sys.setswitchinterval(0.001)
    return app
