"""Which shape an answer takes, and for whom it has none."""

import pytest
from httpx import AsyncClient

JSON_ONLY = (
    "/v1/companies/openai",
    "/v1/companies/openai?fields=name",
    "/v1/companies/openai/history",
    "/v1/companies/openai/claims",
    "/v1/changes",
    "/v1/search?q=gpu",
    "/v1/suggest?q=op",
)


@pytest.mark.parametrize("accept", ["application/xml", "text/csv", "application/json;q=0", "text/html, image/*;q=0.5"])
async def test_an_answer_in_json_only_is_a_406_for_whom_takes_none(reader: AsyncClient, accept: str) -> None:
    for url in JSON_ONLY:
        reply = await reader.get(url, headers={"Accept": accept})
        assert (reply.status_code, reply.headers["Content-Type"]) == (406, "application/problem+json"), url
        assert reply.json()["errors"][0]["suggestion"] == "application/json"


@pytest.mark.parametrize(
    "accept", ["*/*", "application/*", "application/json", "text/html, */*;q=0.8", "application/xml, application/json"]
)
async def test_an_answer_in_json_only_is_given_to_whom_takes_it_among_others(reader: AsyncClient, accept: str) -> None:
    for url in JSON_ONLY:
        assert (await reader.get(url, headers={"Accept": accept})).status_code == 200, url


async def test_an_export_takes_its_format_from_accept_where_the_question_names_none(reader: AsyncClient) -> None:
    url = "/v1/export?resource=companies"
    for accept, shown in (("text/csv", "text/csv"), ("*/*", "application/x-ndjson"), ("", "application/x-ndjson")):
        reply = await reader.get(url, headers={"Accept": accept} if accept else {})
        assert reply.headers["Content-Type"].startswith(shown), accept
        assert reply.headers["Vary"] == "Accept"
    named = await reader.get(f"{url}&format=ndjson", headers={"Accept": "text/csv"})
    assert named.headers["Content-Type"].startswith("application/x-ndjson")
    assert (await reader.get(url, headers={"Accept": "image/png"})).status_code == 406
    whole = await reader.get("/v1/export", headers={"Accept": "text/csv"})
    assert (whole.status_code, whole.json()["errors"][0]["parameter"]) == (400, "resource")
