"""The routes of sources."""

from app.ledger.routes import records_router
from app.sources.repository import SOURCES

router = records_router(SOURCES)
