"""Pieces of the OpenAPI description that a route's signature does not give."""

from http import HTTPStatus
from typing import Any

from pydantic import Field

from app.ledger.resource import Resource
from app.shared.errors import PROBLEMS
from app.shared.http import PROBLEM_JSON
from app.shared.model import Model

_COUNT = {
    "type": "object",
    "properties": {
        "value": {"description": "The value, the slug of a record that is named; null where there is none."},
        "count": {"type": "integer", "description": "How many records have it."},
    },
}
_FACETS = {
    "facets": {
        "type": "object",
        "additionalProperties": {"type": "array", "items": _COUNT},
        "description": "How often each value occurs among all records that match, the most frequent first; "
        "with facets= only.",
    },
    "facets_truncated": {
        "type": "array",
        "items": {"type": "string"},
        "description": "The facets that have more values than are shown; with facets= only.",
    },
    "limits": {"type": "object", "description": "How many values of a facet are shown; with facets= only."},
}


class FlawShown(Model):
    """One thing that is wrong with a request."""

    parameter: str | None = Field(None, description="The query parameter that is wrong.", examples=["dept"])
    line: int | None = Field(None, description="The line of a file in which it is wrong, from 1.", examples=[12])
    pointer: str | None = Field(
        None,
        description="Where in the body, or in the record of that line, it is wrong (RFC 6901).",
        examples=["/parties/0/role"],
    )
    detail: str = Field(description="What is wrong.", examples=["unknown parameter 'dept'"])
    suggestion: str | None = Field(None, description="What may have been meant.", examples=["depth"])


class ProblemShown(Model):
    """A problem (RFC 9457)."""

    type: str = Field(description="A URI for the kind of problem.", examples=["about:blank"])
    title: str = Field(description="The kind of problem.", examples=["Bad request"])
    status: int = Field(description="The status of the reply.", examples=[400])
    detail: str = Field(description="What went wrong this time.")
    instance: str | None = Field(
        description="The path that was asked for.", examples=["/v1/companies/openai/dependencies"]
    )
    request_id: str = Field(description="Finds the request in the log.")
    errors: list[FlawShown] = Field(description="Each thing that is wrong.")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem replies of a route, for OpenAPI."""
    described = {problem.status: (problem.__doc__ or "").partition("\n")[0] for problem in PROBLEMS}
    return {
        status: {"description": described.get(status, HTTPStatus(status).phrase), "content": problem_content()}
        for status in statuses
    }


def problem_content() -> dict[str, Any]:
    """What such a reply holds, for OpenAPI."""
    return {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemShown"}}}


def as_shown(resource: Resource) -> dict[str, Any]:
    """A record as it is shown: whole, or what ``fields`` and ``expand`` make of it, for OpenAPI."""
    in_part = {
        "type": "object",
        "description": "With fields= only some of its fields; with expand= records in the place of their slugs.",
        "properties": {"slug": {"type": "string"}},
        "required": ["slug"],
        "propertyNames": {"enum": list(resource.shown_fields)},
    }
    return {"anyOf": [{"$ref": f"#/components/schemas/{resource.shown.__name__}"}, in_part]}


def list_reply(resource: Resource) -> dict[int | str, dict[str, Any]]:
    """The reply of a list, for OpenAPI."""
    records = {"type": "array", "items": as_shown(resource)}
    properties = {
        "data": records | {"description": "The records of this page: what fields and expand make of them."},
        "next": {"type": ["string", "null"], "description": "The address of the next page, null on the last."},
        "total": {"type": "integer", "description": "How many records match; with count=true only."},
        **_FACETS,
    }
    schema = {"type": "object", "properties": properties, "required": ["data", "next"]}
    others: dict[str, dict[str, Any]] = {"text/csv": {}, "application/x-ndjson": {}}
    content = {"application/json": {"schema": schema}, **others}
    return {200: {"description": f"A page of {resource.type}.", "content": content}}


def query_parameter(name: str, description: str, schema: dict[str, Any], *, many: bool = False) -> dict[str, Any]:
    """A query parameter that is read by hand, for OpenAPI."""
    examples = schema.pop("examples")
    shown = {"type": "array", "items": schema} if many else schema
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": shown,
        "example": [examples[0]] if many else examples[0],
    }
