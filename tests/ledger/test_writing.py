"""The life of a record over HTTP: created, replaced, patched, retracted, restored."""

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select

from app.ledger.examples import CHANGES, RECORDS
from app.models.ledger import changes, revisions, versions
from app.models.ledger import store as newest
from app.shared.database import Database
from app.shared.json import dumps
from app.transfer.resources import BY_TYPE
from app.transfer.seed import seed
from tests.factories import citation, company, contract, one_of_each, put
from tests.ledger.asking import get
from tests.ledger.written import (
    ANYHOW,
    CHANGED,
    JSON,
    STATED,
    change,
    flaw,
    place,
    post,
    take_back,
    world,
)


async def state(store: Database) -> tuple[int, int]:
    """The revision and the position of the store."""
    async with store.reading() as connection:
        row = (await connection.execute(select(newest.c.revision, newest.c.position))).one()
    return row.revision, row.position


async def actions(store: Database) -> list[tuple[int, str]]:
    """What the log of changes says of the last record that was made: version and action, in order."""
    async with store.reading() as connection:
        last = await connection.scalar(select(changes.c.record_id).order_by(changes.c.position.desc()).limit(1))
        query = select(changes.c.version, changes.c.action).where(changes.c.record_id == last)
        return [(row.version, row.action) for row in await connection.execute(query.order_by(changes.c.position))]


@pytest.mark.parametrize("resource", BY_TYPE)
async def test_the_life_of_a_record(store: Database, writer: AsyncClient, resource: str) -> None:
    await world(store)
    stated, (field, value) = STATED[resource], CHANGED[resource]
    url = f"/v1/{resource}/{stated['slug']}"

    made = await post(writer, f"/v1/{resource}", stated)
    assert (made.status_code, made.headers["Location"], made.headers["ETag"]) == (201, url, '"1"')
    shown = await writer.get(url)
    assert (shown.text, shown.headers["ETag"]) == (made.text, '"1"')
    assert made.json()["version"] == 1

    before = await state(store)
    same = await place(writer, url, stated, if_match='"1"')
    assert (same.status_code, same.text, same.headers["ETag"]) == (200, made.text, '"1"')
    assert await state(store) == before

    replaced = await place(writer, url, made.json() | {field: value}, if_match='"1"')
    assert (replaced.status_code, replaced.headers["ETag"], replaced.json()[field]) == (200, '"2"', value)
    assert "Location" not in replaced.headers

    patched = await change(writer, url, {field: made.json()[field]}, if_match='"2"')
    assert (patched.status_code, patched.headers["ETag"]) == (200, '"3"')
    added = ("version", "recorded_at")
    assert {k: v for k, v in patched.json().items() if k not in added} == {
        k: v for k, v in made.json().items() if k not in added
    }

    gone = await take_back(writer, url, if_match='"3"')
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await writer.get(url)).status_code == 410
    assert stated["slug"] not in (await get(writer, f"/v1/{resource}"))["data"]

    back = await writer.post(f"{url}/restore")
    assert (back.status_code, back.headers["ETag"], back.json()["version"]) == (200, '"4"', 4)
    assert (await writer.get(url)).text == back.text
    assert {k: v for k, v in back.json().items() if k not in added} == {
        k: v for k, v in made.json().items() if k not in added
    }
    assert await actions(store) == [(1, "created"), (2, "updated"), (3, "updated"), (3, "retracted"), (4, "restored")]


@pytest.mark.parametrize("resource", BY_TYPE)
async def test_what_the_description_shows_can_be_sent(store: Database, writer: AsyncClient, resource: str) -> None:
    await seed(store)
    made = await post(writer, f"/v1/{resource}", RECORDS[resource])
    assert made.status_code == 201, made.text
    patched = await change(writer, made.headers["Location"], CHANGES[resource])
    assert patched.status_code == 200, patched.text


