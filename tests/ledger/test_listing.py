"""Lists: each record once and in order, however the pages are cut."""

from collections.abc import Callable
from typing import Any

import pytest
from httpx import AsyncClient

from app.ledger.ordering import sortable
from app.shared.database import Database
from app.shared.partial_date import PartialDate
from app.shared.quantity import Quantity
from app.transfer.resources import BY_TYPE
from tests.factories import company, put
from tests.ledger.asking import get, refusal, slugs, walk

RESOURCES = list(BY_TYPE)


def rank(record: dict[str, Any], field: str) -> Any:  # noqa: ANN401 - whatever the field holds
    """What a record is sorted by, read from the document that it shows."""
    value = record[field]
    if isinstance(value, dict):
        return Quantity.model_validate(value).bounds.low
    if isinstance(value, str) and field.endswith(("_on", "as_of", "date", "period", "until")):
        return PartialDate.parse(value).earliest
    return value


def in_order(records: list[dict[str, Any]], field: str, *, descending: bool) -> list[str]:
    """The slugs as they must come: by the field, by slug where that leaves a tie, what has none last."""
    by_slug = sorted(records, key=lambda record: record["slug"], reverse=descending)
    ranked = [record for record in by_slug if rank(record, field) is not None]
    assert ranked
    values = sorted({rank(record, field) for record in ranked}, reverse=descending)
    ordered = [record for value in values for record in ranked if rank(record, field) == value]
    return [record["slug"] for record in (*ordered, *(r for r in by_slug if rank(r, field) is None))]


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("resource", RESOURCES)
async def test_every_sort_walks_all_records_once_and_in_order(
    many: AsyncClient, resource: str, *, descending: bool
) -> None:
    everything = (await get(many, f"/v1/{resource}", limit=1000))["data"]
    for field in sortable(BY_TYPE[resource]):
        walked = await walk(many, f"/v1/{resource}?limit=4&sort={'-' * descending}{field}")
        expected = in_order(everything, field, descending=descending)
        assert [record["slug"] for record in walked] == expected, field


async def test_a_sort_by_two_fields_uses_the_second_within_ties_of_the_first(many: AsyncClient) -> None:
    walked = await walk(many, "/v1/contracts?limit=3&sort=stage,-announced_on")
    everything = (await get(many, "/v1/contracts", limit=1000))["data"]
    order: list[str] = []
    for stage in ("active", "rumoured", "signed"):
        order += in_order([r for r in everything if r["stage"] == stage], "announced_on", descending=True)
    assert [record["slug"] for record in walked] == order


async def test_without_a_sort_a_list_goes_by_slug(many: AsyncClient) -> None:
    found = await slugs(many, "/v1/companies")
    assert found == sorted(found)


async def test_a_record_put_in_between_pages_moves_none_of_the_others(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company(f"c-{n}") for n in range(6)])
    first = await get(client, "/v1/companies?limit=3")
    await put(store, companies=[company("a"), company("c-4-and-a-half")])
    rest = await walk(client, first["next"])
    assert [r["slug"] for r in first["data"]] == ["c-0", "c-1", "c-2"]
    assert [r["slug"] for r in rest] == ["c-3", "c-4", "c-4-and-a-half", "c-5"]


async def test_a_full_last_page_has_no_next(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company(f"c-{n}") for n in range(4)])
    first = await client.get("/v1/companies?limit=2")
    last = await client.get(first.json()["next"])
    assert first.headers["Link"] == f'<{first.json()["next"]}>; rel="next"'
    assert len(last.json()["data"]) == 2
    assert last.json()["next"] is None
    assert "Link" not in last.headers


async def test_an_empty_list_is_a_page(client: AsyncClient) -> None:
    assert await get(client, "/v1/companies?count=true") == {"data": [], "next": None, "total": 0}


