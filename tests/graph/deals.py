"""Short ways to state records of a scenario, and to tell them to a store."""

from typing import Any

from sqlalchemy import func, select

from app.models.ledger import revisions
from app.shared.database import Database
from app.shared.fields import rfc3339
from tests.factories import company, contract, fleet, investment, metric, put, source

Records = list[dict[str, Any]]


def money(amount: float, unit: str = "USD", qualifier: str = "exact") -> dict[str, Any]:
    return {"qualifier": qualifier, "amount": amount, "unit": unit}


def gpus(amount: int, qualifier: str = "exact") -> dict[str, Any]:
    return {"qualifier": qualifier, "amount": amount, "unit": "gpu"}


def supply(customer: str, supplier: str, *, kind: str = "compute", **overrides: object) -> dict[str, Any]:
    """A contract by which a customer gets something from a supplier."""
    parties = [{"company": customer, "role": "customer"}, {"company": supplier, "role": "supplier"}]
    stated = {"slug": f"{customer}-{supplier}", "title": f"{supplier} supplies {customer}", "announced_on": "2024"}
    return contract(**(stated | {"kind": kind, "parties": parties} | overrides))


def funding(investee: str, investor: str, **overrides: object) -> dict[str, Any]:
    """An investment in a company."""
    stated = {"slug": f"{investor}-in-{investee}", "title": f"{investor} invests in {investee}", "closed_on": "2024"}
    return investment(**(stated | {"investors": [investor], "investee": investee} | overrides))


def share(company: str, customer: str, percent: float, period: str = "2023", **overrides: object) -> dict[str, Any]:
    """How much of a company's revenue comes from a customer."""
    value = {"qualifier": "exact", "amount": percent, "unit": "percent"}
    stated = {"slug": f"{company}-{customer}-{period}", "company": company, "counterparty": customer}
    return metric(**(stated | {"name": "revenue_share", "period": period, "value": value} | overrides))


def running(operator: str, vendor: str, count: int, **overrides: object) -> dict[str, Any]:
    """A fleet of one vendor's GPUs."""
    hardware = [{"vendor": vendor, "product": "GPUs", "quantity": gpus(count)}]
    stated = {"slug": f"{operator}-fleet", "operator": operator, "as_of": "2024-03", "accelerators": gpus(count)}
    return fleet(**(stated | {"hardware": hardware} | overrides))


async def tell(store: Database, *names: str, **records: Records) -> str:
    """Put companies of these names and records into a store; return when it was recorded, as a question asks for it."""
    companies = [*map(company, names), *records.pop("companies", [])]
    await put(store, **({"sources": [source()], "companies": companies} | records))
    async with store.reading() as connection:
        recorded = await connection.scalar(select(func.max(revisions.c.recorded_at)))
    assert recorded is not None
    return rfc3339(recorded)
