"""Pieces of the OpenAPI description of routes that write: bodies, headers, replies."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel

from app.ledger.examples import CHANGES, RECORDS, SLUGS
from app.ledger.odd_names import DESCRIBED as WARNING
from app.ledger.openapi import as_shown
from app.ledger.resource import Resource
from app.shared.body import MERGE_PATCH
from app.shared.http import JSON

Described = dict[str, Any]
Replies = dict[int | str, Described]

ETAG_HEADER: Final[Described] = {
    "description": "The version that is shown, for If-Match and If-None-Match (RFC 9110, 8.8.3).",
    "schema": {"type": "string"},
    "example": '"3"',
}
REPLAYED: Final[Described] = {
    "description": "That this reply was given before to a request of the same Idempotency-Key.",
    "schema": {"type": "string", "enum": ["true"]},
    "example": "true",
}
_LOCATION: Final[Described] = {
    "description": "The address of the record.",
    "schema": {"type": "string"},
    "example": "/v1/companies/openai",
}

_STATED: Final[dict[str, type[BaseModel]]] = {}
"""The models of bodies. Their schemas are made when the description is asked for: that takes 0.1 s."""


def header(name: str, description: str, example: str, **schema: str) -> Described:
    """A header of a request that is read by hand, for OpenAPI; ``schema`` says more of the text than that it is one."""
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string", **schema},
        "example": example,
    }


IF_MATCH: Final = header(
    "If-Match",
    "The ETag of the version that is meant to change, needed where there is one: 428 without it, 412 where it is not "
    "current any more. A * means whatever version is there.",
    '"3"',
)
IF_NONE_MATCH: Final = header("If-None-Match", "With *, record it only where nothing is there yet: 412 otherwise.", "*")
CACHED: Final = header("If-None-Match", "The ETag of what you have: 304 while it is still what is shown.", '"3"')
KNOWN: Final = header(
    "If-None-Match",
    "The ETag of the answer that you have: 304 while nothing was recorded since.",
    'W/"57-2f1d0b526d0c4cbb"',
)
IDEMPOTENCY_KEY: Final = header(
    "Idempotency-Key",
    "Your own name for this request, up to 255 characters. When it comes again within 24 hours, the first reply is "
    "given once more and nothing else is done.",
    "2f1d0b52-6d0c-4cbb-a4a5-8b8f3f3b7f0e",
    # A line that prints, in the bytes that a header has (RFC 9110, 5.5), with no space around it.
    pattern="^[!-~¡-¬®-ÿ]([ -~¡-¬®-ÿ]{0,253}[!-~¡-¬®-ÿ])?$",
)


def slug_parameter(resource: Resource) -> Described:
    """The slug in a path, for OpenAPI."""
    return {
        "name": "slug",
        "in": "path",
        "required": True,
        "description": f"The slug of {resource.singular}.",
        "schema": {"type": "string"},
        "example": SLUGS[resource.type],
    }


def json_body(model: type[BaseModel], example: Any) -> Described:  # noqa: ANN401 - any JSON value
    """A JSON body of a model that the route reads by hand, for OpenAPI; `describe_bodies` adds its schema."""
    _STATED[model.__name__] = model
    return _body({"$ref": f"#/components/schemas/Stated{model.__name__}"}, example, (JSON,))


def record_body(resource: Resource) -> Described:
    """A record as the body of a request, for OpenAPI."""
    return json_body(resource.schema, RECORDS[resource.type])


def merge_patch_body(resource: Resource) -> Described:
    """A merge patch of a record as the body of a request, for OpenAPI."""
    schema = {
        "type": "object",
        "description": f"The fields of {resource.singular} that change, and null for those that go (RFC 7396).",
    }
    return _body(schema, CHANGES[resource.type], (MERGE_PATCH, JSON))


def _body(schema: Described, example: Any, media_types: Sequence[str]) -> Described:  # noqa: ANN401 - any JSON value
    return {"required": True, "content": {kind: {"schema": schema, "example": example} for kind in media_types}}


def describe_bodies(described: Described) -> None:
    """Add the schemas of bodies to the components of a description."""
    for name, model in _STATED.items():
        schema = model.model_json_schema(ref_template="#/components/schemas/Stated{model}")
        inner = {f"Stated{key}": value for key, value in schema.pop("$defs", {}).items()}
        described["components"]["schemas"] |= inner | {f"Stated{name}": schema}


def shown_reply(resource: Resource) -> Replies:
    """The reply to a GET of one record, for OpenAPI."""
    unchanged = {"description": "What you have is still what is shown.", "headers": {"ETag": ETAG_HEADER}}
    content = {JSON: {"schema": as_shown(resource)}}
    shown = {"description": "The record.", "headers": {"ETag": ETAG_HEADER}, "content": content}
    return {200: shown, 304: unchanged}


def replied(resource: Resource) -> Replies:
    """The reply of a write that leaves a record, for OpenAPI."""
    headers = {"ETag": ETAG_HEADER, "Idempotency-Replayed": REPLAYED, **WARNING}
    return {200: {"model": resource.shown, "description": "The record as it is now.", "headers": headers}}


def created(resource: Resource) -> Replies:
    """The reply of a write that made a record, for OpenAPI."""
    headers = {"ETag": ETAG_HEADER, "Location": _LOCATION, "Idempotency-Replayed": REPLAYED, **WARNING}
    return {201: {"model": resource.shown, "description": "The record is new.", "headers": headers}}


def retracted() -> Replies:
    """The reply of a retraction, for OpenAPI."""
    return {204: {"description": "It is retracted.", "headers": {"Idempotency-Replayed": REPLAYED}}}
