"""The reconciliation protocol that OpenRefine speaks (W3C community report, Reconciliation Service API 0.2)."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, RootModel, StringConstraints, model_validator

from app.search.matching import Asked, Candidate
from app.shared.model import Model

VERSION: Final = "0.2"
MOST_QUERIES: Final = 100
"""How many queries one batch has at most."""
_MOST: Final = 20
_LONGEST: Final = 500
_DEFAULT: Final = 5
COMPANY: Final = {"id": "companies", "name": "Company"}
"""The one type of what can be found."""

PropertyId = Literal["country", "kind", "lei", "cik", "ticker", "isin", "wikidata"]
Text = Annotated[str, StringConstraints(max_length=_LONGEST)]


class _Closed(Model):
    model_config = ConfigDict(extra="forbid")


class Entity(Model):
    """A value that is itself a thing with an id."""

    id: Text = Field(description="Its id.")
    name: Text | None = Field(None, description="Its name.")


Value = Text | float | bool | Entity


class Property(_Closed):
    """What is known of the company that is meant."""

    pid: PropertyId = Field(description="What it is: country, kind, or the scheme of an identifier.", examples=["cik"])
    v: Value | list[Value] = Field(description="Its value, or several of which any may hold.", examples=["1045810"])


class Query(_Closed):
    """One query of a batch."""

    query: Text = Field("", description="The name to find a company for.", examples=["NVIDIA Corp."])
    type: str | list[str] = Field(COMPANY["id"], description="The types to look among: companies is the only one.")
    limit: int = Field(_DEFAULT, ge=1, description="How many candidates are wanted; at most 20 are given.")
    properties: list[Property] = Field([], max_length=20, description="What else is known of the company.")
    type_strict: Literal["any", "should", "all"] = Field("any", description="How several types are meant together.")

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if "query" not in self.model_fields_set and not self.properties:
            raise ValueError("it asks for nothing: give query, or properties")
        return self


class QueryBatch(RootModel[dict[str, Query]]):
    """Queries by names of the client's own."""

    root: dict[str, Query] = Field(max_length=MOST_QUERIES)


def manifest(base: str, version: str) -> dict[str, Any]:
    """What the service can do, and where; ``base`` is the address of the API as the client has it."""
    view = {"url": f"{base}/v1/companies/{{{{id}}}}"}
    return {
        "versions": [VERSION],
        "name": "Dealgraph companies",
        "identifierSpace": f"{base}/v1/companies/",
        "schemaSpace": f"{base}/openapi.json",
        "documentation": f"{base}/docs",
        "serviceVersion": version,
        "defaultTypes": [COMPANY],
        "view": view,
        "suggest": {"entity": {"service_url": base, "service_path": "/reconcile/suggest"}},
        "preview": {"url": f"{base}/reconcile/preview?id={{{{id}}}}", "width": 400, "height": 160},
    }


def asked_of(query: Query) -> Asked | None:
    """What a query asks for; None where it is for another type, of which there is nothing."""
    types = [query.type] if isinstance(query.type, str) else query.type
    wanted = all if query.type_strict == "all" else any
    if types and not wanted(one == COMPANY["id"] for one in types):
        return None
    given = [(one.pid, text) for one in query.properties for text in _texts(one.v)]
    known = dict(reversed(given))
    identifiers = tuple(pair for pair in given if pair[0] not in ("country", "kind"))
    return Asked(query.query, identifiers, known.get("kind"), known.get("country"))


def limit_of(query: Query) -> int:
    """How many candidates a query is given."""
    return min(query.limit, _MOST)


def result(candidates: Sequence[Candidate]) -> dict[str, Any]:
    """The result of one query."""
    return {
        "result": [
            {
                "id": one.slug,
                "name": one.name,
                "description": "; ".join(one.why),
                "score": one.score,
                "match": one.decided,
                "type": [COMPANY],
            }
            for one in candidates
        ]
    }


def preview(company: Mapping[str, Any]) -> str:
    """A company as a small page that runs nothing and loads nothing."""
    known = {
        "kind": company["kind"].replace("_", " "),
        "country": company["country"],
        "also": ", ".join(company["aliases"]),
        "identifiers": ", ".join(f"{one['scheme']} {one['value']}" for one in company["identifiers"]),
    }
    lines = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in known.items() if text)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(company["name"])}</title></head>'
        f"<body><h1>{escape(company['name'])}</h1><p>{escape(company['description'] or '')}</p><dl>{lines}</dl>"
        "</body></html>"
    )


def _texts(value: Value | list[Value]) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one.id if isinstance(one, Entity) else _written(one) for one in values]


def _written(value: str | float | bool) -> str:  # noqa: FBT001 - JSON
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
