"""The shapes that a graph has, and an answer in one of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, get_args

from fastapi import Request, Response
from pydantic import BaseModel

from app.graph.answered import Answered
from app.graph.render import csv, dot, graphml, mermaid, svg, text
from app.graph.render.picture import Picture
from app.graph.schemas.questions import DrawnShape, Shape, TableShape
from app.ledger.unchanged import tagged
from app.shared.aside import aside
from app.shared.http import JSON
from app.shared.json import dumps

MEDIA_TYPES: Final[dict[Shape, str]] = {
    "json": JSON,
    "text": "text/plain",
    "csv": "text/csv",
    "mermaid": "text/vnd.mermaid",
    "dot": "text/vnd.graphviz",
    "graphml": "application/graphml+xml",
    "svg": "image/svg+xml",
}
DRAWN_TYPES: Final[dict[Shape, str]] = {shape: MEDIA_TYPES[shape] for shape in get_args(DrawnShape)}
TABLE_TYPES: Final[dict[Shape, str]] = {shape: MEDIA_TYPES[shape] for shape in get_args(TableShape)}
RENDERERS: Final[dict[Shape, Callable[[Picture], str]]] = {
    "text": text.render,
    "csv": csv.render,
    "mermaid": mermaid.render,
    "dot": dot.render,
    "graphml": graphml.render,
}


def ok(model: type[BaseModel], shapes: Mapping[Shape, str] = MEDIA_TYPES) -> dict[int | str, dict[str, Any]]:
    """The good reply of a route whose answer has some shapes, all of a graph's by default, for OpenAPI."""
    others: dict[str, dict[str, str]] = {media_type: {} for media_type in shapes.values() if media_type != JSON}
    return {200: {"model": model, "content": others}}


async def respond(request: Request, found: Answered, shape: Shape, width: int | None) -> Response:
    """The answer in a shape; only the one that is wanted is made.

    To write thousands of edges as GraphML takes half a second: a thread does it, so that others need not wait.
    """
    if shape == "json":
        content = found.as_json() if found.small else await aside(found.as_json)
        return tagged(request, _reply(content, shape), found.revision)
    picture = await aside(found.as_picture)
    if shape == "svg":
        drawn = await svg.render(picture, width=width)
        # What was not laid out in time is nothing to keep.
        revision = found.revision if drawn.laid_out else None
        return tagged(request, _reply(drawn.svg, shape, picture.truncated), revision)
    content = await aside(RENDERERS[shape], picture)
    return tagged(request, _reply(content, shape, picture.truncated), found.revision)


async def respond_as(
    shape: Shape, request: Request, revision: int | None, content: dict[str, Any], **made: Callable[[], str]
) -> Response:
    """The numbers of an answer as JSON, or what is ``made`` of them in a shape; a thread makes it.

    ``revision`` is None where the store changed while they were read.
    """
    if shape == "json":
        return tagged(request, _reply(await aside(dumps, content), shape), revision)
    return tagged(request, _reply(await aside(made[shape]), shape, content.get("truncated_by", ())), revision)


def _reply(content: str, shape: Shape, truncated: Iterable[str] = ()) -> Response:
    """An answer in a shape; the limits that cut it stand in a header, since only JSON has a place for them.

    A picture has its own style inside, and may be framed by no page.
    """
    headers = {"X-Truncated": ", ".join(truncated)} if truncated else {}
    if shape == "svg":
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return Response(content, media_type=MEDIA_TYPES[shape], headers=headers)
