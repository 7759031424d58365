"""How often a question asks the store: a small number, the same however much the answer holds."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from tests.conftest import serving
from tests.factories import metric
from tests.graph.asking import ask
from tests.graph.deals import Records, running, share, supply, tell
from tests.statements import statements

MOST = 5
QUESTIONS = {
    "/v1/companies/{company}/dependencies?depth=3": 1,
    "/v1/companies/{company}/dependents?depth=8&kind=compute&stage=signed": 1,
    "/v1/companies/{company}/dependencies/diff?from=2023-01-01&to=2025-01-01": 2,
    "/v1/companies/{company}/exposure?": 4,
    "/v1/companies/{company}/impact?": 3,
    "/v1/paths?from={company}-buyer-0&to={company}-seller-0": 5,
    "/v1/loops?company={company}": 4,
    "/v1/loops?": 4,
    "/v1/compare?company={company}&company={company}-buyer-0": 4,
    "/v1/rankings?by=dependents": 3,
    "/v1/rankings?by=sole_source": 3,
    "/v1/rankings?by=gpus": 2,
    "/v1/timeline?company={company}": 4,
}
"""Questions, and in how many statements each is answered."""


def neighbours(company: str, number: int) -> Records:
    """Contracts of a company with as many suppliers and as many customers."""
    ends = [(company, f"{company}-seller-{n}") for n in range(number)]
    ends += [(f"{company}-buyer-{n}", company) for n in range(number)]
    return [supply(customer, supplier) for customer, supplier in ends]


async def asked(client: AsyncClient, url: str) -> int:
    with statements() as said:
        await ask(client, url)
    return len(said)


@pytest.fixture
async def client(store_url: str) -> AsyncIterator[AsyncClient]:
    """Asks an app that keeps no answer."""
    async with serving(store_url, kept_bytes=0) as client:
        yield client


@pytest.fixture
async def peopled(store: Database, client: AsyncClient) -> AsyncClient:
    """A store with a company that has few neighbours, and one that has many."""
    contracts = neighbours("few", 3) + neighbours("many", 60)
    names = sorted({party["company"] for contract in contracts for party in contract["parties"]})
    revenue = [metric(slug=f"revenue-{company}", company=company, period="2023") for company in ("few", "many")]
    shares = [share("few", "few-buyer-0", 5), share("many", "many-buyer-0", 5)]
    # Their suppliers run their chips, so that each of them is in loops.
    fleets = [
        running(f"{company}-seller-{n}", company, 1) for company, of in (("few", 3), ("many", 60)) for n in range(of)
    ]
    await tell(store, *names, contracts=contracts, metrics=[*revenue, *shares], fleets=fleets)
    return client


async def test_every_question_asks_a_few_times_whatever_the_answer_holds(peopled: AsyncClient) -> None:
    # A process reads once what signs the cursors of a store.
    await ask(peopled, "/v1/timeline?company=many&limit=1")
    for question, number in QUESTIONS.items():
        few, many = [await asked(peopled, question.format(company=company)) for company in ("few", "many")]
        assert few == many == number <= MOST, question


async def test_the_past_costs_one_statement_more_for_the_names_of_then(peopled: AsyncClient, store: Database) -> None:
    then = await tell(store, "later")
    await tell(store, "last")
    for question, number in QUESTIONS.items():
        if "timeline" in question or "diff" in question:
            continue
        urls = [f"{question.format(company=company)}&known_at={then}" for company in ("few", "many")]
        past = [await asked(peopled, url) for url in urls]
        assert past[0] == past[1] <= number + 1, question
