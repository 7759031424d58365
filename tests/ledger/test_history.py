from typing import Any

from httpx import AsyncClient

from app.companies.repository import COMPANIES
from app.ledger.transaction import Author, transaction
from app.shared.database import Database
from tests.factories import company, put
from tests.ledger.asking import get


async def test_a_record_of_one_version_has_a_history_that_says_who_and_why(reader: AsyncClient) -> None:
    found = (await reader.get("/v1/contracts/stargate-2025/history")).json()
    (version,) = found["data"]
    assert (version["version"], version["actor"], version["reason"]) == (1, "seed", "seed wired-2025-03-12.yaml")
    assert version["superseded_by"] is None
    assert {"field": "announced_on", "old": None, "new": "2025-01"} in version["changes"]


async def test_a_correction_shows_the_field_before_and_after_the_newest_first(
    store: Database, client: AsyncClient
) -> None:
    await put(store, companies=[company(slug="acme", name="Acme")])
    await put(store, companies=[company(slug="acme", name="Acme Compute")])
    newest, first = (await client.get("/v1/companies/acme/history")).json()["data"]
    assert newest["changes"] == [{"field": "name", "old": "Acme", "new": "Acme Compute"}]
    assert (newest["version"], first["version"]) == (2, 1)
    assert first["superseded_by"] == newest["revision"]
    assert (newest["action"], first["action"]) == ("updated", "created")


async def test_a_retraction_says_who_and_why_and_a_restoration_is_named_so(
    store: Database, client: AsyncClient
) -> None:
    await put(store, companies=[company("acme", name="Acme")])
    async with transaction(store, Author("ann", "never was", change="correction", request_id="r-2")) as write:
        await write.retract(COMPANIES, "acme")
    await put(store, companies=[company("acme", name="Acme Inc")])
    again, gone, first = (await get(client, "/v1/companies/acme/history"))["data"]
    told = ("action", "version", "revision", "superseded_by", "actor", "reason", "change", "request_id")
    assert [again[name] for name in told] == ["restored", 2, 3, None, "test", "to be tested", None, None]
    assert [gone[name] for name in told] == ["retracted", 1, 2, 3, "ann", "never was", "correction", "r-2"]
    assert [first[name] for name in told] == ["created", 1, 1, 2, "test", "to be tested", None, None]
    assert gone["changes"] == []
    assert again["changes"] == [{"field": "name", "old": "Acme", "new": "Acme Inc"}]


async def test_a_retracted_record_keeps_its_history(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("acme"), company("other")])
    async with transaction(store, Author("ann")) as write:
        await write.retract(COMPANIES, "acme")
    gone, first = (await get(client, "/v1/companies/acme/history"))["data"]
    assert (gone["action"], gone["superseded_by"], first["superseded_by"]) == ("retracted", None, gone["revision"])


async def test_the_history_of_an_alias_is_that_of_the_company(reader: AsyncClient) -> None:
    reply = await reader.get("/v1/companies/OpenAI/history")
    assert (reply.status_code, reply.headers["location"]) == (308, "/v1/companies/openai/history")


async def test_a_record_that_never_was_has_no_history(reader: AsyncClient) -> None:
    reply = await reader.get("/v1/companies/opnai/history")
    assert reply.status_code == 404
    assert reply.json()["errors"][0]["suggestion"] == "openai"


async def test_a_history_comes_in_pages_that_say_what_the_whole_says(store: Database, client: AsyncClient) -> None:
    """Also where a page ends between a version and what it was before, or between a retraction and a restoration."""
    for number in range(4):
        await put(store, companies=[company("acme", name=f"Acme {number}")])
        async with transaction(store, Author("ann")) as write:
            await write.retract(COMPANIES, "acme")
    whole = (await get(client, "/v1/companies/acme/history"))["data"]
    assert len(whole) == 8
    for limit in range(1, 10):
        url, found = f"/v1/companies/acme/history?limit={limit}", list[Any]()
        while url:
            reply = await client.get(url)
            page = reply.json()
            found += page["data"]
            assert len(page["data"]) == limit or page["next"] is None
            assert reply.links.get("next", {}).get("url") == page["next"]
            url = page["next"]
        assert found == whole, limit


async def test_a_cursor_of_another_history_is_refused(store: Database, client: AsyncClient) -> None:
    for name in ("Acme", "Acme Inc"):
        await put(store, companies=[company("acme", name=name), company("other", name=name)])
    following = (await get(client, "/v1/companies/acme/history?limit=1"))["next"]
    reply = await client.get(following.replace("acme", "other"))
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["parameter"] == "cursor"
