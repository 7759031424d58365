"""Summaries: every figure is what adding up the records one by one gives, and nothing is added that must not be."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from httpx import AsyncClient

from app.ledger import summary as summary_module
from app.ledger.dimensions import dimensions_of
from app.ledger.measures import measures_of
from app.ledger.resource import Resource
from app.shared.database import Database
from app.shared.json import loads
from app.shared.quantity import Quantity
from app.transfer.resources import IN_ORDER
from tests.factories import company, contract, fleet, investment, metric, put, source
from tests.ledger.asking import get, refusal
from tests.ledger.test_facets import values

PLANNED, ENDED = {"rumoured", "intended"}, {"lapsed", "terminated", "superseded"}
MOST = 9_000_000_000_000_000
Shown = dict[str, Any]


async def exactly(client: AsyncClient, url: str) -> Shown:
    """An answer with its numbers as they are written."""
    reply = await client.get(url)
    assert reply.status_code == 200, reply.text
    shown: Shown = loads(reply.text)
    return shown


def standing(record: Shown) -> str:
    stage = record.get("stage")
    return "planned" if stage in PLANNED else "ended" if stage in ENDED else "stated"


def reason(value: Any) -> str | None:  # noqa: ANN401 - whatever a measure is of
    """Why a record is in no sum, from its document."""
    if value is None:
        return "not stated"
    if isinstance(value, int):
        return None
    if value["qualifier"] == "undisclosed":
        return "undisclosed amount"
    if value["unit"] == "percent":
        return "share of a whole"
    return None if any(Quantity.model_validate(value).bounds) else "no certain bounds"


def added(records: Iterable[Shown], measure: str) -> Shown:
    """What records of one standing add up to, one by one."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for record in records:
        value = record[measure]
        unit = value["unit"] if isinstance(value, dict) else None
        found[unit, reason(value)].append(value)
    ordered = sorted(found.items(), key=lambda item: (item[0][0] or "", item[0][1] or ""))
    return {
        "count": sum(map(len, found.values())),
        "sums": [whole(unit, values) for (unit, why), values in ordered if why is None],
        "left_out": [
            {"reason": why, "unit": unit, "count": len(values), "about": about(why, values)}
            for (unit, why), values in ordered
            if why
        ],
    }


def whole(unit: str | None, values: list[Any]) -> Shown:
    bounds = [(Decimal(v), Decimal(v)) if isinstance(v, int) else Quantity.model_validate(v).bounds for v in values]
    open_above = sum(high is None for _, high in bounds)
    low, high = sum(low or 0 for low, _ in bounds), sum(high or 0 for _, high in bounds)
    return {"unit": unit, "count": len(values), "low": low, "high": None if open_above else high} | {
        "open_above": open_above
    }


def about(why: str, values: list[Any]) -> Decimal | None:
    numbers = [value["amount"] for value in values if value and value["amount"] is not None]
    return sum(numbers, Decimal(0)) if why == "no certain bounds" and numbers else None


def told(part: Shown) -> Shown:
    """A standing without its words."""
    return part | {"sums": [{key: one[key] for key in one if key != "text"} for one in part["sums"]]}


def summed(records: list[Shown], group_by: list[str], measure: str) -> list[Shown]:
    """The whole summary, worked out in the plainest way."""
    groups: dict[tuple[Any, ...], list[Shown]] = defaultdict(list)
    for record in records:
        groups[tuple(value for name in group_by for value in values(record, name))].append(record)

    def place(item: tuple[tuple[Any, ...], list[Shown]]) -> Any:  # noqa: ANN401 - whatever sorts
        return -len(item[1]), [(value is None, value) for value in item[0]]

    return [
        {"group": dict(zip(group_by, key, strict=True)), "count": len(found)}
        | {name: added((r for r in found if standing(r) == name), measure) for name in ("stated", "planned", "ended")}
        for key, found in sorted(groups.items(), key=place)
    ]


def questions(resource: Resource) -> Iterator[tuple[str, list[str]]]:
    """What is asked of a resource: each sum grouped by several fields, and one of them by each field alone."""
    names = [name for name, one in dimensions_of(resource).items() if one.part is None]
    first = ["name"] if resource.type == "metrics" else []
    for number, measure in enumerate(measures_of(resource)):
        yield measure, first
        yield measure, [*first, *(name for name in names[-3:] if name not in first)]
        if not number:
            yield from ((measure, [*first, name]) for name in names if name not in first)


