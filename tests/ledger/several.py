"""Many records that differ in every field by which a list can be sorted, with ties and with gaps."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from tests.factories import (
    citation,
    company,
    contract,
    event,
    fleet,
    investment,
    metric,
    source,
)

MANY = 11
STAGES = ["signed", "active", "rumoured"]
DATES = ["2025", None, "2025-03-10", "2024-Q3", "2025-03~"]
COMPANIES = ["alpha", "beta", "gamma"]


def several(make: Callable[..., dict[str, Any]], name: str, /, **options: Sequence[Any]) -> list[dict[str, Any]]:
    """Records called ``name-00`` and so on, whose fields go through their options in turn."""
    return [
        make(slug=f"{name}-{n:02}", **{field: values[n % len(values)] for field, values in options.items()})
        for n in range(MANY)
    ]


def money(qualifier: str, unit: str = "USD", **stated: Any) -> dict[str, Any]:  # noqa: ANN401 - numbers and flags
    """A quantity of money."""
    return {"qualifier": qualifier, "unit": unit, **stated}


MONEY = [
    money("more_than", amount=5_000_000),
    None,
    money("range", low=1, high=9_000_000_000_000_000),
    money("approximately", amount=7),
    money("exact", amount=Decimal("0.125")),
    money("range", low=3, high=4, approximate=True),
    money("undisclosed"),
]
GPUS = [amount and amount | {"unit": "gpu"} for amount in MONEY]


def everything() -> dict[str, list[dict[str, Any]]]:
    """Eleven records of each resource, and a few companies more that they refer to."""
    return {
        "sources": [
            source(),
            *several(
                source,
                "source",
                title=["b", "a", "B", "ä"],
                publisher=["Reuters", None, "Wired"],
                kind=["news", "filing"],
                url=["https://example.org/1", None],
                published_on=DATES,
                accessed_on=DATES[1:],
                language=["en", "it", None],
                author=[None, "Ann"],
                sha256=["0" * 64, None, "f" * 64],
            ),
        ],
        "companies": [
            *(company(slug) for slug in (*COMPANIES, "openai", "coreweave", "nvidia")),
            *several(
                company,
                "company",
                name=["Zeta", "zeta", "Äta", "Eta"],
                kind=["ai_lab", "energy", "media"],
                parent=[None, *COMPANIES],
                website=["https://b.example", None, "https://a.example"],
                country=["US", None, "DE", "FR"],
                description=["d", "c", None],
                aliases=[["Aka"], []],
                citations=[[], [citation(evidence="confirmed")]],
            ),
        ],
        "contracts": several(
            contract,
            "contract",
            title=["b", "a", "B"],
            kind=["compute", "hardware"],
            parties=[[{"company": slug, "role": "customer"}] for slug in COMPANIES],
            value=MONEY,
            capacities=[[], GPUS[:1], [GPUS[4], GPUS[2]]],
            announced_on=DATES,
            signed_on=DATES[1:],
            starts_on=DATES[:3],
            ends_on=[None, "2030", "2031-05"],
            term_months=[60, None, 12, 60],
            exclusive=[True, False, None],
            exclusive_until=DATES[1:3],
            stage=STAGES,
            conditions=["if", None],
            amends=[None, "contract-00"],
            products=[["A100", "H100"], []],
            used_in=[[], ["Copilot"]],
            description=["d", None, "e"],
        ),
        "investments": several(
            investment,
            "investment",
            title=["b", "a", "B"],
            investors=[[slug] for slug in COMPANIES],
            investee=["openai", "coreweave"],
            instrument=["cash", "debt"],
            amount=MONEY,
            stake=[None, {"qualifier": "exact", "amount": Decimal("12.5"), "unit": "percent"}],
            announced_on=DATES,
            closed_on=DATES[1:],
            stage=STAGES,
            conditions=["if", None],
            contract=[None, "contract-01"],
        ),
        "fleets": several(
            fleet,
            "fleet",
            operator=["coreweave", "alpha"],
            as_of=DATES,
            sites=GPUS,
            accelerators=GPUS[1:],
            power=GPUS[2:],
            hardware=[[{"vendor": "nvidia", "product": "H100", "quantity": GPUS[0]}], []],
            users=[["openai"], [], COMPANIES],
            country=["US", None, "DE"],
            latitude=[Decimal("12.5"), None, Decimal("-89.999999"), 0],
            longitude=[None, Decimal(-180), Decimal("0.000001")],
            stage=STAGES,
            supersedes=[None, None, "fleet-00"],
        ),
        "metrics": several(
            metric,
            "metric",
            company=COMPANIES,
            counterparty=[None, "openai"],
            name=["revenue", "valuation", "capex"],
            period=DATES,
            value=[amount for amount in MONEY if amount],
        ),
        "events": several(
            event,
            "event",
            kind=["statement", "hire", "product"],
            date=DATES,
            companies=[[], [{"company": "alpha", "role": "employer"}], [{"company": "beta", "role": "listed_company"}]],
            title=["b", "a", "B"],
            summary=["s", None],
        ),
    }
