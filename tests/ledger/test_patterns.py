import pytest
from httpx import AsyncClient

from app.ledger.filters.patterns import pieces
from app.shared.database import Database
from tests.factories import company, put
from tests.ledger.asking import get


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("company-1999", ["company-", "-1999"]),
        ("agreed at the pole", ["agreed ", " at ", " the ", " pole"]),
        ("at the", [" the"]),
        ("C++", []),
        ("power", ["power"]),
        ("--", []),
    ],
)
def test_a_piece_is_a_word_with_the_signs_that_mark_its_ends(text: str, found: list[str]) -> None:
    assert pieces(text) == found
    assert all(piece in text for piece in found)


@pytest.mark.parametrize("beginning", ["İ", "İstanbul c", "İSTANBUL CLOUD"])
async def test_a_beginning_is_found_whose_small_form_is_two_signs(
    store: Database, client: AsyncClient, beginning: str
) -> None:
    await put(store, companies=[company("istanbul", name="İstanbul Cloud"), company("other", name="Istanbul Cloud")])
    for operator in ("startswith", "contains"):
        found = await get(client, "/v1/companies", **{f"name__{operator}": beginning})
        assert [one["slug"] for one in found["data"]] == ["istanbul"], operator


async def test_a_beginning_that_is_longer_than_its_index_keeps_is_compared_to_its_end(
    store: Database, client: AsyncClient
) -> None:
    stem = "a" * 24
    await put(store, companies=[company("b", name=f"{stem}b"), company("c", name=f"{stem}c")])
    found = await get(client, "/v1/companies", name__startswith=f"{stem}B")
    assert [one["slug"] for one in found["data"]] == ["b"]
