"""The routers of the API, in the order in which its documentation reads."""

from fastapi import APIRouter

from app.companies.routes import router as companies
from app.contracts.routes import router as contracts
from app.events.routes import router as events
from app.fleets.routes import router as fleets
from app.graph.routes import router as graph
from app.investments.routes import router as investments
from app.metrics.routes import router as metrics
from app.sources.routes import router as sources

router = APIRouter(prefix="/v1")
for part in (graph, companies, contracts, investments, fleets, metrics, events, sources):
    router.include_router(part)
