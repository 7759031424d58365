"""The routes of investments."""

from app.investments.repository import INVESTMENTS
from app.ledger.routes import records_router

router = records_router(INVESTMENTS)
