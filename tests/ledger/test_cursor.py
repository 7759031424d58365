"""Cursors: they go back with their own question to the store that gave them, and with no other."""

import base64
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.ledger.cursor import keys_in, opened, sealed
from app.models.ledger import store as stores
from app.shared.database import Database
from tests.conftest import serving
from tests.factories import company, put
from tests.ledger.asking import forged, get, refusal, walk
from tests.statements import statements

NOT_OURS = "the cursor is not one that this store gave: take it from the next of a page, as it is"
ANOTHER = "the cursor belongs to another question: filters and sort must stay the same from page to page"
UNFIT = "the cursor does not fit the fields that the list is sorted by"
SECRET = bytes(32)

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
amounts = st.integers(-(2**63) + 1, 2**63 - 1).map(lambda units: Decimal(units).scaleb(-3))
keys = st.none() | st.booleans() | st.integers(-(2**31), 2**31) | words | st.dates() | amounts


@given(st.lists(keys, min_size=1, max_size=4), words)
def test_what_is_sealed_opens_the_same(stated: list[Any], question: str) -> None:
    content = opened(SECRET, sealed(SECRET, question, stated))
    assert content
    known = keys_in(content, question, len(stated))
    assert known == stated
    assert [type(key) for key in known] == [type(key) for key in stated]


@given(st.text())
def test_no_text_is_taken_for_a_cursor(text: str) -> None:
    assert opened(SECRET, text) is None


def test_a_cursor_with_any_bit_changed_is_not_one() -> None:
    cursor = sealed(SECRET, "question", ["slug", Decimal("1.5")])
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for place, bit in ((place, bit) for place in range(len(raw)) for bit in range(8)):
        changed = raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :]
        assert opened(SECRET, base64.urlsafe_b64encode(changed).decode().rstrip("=")) is None
    assert opened(bytes([1]) + SECRET[1:], cursor) is None


@pytest.mark.parametrize("cursor", ["", "?", "====", "AAAA", "é", "a" * 5_000, "bm90IGpzb24"])
async def test_a_malformed_cursor_is_a_400_that_names_it(many: AsyncClient, cursor: str) -> None:
    reply = await many.get("/v1/events", params={"cursor": cursor})
    assert reply.status_code == 400
    assert reply.json()["errors"] == [{"parameter": "cursor", "detail": NOT_OURS}]


async def cursor_of(client: AsyncClient, url: str) -> str:
    """The cursor to the second page of a list."""
    page = await get(client, url)
    (cursor,) = parse_qs(urlsplit(str(page["next"])).query)["cursor"]
    return cursor


OTHERS = [
    "/v1/contracts?sort=title&stage=active",
    "/v1/contracts?sort=-title&stage=signed",
    "/v1/contracts?sort=stage&stage=signed",
    "/v1/contracts?sort=title&stage=signed&stage=active",
    "/v1/contracts?sort=title&stage__not=signed",
    "/v1/contracts?sort=title",
    "/v1/contracts?sort=title,slug&stage=signed",
    "/v1/investments?sort=title&stage=signed",
]


async def test_a_cursor_of_another_question_is_refused(many: AsyncClient) -> None:
    cursor = await cursor_of(many, "/v1/contracts?sort=title&stage=signed&limit=1")
    for other in OTHERS:
        assert await refusal(many, f"{other}&cursor={cursor}") == {"parameter": "cursor", "detail": ANOTHER}


async def test_how_a_page_is_shown_and_the_order_of_the_parameters_do_not_matter(many: AsyncClient) -> None:
    cursor = await cursor_of(many, "/v1/contracts?sort=title&stage=signed&stage=active&limit=1")
    shown = "limit=7&count=true&fields=title,parties&expand=parties.company&facets=kind"
    await get(many, f"/v1/contracts?cursor={cursor}&{shown}&stage=active&stage=signed&sort=title")


async def test_a_cursor_is_good_at_every_replica_of_its_store_and_at_no_other_store(
    store: Database, client: AsyncClient
) -> None:
    await put(store, companies=[company(f"c-{n}") for n in range(4)])
    following = (await get(client, "/v1/companies?limit=2"))["next"]
    async with serving(store.writer.url.render_as_string(hide_password=False)) as replica:
        assert [record["slug"] for record in await walk(replica, following)] == ["c-2", "c-3"]
    # As if another store had been put in its place while the server runs.
    async with store.writing() as connection:
        await connection.execute(update(stores).values(secret="ab" * 32))
    async with serving(store.writer.url.render_as_string(hide_password=False)) as other:
        assert await refusal(other, following) == {"parameter": "cursor", "detail": NOT_OURS}
        theirs = (await get(other, "/v1/companies?limit=2"))["next"]
    assert [record["slug"] for record in await walk(client, theirs)] == ["c-2", "c-3"]


async def test_the_secret_is_made_at_random_and_read_once(store: Database) -> None:
    await put(store, companies=[company(f"c-{n}") for n in range(6)])
    async with serving(store.writer.url.render_as_string(hide_password=False)) as client:
        with statements() as asked:
            await walk(client, "/v1/companies?limit=2")
    assert sum("secret" in statement for statement in asked) == 1
    # One statement a page, and the last one has no record more to read.
    assert len(asked) == 4
    secret = await store.scalar(select(stores.c.secret), {})
    assert len(bytes.fromhex(secret)) == 32


FORGED = [
    ("companies", "name", 5),
    ("companies", "name", True),
    ("companies", "name", None),
    ("companies", "name", date(2025, 1, 1)),
    ("contracts", "term_months", "12"),
    ("contracts", "term_months", 2**31),
    ("contracts", "term_months", False),
    ("contracts", "exclusive", 1),
    ("contracts", "announced_on", "2025-01-01"),
    ("contracts", "value", 5),
    ("contracts", "value", Decimal("1e30")),
    ("contracts", "value", Decimal("0.0001")),
    ("fleets", "latitude", Decimal("1e15")),
]


async def test_a_key_that_no_column_could_hold_never_reaches_the_store(store: Database, client: AsyncClient) -> None:
    for resource, sort, key in FORGED:
        cursor = await forged(store, urlencode([(resource, ""), ("sort", sort)]), [key, "slug"])
        flaw = await refusal(client, f"/v1/{resource}?sort={sort}&cursor={cursor}")
        assert flaw == {"parameter": "cursor", "detail": UNFIT}, (resource, sort, key)
