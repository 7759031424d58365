"""Puts records into a store by the way that every import takes."""

from typing import Any

from app.shared.database import Database
from app.transfer.load import Report, load
from tests.factories.companies import company
from tests.factories.contracts import contract
from tests.factories.events import event
from tests.factories.fleets import fleet
from tests.factories.investments import investment
from tests.factories.metrics import metric
from tests.factories.sources import source


async def put(store: Database, **records: list[dict[str, Any]]) -> Report:
    """Load records by their resource; what they refer to must be among them or in the store already."""
    return await load(store, records, actor="test", reason="to be tested")


def one_of_each() -> dict[str, list[dict[str, Any]]]:
    """The default record of every factory, and the companies that they refer to."""
    return {
        "sources": [source()],
        "companies": [company(slug) for slug in ("openai", "coreweave", "nvidia")],
        "contracts": [contract()],
        "investments": [investment()],
        "fleets": [fleet()],
        "metrics": [metric()],
        "events": [event()],
    }
