"""Which shape a client wants of a graph, and the answer in that shape."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from anyio import to_thread
from fastapi import Request, Response
from pydantic import BaseModel

from app.graph.render import csv, dot, graphml, mermaid, svg, text
from app.graph.render.picture import Picture
from app.graph.schemas.questions import Shape
from app.ledger.unchanged import tagged
from app.shared.errors import Flaw, NotAcceptable
from app.shared.http import JSON

MEDIA_TYPES: Final[dict[Shape, str]] = {
    "json": JSON,
    "text": "text/plain",
    "csv": "text/csv",
    "mermaid": "text/vnd.mermaid",
    "dot": "text/vnd.graphviz",
    "graphml": "application/graphml+xml",
    "svg": "image/svg+xml",
}
RENDERERS: Final[dict[Shape, Callable[[Picture], str]]] = {
    "text": text.render,
    "csv": csv.render,
    "mermaid": mermaid.render,
    "dot": dot.render,
    "graphml": graphml.render,
}


def ok(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """The good reply of a route whose answer has many shapes, for OpenAPI."""
    others: dict[str, dict[str, str]] = {media_type: {} for media_type in MEDIA_TYPES.values() if media_type != JSON}
    return {200: {"model": model, "content": others}}


def shape_for(request: Request, asked: Shape | None) -> Shape:
    """The shape that ``?format=`` names, else the one that ``Accept`` likes best (RFC 9110, 12.5.1).

    Raises NotAcceptable when Accept allows none of ours.
    """
    if asked:
        return asked
    liked = _accepted(request.headers.get("accept", "*/*"))
    best = max(MEDIA_TYPES, key=lambda shape: _quality(liked, MEDIA_TYPES[shape]))
    if _quality(liked, MEDIA_TYPES[best]) <= 0:
        flaw = Flaw(f"one of {', '.join(MEDIA_TYPES.values())}, or ?format=", suggestion=JSON)
        raise NotAcceptable("Accept allows none of the shapes that this answer has", flaw)
    return best


async def respond(  # noqa: PLR0913, PLR0917 - a question, its answer in two forms, and what that was made of
    request: Request,
    revision: int,
    shape: Shape,
    as_json: Callable[[], str],
    as_picture: Callable[[], Picture],
    width: int | None,
) -> Response:
    """The answer in a shape, made of what the store held at a revision; only the one that is wanted is made.

    To write thousands of edges as GraphML takes half a second: a thread does it, so that others need not wait.
    """
    if shape == "json":
        return tagged(request, Response(as_json(), media_type=JSON), revision)
    picture = await to_thread.run_sync(as_picture)
    if shape == "svg":
        content = await svg.render(picture, width=width)
    else:
        content = await to_thread.run_sync(RENDERERS[shape], picture)
    return tagged(request, Response(content, media_type=MEDIA_TYPES[shape]), revision)


def _accepted(header: str) -> list[tuple[str, float]]:
    liked = []
    for part in header.split(","):
        media_type, *parameters = (piece.strip() for piece in part.lower().split(";"))
        quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        liked.append((media_type, _number(quality)))
    return liked


def _number(text_: str) -> float:
    try:
        return float(text_)
    except ValueError:
        return 0.0


def _quality(liked: Sequence[tuple[str, float]], media_type: str) -> float:
    """How much a media type is liked: the most specific range that covers it decides."""
    main = media_type.partition("/")[0]
    for wanted in (media_type, f"{main}/*", "*/*"):
        for name, quality in liked:
            if name == wanted:
                return quality
    return 0.0
