"""The shape of an answer that a client wants: by ``?format=``, else by ``Accept`` (RFC 9110, 12.5.1)."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from fastapi import Request

from app.shared.errors import Flaw, NotAcceptable
from app.shared.http import JSON

Shape = TypeVar("Shape", bound=str)
_ANY: Final = b"*/*"
_TAKING_JSON: Final = frozenset({_ANY, JSON.encode()})


def negotiated(request: Request, asked: Shape | None, media_types: Mapping[Shape, str]) -> Shape:
    """The shape that a request is answered in; raises NotAcceptable as `preferred` does."""
    return preferred(accept_of(request), asked, media_types)


def json_only(request: Request) -> None:
    """Raise NotAcceptable where a client does not take JSON, of an answer that has no other shape."""
    accept = next((value for name, value in request.scope["headers"] if name == b"accept"), _ANY)
    # As nearly all say.
    if accept not in _TAKING_JSON and _quality(accepted(accept_of(request)), JSON) <= 0:
        raise NotAcceptable("Accept does not allow JSON", Flaw("this answer has no other shape", suggestion=JSON))


def accept_of(request: Request) -> str:
    """What a request says that its client takes, in one header or several: anything, where it says nothing."""
    return ",".join(request.headers.getlist("accept")) or "*/*"


def preferred(accept: str, asked: Shape | None, media_types: Mapping[Shape, str]) -> Shape:
    """The shape that was asked for, else that of the media type which ``Accept`` likes best; of equals the first.

    Raises NotAcceptable when Accept allows none.
    """
    if asked:
        return asked
    liked = accepted(accept)
    best = max(media_types, key=lambda shape: _quality(liked, media_types[shape]))
    if _quality(liked, media_types[best]) <= 0:
        flaw = Flaw(f"one of {', '.join(media_types.values())}, or ?format=", suggestion=JSON)
        raise NotAcceptable("Accept allows none of the shapes that this answer has", flaw)
    return best


def accepted(header: str) -> list[tuple[str, float]]:
    """What a header such as ``Accept`` lists, in small letters, each with how much it is liked, from 0 to 1."""
    liked = []
    for part in header.split(","):
        media_type, *parameters = (piece.strip() for piece in part.lower().split(";"))
        quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        liked.append((media_type, _number(quality)))
    return liked


def _number(text: str) -> float:
    try:
        return float(text)
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
