"""The feed of changes: every change once, in the order of the commits, with what the record said before and after."""

from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient

from app.companies.repository import COMPANIES
from app.ledger import changes as module
from app.ledger.transaction import Author, transaction
from app.shared.database import Database
from tests.companies import test_merging as merging
from tests.factories import citation, company, contract, one_of_each, put, source
from tests.ledger.asking import get, refusal, walk
from tests.statements import statements


async def retract(store: Database, slug: str, **author: Any) -> None:  # noqa: ANN401 - as Author takes them
    """Retract a company."""
    async with transaction(store, Author("ann", **author)) as write:
        await write.retract(COMPANIES, slug)


async def renamed(store: Database, times: int) -> None:
    """A company of so many versions."""
    for n in range(times):
        await put(store, companies=[company("acme", name=f"Acme {n}")])


async def test_a_change_says_what_happened_to_which_record_by_whom_and_why(
    store: Database, client: AsyncClient
) -> None:
    await put(store, companies=[company("acme", name="Acme")])
    author = Author("ann", "renamed in May", change="update", request_id="r-2")
    async with transaction(store, author) as write:
        await write.put(COMPANIES, [COMPANIES.schema.model_validate(company("acme", name="Acme Compute"))])
    created, updated = (await get(client, "/v1/changes"))["data"]
    shown = await get(client, "/v1/companies/acme")
    assert updated == {
        "position": 2,
        "revision": 2,
        "recorded_at": shown["recorded_at"],
        "actor": "ann",
        "reason": "renamed in May",
        "change": "update",
        "request_id": "r-2",
        "action": "updated",
        "record": {"type": "companies", "slug": "acme", "url": "/v1/companies/acme"},
        "version": 2,
        "before": created["after"],
        "after": shown,
        "changes": [{"field": "name", "old": "Acme", "new": "Acme Compute"}],
    }
    assert (created["action"], created["before"], created["change"]) == ("created", None, None)
    assert {"field": "name", "old": None, "new": "Acme"} in created["changes"]


async def test_a_retraction_leaves_nothing_and_a_restoration_begins_with_nothing(
    store: Database, client: AsyncClient
) -> None:
    await renamed(store, 2)
    await retract(store, "acme")
    await put(store, companies=[company("acme", name="Acme 1")])
    await renamed(store, 1)
    _, updated, gone, back, again = (await get(client, "/v1/changes"))["data"]
    assert (gone["action"], gone["version"], gone["before"], gone["after"]) == ("retracted", 2, updated["after"], None)
    assert {"field": "name", "old": "Acme 1", "new": None} in gone["changes"]
    assert (back["action"], back["version"], back["before"]) == ("restored", 3, None)
    assert {"field": "name", "old": None, "new": "Acme 1"} in back["changes"]
    assert again["before"] == back["after"]


async def test_a_merge_ends_one_company_and_its_undoing_begins_it_anew(store: Database, writer: AsyncClient) -> None:
    await put(store, **merging.world())
    for step, action, there in ((merging.merge, "merged", "before"), (merging.unmerge, "unmerged", "after")):
        last = (await get(writer, "/v1/changes?limit=1000"))["after"]
        await merging.done(await step(writer))
        told = (await get(writer, f"/v1/changes?after={last}"))["data"]
        (one,) = [change for change in told if change["record"]["slug"] == merging.OLD]
        assert one["action"] == action
        assert [name for name in ("before", "after") if one[name]] == [there]
        others = [change for change in told if change is not one]
        assert others
        assert all(change["before"] and change["after"] and change["changes"] for change in others)


async def test_documents_are_the_bytes_of_their_versions(store: Database, client: AsyncClient) -> None:
    exact = {"qualifier": "exact", "amount": Decimal("11900000000.125"), "unit": "USD"}
    await put(store, **one_of_each() | {"contracts": [contract(value=exact)]})
    shown = (await client.get("/v1/contracts/openai-coreweave")).text
    assert shown in (await client.get("/v1/changes?types=contracts")).text


