"""Names to companies over HTTP."""

import pytest
from httpx import AsyncClient, Response

from app.shared.json import dumps

JSON = {"Content-Type": "application/json"}


async def match(client: AsyncClient, body: object) -> Response:
    """Ask for names."""
    return await client.post("/v1/match", content=dumps(body), headers=JSON)


async def test_names_are_answered_in_their_order_with_scores_and_reasons(searching: AsyncClient) -> None:
    one = {
        "name": "NVIDIA Corp.",
        "identifiers": [{"scheme": "cik", "value": "0001045810"}],
        "kind": "chip_vendor",
        "country": "US",
    }
    reply = await match(searching, {"names": ["Core Weave", one, "Zebra", "Acme", "Acme"], "limit": 1})
    assert reply.status_code == 200, reply.text
    data = reply.json()["data"]
    assert [named["name"] for named in data] == ["Core Weave", "NVIDIA Corp.", "Zebra", "Acme", "Acme"]
    assert [[c["slug"] for c in named["candidates"]] for named in data] == [
        ["coreweave"],
        ["nvidia"],
        [],
        ["acme-de"],
        ["acme-de"],
    ]
    assert data[1]["candidates"][0] == {
        "slug": "nvidia",
        "name": "Nvidia",
        "kind": "chip_vendor",
        "url": "/v1/companies/nvidia",
        "score": 100.0,
        "decided": True,
        "why": ["its cik is 0001045810", "its name is 'Nvidia', the same but for the legal form"],
    }
    assert not data[3]["candidates"][0]["decided"]


async def test_a_thousand_names_are_taken_and_one_more_is_not(searching: AsyncClient) -> None:
    reply = await match(searching, {"names": ["Coreweve"] * 1_000})
    assert [len(one["candidates"]) for one in reply.json()["data"]] == [1] * 1_000
    assert (await match(searching, {"names": ["x"] * 1_001})).status_code == 422


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/names"),
        ([], ""),
        ({"names": []}, "/names"),
        ({"names": ["x"], "limit": 0}, "/limit"),
        ({"names": ["x"], "limt": 1}, "/limt"),
        ({"names": ["x", ""]}, "/names/1"),
        ({"names": [{"name": ""}]}, "/names/0/name"),
        ({"names": [7]}, "/names/0"),
        ({"names": [{"name": "x", "contry": "US"}]}, "/names/0/contry"),
        (
            {"names": [{"name": "x", "identifiers": [{"scheme": "duns", "value": "1"}]}]},
            "/names/0/identifiers/0/scheme",
        ),
    ],
)
async def test_what_cannot_be_matched_is_refused_with_its_place(
    searching: AsyncClient, body: object, pointer: str
) -> None:
    reply = await match(searching, body)
    assert reply.status_code == 422
    assert any(one["pointer"].startswith(pointer) for one in reply.json()["errors"]), reply.text
    assert all("str" not in one["pointer"] for one in reply.json()["errors"]), reply.text


async def test_a_name_by_itself_is_refused_where_it_stands(searching: AsyncClient) -> None:
    reply = await match(searching, {"names": ["x", "", "a" * 501]})
    assert [one["pointer"] for one in reply.json()["errors"]] == ["/names/1", "/names/2"]