async def is_right(client: AsyncClient, resource: Resource, measure: str, group_by: list[str], query: str) -> None:
    """Hold a summary against what the records of the list add up to."""
    records = (await exactly(client, f"/v1/{resource.type}?limit=1000&{query}"))["data"]
    given = f"&group_by={','.join(group_by)}" if group_by else ""
    shown = (await exactly(client, f"/v1/{resource.type}/summary?sum={measure}{given}&{query}"))["data"]
    for group in shown:
        group.update({name: told(group[name]) for name in ("stated", "planned", "ended")})
    assert shown == summed(records, group_by, measure), (resource.type, measure, group_by, query)


async def test_every_summary_is_what_adding_up_by_hand_gives(many: AsyncClient) -> None:
    asked = [(resource, *question) for resource in IN_ORDER for question in questions(resource)]
    assert len(asked) > 40
    for resource, measure, group_by in asked:
        await is_right(many, resource, measure, group_by, "")


async def test_a_summary_is_of_what_the_list_shows_by_the_same_filters(many: AsyncClient) -> None:
    by_type = {resource.type: resource for resource in IN_ORDER}
    contracts, fleets = by_type["contracts"], by_type["fleets"]
    await is_right(many, contracts, "value", ["stage"], "company=alpha&kind=compute&source=the-article")
    await is_right(many, contracts, "term_months", ["amends"], "products=H100&announced_on__gte=2025")
    await is_right(many, contracts, "value", [], "slug__startswith=nothing")
    await is_right(many, fleets, "power", ["operator", "as_of.year"], "users=openai&users=beta&country__not=FR")


async def test_two_currencies_are_never_added_nor_plans_to_deals(store: Database, client: AsyncClient) -> None:
    def deal(slug: str, stage: str, qualifier: str, amount: object, unit: str) -> Shown:
        return contract(slug=slug, stage=stage, value={"qualifier": qualifier, "amount": amount, "unit": unit})

    await put(store, sources=[source()], companies=[company("openai"), company("coreweave")])
    await put(
        store,
        contracts=[
            deal("a", "signed", "exact", MOST, "USD"),
            deal("b", "active", "exact", MOST, "USD"),
            deal("c", "announced", "more_than", Decimal("0.125"), "USD"),
            deal("d", "signed", "up_to", 7, "EUR"),
            deal("e", "intended", "exact", 5, "USD"),
            deal("f", "terminated", "exact", 6, "USD"),
        ],
    )
    (group,) = (await exactly(client, "/v1/contracts/summary?sum=value"))["data"]
    assert (group["group"], group["count"]) == ({}, 6)
    eur, usd = group["stated"]["sums"]
    # Two of the largest amounts are more than 64 bits hold.
    assert usd == {
        "unit": "USD", "count": 3, "low": 2 * MOST + Decimal("0.125"), "high": None, "open_above": 1,
        "text": "at least USD 18,000,000,000,000,000.125",
    }  # fmt: skip
    assert eur == {"unit": "EUR", "count": 1, "low": 0, "high": 7, "open_above": 0, "text": "up to EUR 7"}
    assert [one["text"] for one in group["planned"]["sums"]] == ["USD 5"]
    assert [one["text"] for one in group["ended"]["sums"]] == ["USD 6"]


async def test_a_csv_has_the_same_figures(many: AsyncClient) -> None:
    url = "/v1/contracts/summary?sum=value&group_by=stage,exclusive"
    shown, reply = await exactly(many, url), await many.get(url, headers={"Accept": "text/csv"})
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    read = list(csv.DictReader(StringIO(reply.text, newline="")))
    assert sum(int(row["count"]) for row in read) == sum(group["count"] for group in shown["data"]) == 11
    active = next(group for group in shown["data"] if group["group"] == {"stage": "active", "exclusive": False})
    (added_up,) = active["stated"]["sums"]
    (row,) = (row for row in read if (row["stage"], row["exclusive"], row["left_out"]) == ("active", "false", ""))
    high = "" if added_up["high"] is None else str(added_up["high"])
    assert (row["unit"], row["count"], row["low"], row["high"]) == (
        "USD",
        str(added_up["count"]),
        str(added_up["low"]),
        high,
    )
    assert (await many.get("/v1/contracts/summary?format=csv&kind=energy")).text.count("\r\n") == 1