async def test_the_history_says_who_wrote_and_why(store: Database, writer: AsyncClient) -> None:
    await post(writer, "/v1/companies", company("acme"))
    await change(writer, "/v1/companies/acme?reason=it+moved&change=update", {"country": "NO"})
    last, first = (await get(writer, "/v1/companies/acme/history"))["data"]
    assert (last["actor"], last["reason"], first["reason"]) == ("editor", "it moved", None)
    assert last["changes"] == [{"field": "country", "old": None, "new": "NO"}]
    async with store.reading() as connection:
        why = (await connection.execute(select(revisions).order_by(revisions.c.revision))).mappings().all()
    assert [row["change"] for row in why] == [None, "update"]
    key = writer.headers["Authorization"].split("_")[1]
    assert [row["key_id"] for row in why] == [key, key]


async def test_the_revision_keeps_the_id_of_its_request(store: Database, writer: AsyncClient) -> None:
    reply = await post(writer, "/v1/companies", company("acme"), x_request_id="mine-1")
    assert reply.headers["X-Request-Id"] == "mine-1"
    async with store.reading() as connection:
        assert await connection.scalar(select(revisions.c.request_id)) == "mine-1"


WRONG_PARAMETERS = (
    ("reson=x", "reson", "reason"),
    ("change=corection", "change", "correction"),
    (f"reason={'x' * 501}", "reason", None),
    ("reason=", "reason", None),
    ("reason=a&reason=b", "reason", None),
)


async def test_a_parameter_that_is_wrong_is_named(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("acme")])
    before = await state(store)
    for query, parameter, suggestion in WRONG_PARAMETERS:
        for reply in (
            await post(writer, f"/v1/companies?{query}", company("other")),
            await place(writer, f"/v1/companies/acme?{query}", company("acme", name="A"), **ANYHOW),
            await change(writer, f"/v1/companies/acme?{query}", {"name": "A"}),
            await take_back(writer, f"/v1/companies/acme?{query}"),
            await writer.post(f"/v1/companies/acme/restore?{query}"),
        ):
            told = flaw(reply, 400)
            assert (told["parameter"], told.get("suggestion")) == (parameter, suggestion)
    assert await state(store) == before


async def test_a_slug_is_made_from_the_record_and_numbered_where_it_is_taken(
    store: Database, writer: AsyncClient
) -> None:
    stated = {"name": "Acme & Co.", "kind": "other"}
    await put(store, companies=[company("acme-co-3")])
    made = [(await post(writer, "/v1/companies", stated)).headers["Location"] for _ in range(3)]
    assert made == [f"/v1/companies/{slug}" for slug in ("acme-co", "acme-co-2", "acme-co-4")]
    await take_back(writer, "/v1/companies/acme-co-2")
    assert (await post(writer, "/v1/companies", stated)).json()["slug"] == "acme-co-5"


async def test_a_long_slug_that_is_numbered_stays_a_slug(writer: AsyncClient) -> None:
    stated = {"name": "a" * 117 + "-b-long", "kind": "other"}
    slugs = [(await post(writer, "/v1/companies", stated)).json()["slug"] for _ in range(2)]
    assert slugs == ["a" * 117 + "-b", "a" * 117 + "-2"]


async def test_a_slug_that_is_or_was_taken_is_a_conflict_that_names_the_record(
    store: Database, writer: AsyncClient
) -> None:
    await put(store, companies=[company("acme"), company("gone")])
    await take_back(writer, "/v1/companies/gone")
    for slug, words in (("acme", "is a record already"), ("gone", "was retracted")):
        reply = await post(writer, "/v1/companies", company(slug, name="New"))
        told = flaw(reply, 409)
        assert told["pointer"] == "/slug"
        assert words in told["detail"]
        assert reply.json()["existing"] == f"/v1/companies/{slug}"
    assert (await get(writer, "/v1/companies/acme"))["version"] == 1


