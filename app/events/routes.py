"""The routes of events."""

from app.events.repository import EVENTS
from app.ledger.routes import records_router

router = records_router(EVENTS)