async def test_pages_follow_each_other_with_no_change_missed_or_twice(store: Database, client: AsyncClient) -> None:
    await renamed(store, 5)
    whole = await get(client, "/v1/changes")
    assert (whole["next"], whole["after"]) == (None, 5)
    assert await walk(client, "/v1/changes?limit=2") == whole["data"]
    assert await walk(client, "/v1/changes?limit=5&after=0") == whole["data"]
    first = await client.get("/v1/changes?limit=2")
    assert first.json()["after"] == 2
    assert first.headers["link"] == f'<{first.json()["next"]}>; rel="next"'


async def test_a_client_that_asks_again_from_where_it_was_gets_what_came_since(
    store: Database, client: AsyncClient
) -> None:
    await renamed(store, 3)
    known = await get(client, "/v1/changes?after=1")
    assert [change["position"] for change in known["data"]] == [2, 3]
    assert await get(client, "/v1/changes?after=3") == {"data": [], "next": None, "after": 3}
    await put(store, companies=[company("other")])
    (change,) = (await get(client, f"/v1/changes?after={known['after']}"))["data"]
    assert (change["position"], change["record"]["slug"]) == (4, "other")


async def test_a_position_beyond_the_newest_is_an_empty_page_and_stays_where_it_is(
    store: Database, client: AsyncClient
) -> None:
    await renamed(store, 1)
    for url in ("/v1/changes?after=99", "/v1/changes?after=9007199254740991&types=companies"):
        page = await get(client, url)
        assert (page["data"], page["next"], str(page["after"]) in url) == ([], None, True)


async def test_an_empty_store_has_no_change(client: AsyncClient) -> None:
    assert await get(client, "/v1/changes") == {"data": [], "next": None, "after": 0}


async def test_types_narrow_the_feed_and_given_twice_mean_either(store: Database, client: AsyncClient) -> None:
    await put(store, **one_of_each())
    changes = await get(client, "/v1/changes")
    for types in (["fleets"], ["metrics", "companies"]):
        page = await get(client, "/v1/changes", types=types)
        assert page["data"] == [change for change in changes["data"] if change["record"]["type"] in types]
        # What does not match was seen too, and need not be looked at again.
        assert page["after"] == changes["after"] == len(changes["data"])


async def test_a_rare_type_is_looked_for_a_stretch_at_a_time(
    store: Database, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SCANNED", 2)
    await put(store, sources=[source()], companies=[company(slug) for slug in "abcdef"])
    first = await get(client, "/v1/changes?types=sources&limit=1")
    assert (len(first["data"]), first["after"]) == (1, 2)
    assert first["next"]
    assert [change["position"] for change in await walk(client, "/v1/changes?types=sources")] == [1]
    assert [change["position"] for change in await walk(client, "/v1/changes?types=companies")] == [2, 3, 4, 5, 6, 7]
    assert [change["position"] for change in await walk(client, "/v1/changes?types=companies&limit=1")] == [
        *range(2, 8)
    ]


async def test_a_page_of_large_documents_ends_early(
    store: Database, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, sources=[source()], companies=[company(slug, citations=[citation()] * 20) for slug in "abcd"])
    whole = (await get(client, "/v1/changes"))["data"]
    monkeypatch.setattr(module, "_MOST_BYTES", 6_000)
    # Another question: the answer to that one is kept.
    first = await get(client, "/v1/changes?after=0")
    assert (len(first["data"]), first["after"]) == (3, 3)
    assert await walk(client, "/v1/changes?after=0") == whole


async def test_a_page_is_one_statement_whatever_it_holds(store: Database, client: AsyncClient) -> None:
    await put(store, **one_of_each())
    for url in ("/v1/changes", "/v1/changes?limit=1", "/v1/changes?types=events&after=2", "/v1/changes?after=99"):
        with statements() as said:
            await get(client, url)
        assert len(said) == 1, url


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("after=-1", "after"),
        ("after=x", "after"),
        ("after=", "after"),
        ("after=9223372036854775808", "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("after=1&after=2", "after"),
        ("types=company", "types"),
        ("since=1", "since"),
    ],
)
async def test_what_cannot_be_read_is_refused_by_name(reader: AsyncClient, query: str, parameter: str) -> None:
    flaw = await refusal(reader, f"/v1/changes?{query}")
    assert flaw["parameter"] == parameter


async def test_a_slip_in_a_type_gets_a_suggestion(reader: AsyncClient) -> None:
    assert (await refusal(reader, "/v1/changes?types=contract"))["suggestion"] == "contracts"