async def test_put_makes_what_is_not_there_and_a_retracted_record_anew(store: Database, writer: AsyncClient) -> None:
    unnamed = {"name": "Acme", "kind": "other"}
    made = await place(writer, "/v1/companies/acme", unnamed)
    assert (made.status_code, made.headers["Location"], made.json()["slug"]) == (201, "/v1/companies/acme", "acme")
    await take_back(writer, "/v1/companies/acme")
    again = await place(writer, "/v1/companies/acme", unnamed)
    assert (again.status_code, again.headers["ETag"]) == (201, '"2"')
    assert await actions(store) == [(1, "created"), (1, "retracted"), (2, "restored")]


async def test_the_slug_of_a_record_does_not_change(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("acme")])
    for slug in ("other", None):
        for reply in (
            await place(writer, "/v1/companies/acme", company("acme") | {"slug": slug}, **ANYHOW),
            await change(writer, "/v1/companies/acme", {"slug": slug}),
        ):
            told = flaw(reply, 422)
            assert (told["pointer"], told["suggestion"]) == ("/slug", "acme")
    assert (await change(writer, "/v1/companies/acme", {"slug": "acme"})).headers["ETag"] == '"1"'


async def test_a_patch_ignores_what_is_derived_and_reaches_into_objects(store: Database, writer: AsyncClient) -> None:
    value = {"qualifier": "exact", "amount": 10, "unit": "USD"}
    await put(store, **one_of_each() | {"contracts": [contract(value=value, conditions="If it rains.")]})
    url = "/v1/contracts/openai-coreweave"
    reply = await change(writer, url, {"version": 99, "recorded_at": "no", "disputed": 1, "value": {"amount": 12.5}})
    assert reply.json()["value"]["text"] == "USD 12.5"
    assert (reply.json()["version"], reply.json()["conditions"]) == (2, "If it rains.")
    assert (await change(writer, url, {"conditions": None})).json()["conditions"] is None
    assert (await change(writer, url, {"value": {"low": 1, "text": "9"}})).headers["ETag"] == '"3"'


async def test_a_patch_that_is_no_object_is_refused(writer: AsyncClient) -> None:
    others: tuple[object, ...] = ([], "x", 1, None)
    for patch in others:
        assert (await change(writer, "/v1/companies/acme", patch)).status_code == 422


async def test_a_record_that_is_referred_to_is_not_retracted(store: Database, writer: AsyncClient) -> None:
    await put(store, **one_of_each())
    before = await state(store)
    reply = await take_back(writer, "/v1/companies/coreweave")
    assert reply.status_code == 409
    told = [one["detail"].split()[0] for one in reply.json()["errors"]]
    assert told == [
        "contracts/openai-coreweave",
        "fleets/coreweave-2025-03",
        "investments/nvidia-coreweave",
        "metrics/coreweave-revenue-2024",
    ]
    assert await state(store) == before


async def test_what_is_current_is_not_restored(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("acme")])
    assert (await writer.post("/v1/companies/acme/restore")).status_code == 409
    assert (await writer.post("/v1/companies/nobody/restore")).status_code == 404


async def test_what_names_a_retracted_record_is_not_restored(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("parent"), company("child", parent="parent")])
    await take_back(writer, "/v1/companies/child")
    await take_back(writer, "/v1/companies/parent")
    told = flaw(await writer.post("/v1/companies/child/restore"), 422)
    assert (told["pointer"], told["detail"]) == ("/parent", "'parent' was retracted")
    assert (await writer.get("/v1/companies/child")).status_code == 410


async def test_what_is_not_there_is_neither_patched_nor_retracted(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("acme"), company("gone")])
    await take_back(writer, "/v1/companies/gone")
    for way in (change, take_back):
        more: tuple[object, ...] = ({},) if way is change else ()
        unknown = await way(writer, "/v1/companies/acmee", *more)
        assert flaw(unknown, 404)["suggestion"] == "acme"
        gone = await way(writer, "/v1/companies/gone", *more)
        assert (gone.status_code, gone.json()["history"]) == (410, "/v1/companies/gone/history")


