"""What operations have in common stands once, among the components of the description (OpenAPI 3.1, 4.8.7 and 4.8.23).

Summaries take the filters of lists, and most operations are refused in the same words: half of the document was that.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from app.shared.json import dumps
from app.shared.openapi import operations_in

Described = dict[str, Any]


class _Place(NamedTuple):
    """Where a parameter or a reply stands: ``holder[key]``. ``names`` are what it may be called, the plainest first."""

    kind: str
    holder: Any
    key: int | str
    names: tuple[str, ...]


def share(described: Described) -> None:
    """Put a reference in each place of a parameter, or of a reply that is not a good one, that stands in several."""
    alike: dict[tuple[str, str], list[_Place]] = defaultdict(list)
    for place in _places(described):
        alike[place.kind, dumps(place.holder[place.key])].append(place)
    several = [places for places in alike.values() if len(places) > 1]
    # A name is free where only one thing would have it.
    claimed = Counter((places[0].kind, name) for places in several for name in set(places[0].names))
    for places in several:
        kind, holder, key, names = places[0]
        name = next(name for name in names if claimed[kind, name] == 1)
        described["components"].setdefault(kind, {})[name] = holder[key]
        for place in places:
            place.holder[place.key] = {"$ref": f"#/components/{kind}/{name}"}


def _places(described: Described) -> Iterator[_Place]:
    for operation in operations_in(described):
        tag, its = operation["tags"][0], operation["operationId"]
        parameters, replies = operation.get("parameters", []), operation["responses"]
        for position, parameter in enumerate(parameters):
            name, where = parameter["name"], parameter["in"]
            names = (name, f"{tag}.{name}", f"{tag}.{where}.{name}", f"{its}.{name}")
            yield _Place("parameters", parameters, position, names)
        for status in [status for status in replies if status >= "3"]:
            yield _Place("responses", replies, status, (status, f"{tag}.{status}", f"{its}.{status}"))