async def test_next_keeps_every_parameter(many: AsyncClient) -> None:
    asked = "kind=compute&kind=hardware&sort=-stage&limit=4&count=true&company=alpha&company=beta"
    first = await get(many, f"/v1/contracts?{asked}")
    assert first["next"].startswith(f"/v1/contracts?{asked}&cursor=")
    walked = await walk(many, f"/v1/contracts?{asked}")
    assert {record["parties"][0]["company"] for record in walked} == {"alpha", "beta"}
    assert len(walked) == first["total"] == 8


async def test_the_total_counts_what_matches_and_not_what_is_left(many: AsyncClient) -> None:
    first = await get(many, "/v1/events?kind=statement&limit=1&count=true")
    second = await get(many, first["next"])
    assert first["total"] == second["total"] == 4
    assert "total" not in await get(many, "/v1/events?count=false")


async def test_a_page_may_change_its_size_on_the_way(many: AsyncClient) -> None:
    first = await get(many, "/v1/events?limit=2")
    second = await slugs(many, first["next"].replace("limit=2", "limit=1000"))
    assert len(second) == 9


@pytest.mark.parametrize("limit", ["1", "1000"])
async def test_a_limit_from_1_to_1000_is_taken(many: AsyncClient, limit: str) -> None:
    assert len(await slugs(many, "/v1/events", limit=limit)) == min(int(limit), 11)


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "99999999999999999999", "", "1.0", "1e2", "٣", "²", "ten", "+5"])
async def test_any_other_limit_is_refused_by_name(many: AsyncClient, limit: str) -> None:
    reply = await many.get("/v1/events", params={"limit": limit})
    assert reply.status_code == 400
    assert reply.json()["errors"] == [
        {"parameter": "limit", "detail": f"limit is a whole number from 1 to 1000, not {limit!r}"}
    ]


@pytest.mark.parametrize(
    ("sort", "suggestion"),
    [("anounced_on", "announced_on"), ("-tittle", "title"), ("parties", None), ("", None), ("--title", "title")],
)
async def test_a_field_that_nothing_is_sorted_by_is_refused_with_the_nearest(
    many: AsyncClient, sort: str, suggestion: str | None
) -> None:
    flaw = await refusal(many, f"/v1/contracts?sort={sort}")
    assert flaw["parameter"] == "sort"
    assert flaw.get("suggestion") == suggestion


async def test_a_field_to_sort_by_twice_is_refused(many: AsyncClient) -> None:
    assert (await refusal(many, "/v1/contracts?sort=title,-title"))["parameter"] == "sort"


@pytest.mark.parametrize("parameter", ["limit=1&limit=2", "sort=slug&sort=title", "count=true&count=true"])
async def test_a_parameter_of_paging_is_given_once(many: AsyncClient, parameter: str) -> None:
    flaw = await refusal(many, f"/v1/contracts?{parameter}")
    assert flaw == {"parameter": parameter.partition("=")[0], "detail": "give it once"}


@pytest.mark.parametrize("text", ["yes", "TRUE", "1", ""])
async def test_count_is_true_or_false(many: AsyncClient, text: str) -> None:
    flaw = await refusal(many, f"/v1/contracts?count={text}")
    assert flaw["parameter"] == "count"


async def test_every_unknown_parameter_is_named_with_the_nearest(many: AsyncClient) -> None:
    reply = await many.get("/v1/contracts?knd=compute&stage=signed&limits=5&zzz=1")
    assert reply.status_code == 400
    assert [(flaw["parameter"], flaw.get("suggestion")) for flaw in reply.json()["errors"]] == [
        ("knd", "kind"),
        ("limits", "limit"),
        ("zzz", None),
    ]


ROUNDS: list[Callable[[str], str]] = [str.upper, str.title]


@pytest.mark.parametrize("spelt", ROUNDS)
async def test_the_name_of_a_parameter_is_lower_case(many: AsyncClient, spelt: Callable[[str], str]) -> None:
    assert (await refusal(many, f"/v1/contracts?{spelt('kind')}=compute"))["suggestion"] == "kind"
