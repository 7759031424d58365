"""A small world that is told in three revisions: the second corrects what the first said, the third adds to it.

cloud supplies lab and euro with compute, runs the chips of chips, and has money from fund. First told as of the early
article; corrected (lab has a new name, and every figure another value); extended by what the late article says: chips
is a customer of cloud, and lab buys from chips without a detour.
"""

from typing import Any, NamedTuple

from httpx import AsyncClient

from app.shared.database import Database
from tests.factories import citation, company, metric, source
from tests.graph.deals import Records, funding, money, running, share, supply, tell

DAY = "2025-06-01"
"""A day on which all of it holds."""
EARLY, LATE = "2024-12-31", "2025-06-30"
BILLION = 1_000_000_000
COMPANIES = ("chips", "cloud", "euro", "fund", "lab")


class World(NamedTuple):
    """Where the store is, a client of it, and when each of its three revisions was recorded (RFC 3339)."""

    url: str
    client: AsyncClient
    told: str
    corrected: str
    extended: str


def told() -> dict[str, Records]:
    return {
        "sources": [source(slug="early", published_on=EARLY), source(slug="late", published_on=LATE)],
        "companies": [company(slug) for slug in COMPANIES],
        "contracts": [
            _early(supply("lab", "cloud", value=money(10 * BILLION), announced_on="2024-01-05")),
            _early(supply("euro", "cloud", value=money(4 * BILLION, "EUR"), announced_on="2024-01-06")),
        ],
        "investments": [_early(funding("cloud", "fund", amount=money(5 * BILLION), closed_on="2024-02-01"))],
        "fleets": [_early(running("cloud", "chips", 100))],
        "metrics": [_early(_revenue()), _early(share("cloud", "lab", 50))],
    }


def corrected() -> dict[str, Records]:
    return {
        "companies": [company("lab", name="Big Lab", kind="ai_lab")],
        "contracts": [_early(supply("lab", "cloud", value=money(20 * BILLION), announced_on="2024-01-05"))],
        "investments": [_early(funding("cloud", "fund", amount=money(7 * BILLION), closed_on="2024-02-01"))],
        "fleets": [_early(running("cloud", "chips", 200))],
        "metrics": [_early(share("cloud", "lab", 60))],
    }


def extended() -> dict[str, Records]:
    return {
        "contracts": [
            _late(supply("chips", "cloud", announced_on="2025-05-01")),
            _late(supply("lab", "chips", kind="hardware", value=money(BILLION), announced_on="2025-05")),
        ]
    }


async def tell_it(store: Database) -> tuple[str, str, str]:
    """Tell all three revisions; return when each was recorded."""
    return await tell(store, **told()), await tell(store, **corrected()), await tell(store, **extended())


def _revenue() -> dict[str, Any]:
    return metric(slug="cloud-revenue-2023", company="cloud", period="2023", value=money(200))


def _early(record: dict[str, Any]) -> dict[str, Any]:
    return record | {"citations": [citation(source="early")]}


def _late(record: dict[str, Any]) -> dict[str, Any]:
    return record | {"citations": [citation(source="late")]}
