"""Every operator of every field, against what it means in plain Python, on both databases."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.filters import Filter, conditions, filters_of, read_filters
from app.ledger.resource import Resource
from app.ledger.shape import Holds
from app.models.ledger import OPEN, versions
from app.shared.database import Database
from app.shared.errors import BadRequest
from app.shared.json import loads_own
from app.shared.settings import Settings
from app.transfer.resources import BY_TYPE
from tests.conftest import DATABASES, empty_store
from tests.factories import citation, company, contract, event, fleet, put, source
from tests.ledger.plainly import keeps
from tests.ledger.several import several

CHANCE = Random(20250310)  # noqa: S311 - drawn anew for each run alike
COMPANIES = ["alpha", "beta", "gamma"]
DATES = [None, "2024", "2024-Q3", "2025-02", "2025-02-28", "2025-03", "2025-03-10", "2025~"]
NAMES = [
    "Äta power",
    "äTA",
    "100%",
    "1000",
    "a_b",
    "axb",
    "a*b?",
    "[x]",
    "back\\slash",
    "it's",
    "-- AI (x|y)^$.",
    "Ünal",
]
ROLES = ["supplier", "customer", "guarantor"]


def amounts(unit: str) -> Iterator[dict[str, Any] | None]:
    """Quantities of every qualifier, close to each other."""
    yield None
    yield {"qualifier": "undisclosed", "unit": unit}
    for qualifier, amount in product(
        ("exact", "approximately", "at_least", "more_than", "up_to", "less_than"), (3, Decimal("3.001"))
    ):
        yield {"qualifier": qualifier, "amount": amount, "unit": unit}
    for low, high, approximate in ((2, 3, False), (3, 4, False), (3, 3, True)):
        yield {"qualifier": "range", "low": low, "high": high, "unit": unit, "approximate": approximate}
    yield {"qualifier": "at_least", "amount": 4, "unit": "EUR" if unit == "USD" else "MW", "approximate": True}


def cited() -> list[dict[str, Any]]:
    """Some citations."""
    return [
        citation(
            source=CHANCE.choice(["the-article", "other"]),
            evidence=CHANCE.choice(["reported", "confirmed", "rumoured"]),
            confidence=CHANCE.choice(["low", "medium"]),
            claim=CHANCE.choice(NAMES),
            locator=CHANCE.choice([None, "paragraph 4"]),
            excerpt=CHANCE.choice([None, *NAMES]),
            attributed_to=CHANCE.choice([None, "other"]),
        )
        for _ in range(CHANCE.randint(1, 2))
    ]


def records() -> dict[str, list[dict[str, Any]]]:
    """Records that differ in everything that can be asked for, much of it at the edges of the same few numbers."""
    money, gpus = list(amounts("USD")), list(amounts("gpu"))

    def parties() -> list[dict[str, str]]:
        named = CHANCE.sample(COMPANIES, CHANCE.randint(1, 3))
        return [{"company": slug, "role": CHANCE.choice(ROLES)} for slug in named]

    def some(options: list[Any]) -> list[Any]:
        return CHANCE.sample(options, CHANCE.randint(0, 2))

    kinds = ["compute", "hardware", "energy"]
    return {
        "sources": [
            source(),
            source(slug="other", publisher="Ünal", url="https://a.example/[x]", reports_on=["the-article"]),
        ],
        "companies": [
            *(company(slug) for slug in COMPANIES),
            *(
                company(
                    f"c-{n}",
                    name=name,
                    kind=CHANCE.choice(["ai_lab", "energy"]),
                    parent=CHANCE.choice([None, *COMPANIES]),
                    country=CHANCE.choice([None, "US", "DE"]),
                    aliases=some(NAMES),
                    identifiers=[{"scheme": "ticker", "value": f"X{n}"}] if n % 2 else [],
                    citations=cited() if n % 3 else [],
                )
                for n, name in enumerate(NAMES)
            ),
        ],
        "contracts": [
            contract(
                slug=f"k-{n:02}",
                title=CHANCE.choice(NAMES),
                kind=CHANCE.choice(kinds),
                stage=CHANCE.choice(["signed", "active", "rumoured"]),
                parties=parties(),
                value=money[n % len(money)],
                capacities=[one for one in some(gpus) if one],
                announced_on=DATES[n % len(DATES)],
                term_months=CHANCE.choice([None, 12, 24, 60]),
                exclusive=CHANCE.choice([None, True, False]),
                conditions=CHANCE.choice([None, *NAMES]),
                amends=CHANCE.choice([None, "k-00"]) if n else None,
                products=some(NAMES),
                citations=cited(),
            )
            for n in range(36)
        ],
        "fleets": [
            fleet(
                slug=f"f-{n:02}",
                operator=CHANCE.choice(COMPANIES),
                users=some(COMPANIES),
                hardware=[
                    {"vendor": vendor, "product": CHANCE.choice([None, *NAMES]), "quantity": CHANCE.choice(gpus)}
                    for vendor in some(COMPANIES)
                ],
                accelerators=gpus[n % len(gpus)],
                latitude=CHANCE.choice([None, Decimal("12.5"), Decimal("-0.000001"), 0]),
                citations=cited(),
            )
            for n in range(18)
        ],
        "events": several(
            event,
            "event",
            date=DATES,
            companies=[[], [{"company": "alpha", "role": "employer"}], [{"company": "beta", "role": "listed_company"}]],
        ),
    }


RECORDS = records()


def options(one: Filter) -> list[str]:
    """Values that are worth asking a filter for."""
    if one.operator == "empty" or one.shape.python is bool:
        return ["true", "false"]
    if one.shape.holds is Holds.REFERENCE:
        return {"companies": ["alpha", "gamma"], "sources": ["the-article", "other"]}.get(one.refers_to, [])
    if one.shape.holds is Holds.SCALAR:
        return _scalars(one)
    return ["2024", "2025-02", "2025-03-10"] if one.shape.holds is Holds.PARTIAL_DATE else ["3", "3.001", "2.999"]


def _scalars(one: Filter) -> list[str]:
    if one.shape.choices:
        return [*one.shape.choices[:1], *one.shape.choices[-1:]]
    if one.shape.python is not str:
        return ["12", "24"] if one.shape.python is int else ["0", "12.5"]
    parts = ["ä", "ÜNAL", "%", "_", "a*", "[X]", "\\", "'", "(x|y)^$.", "ai ", "k-0", "US"]
    if one.operator in ("contains", "startswith"):
        return parts
    return [text for text in (*NAMES[:3], "US", "DE", "k-01", "k-02", "USD", "EUR", "MW", "gpu") if can_be(one, text)]


def can_be(one: Filter, text: str) -> bool:
    """Whether the field of a filter can hold a text."""
    try:
        one.read(text)
    except ValueError:
        return False
    return True


def by_field(resource: Resource) -> list[Filter]:
    """The filters of the fields of a resource, each under one name."""
    found = {(one.field, one.operator): one for one in filters_of(resource).values()}
    # These ask of a record as a whole, or of what the store adds to it.
    apart = ("company", "q", "version", "recorded_at")
    return [one for one in found.values() if one.field not in apart and options(one)]


async def shown(connection: AsyncConnection, resource: Resource) -> list[dict[str, Any]]:
    """The documents of all records of a resource."""
    table = resource.table
    query = select(versions.c.document).join(table, table.c.id == versions.c.record_id)
    return [loads_own(text) for text in await connection.scalars(query.where(versions.c.to_revision == OPEN))]


async def found(connection: AsyncConnection, resource: Resource, query: list[tuple[str, str]]) -> set[str]:
    """The slugs that a query finds."""
    asked = await conditions(connection, resource, read_filters(resource, query))
    return set(await connection.scalars(select(resource.table.c.slug).where(*asked)))


@pytest.fixture(scope="session", params=DATABASES)
async def varied(request: pytest.FixtureRequest, templates: Path, postgresql_server: str) -> AsyncIterator[Database]:
    """A store with records that differ in everything that can be asked for, which all tests here only read."""
    async with empty_store(request.param, templates, postgresql_server) as url:
        database = Database(Settings(database_url=url))
        await put(database, **RECORDS)
        yield database
        await database.close()


async def test_every_operator_of_every_field_means_what_it_means_in_plain_python(varied: Database) -> None:
    checked = told_apart = 0
    async with varied.reading() as connection:
        for resource in (BY_TYPE[name] for name in ("companies", "contracts", "fleets", "events", "sources")):
            everything = await shown(connection, resource)
            for one in by_field(resource):
                if "citations" in one.field and resource.type != "contracts":
                    # The same everywhere.
                    continue
                for text in options(one):
                    kept = {record["slug"] for record in everything if keeps(record, [(one, [text])])}
                    assert await found(connection, resource, [(one.name, text)]) == kept, (
                        resource.type,
                        one.name,
                        text,
                    )
                    checked += 1
                    told_apart += 0 < len(kept) < len(everything)
    assert checked > 1_000
    assert told_apart > 400


async def test_filters_together_mean_all_and_those_of_a_list_one_member_of_it(varied: Database) -> None:
    contracts, checked, chance = BY_TYPE["contracts"], 0, Random(1)  # noqa: S311 - the same
    filters = by_field(contracts)
    members = [one for one in filters if one.field.startswith(("parties", "capacities", "citations"))]
    async with varied.reading() as connection:
        everything = await shown(connection, contracts)
        for _ in range(150):
            some = [*chance.sample(members, 2), *chance.sample(filters, chance.randint(0, 1))]
            asked = [
                (one, chance.sample(options(one), 2 if one.repeats and len(options(one)) > 1 else 1))
                for one in dict.fromkeys(some)
            ]
            query = [(one.name, text) for one, texts in asked for text in texts]
            kept = {record["slug"] for record in everything if keeps(record, asked)}
            try:
                assert await found(connection, contracts, query) == kept, query
                checked += bool(kept)
            except BadRequest:
                assert not kept, query
    assert checked > 30
