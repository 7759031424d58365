"""Errors over HTTP: problem details (RFC 9457), whatever went wrong."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import BaseModel, ConfigDict, field_validator

from app.shared import http, logs
from app.shared.asking import parameters_of
from app.shared.errors import Conflict

MEMBERS = {"type", "title", "status", "detail", "instance", "request_id", "errors"}


class Body(BaseModel):
    """A body that has a rule of ours."""

    model_config = ConfigDict(extra="forbid")
    size: int
    parts: dict[str, int] = {}

    @field_validator("size")
    @classmethod
    def _small(cls, size: int) -> int:
        if size > 9:
            raise ValueError("the size is one digit")
        return size


class Once(BaseModel):
    """A question of which one parameter is a list."""

    depth: int = 1
    kind: list[str] = []


@pytest.fixture
async def broken() -> AsyncIterator[AsyncClient]:
    """Asks an app of ours whose routes fail in every way."""
    logs.configure("console")
    app = FastAPI()
    http.install(app)

    @app.get("/fails")
    async def fails() -> None:
        raise ZeroDivisionError("secret")

    @app.get("/conflicts")
    async def conflicts() -> None:
        raise Conflict("it is taken", holder="openai")

    @app.post("/bodies")
    async def bodies(body: Body) -> Body:
        return body

    @app.get("/once/{word}")
    async def once(word: str, question: Annotated[Once, Depends(parameters_of(Once))]) -> list[Any]:
        return [word, question.depth, question.kind]

    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def problem(reply: Response, status: int) -> dict[str, Any]:
    """The members of a problem, once it has been found to be one."""
    assert reply.status_code == status, reply.text
    assert reply.headers["Content-Type"] == "application/problem+json"
    body = reply.json()
    assert isinstance(body, dict)
    assert body.keys() >= MEMBERS
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["request_id"] == reply.headers["X-Request-Id"]
    return body


async def test_a_path_that_is_not_there_is_a_problem(reader: AsyncClient) -> None:
    told = problem(await reader.get("/v2/companies?x=1"), 404)
    assert (told["title"], told["instance"], told["errors"]) == ("Not found", "/v2/companies", [])
    assert "/docs" in told["detail"]


async def test_a_method_that_is_not_there_is_a_problem_that_says_which_are(broken: AsyncClient) -> None:
    reply = await broken.post("/conflicts", json={})
    assert problem(reply, 405)["detail"] == "POST is not allowed here"
    assert reply.headers["Allow"] == "GET, HEAD"


async def test_a_shape_that_we_do_not_have_is_a_problem(reader: AsyncClient) -> None:
    problem(await reader.get("/v1/companies/openai/dependencies", headers={"Accept": "application/pdf"}), 406)


async def test_what_a_client_takes_may_stand_in_several_headers(reader: AsyncClient) -> None:
    """RFC 9110, 5.3: they are one list."""
    both = [("Accept", "application/pdf"), ("Accept", "text/csv")]
    reply = await reader.get("/v1/companies/openai/dependencies", headers=both)
    assert reply.headers["Content-Type"].startswith("text/csv")


async def test_an_error_of_our_own_keeps_what_it_adds(broken: AsyncClient) -> None:
    told = problem(await broken.get("/conflicts"), 409)
    assert (told["detail"], told["holder"]) == ("it is taken", "openai")


async def test_what_nobody_expected_is_a_500_that_gives_nothing_away(
    broken: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = await broken.get("/fails", headers={"X-Request-Id": "find-me"})
    assert problem(reply, 500)["request_id"] == "find-me"
    assert "secret" not in reply.text
    assert "ZeroDivisionError: secret" in capsys.readouterr().err


async def test_a_body_that_is_wrong_is_a_422_that_points_at_each_flaw(broken: AsyncClient) -> None:
    reply = await broken.post("/bodies", json={"size": 10, "parts": {"a/b~c": "many"}, "colour": "red"})
    assert [(flaw["pointer"], flaw["detail"]) for flaw in problem(reply, 422)["errors"]] == [
        ("/size", "the size is one digit"),
        ("/parts/a~1b~0c", "a whole number is needed"),
        ("/colour", "there is no field 'colour'"),
    ]


async def test_a_body_that_is_no_json_is_a_422(broken: AsyncClient) -> None:
    reply = await broken.post("/bodies", content=b"{", headers={"Content-Type": "application/json"})
    problem(reply, 422)


async def test_a_parameter_of_a_route_with_a_path_parameter_is_named_with_the_nearest(reader: AsyncClient) -> None:
    told = problem(await reader.get("/v1/companies/openai/dependents?dept=2&knd=x"), 400)
    assert [(flaw["parameter"], flaw["suggestion"]) for flaw in told["errors"]] == [("dept", "depth"), ("knd", "kind")]


async def test_an_enum_value_that_is_close_is_suggested(reader: AsyncClient) -> None:
    told = problem(await reader.get("/v1/companies/openai/dependencies?kind=computer"), 400)
    assert told["errors"][0]["suggestion"] == "compute"


async def test_a_parameter_given_twice_is_refused_unless_it_is_a_list(broken: AsyncClient) -> None:
    told = problem(await broken.get("/once/a?depth=1&kind=x&depth=2&kind=y"), 400)
    assert told["errors"] == [{"parameter": "depth", "detail": "give it once"}]
    assert (await broken.get("/once/a?depth=2&kind=x&kind=y")).json() == ["a", 2, ["x", "y"]]
    assert (await broken.get("/once/a")).json() == ["a", 1, []]


async def test_a_parameter_that_is_missing_is_named_and_nothing_else_of_the_request_is_told(
    reader: AsyncClient,
) -> None:
    for address in ("/v1/paths?from=openai", "/v1/companies/openai/dependencies/diff?from=2025-01-01"):
        told = problem(await reader.get(address), 400)
        assert told["errors"] == [{"parameter": "to", "detail": "it is missing: give it"}]


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        ("depth=9", "at most 8 is needed, not '9'"),
        ("depth=x", "a whole number is needed, not 'x'"),
        ("width=3", "at least 100 is needed, not '3'"),
        ("format=gif", "one of json, text, csv, mermaid, dot, graphml or svg is needed, not 'gif'"),
        (
            "as_of=x",
            "'x' is not a date: write 2025, 2025-Q3, 2025-03 or 2025-03-10, with a ~ at the end when it is approximate",
        ),
    ],
)
async def test_a_value_that_cannot_be_read_is_told_with_what_is_needed(
    reader: AsyncClient, asked: str, detail: str
) -> None:
    told = problem(await reader.get(f"/v1/companies/openai/dependencies?{asked}"), 400)
    assert [flaw["detail"] for flaw in told["errors"]] == [detail]


async def test_nul_in_a_query_is_a_400_that_names_every_such_parameter(reader: AsyncClient) -> None:
    told = problem(await reader.get("/v1/companies?name=a%00b&kind=ai_lab&x%00=1"), 400)
    assert [flaw["parameter"] for flaw in told["errors"]] == ["name", "x\0"]
    problem(await reader.get("/v1/companies/openai/dependencies?as_of=%00"), 400)


@pytest.mark.parametrize("path", ["/v1/companies/%00", "/v1/companies/%00/dependencies", "/%00"])
async def test_nul_in_a_path_is_a_404(reader: AsyncClient, path: str) -> None:
    problem(await reader.get(path), 404)


@pytest.mark.parametrize(
    "url",
    ["/v1/companies?name=%ff", "/v1/contracts?name=%ED%A0%80", "/v1/search?name=%C3", "/openapi.json?name=%C0%AF"],
)
async def test_what_is_not_utf8_in_a_query_is_a_400_that_names_the_parameter(reader: AsyncClient, url: str) -> None:
    told = problem(await reader.get(url + "&other=%C3%A9"), 400)
    assert [(flaw["parameter"], "is not UTF-8" in flaw["detail"]) for flaw in told["errors"]] == [("name", True)]


async def test_what_is_not_utf8_in_a_path_is_a_400(reader: AsyncClient) -> None:
    told = problem(await reader.get("/v1/companies/%ff"), 400)
    assert (told["instance"], "is not UTF-8" in told["detail"]) == ("/v1/companies/%ff", True)
    assert (await reader.get("/v1/companies?name=%C3%A9%25&name=a+b")).status_code == 200


async def test_the_instance_of_a_problem_is_a_uri_reference(reader: AsyncClient) -> None:
    for path in ("/v1/companies/nope%2Fx%3Fy%20z%22", "/v1/companies/%C3%A9"):
        assert problem(await reader.get(path), 404)["instance"] == path


HOSTILE = [
    "%FF",
    "%ED%A0%80",
    "%F0%9F%98%80",
    "%E2%80%AE",
    "%0A",
    "%0D%0A",
    "%",
    "%2500",
    "'--",
    '"',
    "\\",
    "a" * 4_000,
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_never_an_error_of_ours(reader: AsyncClient, text: str) -> None:
    for url in (
        f"/v1/companies/{text}",
        f"/v1/companies/{text}/dependencies",
        f"/v1/companies?name={text}",
        f"/v1/contracts?company={text}",
        f"/v1/contracts?announced_on={text}",
        f"/v1/companies?cursor={text}",
        f"/v1/companies?{text}=1",
        f"/v1/companies/openai?known_at={text}",
        f"/v1/companies/openai/dependencies?as_of={text}",
    ):
        assert (await reader.get(url)).status_code in {200, 308, 400, 404}, url
