"""Whatever a parameter holds, the reply is an answer or says what is wrong: never a failure of ours."""

import pytest
from httpx import AsyncClient

from tests.describing import in_place

GRAPH = {
    "/v1/companies/openai/dependencies": "",
    "/v1/companies/openai/dependents": "",
    "/v1/companies/openai/dependencies/diff": "from=2024-12-31&to=2025-03-12",
    "/v1/companies/openai/exposure": "",
    "/v1/companies/openai/impact": "",
    "/v1/paths": "from=openai&to=nvidia",
    "/v1/loops": "",
    "/v1/compare": "company=openai&company=nvidia",
    "/v1/rankings": "",
    "/v1/timeline": "",
}
"""Every question of the graph, with what it cannot do without."""
VALUES = [
    "",
    "%20",
    "%F0%9F%92%A9",
    "%ED%A0%80",
    "%00",
    "-1",
    "1e999",
    "9" * 400,
    "%D9%A3",
    "2025-02-30",
    "0000-01-01",
    "9999-12-31",
    "1000-01-01T00:00:00%2B23:59",
    "x'%22%3B--%5C%25_",
]


async def parameters(client: AsyncClient, path: str) -> list[str]:
    """The query parameters of a route, as OpenAPI lists them."""
    served = in_place((await client.get("/openapi.json")).json())["paths"]
    operation = served[path.replace("/companies/openai/", "/companies/{slug}/")]["get"]
    return [one["name"] for one in operation["parameters"] if one["in"] == "query"]


@pytest.mark.parametrize("path", GRAPH)
async def test_no_value_of_any_parameter_makes_a_question_fail(reader: AsyncClient, path: str) -> None:
    names = [name for name in await parameters(reader, path) if name != "format"]
    assert len(names) >= 3
    for name in names:
        needed = "&".join(pair for pair in GRAPH[path].split("&") if not pair.startswith(f"{name}="))
        for value in VALUES:
            reply = await reader.get(f"{path}?{needed}&{name}={value}")
            assert reply.status_code in {200, 400}, (reply.url, reply.text)
            if reply.status_code == 400:
                assert name in {flaw["parameter"] for flaw in reply.json()["errors"]}, (reply.url, reply.text)


@pytest.mark.parametrize("value", [value for value in VALUES if value not in {"", "%20"}])
async def test_no_slug_makes_a_question_fail(reader: AsyncClient, value: str) -> None:
    for path, needed in GRAPH.items():
        if "companies" in path:
            url = f"{path.replace('openai', value)}?{needed}"
            reply = await reader.get(url)
            assert reply.status_code in ({400} if value == "%ED%A0%80" else {404, 308}), (url, reply.text)


@pytest.mark.parametrize("path", GRAPH)
async def test_every_unknown_parameter_is_named(reader: AsyncClient, path: str) -> None:
    reply = await reader.get(f"{path}?{GRAPH[path]}&as_offf=2025-03-12&nonsense=1")
    assert reply.status_code == 400
    assert {"as_offf", "nonsense"} <= {flaw["parameter"] for flaw in reply.json()["errors"]}
