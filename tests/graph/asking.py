"""Asks the graph over HTTP; every answer is held against the model that OpenAPI promises."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from httpx import AsyncClient, Response
from pydantic import BaseModel

from app.graph.schemas.figures import ExposureShown, ImpactShown, RankingsShown, TimelineShown
from app.graph.schemas.graph import CompareShown, DiffShown, GraphShown, LoopsShown, PathsShown
from app.shared.json import loads_own

Hop = tuple[str, str, str, str]
"""Who depends, on whom, through what, by which record."""

MODELS: dict[str, type[BaseModel]] = {
    "dependencies": GraphShown,
    "dependents": GraphShown,
    "diff": DiffShown,
    "exposure": ExposureShown,
    "impact": ImpactShown,
    "paths": PathsShown,
    "loops": LoopsShown,
    "compare": CompareShown,
    "rankings": RankingsShown,
    "timeline": TimelineShown,
}


async def ask(client: AsyncClient, url: str) -> Any:  # noqa: ANN401 - JSON
    """The answer to a question, its numbers exact; it has to be what its model says, no field more and none less."""
    reply = await client.get(url)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/json"
    answer = loads_own(reply.text)
    model = MODELS[url.partition("?")[0].rpartition("/")[2]]
    promised = model.model_validate(answer).model_dump(mode="json", by_alias=True)
    assert _plain(answer) == _plain(promised)
    return answer


async def refused(client: AsyncClient, url: str, status: int = 400) -> dict[str, str]:
    """The one flaw that problem details (RFC 9457) name; without the sentence of those that name none."""
    reply = await client.get(url)
    said = problem(reply, status)
    (flaw,) = said["errors"]
    assert isinstance(flaw, dict)
    return flaw


def problem(reply: Response, status: int) -> dict[str, Any]:
    """The problem details of a reply."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = reply.json()
    assert said["status"] == status
    assert said["request_id"] == reply.headers["x-request-id"]
    return said


def hop(edge: dict[str, Any]) -> Hop:
    return edge["from"], edge["to"], edge["kind"], edge["record"]["slug"]


def hops(edges: Iterable[dict[str, Any]]) -> list[Hop]:
    return [hop(edge) for edge in edges]


def bounds(amount: dict[str, Any] | None) -> tuple[Any, Any, str] | None:
    """What is certain of an amount: its low and its high end, and the unit."""
    return (amount["low"], amount["high"], amount["unit"]) if amount else None


def reasons(left_out: Iterable[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Whose record a figure leaves out, and why."""
    return [(one["company"], one["record"]["slug"], one["reason"]) for one in left_out]


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """JSON with every number as a Decimal, also those that Pydantic writes as text in the place of a number."""
    if isinstance(value, dict):
        numbers = {"low", "high", "amount"}
        return {
            key: Decimal(one) if key in numbers and isinstance(one, str) else _plain(one) for key, one in value.items()
        }
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return Decimal(str(value)) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else value
