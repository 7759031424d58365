"""Proves that a store holds together: references, versions, the log of changes, typed tables, edges, search."""

from app.ledger.check.digest import digest
from app.ledger.check.store import Report, check

__all__ = ["Report", "check", "digest"]
