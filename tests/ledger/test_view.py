"""fields= and expand=: what of a record is shown, on lists and on single records alike."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import event

from app.ledger import expanding
from app.ledger.expanding import references_of
from app.ledger.selecting import fields_of, paths_in
from app.ledger.view import View, viewed
from app.shared.database import Database
from app.shared.json import dumps
from app.transfer.resources import BY_TYPE, IN_ORDER
from tests.factories import citation, company, contract, put, source
from tests.ledger.asking import get, refusal, walk

PARTIES = [{"company": "openai", "role": "customer"}, {"company": "coreweave", "role": "supplier"}]


async def test_all_innermost_fields_together_are_the_record(many: AsyncClient) -> None:
    for resource in IN_ORDER:
        paths = list(paths_in(fields_of(resource)))
        leaves = [path for path in paths if not any(other.startswith(f"{path}.") for other in paths)]
        shown = await get(many, f"/v1/{resource.type}?limit=1000&fields={','.join(leaves)}")
        assert shown == await get(many, f"/v1/{resource.type}?limit=1000"), resource.type


async def test_fields_come_in_the_order_in_which_they_are_asked_for_after_the_slug(many: AsyncClient) -> None:
    shown = await get(many, "/v1/contracts/contract-00?fields=value.unit,parties.company,title,value.text")
    assert list(shown.items()) == [
        ("slug", "contract-00"),
        ("value", {"unit": "USD", "text": "more than USD 5 million"}),
        ("parties", [{"company": "alpha"}]),
        ("title", "b"),
    ]
    assert list(await get(many, "/v1/contracts/contract-00?fields=title,slug")) == ["title", "slug"]


@pytest.mark.parametrize("fields", ["parties,parties.role", "parties.role,parties"])
async def test_a_field_that_is_also_asked_for_whole_is_whole(many: AsyncClient, fields: str) -> None:
    shown = await get(many, f"/v1/contracts/contract-00?fields={fields}")
    assert shown["parties"] == [{"company": "alpha", "role": "customer"}]


async def test_what_has_no_value_is_null_and_a_list_without_members_is_empty(many: AsyncClient) -> None:
    shown = await get(many, "/v1/contracts/contract-01?fields=value.amount,products,capacities.unit")
    assert shown == {"slug": "contract-01", "value": None, "products": [], "capacities": [{"unit": "gpu"}]}


@pytest.mark.parametrize("path", ["/v1/contracts", "/v1/contracts/contract-00"])
async def test_what_cannot_be_shown_is_refused_with_the_nearest(many: AsyncClient, path: str) -> None:
    wrong = {
        "fields=titel": ("fields", "title"),
        "fields=parties.compny": ("fields", "parties.company"),
        "fields=": ("fields", None),
        "fields=title.text": ("fields", "title"),
        "fields=parties.company.name": ("fields", None),
        "fields=parties.company.name&expand=amends": ("fields", None),
        "fields=slug&fields=title": ("fields", None),
        "expand=parties.compny": ("expand", "parties.company"),
        "expand=title": ("expand", None),
        "expand=parties.company&expand=amends": ("expand", None),
        "expand=amends&fields=title": ("expand", None),
    }
    assert "one of slug, version, " in (await refusal(many, f"{path}?fields="))["detail"]
    for query, (parameter, suggestion) in wrong.items():
        flaw = await refusal(many, f"{path}?{query}")
        assert (flaw["parameter"], flaw.get("suggestion")) == (parameter, suggestion), query


async def test_a_list_goes_on_as_it_began(many: AsyncClient) -> None:
    walked = await walk(many, "/v1/contracts?limit=4&fields=amends.title&expand=amends&sort=-title")
    assert len(walked) == 11
    assert {record["amends"] and record["amends"]["title"] for record in walked} == {None, "b"}
    first = await get(many, "/v1/contracts?limit=4&sort=-title")
    other_view = await get(many, f"{first['next']}&fields=slug&expand=&".replace("&expand=&", ""))
    assert [record.keys() for record in other_view["data"]] == [{"slug"}] * 4


def standing_at(record: Any, path: str) -> Iterator[Any]:  # noqa: ANN401 - a part of a record
    """What stands at a path of a record, in its order."""
    first, _, rest = path.partition(".")
    values = record[first] if isinstance(record[first], list) else [record[first]]
    for value in values:
        yield from standing_at(value, rest) if rest else (value,)


async def test_every_reference_is_replaced_by_the_record_that_it_names(many: AsyncClient) -> None:
    known = {resource.type: await get(many, f"/v1/{resource.type}?limit=1000") for resource in IN_ORDER}
    records = {kind: {record["slug"]: record for record in page["data"]} for kind, page in known.items()}
    replaced = 0
    for resource in IN_ORDER:
        references = references_of(resource)
        shown = await get(many, f"/v1/{resource.type}?limit=1000&expand={','.join(references)}")
        for record in shown["data"]:
            plain = records[resource.type][record["slug"]]
            for path, kind in references.items():
                slugs = list(standing_at(plain, path))
                assert list(standing_at(record, path)) == [slug and records[kind][slug] for slug in slugs], path
                replaced += sum(map(bool, slugs))
            assert record["title" if "title" in record else "slug"] == plain["title" if "title" in plain else "slug"]
    assert replaced > 100


async def test_a_record_in_part_has_an_etag_of_its_own_that_no_write_is_made_with(many: AsyncClient) -> None:
    url = "/v1/contracts/contract-00"
    plain, part = await many.get(url), await many.get(f"{url}?fields=title")
    expanded = await many.get(f"{url}?expand=parties.company")
    assert plain.headers["ETag"] == '"1"'
    assert len({reply.headers["ETag"] for reply in (plain, part, expanded)}) == 3
    assert part.headers["ETag"].startswith("W/")
    again = await many.get(f"{url}?fields=title", headers={"If-None-Match": part.headers["ETag"]})
    other = await many.get(f"{url}?fields=kind", headers={"If-None-Match": part.headers["ETag"]})
    assert (again.status_code, again.content, other.status_code) == (304, b"", 200)


async def test_a_record_in_part_that_is_not_there_is_missed_as_a_whole_one_is(many: AsyncClient) -> None:
    missing = await many.get("/v1/contracts/contract-99?fields=title")
    moved = await many.get("/v1/contracts/Contract-00?fields=title")
    assert missing.status_code == 404
    assert (moved.status_code, moved.headers["Location"]) == (308, "/v1/contracts/contract-00?fields=title")


async def test_what_is_expanded_is_as_it_was_at_the_same_moment(store: Database, client: AsyncClient) -> None:
    await put(store, sources=[source()], companies=[company("openai"), company("coreweave", name="Before")])
    await put(store, contracts=[contract(parties=PARTIES)])
    then = (await get(client, "/v1/contracts/openai-coreweave"))["recorded_at"]
    await put(store, companies=[company("coreweave", name="After")])
    shown = "fields=parties.company.name&expand=parties.company"
    now = await get(client, f"/v1/contracts/openai-coreweave?{shown}")
    past = await get(client, f"/v1/contracts/openai-coreweave?{shown}&known_at={then}")
    assert [party["company"]["name"] for party in now["parties"]] == ["Openai", "After"]
    assert [party["company"]["name"] for party in past["parties"]] == ["Openai", "Before"]
    # A page that was read before a company changed shows that company as it was.
    async with store.reading() as connection:
        view = View({"parties.company": "companies"})
        (page,) = await viewed(connection, view, ['{"slug":"a","parties":[{"company":"coreweave"}]}'], 2)
    assert '"name":"Before"' in dumps(page)


async def test_a_page_is_expanded_by_one_statement_and_not_past_its_cap(
    store: Database, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    companies = [company(f"c-{number}", parent="c-0" if number else None) for number in range(6)]
    cited = [citation(source="one"), citation(source="two", attributed_to="one")]
    contracts = [
        contract(slug=f"deal-{number}", parties=[{"company": f"c-{number}", "role": "customer"}], citations=cited)
        for number in range(6)
    ]
    await put(store, sources=[source(slug="one"), source(slug="two")], companies=companies, contracts=contracts)
    asked: list[str] = []

    def note(*arguments: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event signature
        asked.append(arguments[2])

    event.listen(store.reader.sync_engine, "before_cursor_execute", note)
    documents = [f'{{"parties":[{{"company":"c-{number}"}}],"citations":[{{"source":"one"}}]}}' for number in range(6)]
    expand = {path: references_of(BY_TYPE["contracts"])[path] for path in ("parties.company", "citations.source")}
    async with store.reading() as connection:
        await viewed(connection, View(expand), documents, 1)
        await viewed(connection, View(expand), [], 1)
    assert len(asked) == 1
    paths = "expand=parties.company,citations.source,citations.attributed_to"
    assert len((await get(client, f"/v1/contracts?{paths}"))["data"]) == 6
    monkeypatch.setattr(expanding, "MAX_EXPANDED", 7)
    assert (await refusal(client, f"/v1/contracts?{paths}&limit=6"))["parameter"] == "expand"
    assert len((await get(client, f"/v1/contracts?{paths}&limit=5"))["data"]) == 5
