"""Fills a store with companies, by the way of every write, so that they are what a client would have stored.

``python -m benchmarks.generate 100000`` fills the store of ``DEALGRAPH_DATABASE_URL``, which has to be migrated.
"""

import asyncio
import sys
from typing import get_args

from app.companies.repository import COMPANIES
from app.companies.schemas import Company
from app.ledger.transaction import Author, transaction
from app.models.companies import CompanyKind
from app.shared.database import Database
from app.shared.settings import Settings

_KINDS = get_args(CompanyKind)
_COUNTRIES = ("US", "IT", "DE", "FR", "JP", "IN")
_AT_ONCE = 10_000


def slug_of(number: int) -> str:
    """The slug of a generated company, by its number from 0."""
    return f"company-{number}"


def company(number: int) -> Company:
    """A company with about as much in it as those of the seed."""
    return Company.model_validate(
        {
            "slug": slug_of(number),
            "name": f"Company {number}",
            "kind": _KINDS[number % len(_KINDS)],
            "aliases": [f"Company No. {number}"],
            "website": f"https://company-{number}.example",
            "country": _COUNTRIES[number % len(_COUNTRIES)],
            "description": f"Company {number} of a store that was made up for a measurement.",
        }
    )


async def fill(url: str, companies: int) -> None:
    """Put companies into an empty, migrated store, 10,000 in a revision."""
    database = Database(Settings(database_url=url))
    for start in range(0, companies, _AT_ONCE):
        batch = [company(number) for number in range(start, min(start + _AT_ONCE, companies))]
        async with transaction(database, Author("generator")) as write:
            await write.put(COMPANIES, batch)
    await database.close()


if __name__ == "__main__":
    asyncio.run(fill(Settings().database_url, int(sys.argv[1])))
