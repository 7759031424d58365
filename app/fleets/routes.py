"""The routes of fleets."""

from app.fleets.repository import FLEETS
from app.ledger.routes import records_router

router = records_router(FLEETS)
