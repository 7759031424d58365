"""Cursors: they go back with their own question, and with no other."""

import base64
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from app.ledger.cursor import decode, encode
from app.shared.errors import BadRequest
from app.shared.json import dumps
from tests.ledger.asking import get, refusal

NOT_OURS = "the cursor is not one of ours: take it from the next of a page"
ANOTHER = "the cursor belongs to another question: filters and sort must stay the same from page to page"
UNFIT = "the cursor does not fit the fields that the list is sorted by"

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
amounts = st.integers(-(2**63) + 1, 2**63 - 1).map(lambda units: Decimal(units).scaleb(-3))
keys = st.none() | st.booleans() | st.integers(-(2**31), 2**31) | words | st.dates() | amounts


def disguised(content: object) -> str:
    """JSON in the form of a cursor."""
    return base64.urlsafe_b64encode(dumps(content).encode()).decode().rstrip("=")


@given(st.lists(keys, min_size=1, max_size=4), words)
def test_what_is_encoded_decodes_the_same(stated: list[Any], question: str) -> None:
    known = decode(question, encode(question, stated), len(stated))
    assert known == stated
    assert [type(key) for key in known] == [type(key) for key in stated]


@given(st.text())
def test_no_text_is_taken_for_a_cursor(text: str) -> None:
    with pytest.raises(BadRequest):
        decode("question", text, 1)


CONTENTS: list[Any] = [
    None,
    [],
    {},
    "text",
    [1, 2],
    ["digest"],
    ["digest", None],
    ["digest", [1], 3],
    ["digest", [[1]]],
    ["digest", [{}]],
    ["digest", [{"date": "2025-13-01"}]],
    ["digest", [{"date": 20250101}]],
    ["digest", [{"date": "2025-01-01", "decimal": "1"}]],
    ["digest", [{"decimal": "abc"}]],
    ["digest", [{"decimal": "NaN"}]],
    ["digest", [{"decimal": "1e9999999"}]],
    ["digest", [{"decimal": [0, [1], 2]}]],
    ["digest", [{"instant": "2025-01-01"}]],
    ["digest", [Decimal("1.5")]],
    ["digest", [Decimal(2**70)]],
]


@pytest.mark.parametrize("content", CONTENTS, ids=dumps)
def test_json_that_is_no_cursor_is_refused(content: object) -> None:
    with pytest.raises(BadRequest) as refused:
        decode("question", disguised(content), 1)
    assert [flaw.detail for flaw in refused.value.flaws] == [NOT_OURS]


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


@pytest.mark.parametrize(
    "other",
    [
        "/v1/contracts?sort=title&stage=active",
        "/v1/contracts?sort=-title&stage=signed",
        "/v1/contracts?sort=stage&stage=signed",
        "/v1/contracts?sort=title&stage=signed&stage=active",
        "/v1/contracts?sort=title",
        "/v1/contracts?sort=title,slug&stage=signed",
        "/v1/investments?sort=title&stage=signed",
    ],
)
async def test_a_cursor_of_another_question_is_refused(many: AsyncClient, other: str) -> None:
    cursor = await cursor_of(many, "/v1/contracts?sort=title&stage=signed&limit=1")
    assert await refusal(many, f"{other}&cursor={cursor}") == {"parameter": "cursor", "detail": ANOTHER}


async def test_the_order_of_the_parameters_and_the_size_of_the_page_do_not_matter(many: AsyncClient) -> None:
    cursor = await cursor_of(many, "/v1/contracts?sort=title&stage=signed&stage=active&limit=1")
    await get(many, f"/v1/contracts?cursor={cursor}&limit=7&stage=active&stage=signed&count=true&sort=title")


@pytest.mark.parametrize(
    ("resource", "sort", "key"),
    [
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
    ],
)
async def test_a_forged_key_of_another_kind_is_refused(many: AsyncClient, resource: str, sort: str, key: Any) -> None:  # noqa: ANN401 - any key
    question = urlencode([(resource, ""), ("sort", sort)])
    forged = encode(question, [key, "slug"])
    assert await refusal(many, f"/v1/{resource}?sort={sort}&cursor={forged}") == {
        "parameter": "cursor",
        "detail": UNFIT,
    }