async def test_a_summary_says_how_it_was_made_and_where_it_was_cut(
    many: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await get(many, "/v1/contracts/summary?group_by=title")
    assert (shown["group_by"], shown["sum"], shown["truncated"]) == (["title"], None, False)
    assert (shown["limits"], shown["revision"]) == ({"groups": 1_000}, 1)
    assert "nothing is converted" in shown["formula"]
    assert shown["data"][0]["stated"]["sums"] == []
    monkeypatch.setattr(summary_module, "MAX_GROUPS", 2)
    cut = await many.get("/v1/contracts/summary?group_by=title&title__not=none")
    assert cut.json()["data"] == shown["data"][:2]
    assert cut.json()["truncated"] is True
    assert cut.headers["X-Truncated"] == "groups"


async def test_an_unchanged_summary_costs_nothing_and_a_store_without_records_has_one(
    store: Database, client: AsyncClient
) -> None:
    url = "/v1/investments/summary?sum=amount"
    first = await client.get(url)
    assert (first.json()["data"], first.json()["revision"]) == ([], 0)
    known = {"If-None-Match": first.headers["ETag"]}
    assert (await client.get(url, headers=known)).status_code == 304
    await put(store, sources=[source()], companies=[company("nvidia"), company("coreweave")])
    await put(store, investments=[investment()])
    changed = await client.get(url, headers=known)
    assert (changed.status_code, changed.json()["data"][0]["count"]) == (200, 1)


async def test_what_has_no_sum_is_left_out_or_refused(store: Database, client: AsyncClient) -> None:
    stake = {"qualifier": "exact", "amount": Decimal("12.5"), "unit": "percent"}
    await put(store, sources=[source()], companies=[company(slug) for slug in ("nvidia", "coreweave", "openai")])
    await put(store, investments=[investment(stake=stake)], fleets=[fleet()], metrics=[metric()])
    (group,) = (await get(client, "/v1/investments/summary?sum=stake"))["data"]
    assert group["stated"]["sums"] == []
    assert group["stated"]["left_out"][0]["reason"] == "share of a whole"
    flaw = await refusal(client, "/v1/metrics/summary?sum=value&group_by=company")
    assert (flaw["parameter"], flaw["suggestion"]) == ("sum", "group_by=name")
    assert await refusal(client, "/v1/metrics/summary?sum=value&name=revenue&name=capex")
    assert (await get(client, "/v1/metrics/summary?sum=value&name=revenue"))["data"][0]["count"] == 1
    assert (await get(client, "/v1/metrics/summary?group_by=company"))["data"][0]["count"] == 1


async def test_what_cannot_be_asked_of_a_summary_is_refused_with_the_nearest(many: AsyncClient) -> None:
    wrong = {
        "group_by=knd": ("group_by", "kind"),
        "group_by=parties.company": ("group_by", None),
        "group_by=kind,kind": ("group_by", None),
        "group_by=": ("group_by", None),
        "group_by=kind,stage,title,exclusive,term_months": ("group_by", None),
        "group_by=kind&group_by=stage": ("group_by", None),
        "sum=valu": ("sum", "value"),
        "sum=title": ("sum", None),
        "sum=value,term_months": ("sum", None),
        "format=ndjson": ("format", None),
        "limit=5": ("limit", None),
        "fields=kind": ("fields", None),
        "stge=signed": ("stge", "stage"),
    }
    for query, (parameter, suggestion) in wrong.items():
        flaw = await refusal(many, f"/v1/contracts/summary?{query}")
        assert flaw["parameter"] == parameter, query
        assert suggestion is None or flaw["suggestion"] == suggestion, query
    assert (await refusal(many, "/v1/sources/summary?sum=value"))["parameter"] == "sum"
    refused = await many.get("/v1/contracts/summary", headers={"Accept": "application/x-ndjson"})
    assert refused.status_code == 406


async def test_no_record_is_called_summary(writer: AsyncClient) -> None:
    given = await writer.post("/v1/companies", json=company("summary"))
    put_there = await writer.put("/v1/companies/summary", json=company("summary"))
    made = await writer.post("/v1/companies", json={"name": "Summary", "kind": "other"})
    assert [reply.status_code for reply in (given, put_there, made)] == [422, 422, 422]
    assert given.json()["errors"][0]["pointer"] == "/slug"
    assert all("word of the API" in reply.json()["errors"][0]["detail"] for reply in (given, made))
    named = await writer.post("/v1/companies", json={"name": "Summary", "kind": "other", "slug": "summary-inc"})
    assert named.status_code == 201
    assert (await get(writer, "/v1/companies/summary"))["data"][0]["count"] == 1
