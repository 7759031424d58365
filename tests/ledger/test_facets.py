"""facets=: the counts are those that reading every record would give."""

from collections import Counter
from typing import Any

import pytest
from httpx import AsyncClient

from app.ledger import facets
from app.ledger.dimensions import dimensions_of
from app.ledger.facets import MAX_FACETS
from app.ledger.resource import Resource
from app.shared.database import Database
from app.transfer.resources import IN_ORDER
from tests.factories import company, contract, put, source
from tests.ledger.asking import get, refusal


def values(record: dict[str, Any], name: str) -> list[Any]:
    """What a record has of a facet, each once, read from its document."""
    first, _, rest = name.partition(".")
    held = record[first]
    if not isinstance(held, list):
        return [int(held[:4]) if rest and held else held]
    return list(dict.fromkeys(item[rest] if rest else item for item in held))


def counted(records: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The counts of a facet, the most frequent first, then by value, what has none last."""
    counts = Counter(value for record in records for value in values(record, name))
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] is None, pair[0]))
    return [{"value": value, "count": number} for value, number in ordered]


async def is_right(client: AsyncClient, resource: Resource, query: str) -> None:
    """Hold every facet of a list against its records."""
    matching = (await get(client, f"/v1/{resource.type}?limit=1000&{query}"))["data"]
    names = list(dimensions_of(resource))
    for start in range(0, len(names), MAX_FACETS):
        some = names[start : start + MAX_FACETS]
        page = await get(client, f"/v1/{resource.type}?limit=1&{query}&facets={','.join(some)}")
        assert page["facets"] == {name: counted(matching, name) for name in some}, resource.type
        assert (page["facets_truncated"], page["limits"]) == ([], {"facet_values": 100})
        assert len(page["data"]) == min(len(matching), 1)


async def test_every_facet_counts_all_records_and_not_only_the_page(many: AsyncClient) -> None:
    for resource in IN_ORDER:
        await is_right(many, resource, "")


async def test_facets_count_what_the_filters_leave(many: AsyncClient) -> None:
    contracts = next(resource for resource in IN_ORDER if resource.type == "contracts")
    # The second asks of the parties, which are counted as well.
    for query in ("source=the-article&stage=active", "company=alpha&products=H100", "kind=energy"):
        await is_right(many, contracts, query)


async def test_facets_stand_beside_what_a_list_says_otherwise_and_are_cached_with_it(many: AsyncClient) -> None:
    url = "/v1/contracts?limit=2&count=true&facets=kind&stage=active"
    reply = await many.get(url)
    assert list(reply.json()) == ["data", "next", "total", "facets", "facets_truncated", "limits"]
    assert "facets=kind" in reply.json()["next"]
    again = await many.get(url, headers={"If-None-Match": reply.headers["ETag"]})
    assert again.status_code == 304
    assert "facets" not in await get(many, "/v1/contracts?limit=1")


async def test_what_cannot_be_counted_is_refused(many: AsyncClient) -> None:
    wrong = {
        "facets=stag": "stage",
        "facets=role": "parties.role",
        "facets=value": None,
        "facets=announced_on": "announced_on.year",
        "facets=": None,
        "facets=kind&facets=stage": None,
        f"facets={','.join(list(dimensions_of(IN_ORDER[2]))[: MAX_FACETS + 1])}": None,
        "facets=kind&format=csv": None,
    }
    assert IN_ORDER[2].type == "contracts"
    assert "one of citations.source, " in (await refusal(many, "/v1/contracts?facets=xyz"))["detail"]
    for query, suggestion in wrong.items():
        flaw = await refusal(many, f"/v1/contracts?{query}")
        assert flaw["parameter"] == "facets", query
        assert suggestion is None or flaw["suggestion"] == suggestion, query


async def test_a_record_counts_once_for_a_value_and_a_cut_facet_says_so(
    store: Database, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await get(client, "/v1/contracts?facets=kind"))["facets"] == {"kind": []}
    both = [{"company": "openai", "role": role} for role in ("customer", "guarantor")]
    await put(store, sources=[source()], companies=[company("openai"), company("nvidia")])
    others = [contract(slug=f"deal-{n}", parties=[{"company": "nvidia", "role": "supplier"}]) for n in range(2)]
    await put(store, contracts=[contract(parties=both), *others])
    monkeypatch.setattr(facets, "MAX_VALUES", 1)
    page = await get(client, "/v1/contracts?facets=parties.company,kind")
    assert page["facets"]["parties.company"] == [{"value": "nvidia", "count": 2}]
    assert page["facets"]["kind"] == [{"value": "compute", "count": 3}]
    assert page["facets_truncated"] == ["parties.company"]
    monkeypatch.undo()
    page = await get(client, "/v1/contracts?facets=parties.company")
    assert page["facets"]["parties.company"][1] == {"value": "openai", "count": 1}
