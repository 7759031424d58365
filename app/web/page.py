"""A page: a template filled in, with headers under which a browser runs nothing but our own files."""

import gzip
from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from anyio import to_thread
from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.graph.render.labels import words
from app.graph.render.svg import Rendered
from app.ledger.resource import Resource
from app.shared.reading import address
from app.shared.settings import Settings
from app.web import shown
from app.web.assets import assets, takes_gzip
from app.web.kept import Pages, lacks_something

Draw = Callable[[], Awaitable[Rendered]]
_SMALL: Final = 1_000
_SIGNS: Final = 20
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_TEMPLATES.filters |= {
    "words": words,
    "here": shown.here,
    "web": shown.web_address,
    "lines": shown.lines,
    "bounds": shown.bounds,
    "pointed": shown.pointed,
    "moment": shown.moment,
    "kindname": shown.kind_name,
    "list_address": shown.list_address,
    "one": shown.one_of,
}
_TEMPLATES.globals |= {"bar": shown.bar, "top_of": shown.top_of}
CLOCKS: Final = ("as_of", "known_at", "published_by")
"""What a page hands on to those that it links to, so that they show the same moment."""


async def page(request: Request, template: str, draw: Draw | None = None, /, **values: Any) -> Response:  # noqa: ANN401 - what the template shows
    """A page of the explorer, with the picture that ``draw`` makes; written anew only where it says something else.

    It is written in a thread, so that others need not wait for a long one.
    """

    async def write() -> Response:
        picture = await draw() if draw else None
        if picture and not picture.laid_out:
            lacks_something(request)
        svg = picture.svg if picture else None
        return await to_thread.run_sync(lambda: written(request, template, 200, svg=svg, **values))

    pages: Pages = request.app.state.pages
    return await pages.saying(request, _digest(request, template, values), write)


def written(request: Request, template: str, status: int, **values: Any) -> Response:  # noqa: ANN401 - the same
    """The same at once, with a status."""
    text = _TEMPLATES.get_template(template).render(_around(request) | values)
    content, headers = text.encode("utf-8", "replace"), security_headers(request.app.state.settings)
    if len(content) > _SMALL and takes_gzip(request):
        content, headers["Content-Encoding"] = gzip.compress(content, 5), "gzip"
    return Response(content, status, headers, media_type="text/html")


def _digest(request: Request, template: str, values: dict[str, Any]) -> bytes:
    """All that a page depends on, but for what never changes while we run; its picture is made of the same answer."""
    around = (template, str(request.base_url), address(request), takes_gzip(request))
    said = orjson.dumps([around, values], default=_plain, option=orjson.OPT_PASSTHROUGH_DATACLASS)
    return blake2b(said, digest_size=_SIGNS).digest()


def _plain(value: object) -> object:
    """What JSON does not hold: numbers as they are written, tuples with names, resources by their names."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Resource):
        return value.type
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"a page cannot be told by a {type(value).__name__}")


def security_headers(settings: Settings) -> dict[str, str]:
    """What a browser may do with a page: load our own files; show it in frames of the pages that are named."""
    framing = " ".join(part.strip() for part in (settings.frame_ancestors or "").split(",")) or "'none'"
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {framing}"
    )
    return {
        "Content-Security-Policy": policy,
        # It cannot name pages.
        **({} if settings.frame_ancestors else {"X-Frame-Options": "DENY"}),
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }


def with_parameters(path: str, parameters: Iterable[tuple[str, str]]) -> str:
    """An address with a query."""
    query = urlencode(list(parameters))
    return f"{path}?{query}" if query else path


def _around(request: Request) -> dict[str, Any]:
    """What every page has: its files, its parameters, links that keep its clocks, and a place for names."""
    given = request.query_params.multi_items()
    kept = [(name, value) for name, value in given if name in CLOCKS and value]

    def link(path: str, **more: str) -> str:
        record = path.count("/") > 1 and not path.startswith("/companies/")
        return with_parameters(path, [*([] if record else kept), *more.items()])

    def same(**instead: str | None) -> str:
        others = [(name, value) for name, value in given if name not in instead and name != "cursor" and value]
        return with_parameters(request.scope["path"], [*others, *((k, v) for k, v in instead.items() if v)])

    files = {name: file.address for name, file in assets().items()}
    return {
        "files": files,
        "query": request.query_params,
        "path": request.scope["path"],
        "origin": f"{request.url.scheme}://{request.url.netloc}",
        "link": link,
        "same": same,
        "names": {},
        "sources": {},
        "asked": [],
    }
