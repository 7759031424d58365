"""A page: a template filled in, with headers under which a browser runs nothing but our own files."""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.graph.render.labels import words
from app.shared.settings import Settings
from app.web import shown
from app.web.assets import assets, takes_gzip

_SMALL: Final = 1_000
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
    "moment": shown.moment,
    "kindname": shown.kind_name,
}
_TEMPLATES.globals |= {"bar": shown.bar, "top_of": shown.top_of}
CLOCKS: Final = ("as_of", "known_at", "published_by")
"""What a page hands on to those that it links to, so that they show the same moment."""


async def page(request: Request, template: str, **values: Any) -> Response:  # noqa: ANN401 - what the template shows
    """A page of the explorer. It is written in a thread, so that others need not wait for a long one."""
    return await to_thread.run_sync(lambda: written(request, template, 200, **values))


def written(request: Request, template: str, status: int, **values: Any) -> Response:  # noqa: ANN401 - the same
    """The same at once, with a status."""
    text = _TEMPLATES.get_template(template).render(_around(request) | values)
    content, headers = text.encode("utf-8", "replace"), security_headers(request.app.state.settings)
    if len(content) > _SMALL and takes_gzip(request):
        content, headers["Content-Encoding"] = gzip.compress(content, 5), "gzip"
    return Response(content, status, headers, media_type="text/html")


def security_headers(settings: Settings) -> dict[str, str]:
    """What a browser may do with a page: load our own files; show it in frames of the pages that are named."""
    framing = " ".join(part.strip() for part in (settings.frame_ancestors or "").split(",")) or "'none'"
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {framing}"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
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
