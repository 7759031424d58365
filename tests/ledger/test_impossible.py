"""What cannot be true is refused with its place and the reason, whichever way it is written."""

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import func, update

from app.models.ledger import versions
from app.shared.database import Database
from app.shared.json import dumps
from app.transfer.load import ImportRefused
from tests.factories import company, contract, event, fleet, investment, metric, put, source
from tests.ledger.written import change, flaw, post

IMPORT = {"Content-Type": "application/x-ndjson"}
ONE_PARTY_TWICE = [{"company": slug, "role": "customer"} for slug in ("openai", "nvidia", "openai")]
DEALING_WITH_ITSELF = [{"company": "openai", "role": role} for role in ("customer", "supplier")]
PERCENT = {"qualifier": "exact", "amount": 62, "unit": "percent"}
SHARE = {"name": "revenue_share", "counterparty": "nvidia", "value": PERCENT}
ITSELF = "'openai' would depend on itself"
OVER = "a share is of the whole: at most 100 percent"

IMPOSSIBLE: list[tuple[str, dict[str, Any], str, str]] = [
    ("companies", company("us", parent="us"), "/parent", "by its parent, 'us' would come back to itself"),
    ("contracts", contract(parties=DEALING_WITH_ITSELF), "/parties/1", ITSELF),
    (
        "contracts",
        contract(parties=[*DEALING_WITH_ITSELF, {"company": "nvidia", "role": "supplier"}]),
        "/parties/1",
        ITSELF,
    ),
    ("contracts", contract(parties=ONE_PARTY_TWICE), "/parties/2", "'openai' as customer stands there twice"),
    ("contracts", contract(slug="k", amends="k"), "/amends", "by its amends, 'k' would come back to itself"),
    (
        "contracts",
        contract(starts_on="2026-06", ends_on="2025-01"),
        "/ends_on",
        "it would end (2025-01) before it starts (2026-06)",
    ),
    ("investments", investment(investors=["nvidia", "openai"], investee="openai"), "/investors/1", ITSELF),
    ("investments", investment(investors=["nvidia", "nvidia"]), "/investors/1", "'nvidia' stands there twice"),
    ("investments", investment(stake=PERCENT | {"amount": 100.5}), "/stake", OVER),
    ("fleets", fleet(slug="f", supersedes="f"), "/supersedes", "by its supersedes, 'f' would come back to itself"),
    ("fleets", fleet(users=["openai", "openai"]), "/users/1", "'openai' stands there twice"),
    ("metrics", metric(**SHARE | {"company": "nvidia"}), "/counterparty", "'nvidia' would depend on itself"),
    ("metrics", metric(**SHARE | {"value": PERCENT | {"amount": 150}}), "/value", OVER),
    ("metrics", metric(**SHARE | {"value": PERCENT | {"qualifier": "more_than", "amount": 100}}), "/value", OVER),
    (
        "metrics",
        metric(**SHARE | {"value": {"qualifier": "exact", "amount": 5, "unit": "USD"}}),
        "/value/unit",
        "a revenue_share is in percent, not in USD",
    ),
    (
        "events",
        event(companies=[{"company": "openai", "role": "buyer"}] * 2),
        "/companies/1",
        "'openai' as buyer stands there twice",
    ),
]
SWAP = [{"company": slug, "role": role} for slug in ("openai", "nvidia") for role in ("customer", "supplier")]
POSSIBLE: list[tuple[str, dict[str, Any]]] = [
    ("contracts", contract(parties=SWAP)),
    ("contracts", contract(starts_on="2025", ends_on="2025-01")),
    ("contracts", contract(starts_on="2026-06~", ends_on="2025-12")),
    ("fleets", fleet(operator="nvidia", users=["nvidia"], hardware=[{"vendor": "nvidia"}])),
    ("metrics", metric(**SHARE | {"value": PERCENT | {"qualifier": "up_to", "amount": 150}})),
    ("metrics", metric(name="other", value=PERCENT | {"amount": 250})),
]


async def world(store: Database) -> None:
    """Put what the records name."""
    await put(store, sources=[source()], companies=[company(slug) for slug in ("openai", "coreweave", "nvidia")])


