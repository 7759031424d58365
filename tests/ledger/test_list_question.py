"""What a list is asked is read once for the same question, and for no other."""

import pytest
from fastapi import Request
from httpx import AsyncClient
from starlette.datastructures import Headers

from app.companies.repository import COMPANIES
from app.contracts.repository import CONTRACTS
from app.ledger.list_question import read_list
from app.ledger.resource import Resource
from app.shared.errors import BadRequest


def asking(resource: Resource, query: str, accept: str = "*/*") -> object:
    """What a request for a list asks."""
    headers = Headers({"accept": accept}).raw
    return read_list(resource, Request({"type": "http", "query_string": query.encode(), "headers": headers}))


def test_the_same_question_is_read_once_unless_it_is_long() -> None:
    short, long = "limit=7&name__contains=a", "&".join(f"name=company-{number}" for number in range(50))
    assert asking(COMPANIES, short) is asking(COMPANIES, short)
    assert asking(COMPANIES, long) is not asking(COMPANIES, long)


def test_what_is_refused_is_refused_again() -> None:
    for _ in range(2):
        with pytest.raises(BadRequest):
            asking(COMPANIES, "nmae=x")


def test_another_resource_is_another_question() -> None:
    assert asking(COMPANIES, "limit=7") is not asking(CONTRACTS, "limit=7")


async def test_who_accepts_another_shape_gets_it_of_the_same_query(many: AsyncClient) -> None:
    for accept, expected in (("application/json", "{"), ("text/csv", "slug,"), ("application/json", "{")):
        reply = await many.get("/v1/companies?limit=2", headers={"Accept": accept})
        assert reply.headers["Content-Type"].startswith(accept)
        assert reply.text.startswith(expected)
