"""The style sheet and the script, under names that hold a digest of what they say, so that a browser keeps them."""

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from app.graph.render.palette import BORDER, GROUND, INK, KINDS, LOOP, MUTED, TINTS
from app.graph.render.sheet import STYLE as PICTURE_STYLE
from app.shared.errors import NotFound
from app.shared.negotiation import accepted

router = APIRouter()
_FOLDER: Final = Path(__file__).parent / "static"
_YEAR: Final = "public, max-age=31536000, immutable"
_SIGNS: Final = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load: where it is, what it is, and what it says, plain and compressed."""

    address: str
    media_type: str
    content: bytes
    compressed: bytes


@cache
def assets() -> dict[str, Asset]:
    """The files by their plain names. The style of pictures is in ours: a page may not have any inside."""
    style = _colours() + (_FOLDER / "explorer.css").read_text("utf-8") + PICTURE_STYLE
    script = (_FOLDER / "explorer.js").read_text("utf-8")
    return {"css": _asset("css", "text/css", style), "js": _asset("js", "text/javascript", script)}


@router.get("/static/{name}")
async def asset(request: Request, name: str) -> Response:
    """Send the style sheet or the script."""
    found = next((one for one in assets().values() if one.address == f"/static/{name}"), None)
    if found is None:
        raise NotFound("there is no such file; the pages name those that there are")
    headers = {"Cache-Control": _YEAR, "Vary": "Accept-Encoding"}
    if not takes_gzip(request):
        return Response(found.content, media_type=found.media_type, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(found.compressed, media_type=found.media_type, headers=headers)


def takes_gzip(request: Request) -> bool:
    """Whether a client takes what is compressed (RFC 9110, 12.5.3)."""
    liked = dict(accepted(",".join(request.headers.getlist("accept-encoding"))))
    return next((liked[name] for name in ("gzip", "x-gzip", "*") if name in liked), 0) > 0


def _colours() -> str:
    """The colours of pictures as variables, so that pages go with them."""
    base = {"ground": GROUND, "ink": INK, "muted": MUTED, "border": BORDER, "loop": LOOP}
    shades = (
        base | {f"k-{kind}": one for kind, one in KINDS.items()} | {f"t-{kind}": one for kind, one in TINTS.items()}
    )
    light, dark = ("".join(f"--{name}:{one[side]};" for name, one in shades.items()) for side in (0, 1))
    bars = "".join(f".k-{kind}{{--k:var(--k-{kind})}}" for kind in KINDS)
    tints = "".join(f".t-{kind}{{--t:var(--t-{kind})}}" for kind in TINTS)
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}{bars}{tints}\n"


def _asset(ending: str, media_type: str, text: str) -> Asset:
    content = text.encode()
    digest = blake2b(content, digest_size=_SIGNS).hexdigest()
    return Asset(f"/static/{digest}.{ending}", media_type, content, gzip.compress(content, mtime=0))
