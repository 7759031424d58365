"""Small stores of companies that supply each other, and questions about them."""

from collections.abc import Iterable
from typing import Any

from httpx import AsyncClient

from app.shared.database import Database
from tests.factories import company, contract, put, source

Answer = dict[str, Any]


def supply(dependent: str, on: str, **overrides: object) -> dict[str, Any]:
    """A contract by which ``on`` supplies ``dependent``, with compute if nothing else is said."""
    roles = [{"company": dependent, "role": "customer"}, {"company": on, "role": "supplier"}]
    return contract(slug=f"{dependent}-{on}", parties=roles) | overrides


async def network(store: Database, hops: Iterable[str], **overrides: object) -> None:
    """Put a contract for each hop, written as ``"a b"``: a depends on b."""
    pairs = [hop.split() for hop in hops]
    companies = sorted({slug for pair in pairs for slug in pair}, reverse=True)
    # The other way round than answers are ordered, so that no order comes by chance.
    contracts = [supply(dependent, on, **overrides) for dependent, on in sorted(pairs, reverse=True)]
    await put(store, sources=[source()], companies=[company(slug) for slug in companies], contracts=contracts)


async def ask(client: AsyncClient, company_slug: str, question: str = "dependencies", **parameters: Any) -> Answer:  # noqa: ANN401 - texts, numbers and lists
    """The answer to a question about a company, which must be a good one."""
    reply = await client.get(f"/v1/companies/{company_slug}/{question}", params=parameters)
    assert reply.status_code == 200, reply.text
    answer: Answer = reply.json()
    return answer


def hops(answer: Answer) -> list[str]:
    """The edges of an answer as hops, in its order."""
    return [f"{edge['from']} {edge['to']}" for edge in answer["edges"]]


def depths(answer: Answer) -> dict[str, int]:
    """The companies of an answer with their depths, in its order."""
    return {node["slug"]: node["depth"] for node in answer["nodes"]}


def ways(answer: Answer) -> dict[str, str]:
    """The witness path to each company but the root."""
    return {node["slug"]: " ".join(node["via"]) for node in answer["nodes"] if node["depth"]}
