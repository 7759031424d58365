"""The description of the API: complete, true, and readable with no internet."""

import asyncio
import re
from collections import ChainMap
from collections.abc import Iterator
from threading import Thread, current_thread
from typing import Any
from urllib.parse import urljoin

import pytest
from httpx import AsyncClient
from pydantic import BaseModel, TypeAdapter

from app.ledger.filters import read_filters
from app.ledger.openapi import FlawShown, ProblemShown
from app.ledger.openapi_whole import Documented
from app.ledger.schemas import Part
from app.shared.json import dumps
from app.shared.quantity import Quantity
from app.transfer.resources import IN_ORDER
from tests.describing import Document, described, served
from tests.ledger.asking import get

NOT_FOR_ALL_STORES = ("known_at", "cursor")
"""What is signed by one store, or an instant at which the store of this test had not been told of anything."""
ASKED_BY_POST = ("POST /v1/match", "POST /reconcile")
"""What only asks, though it is too long for a URL."""


def operations() -> Iterator[tuple[str, Document]]:
    """Every operation with its method and path."""
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def questions() -> Iterator[tuple[str, Document]]:
    """Every operation that only asks, that anyone may ask, and whose answer has an end, with its path."""
    for path, methods in described()["paths"].items():
        if "get" not in methods or {} not in methods["get"]["security"]:
            continue
        if "text/event-stream" not in methods["get"]["responses"]["200"].get("content", ()):
            yield path, methods["get"]


def parameters() -> Iterator[tuple[str, Document]]:
    """Every parameter with the method and path of its operation."""
    for where, operation in operations():
        for parameter in operation.get("parameters", ()):
            yield where, parameter


def asked() -> Iterator[tuple[str, Document]]:
    """Every parameter of a question, with its path."""
    for path, operation in questions():
        for parameter in operation.get("parameters", ()):
            yield path, parameter


def example(parameter: Document) -> Any:  # noqa: ANN401 - JSON
    """The example of a parameter: its own, or the first of its schema."""
    return parameter.get("example", next(iter(parameter["schema"].get("examples", ())), None))


def test_every_operation_says_in_words_what_it_does() -> None:
    for path, operation in operations():
        assert operation["summary"], path
        assert operation["description"].endswith("."), path
        assert operation["tags"], path


def test_every_parameter_is_described_and_has_an_example() -> None:
    assert len(list(parameters())) > 100
    for path, parameter in parameters():
        assert parameter.get("description", "").endswith("."), (path, parameter["name"])
        assert example(parameter) is not None, (path, parameter["name"])


def test_operations_have_ids_of_their_own_and_parameters_one_place() -> None:
    ids = [operation["operationId"] for _, operation in operations()]
    assert len(set(ids)) == len(ids)
    for path, operation in operations():
        names = [parameter["name"] for parameter in operation.get("parameters", ())]
        assert len(set(names)) == len(names), path


def test_every_reference_leads_somewhere() -> None:
    components = served()["components"]
    for kind in ("schemas", "parameters", "responses"):
        assert set(re.findall(rf"'#/components/{kind}/([\w.-]+)'", str(served()))) == components[kind].keys()


def test_what_operations_have_in_common_stands_once() -> None:
    """Tools that read a description are slow with a large one, and some refuse it: it was 0.93 MB."""
    assert len(dumps(served())) < 600_000
    parts = [dumps(part) for kind in ("parameters", "responses") for part in served()["components"][kind].values()]
    assert len(set(parts)) == len(parts) > 100


def test_a_parameter_that_cannot_be_read_is_described_as_the_400_that_it_is() -> None:
    for path, operation in operations():
        # That of reconciliation holds a document, which may be read and yet say nothing that can be answered.
        refuses_what_is_read = not path.startswith("GET") or path == "GET /reconcile"
        assert refuses_what_is_read or "422" not in operation["responses"], path
        for status, reply in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert list(reply["content"]) == ["application/problem+json"], path


