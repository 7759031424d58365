"""The routers of the API."""

from fastapi import FastAPI

from app.companies.routes import router as companies
from app.contracts.routes import router as contracts
from app.events.routes import router as events
from app.fleets.routes import router as fleets
from app.graph.routes import router as graph
from app.investments.routes import router as investments
from app.metrics.routes import router as metrics
from app.sources.routes import router as sources

TAGS = ("graph", "companies", "contracts", "investments", "fleets", "metrics", "events", "sources", "operations")
"""The parts of the documentation, in the order in which it reads."""


def install(app: FastAPI) -> None:
    """Add all routes. Those of records come first and stand on the app itself: each router costs a request 20 µs."""
    for records in (companies, contracts, investments, fleets, metrics, events, sources):
        app.router.routes.extend(records.routes)
    app.include_router(graph, prefix="/v1")
