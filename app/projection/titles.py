"""What a record is called: its name or title, or, of a fleet and a metric, what it is about. Pure."""

from collections.abc import Mapping
from typing import Any


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
