"""An import: all or nothing, and every reason at once."""

from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.shared.json import loads_own
from app.transfer.load import ImportRefused, load
from app.transfer.resources import BY_TYPE
from tests.factories import citation, company, contract, event, one_of_each, put, source


async def refusals(store: Database, client: AsyncClient, records: dict[str, list[Any]]) -> list[str]:
    """Why an import is refused, of which nothing may be kept."""
    with pytest.raises(ImportRefused) as refused:
        await load(store, records, actor="test", reason="to be refused")
    for resource in BY_TYPE:
        assert (await client.get(f"/v1/{resource}")).json()["data"] == []
    return str(refused.value).splitlines()


async def test_every_bad_record_is_named_with_its_place_and_reason(store: Database, client: AsyncClient) -> None:
    records: dict[str, list[Any]] = {
        "companies": [company("good"), company("bad", kind="bank"), "not a record"],
        "sources": [source(published_on="2025-02-30")],
        "events": [event(citations=[])],
    }
    told = await refusals(store, client, records)
    assert told[0] == "/sources/0/published_on: 30 is not a day of February 2025: it has 28 days"
    assert told[1].startswith("/companies/1/kind: one of ai_lab, ")
    assert told[2].startswith("/companies/2: an object is needed")
    assert told[3].startswith("/events/0/citations: 1 or more are needed")


async def test_an_unknown_resource_is_named_with_the_nearest(store: Database, client: AsyncClient) -> None:
    (told,) = await refusals(store, client, {"comapnies": [company()]})
    assert told.startswith("/comapnies/0: unknown resource 'comapnies'; one of companies, ")
    assert told.endswith("(did you mean 'companies'?)")


async def test_a_reference_that_is_not_there_takes_the_earlier_resources_with_it(
    store: Database, client: AsyncClient
) -> None:
    told = await refusals(store, client, {"sources": [source()], "companies": [company()], "contracts": [contract()]})
    assert told == ["/contracts/0/parties/1/company: there is no 'coreweave' in companies"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a\0b", "NUL"),
        ("a\ud800b", "a lone surrogate"),
        ({1: 2}, "is not a JSON value"),
        ({1, 2}, "is not a JSON value"),
        (b"bytes", "is not a JSON value"),
        (2**63, "out of range"),
        (float("nan"), "out of range"),
        (float("inf"), "out of range"),
        (Decimal("1e401"), "out of range"),
        ([[[[]]]] * 2, ""),
    ],
    ids=repr,
)
async def test_what_the_store_cannot_keep_is_refused_wherever_it_stands(
    store: Database, client: AsyncClient, value: object, said: str
) -> None:
    every = one_of_each() | {"contracts": [contract(citations=[citation(asserts={"value": value})])]}
    (told,) = await refusals(store, client, every)
    # What the store could keep is refused for the field that it is said of, and only for that.
    assert told.startswith("/contracts/0: " if said else "/contracts/0/citations/0/asserts/value: ")
    assert said in told


async def test_what_is_asserted_comes_back_exactly(store: Database, client: AsyncClient) -> None:
    value = {"amount": Decimal("11900000000.125"), "unit": "USD"}
    asserts = {"value": value, "used_in": ["ä"], "exclusive": True, "term_months": 5, "conditions": None}
    await put(store, **one_of_each() | {"contracts": [contract(citations=[citation(asserts=asserts)])]})
    reply = await client.get("/v1/contracts/openai-coreweave")
    assert loads_own(reply.text)["citations"][0]["asserts"] == asserts


async def test_resources_are_loaded_in_an_order_that_their_references_need(store: Database) -> None:
    report = await load(store, dict(reversed(one_of_each().items())), actor="test", reason="backwards")
    assert str(report) == (
        "9 created (1 sources, 3 companies, 1 contracts, 1 investments, 1 fleets, 1 metrics, 1 events)"
    )


async def test_what_was_shown_loads_again_unchanged(store: Database, client: AsyncClient) -> None:
    value = {"qualifier": "range", "low": 1, "high": 2, "unit": "USD", "approximate": True}
    await put(store, **one_of_each() | {"contracts": [contract(value=value)]})
    shown = {resource: (await client.get(f"/v1/{resource}")).json()["data"] for resource in BY_TYPE}
    assert str(await put(store, **shown)).startswith("9 unchanged (")


async def test_a_report_says_what_was_new_and_what_changed(store: Database) -> None:
    await put(store, companies=[company("a"), company("b")])
    report = await put(store, companies=[company("a"), company("b", name="Another"), company("c")])
    assert str(report) == "1 created, 1 changed, 1 unchanged (3 companies)"
    assert report.revision == 2


async def test_nothing_is_nothing_to_do(store: Database) -> None:
    assert str(await put(store)) == "nothing to do"
    assert str(await put(store, companies=[])) == "nothing to do"
