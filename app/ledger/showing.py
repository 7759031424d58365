"""How a client wants a list shown: which fields, what expanded, counted by what, in which shape."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.dimensions import Dimension, dimensions_of, word_field
from app.ledger.facets import MAX_FACETS, MAX_VALUES, read_facets
from app.ledger.list_shapes import MEDIA_TYPES, Shape, read_shape, shape_parameter
from app.ledger.openapi import query_parameter
from app.ledger.resource import Resource
from app.ledger.view import VIEW, View, read_view, view_parameters, viewed
from app.shared.errors import BadRequest, Flaw
from app.shared.json import dumps
from app.shared.negotiation import preferred

SHOWING: Final = (*VIEW, "facets", "format")
"""The parameters that are read here: they change how records are shown, not which."""


@dataclass(frozen=True)
class Showing:
    """How a list is shown, once its parameters have been read."""

    view: View
    facets: Sequence[Dimension]
    shape: Shape

    @property
    def is_plain(self) -> bool:
        """Whether records are shown as they are, with nothing beside them."""
        return self.view.is_whole and not self.facets


def read_showing(resource: Resource, parameters: Sequence[tuple[str, str]], accept: str) -> Showing:
    """Read the parameters of SHOWING. Raises BadRequest, naming what cannot be shown, and NotAcceptable."""
    given = given_once(parameters, SHOWING)
    facets = read_facets(resource, given["facets"].split(",")) if "facets" in given else []
    shape = preferred(accept, read_shape(given.get("format")), MEDIA_TYPES)
    if facets and shape != "json":
        flaw = Flaw(f"{shape} has no place for them: leave them out, or ask for JSON", parameter="facets")
        raise BadRequest("facets are shown in JSON only", flaw)
    return Showing(read_view(resource, given), facets, shape)


def given_once(parameters: Sequence[tuple[str, str]], names: Sequence[str]) -> dict[str, str]:
    """Those of some names among the parameters of a query. Raises BadRequest for one that is given twice."""
    pairs = [pair for pair in parameters if pair[0] in names]
    given = dict(pairs)
    if len(given) < len(pairs):
        twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
        raise BadRequest("a parameter is given twice", *(Flaw("give it once", parameter=name) for name in twice))
    return given


async def texts_of(
    connection: AsyncConnection, view: View, documents: Sequence[str], revision: int | None
) -> Sequence[str]:
    """Records that were read at a revision, as a view shows them, as JSON texts."""
    if view.is_whole or revision is None:
        return documents
    return [dumps(document) for document in await viewed(connection, view, documents, revision)]


def showing_parameters(resource: Resource) -> list[dict[str, Any]]:
    """The parameters of SHOWING, for OpenAPI."""
    facets = query_parameter(
        "facets",
        "Fields whose values are to be counted among all records that match, separated by commas, at most "
        f"{MAX_FACETS}: {', '.join(dimensions_of(resource))}. The {MAX_VALUES} most frequent values of each are shown.",
        {"type": "string", "examples": [word_field(resource)]},
    )
    return [*view_parameters(resource), facets, shape_parameter()]
