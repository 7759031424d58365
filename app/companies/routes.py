"""The routes of companies."""

from app.companies.merge_routes import add_merges
from app.companies.repository import COMPANIES
from app.ledger.routes import records_router

router = records_router(COMPANIES)
add_merges(router)
