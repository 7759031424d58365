"""Identifiers: no two companies have the same one."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.transfer.load import ImportRefused, Refusal
from tests.factories import company, put
from tests.ledger.asking import slugs


def ticker(value: str) -> dict[str, Any]:
    """An identifier at an exchange."""
    return {"scheme": "ticker", "value": value}


async def refusals(store: Database, *batch: dict[str, Any]) -> list[str]:
    """Why companies are refused."""
    with pytest.raises(ImportRefused) as refused:
        await put(store, companies=list(batch))
    return [str(refusal) for refusal in refused.value.refusals if isinstance(refusal, Refusal)]


async def test_an_identifier_that_another_company_has_is_refused_with_its_holder(store: Database) -> None:
    await put(store, companies=[company("nvidia", identifiers=[ticker("NVDA")])])
    again = company("other", identifiers=[ticker("OTHR"), ticker("NVDA")])
    assert await refusals(store, company("third"), again) == [
        "/companies/1/identifiers/1: ticker NVDA belongs to 'nvidia'"
    ]


async def test_an_identifier_is_given_once_in_an_import(store: Database) -> None:
    batch = [company("a", identifiers=[ticker("NVDA")]), company("b", identifiers=[ticker("NVDA")])]
    assert await refusals(store, *batch) == [
        "/companies/1/identifiers/0: ticker NVDA belongs to another record of the same import"
    ]


@pytest.mark.parametrize(
    ("scheme", "one", "other"),
    [
        ("cik", "0001045810", "1045810"),
        ("cik", "1045810", "0001045810"),
        ("ticker", "NVDA", "nvda"),
        ("ticker", "BRK.B", "BRK-B"),
        ("wikidata", "Q182477", "q182477"),
    ],
)
async def test_an_identifier_that_is_written_in_another_way_is_the_same(
    store: Database, client: AsyncClient, scheme: str, one: str, other: str
) -> None:
    await put(store, companies=[company("nvidia", identifiers=[{"scheme": scheme, "value": one}])])
    again = company("other", identifiers=[{"scheme": scheme, "value": other}])
    assert await refusals(store, again) == [
        f"/companies/0/identifiers/0: {scheme} {other} belongs to 'nvidia', as {one}"
    ]
    await put(store, companies=[company("nvidia"), again])
    named = [{"name": "nobody", "identifiers": [{"scheme": scheme, "value": one}]}]
    (answer,) = (await client.post("/v1/match", json={"names": named})).json()["data"]
    assert [(found["slug"], found["decided"]) for found in answer["candidates"]] == [("other", True)]
    if "-" not in other:
        assert await slugs(client, f"/v1/companies?identifiers.scheme={scheme}&identifiers.value={one}") == ["other"]


async def test_a_sign_makes_another_ticker(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("att", identifiers=[ticker("T-PC")]), company("tutor")])
    await put(store, companies=[company("tutor", identifiers=[ticker("TPC")])])
    for value, slug in (("T-PC", "att"), ("TPC", "tutor"), ("tpc", "tutor")):
        named = [{"name": "nobody", "identifiers": [ticker(value)]}]
        (answer,) = (await client.post("/v1/match", json={"names": named})).json()["data"]
        assert [(found["slug"], found["decided"]) for found in answer["candidates"]] == [(slug, True)]


async def test_one_company_may_have_an_identifier_written_in_two_ways_but_not_twice(store: Database) -> None:
    await put(store, companies=[company("a", identifiers=[ticker("NVDA"), ticker("nvda")])])
    twice = company("b", identifiers=[ticker("X"), ticker("X")])
    assert len(await refusals(store, twice)) == 1


async def test_the_same_value_in_another_scheme_is_another_identifier(store: Database) -> None:
    cik = {"scheme": "cik", "value": "NVDA"}
    await put(store, companies=[company("a", identifiers=[ticker("NVDA"), cik])])


async def test_an_identifier_moves_from_one_company_to_another_in_one_import(
    store: Database, client: AsyncClient
) -> None:
    await put(store, companies=[company("a", identifiers=[ticker("X")]), company("b")])
    await put(store, companies=[company("a"), company("b", identifiers=[ticker("X")])])
    assert await slugs(client, "/v1/companies?identifiers.value=X") == ["b"]
    await put(store, companies=[company("a", identifiers=[ticker("X")]), company("b")])
    assert await slugs(client, "/v1/companies?identifiers.value=X") == ["a"]