async def test_another_spelling_is_sent_on_with_its_method(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("openai", aliases=["Open AI"])])
    for spelling in ("OpenAI", "open-ai"):
        url = f"/v1/companies/{spelling}"
        for reply in (
            await place(writer, f"{url}?reason=x", company("openai") | {"slug": spelling}, **ANYHOW),
            await change(writer, f"{url}?reason=x", {"name": "A"}),
            await take_back(writer, f"{url}?reason=x"),
        ):
            assert (reply.status_code, reply.headers["Location"]) == (308, "/v1/companies/openai?reason=x")
        reply = await writer.post(f"{url}/restore")
        assert (reply.status_code, reply.headers["Location"]) == (308, "/v1/companies/openai/restore")
    assert (await get(writer, "/v1/companies/openai"))["version"] == 1


async def test_a_claim_about_the_world_needs_a_citation(store: Database, writer: AsyncClient) -> None:
    await world(store)
    for resource in ("contracts", "investments", "fleets", "metrics", "events"):
        told = flaw(await post(writer, f"/v1/{resource}", STATED[resource] | {"citations": []}), 422)
        assert told["pointer"] == "/citations"


async def test_a_reference_to_nothing_is_pointed_at_with_the_nearest(store: Database, writer: AsyncClient) -> None:
    await world(store)
    before = await state(store)
    parties = [{"company": "openai", "role": "customer"}, {"company": "coreweve", "role": "supplier"}]
    told = flaw(await post(writer, "/v1/contracts", contract(parties=parties)), 422)
    assert told == {
        "pointer": "/parties/1/company",
        "detail": "there is no 'coreweve' in companies",
        "suggestion": "coreweave",
    }
    assert await state(store) == before


FLAWED: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
    ({"kindd": "other"}, {"pointer": "/kindd", "detail": "there is no field 'kindd'", "suggestion": "kind"}),
    ({"parties": [{"company": "openai", "role": "customr"}]}, {"pointer": "/parties/0/role", "suggestion": "customer"}),
    ({"citations": [citation(locater="p 1")]}, {"pointer": "/citations/0/locater", "suggestion": "locator"}),
    ({"value": {"amount": 1, "unit": "USD", "amonut": 1}}, {"pointer": "/value/amonut", "suggestion": "amount"}),
    ({"slug": "Not A Slug"}, {"pointer": "/slug"}),
    ({"slug": ""}, {"pointer": "/slug"}),
)


async def test_a_flaw_is_pointed_at_with_what_was_meant(store: Database, writer: AsyncClient) -> None:
    await world(store)
    for wrong, told in FLAWED:
        found = flaw(await post(writer, "/v1/contracts", contract(**wrong)), 422)
        assert told.items() <= found.items()


async def test_of_very_many_flaws_a_hundred_are_listed_and_the_rest_are_counted(writer: AsyncClient) -> None:
    refused = await post(writer, "/v1/companies", {f"f{number}": 0 for number in range(1_000)})
    errors = refused.json()["errors"]
    assert (refused.status_code, len(errors)) == (422, 101)
    assert len({error["pointer"] for error in errors[:-1]}) == 100
    # A name and a kind are missing too.
    assert errors[-1] == {"detail": f"{1_000 + 2 - 100} more flaws are not listed"}


async def test_a_body_that_is_no_object_is_no_record(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("acme")])
    for body in (b"[]", b"null", b"3", b'"text"'):
        assert (await writer.post("/v1/companies", content=body, headers=JSON)).status_code == 422
        assert (await writer.put("/v1/companies/acme", content=body, headers=JSON | ANYHOW)).status_code == 422


async def test_a_body_where_none_belongs_is_refused(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("acme")])
    with_body = await writer.request("DELETE", "/v1/companies/acme", content=b"{}", headers=ANYHOW)
    assert with_body.status_code == 400
    assert (await writer.post("/v1/companies/acme/restore", content=b"{}")).status_code == 400