def test_every_body_is_described_with_an_example_and_with_what_is_not_taken() -> None:
    bodies = [(where, operation) for where, operation in operations() if "requestBody" in operation]
    assert len(bodies) >= 3 * len(IN_ORDER)
    for where, operation in bodies:
        assert {"400", "413", "415", "422"} <= operation["responses"].keys(), where
        for media in operation["requestBody"]["content"].values():
            assert media["schema"], where
            assert media["example"], where


def test_every_write_says_how_it_is_refused_and_that_it_can_be_sent_again() -> None:
    for where, operation in operations():
        if where.startswith("GET") or where in ASKED_BY_POST:
            continue
        assert {"400", "401", "403", "429", "503"} <= operation["responses"].keys(), where
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert "Idempotency-Key" in names, where
        assert ("If-Match" in names) == ("428" in operation["responses"]), where


# What a parameter, or its path as a whole, makes sense beside only.
BESIDE: dict[tuple[str, str], Document] = {
    ("/v1/compare", ""): {"company": ["openai", "microsoft"]},
    ("/v1/rankings", "unit"): {"by": "contract_value"},
    ("/v1/metrics/summary", "sum"): {"group_by": "name"},
    ("/v1/companies/{slug}/dependencies/diff", "as_of"): {
        "by": "known_at",
        "from": "2100-01-01T00:00:00Z",
        "to": "2100-01-02T00:00:00Z",
    },
}


async def ask(client: AsyncClient, path: str, given: Document) -> None:
    """Ask with the examples of the needed parameters and with those that are given; the answer must be good."""
    beside = [BESIDE.get((path, name), {}) for name in ("", *given)]
    needed = {one["name"]: example(one) for where, one in asked() if where == path and one["required"]}
    names = re.findall(r"{(\w+)}", path)
    url = path.format(**{name: needed.pop(name) for name in names})
    reply = await client.get(url, params=dict(ChainMap(given, *beside, needed)))
    assert reply.status_code == 200, (url, given, reply.text)


def filters_of_lists() -> dict[str, list[Document]]:
    """The parameters of each list, under the path of the summary that has the filters among them in common with it."""
    return {f"{path}/summary": operation.get("parameters", []) for path, operation in questions()}


@pytest.mark.parametrize("path", [path for path, _ in questions()])
async def test_every_path_answers_and_every_example_of_a_parameter_is_taken(reader: AsyncClient, path: str) -> None:
    await ask(reader, path, {})
    asked_before = filters_of_lists().get(path, [])
    for where, parameter in asked():
        if parameter in asked_before and parameter["name"] != "kind":
            continue
        if where == path and parameter["in"] == "query" and _is_asked(parameter["name"]):
            await ask(reader, path, {parameter["name"]: example(parameter)})


def _is_asked(name: str) -> bool:
    # Operators are many: they are read below, and asked in tests/ledger/test_operators.py.
    return name not in NOT_FOR_ALL_STORES and "__" not in name


def test_every_example_of_an_operator_is_one() -> None:
    read = 0
    for resource in IN_ORDER:
        for parameter in described()["paths"][f"/v1/{resource.type}"]["get"]["parameters"]:
            if "__" in parameter["name"]:
                given = example(parameter)
                one = given[0] if isinstance(given, list) else given
                read_filters(resource, [(parameter["name"], "true" if one is True else str(one))])
                read += 1
    assert read > 500


def of_list(path: str, name: str) -> Any:  # noqa: ANN401 - JSON
    """The example of a parameter of a list, without the list that it may be in."""
    parameter = next(one for one in described()["paths"][path]["get"]["parameters"] if one["name"] == name)
    given = example(parameter)
    return given[0] if isinstance(given, list) else given


