"""The routes of contracts."""

from app.contracts.repository import CONTRACTS
from app.ledger.routes import records_router

router = records_router(CONTRACTS)
