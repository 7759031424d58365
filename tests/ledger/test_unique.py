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