def test_the_example_of_a_filter_fits_its_field() -> None:
    assert of_list("/v1/fleets", "accelerators__unit") == "gpu"
    assert of_list("/v1/fleets", "power__unit") == "MW"
    assert of_list("/v1/fleets", "sites__gte") == 32
    assert of_list("/v1/investments", "stake__unit") == "percent"
    assert of_list("/v1/companies", "country__startswith") == "US"
    assert of_list("/v1/contracts", "products__contains") in of_list("/v1/contracts", "products")
    assert of_list("/v1/sources", "sha256").startswith(of_list("/v1/sources", "sha256__startswith"))


@pytest.mark.parametrize("resource", IN_ORDER, ids=lambda resource: resource.type)
async def test_records_are_as_they_are_described(reader: AsyncClient, resource: Any) -> None:  # noqa: ANN401 - a Resource
    schema = described()["components"]["schemas"][resource.shown.__name__]
    for record in (await get(reader, f"/v1/{resource.type}?limit=1000"))["data"]:
        resource.shown.model_validate(record)
        assert record.keys() == schema["properties"].keys()
        assert record.keys() == set(schema["required"])


async def test_problems_are_as_they_are_described(reader: AsyncClient) -> None:
    for url in ("/nowhere", "/v1/companies?knd=x", "/v1/companies/nobody", "/v1/contracts?company=openia"):
        told = (await reader.get(url)).json()
        assert ProblemShown.model_validate(told).status >= 400
        assert told.keys() == described()["components"]["schemas"]["ProblemShown"]["properties"].keys()


def models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """All models of ours below a base."""
    for model in base.__subclasses__():
        yield model
        yield from models(model)


STATED: list[type[BaseModel]] = sorted(
    {Quantity, FlawShown, ProblemShown, *models(Part), *models(Quantity)}, key=lambda model: model.__name__
)


@pytest.mark.parametrize("model", STATED, ids=lambda model: model.__name__)
def test_every_example_in_a_schema_is_valid(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        of_its_type = TypeAdapter(field.rebuild_annotation())
        for one in field.examples or ():
            of_its_type.validate_python(one)
        assert field.description, name
    extra = model.model_config.get("json_schema_extra") or {}
    assert isinstance(extra, dict)
    examples = extra.get("examples", [])
    assert isinstance(examples, list)
    for whole in examples:
        model.model_validate(whole)


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_the_documentation_is_all_our_own(reader: AsyncClient, page: str) -> None:
    shown = (await reader.get(page)).text
    assert "/openapi.json" in shown
    assert not re.search(r"(?:src|href|url)\s*[=:]\s*[\"'](?:https?:)?//", shown)
    assets = re.findall(r"(?:src|href)=\"([^\"]+)\"", shown)
    assert any(asset.endswith(".js") for asset in assets)
    for asset in assets:
        reply = await reader.get(urljoin(page, asset))
        assert reply.status_code == 200, asset
        assert len(reply.content) > 1_000, asset


async def test_the_document_is_served_as_it_is(reader: AsyncClient) -> None:
    shown = await get(reader, "/openapi.json")
    assert shown == served()
    assert shown["openapi"].startswith("3.1")
    assert shown["info"]["title"] == "Dealgraph"


async def test_the_description_is_made_once_and_not_by_the_event_loop(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes a second, in which others are to be answered; who asks meanwhile is not shown half of it."""
    threads: list[Thread] = []
    original = Documented._complete  # noqa: SLF001 - there is no other place to see it

    def seen(app: Documented, document: Document) -> None:
        threads.append(current_thread())
        original(app, document)

    monkeypatch.setattr(Documented, "_complete", seen)
    wrong = "/v1/companies/openai/dependencies?dept=2"
    document, *refused = await asyncio.gather(client.get("/openapi.json"), *(client.get(wrong) for _ in range(5)))
    assert document.json() == (await client.get("/openapi.json")).json()
    assert [one.json()["errors"][0]["suggestion"] for one in refused] == ["depth"] * 5
    assert len(threads) == 1
    assert threads[0] is not current_thread()
