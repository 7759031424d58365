"""The tables. Importing this package fills ``metadata`` with all of them."""

from app.models import (
    access,
    companies,
    contracts,
    edges,
    events,
    fleets,
    investments,
    ledger,
    metrics,
    search,
    sources,
)
from app.models.base import metadata

__all__ = [
    "access",
    "companies",
    "contracts",
    "edges",
    "events",
    "fleets",
    "investments",
    "ledger",
    "metadata",
    "metrics",
    "search",
    "sources",
]
