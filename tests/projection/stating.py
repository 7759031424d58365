"""Records as the projection sees them, made from what a client would send."""

from datetime import date
from typing import Any

from app.projection.lifetime import Start, started
from app.projection.rules import DerivedEdge, StatedRecord, edges_of, of_period
from app.shared.json import loads_own
from app.shared.partial_date import PartialDate
from app.transfer.resources import BY_TYPE
from tests.factories import company, contract, fleet, investment, metric

RECORDED_ON = date(2025, 6, 1)
USD_10 = {"qualifier": "exact", "amount": 10, "unit": "USD"}
PERCENT_62 = {"qualifier": "exact", "amount": 62, "unit": "percent"}


def stated(
    resource: str,
    record: dict[str, Any],
    *,
    published: dict[str, str] | None = None,
    followed_by: str | None = None,
    recorded_on: date = RECORDED_ON,
) -> StatedRecord:
    """A record in the form in which the store shows it; ``published`` maps a source to its date."""
    kept = BY_TYPE[resource].schema.model_validate(record)
    document = loads_own(BY_TYPE[resource].document(kept, 1, f"{recorded_on}T09:00:00Z"))
    dates = {slug: PartialDate.parse(text) for slug, text in (published or {}).items()}
    following = next_of(resource, PartialDate.parse(followed_by)) if followed_by else None
    return StatedRecord(resource, kept.slug, document, recorded_on, dates, following)


def next_of(resource: str, day: PartialDate) -> Start:
    """From when an observation of a day holds."""
    return of_period(day) if resource == "metrics" else started(day, said_by=RECORDED_ON)


def parties(**companies: str) -> list[dict[str, str]]:
    """The parties of a contract: ``a="customer"``."""
    return [{"company": slug, "role": role} for slug, role in companies.items()]


def of_contract(**overrides: object) -> list[DerivedEdge]:
    """The edges of a contract by which coreweave supplies openai."""
    return edges_of(stated("contracts", contract(**overrides)))


def of_investment(**overrides: object) -> list[DerivedEdge]:
    """The edges of an investment of nvidia in coreweave."""
    return edges_of(stated("investments", investment(**overrides)))


def of_fleet(followed_by: str | None = None, **overrides: object) -> list[DerivedEdge]:
    """The edges of a fleet of coreweave's."""
    return edges_of(stated("fleets", fleet(**overrides), followed_by=followed_by))


def of_company(slug: str = "openai", parent: str | None = None) -> list[DerivedEdge]:
    """The edges of a company."""
    return edges_of(stated("companies", company(slug=slug, parent=parent)))


def of_metric(followed_by: str | None = None, **overrides: object) -> list[DerivedEdge]:
    """The edges of a metric of coreweave's; by default, that 62 percent of its revenue is from microsoft."""
    share = {"name": "revenue_share", "counterparty": "microsoft", "period": "2024", "value": PERCENT_62}
    return edges_of(stated("metrics", metric(**(share | overrides)), followed_by=followed_by))


def ends(edges: list[DerivedEdge]) -> list[tuple[str, str, str]]:
    """Who depends on whom through what."""
    return [(edge.dependent, edge.on, edge.kind) for edge in edges]


def sentence(edge: DerivedEdge, **names: str) -> str:
    """The summary of an edge, with the slugs for names unless others are given."""
    return edge.summary.format(**({"dependent": edge.dependent, "on": edge.on} | names))