@pytest.mark.parametrize(("resource", "record", "pointer", "detail"), IMPOSSIBLE)
async def test_what_cannot_be_is_refused_where_it_stands(  # noqa: PLR0913, PLR0917 - a table
    store: Database, writer: AsyncClient, resource: str, record: dict[str, Any], pointer: str, detail: str
) -> None:
    await world(store)
    assert flaw(await post(writer, f"/v1/{resource}", record), 422) == {"pointer": pointer, "detail": detail}
    line = dumps({"type": resource, **record})
    told = flaw(await writer.post("/v1/imports", content=line, headers=IMPORT), 422)
    assert told == {"line": 1, "pointer": pointer, "detail": detail}


@pytest.mark.parametrize(("resource", "record"), POSSIBLE)
async def test_what_may_be_so_is_taken(
    store: Database, writer: AsyncClient, resource: str, record: dict[str, Any]
) -> None:
    await world(store)
    assert (await post(writer, f"/v1/{resource}", record)).status_code == 201


async def test_owners_in_a_ring_are_refused_however_long_it_is(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("a"), company("b", parent="a"), company("c", parent="b"), company("d")])
    assert (await change(writer, "/v1/companies/a", {"parent": "d"})).status_code == 200
    told = flaw(await change(writer, "/v1/companies/a", {"parent": "c"}), 422)
    assert told == {"pointer": "/parent", "detail": "by its parent, 'a' would come back to itself"}
    with pytest.raises(ImportRefused) as refused:
        await put(store, companies=[company("x", parent="y"), company("y", parent="x"), company("z", parent="x")])
    assert [one.position for one in refused.value.refusals] == [0, 1]


async def test_what_a_source_asserts_cannot_make_it_so(store: Database, writer: AsyncClient) -> None:
    await world(store)
    said = contract(starts_on="2026", ends_on="2027")
    said["citations"][0]["asserts"] = {"ends_on": "2025"}
    assert flaw(await post(writer, "/v1/contracts", said), 422)["pointer"] == "/ends_on"


async def test_a_record_of_before_there_was_the_check_can_be_corrected_bit_by_bit(
    store: Database, writer: AsyncClient
) -> None:
    await world(store)
    await put(store, contracts=[contract(starts_on="2026", ends_on="2026")])
    async with store.writing() as connection:
        ending = func.replace(versions.c.document, '"ends_on":"2026"', '"ends_on":"2025"')
        await connection.execute(update(versions).values(document=ending))
    assert (await change(writer, "/v1/contracts/openai-coreweave", {"conditions": "none"})).status_code == 200
    twice = {"conditions": "some", "parties": ONE_PARTY_TWICE}
    assert flaw(await change(writer, "/v1/contracts/openai-coreweave", twice), 422)["pointer"] == "/parties/2"


async def test_everything_impossible_in_a_file_is_told(store: Database, writer: AsyncClient) -> None:
    await world(store)
    bad = [contract(slug=f"k{n}", parties=ONE_PARTY_TWICE) for n in range(2)]
    fine = contract(slug="fine", parties=[{"company": "nobody", "role": "customer"}])
    lines = b"\n".join(dumps({"type": "contracts", **one}).encode() for one in (bad[0], fine, bad[1]))
    reply = await writer.post("/v1/imports", content=lines, headers=IMPORT)
    assert [one["line"] for one in reply.json()["errors"]] == [1, 2, 3]


async def test_a_merge_that_makes_a_ring_of_owners_names_the_company(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("top"), company("mid", parent="top"), company("low", parent="mid")])
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    reply = await writer.post("/v1/companies/top/merge", json={"into": "low"}, headers=headers)
    assert flaw(reply, 409)["detail"].startswith("companies/")
    assert (await writer.get("/v1/companies/mid")).json()["parent"] == "top"


async def test_a_company_that_turns_out_to_run_its_own_fleet_is_merged(store: Database, writer: AsyncClient) -> None:
    await world(store)
    await put(store, fleets=[fleet(operator="coreweave", users=["openai"])])
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    reply = await writer.post("/v1/companies/openai/merge", json={"into": "coreweave"}, headers=headers)
    assert reply.status_code == 200, reply.text
    unchanged = (await writer.get("/v1/fleets?limit=1")).json()["data"][0]
    assert (unchanged["operator"], unchanged["users"]) == ("coreweave", ["coreweave"])
