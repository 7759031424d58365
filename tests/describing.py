"""The description of the API as a reader of it has it: with what operations have in common put in its places."""

from functools import cache
from typing import Any

from app.main import create_app
from app.shared.settings import Settings

Document = dict[str, Any]


@cache
def served() -> Document:
    """The OpenAPI document."""
    return create_app(Settings(database_url="sqlite:///unused.db")).openapi()


@cache
def described() -> Document:
    """The same, each parameter and reply in its place."""
    return in_place(served())


def in_place(document: Document) -> Document:
    """A document in which operations refer to schemas only."""
    paths = {
        path: {method: _operation(document, operation) for method, operation in methods.items()}
        for path, methods in document["paths"].items()
    }
    return document | {"paths": paths}


def _operation(document: Document, operation: Document) -> Document:
    replies = {status: _resolved(document, reply) for status, reply in operation["responses"].items()}
    parameters = [_resolved(document, parameter) for parameter in operation.get("parameters", ())]
    return operation | {"responses": replies} | ({"parameters": parameters} if parameters else {})


def _resolved(document: Document, part: Document) -> Document:
    if "$ref" not in part:
        return part
    *_, kind, name = part["$ref"].split("/")
    found: Document = document["components"][kind][name]
    return found