async def test_numbers_are_kept_to_the_last_digit(store: Database, writer: AsyncClient) -> None:
    await world(store)
    body = dumps(contract()).replace('"kind"', '"value":{"amount":11900000000.125,"unit":"USD"},"kind"', 1)
    made = await writer.post("/v1/contracts", content=body, headers=JSON)
    assert '"amount":11900000000.125,' in made.text
    patched = await change(writer, "/v1/contracts/openai-coreweave", {"conditions": "None."})
    assert '"amount":11900000000.125,' in patched.text


async def test_the_graph_follows_at_once(store: Database, writer: AsyncClient) -> None:
    await world(store)
    url, question = "/v1/contracts/openai-coreweave", "/v1/companies/openai/dependencies?as_of=2025-06-01"

    async def on() -> list[str]:
        return [edge["to"] for edge in (await get(writer, question))["edges"] if edge["from"] == "openai"]

    assert await on() == []
    await post(writer, "/v1/contracts", contract(announced_on="2025-03-10"))
    assert await on() == ["coreweave"]
    nvidia = [{"company": "openai", "role": "customer"}, {"company": "nvidia", "role": "supplier"}]
    await change(writer, url, {"parties": nvidia})
    assert await on() == ["nvidia"]
    await take_back(writer, url)
    assert await on() == []
    await writer.post(f"{url}/restore")
    assert await on() == ["nvidia"]


async def test_a_failed_write_leaves_nothing(store: Database, writer: AsyncClient) -> None:
    await world(store)
    before = await state(store)
    lei = {"scheme": "lei", "value": "529900T8BM49AURSDO55"}
    await put(store, companies=[company("acme", identifiers=[lei])])
    held = await state(store)
    told = flaw(await post(writer, "/v1/companies", company("twin", identifiers=[lei])), 422)
    assert told["pointer"] == "/identifiers/0"
    assert await state(store) == held != before
    async with store.reading() as connection:
        assert len((await connection.scalars(select(versions.c.record_id))).all()) == 5


async def test_a_method_that_is_not_there_is_refused_with_those_that_are(writer: AsyncClient) -> None:
    for method, url, allowed in (
        ("POST", "/v1/companies/acme", "GET, HEAD, PUT, PATCH, DELETE"),
        ("PATCH", "/v1/contracts", "GET, HEAD, POST"),
        ("GET", "/v1/companies/acme/restore", "POST"),
    ):
        reply = await writer.request(method, url)
        assert (reply.status_code, reply.headers["Allow"]) == (405, allowed)


async def test_a_merged_company_is_sent_on_and_its_slug_stays_taken(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("old"), company("new")])
    merge = await post(writer, "/v1/companies/old/merge", {"into": "new"}, **ANYHOW)
    assert merge.status_code == 200, merge.text
    before = await state(store)
    url = "/v1/companies/old"
    for reply in (
        await place(writer, url, company("old")),
        await change(writer, url, {}),
        await take_back(writer, url),
    ):
        assert (reply.status_code, reply.headers["Location"]) == (308, "/v1/companies/new")
    back = await writer.post(f"{url}/restore")
    assert (back.status_code, back.headers["Location"]) == (308, "/v1/companies/new/restore")
    assert "was merged" in flaw(await post(writer, "/v1/companies", company("old")), 409)["detail"]
    assert await state(store) == before


@pytest.mark.parametrize(("patch", "status"), [({"term_months": 12}, 422), ({"term_months": 60, "title": "B"}, 200)])
async def test_a_patch_that_its_citations_would_outdo_is_refused_and_changes_nothing(
    store: Database, writer: AsyncClient, patch: dict[str, Any], status: int
) -> None:
    await put(store, **one_of_each())
    await put(store, contracts=[contract(slug="asserted", citations=[citation(asserts={"term_months": 60})])])
    before = await state(store)
    reply = await change(writer, "/v1/contracts/asserted", patch, if_match='"1"')
    if status == 422:
        assert flaw(reply, 422)["pointer"] == "/term_months"
        assert await state(store) == before
    assert reply.status_code == status
    assert (await get(writer, "/v1/contracts/asserted"))["term_months"] == 60
