"""The records of a large store, drawn from one seed: companies, sources, and contracts with frequent and rare values.

Of contracts, six in ten are for compute and one in ten thousand is a partnership; 20 companies take part in a third of
all, and as many sources are cited by a third.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from app.companies.repository import COMPANIES
from app.contracts.repository import CONTRACTS
from app.ledger.resource import Resource
from app.sources.repository import SOURCES
from benchmarks.suggest import company as named

SEED: Final = 5
HUBS: Final = 20
RARE: Final = 10_000
"""One of so many has a rare value."""
_FIRST_DAY: Final = date(2015, 1, 1)
_PLACES: Final = ("Texas", "Ohio", "Virginia", "Oregon", "Bavaria", "Lombardy")
_PRODUCTS: Final = ("H100", "H200", "GB200", "MI300X", "TPU")

Stated = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How many records of each kind a store has: as many companies as contracts."""

    contracts: int

    @property
    def companies(self) -> int:
        """How many companies."""
        return self.contracts

    @property
    def sources(self) -> int:
        """How many sources: one for 20 contracts."""
        return max(self.contracts // 20, HUBS)

    @property
    def records(self) -> int:
        """How many records in all."""
        return self.companies + self.sources + self.contracts


def records_of(size: Size, start: int, stop: int) -> Iterator[tuple[Resource, Stated]]:
    """The records from one place to before another: companies, then sources, then contracts, each by its number."""
    for place in range(start, stop):
        if (number := place) < size.companies:
            yield COMPANIES, _company(number)
        elif (number := number - size.companies) < size.sources:
            yield SOURCES, source(number)
        else:
            number -= size.sources
            draw = random.Random(SEED * 1_000_003 + number)
            yield CONTRACTS, _contract(draw, number, size, rare=number % RARE == RARE // 2)


def _company(number: int) -> Stated:
    kind = ("software", "cloud_provider")[number % 2]
    return {"slug": f"company-{number}", "kind": kind, "country": "US", **named(number)}


def source(number: int) -> Stated:
    """A source, by its number from 0."""
    published = f"{_FIRST_DAY + timedelta(days=number % 3_900)}"
    about = {"title": f"Report {number}", "publisher": "Gazette", "kind": "news", "published_on": published}
    return {"slug": f"source-{number}", **about}


def _contract(draw: random.Random, number: int, size: Size, *, rare: bool) -> Stated:
    day = _FIRST_DAY + timedelta(days=draw.randrange(3_900))
    parties = [{"company": _party(draw, size), "role": role} for role in ("customer", "supplier")]
    guarantor = {"company": f"company-{number % size.companies}", "role": "guarantor"}
    place, product = draw.choice(_PLACES), draw.choice(_PRODUCTS)
    return {
        "slug": f"contract-{number}",
        "title": f"{parties[0]['company']} rents {product} {number}" + " in Antarctica" * rare,
        "kind": "partnership" if rare else draw.choices(("compute", "hardware", "energy"), (6, 3, 1))[0],
        "parties": [*parties, *([guarantor] if rare else ())],
        "value": _money(draw, rare=rare),
        "capacities": _capacities(draw, rare=rare),
        **_days(draw, day, rare=rare),
        "term_months": 7 if rare else draw.choice((12, 24, 36, 60, None)),
        "exclusive": True if rare else draw.choice((None, None, None, False)),
        "stage": "rumoured" if rare else draw.choices(("signed", "active", "completed"), (5, 3, 2))[0],
        "conditions": "Only if a glacier melts." if rare else draw.choice((None, None, "Subject to permits.")),
        "amends": f"contract-{draw.randrange(number)}" if number and draw.random() < 0.02 else None,
        "products": ["Prototype 7" if rare else f"{product} system"],
        "used_in": [f"Site {place}"] if draw.random() < 0.3 else ["Site Vostok"] * rare,
        "description": f"Number {number} of the contracts for {product} in {place}" + ", on ice." * rare,
        "citations": _citations(draw, number, size, rare=rare),
    }


def _party(draw: random.Random, size: Size) -> str:
    """A company: a hub in a third of all."""
    return f"company-{draw.randrange(HUBS if draw.random() < 0.35 else size.companies)}"


def _money(draw: random.Random, *, rare: bool) -> Stated | None:
    if rare:
        return {"qualifier": "less_than", "amount": 700_000_000_000, "unit": "JPY"}
    qualifier = draw.choices(("exact", "more_than", "up_to", "approximately", None), (5, 2, 1, 1, 1))[0]
    amount = round(10 ** draw.uniform(6, 10))
    unit = "USD" if draw.random() < 0.9 else "EUR"
    return None if qualifier is None else {"qualifier": qualifier, "amount": amount, "unit": unit}


def _capacities(draw: random.Random, *, rare: bool) -> list[Stated]:
    if rare:
        return [{"qualifier": "less_than", "amount": 7_000_000, "unit": "site"}]
    unit, most = draw.choice((("gpu", 100_000), ("MW", 1_000)))
    return [{"qualifier": "exact", "amount": draw.randrange(1, most), "unit": unit}] * (draw.random() < 0.5)


def _days(draw: random.Random, day: date, *, rare: bool) -> Stated:
    """Dates of each precision; rare ones are all in the future."""
    if rare:
        return dict.fromkeys(("announced_on", "signed_on", "starts_on", "exclusive_until"), "2031-07") | {
            "ends_on": "2077"
        }
    later = day + timedelta(days=draw.randrange(365))
    end = day.year + draw.randrange(1, 10)
    return {
        "announced_on": draw.choice((f"{day}", f"{day:%Y-%m}", f"{day:%Y}")),
        "signed_on": draw.choice((f"{day}", None)),
        "starts_on": draw.choice((f"{later}", f"{later:%Y-%m}", None)),
        "ends_on": draw.choice((f"{end}", f"{end}-06-30", None)),
        "exclusive_until": draw.choice((f"{end}", None, None, None)),
    }


def _citations(draw: random.Random, number: int, size: Size, *, rare: bool) -> list[Stated]:
    first = {
        "source": f"source-{draw.randrange(HUBS if draw.random() < 0.35 else size.sources)}",
        "claim": f"Number {number} was agreed" + " at the pole" * rare + ".",
        "locator": "appendix 7" if rare else draw.choice(("page 1", "page 2", None)),
        "excerpt": "On ice." if rare else draw.choice(("We have agreed.", None, None)),
        "evidence": "estimated" if rare else draw.choices(("reported", "confirmed"), (4, 1))[0],
        "confidence": "low" if rare else draw.choices(("medium", "high"), (4, 1))[0],
        "attributed_to": f"source-{number % size.sources}" if rare or draw.random() < 0.1 else None,
    }
    second = {"source": f"source-{draw.randrange(size.sources)}", "claim": "So it was.", "evidence": "reported"}
    return [first, second] if draw.random() < 0.3 else [first]
