"""What a record is called: its name or title, or, of a fleet and a metric, what it is about. Pure."""

from collections.abc import Mapping
from typing import Any, Final

_ABOUT: Final = {"fleets": ("operator",), "metrics": ("company", "counterparty")}


def titled_by(kind: str, document: Mapping[str, Any]) -> list[str]:
    """The companies that the title of a record is made of, by their slugs."""
    return [document[field] for field in _ABOUT.get(kind, ()) if document[field]]


def named_title(kind: str, document: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What a record is called to somebody who reads: with the names of companies, as far as they are known."""
    said = {field: names.get(document[field], document[field]) for field in _ABOUT.get(kind, ())}
    if kind == "metrics":
        said["name"] = document["name"].replace("_", " ")
    return title_of(kind, {**document, **said})


def title_of(kind: str, document: Mapping[str, Any]) -> str:
    """What a record of a resource is called, from the document that it shows."""
    match kind:
        case "companies":
            return str(document["name"])
        case "fleets":
            return f"Data centers of {document['operator']}"
        case "metrics":
            with_whom = f" with {document['counterparty']}" if document["counterparty"] else ""
            return f"{document['name']} of {document['company']}{with_whom}: {document['value']['text']}"
        case _:
            return str(document["title"])
