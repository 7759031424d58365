"""The pages of the documentation, under a policy that lets them run their own script and load what is served here."""

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi_standalone_docs import StandaloneDocs
from starlette.routing import Route

from app.shared.aside import aside

PAGES: Final = ("/docs", "/docs/oauth2-redirect", "/redoc")
_SCRIPT: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
# Both write styles into the page while they run, and Redoc works in a thread that it makes of text.
_REST: Final = (
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; worker-src blob:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_Page = Callable[[Request], Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Serve the documentation with no other host in it, each page with its policy."""
    StandaloneDocs(app)
    routes = app.router.routes
    for place, route in enumerate(routes):
        if isinstance(route, Route) and route.path in PAGES:
            routes[place] = Route(route.path, _under_policy(route.endpoint), include_in_schema=False)
        elif isinstance(route, Route) and route.path == app.openapi_url:
            routes[place] = Route(route.path, _made_aside(app, route.endpoint), include_in_schema=False)


def _made_aside(app: FastAPI, description: _Page) -> _Page:
    async def shown(request: Request) -> Response:
        # The first time it takes a second, in which others are answered.
        await aside(app.openapi)
        return await description(request)

    return shown


def _under_policy(page: _Page) -> _Page:
    async def shown(request: Request) -> Response:
        reply = await page(request)
        own = " ".join(f"'sha256-{b64encode(sha256(one).digest()).decode()}'" for one in _SCRIPT.findall(reply.body))
        reply.headers["X-Frame-Options"] = "DENY"
        reply.headers["Content-Security-Policy"] = f"default-src 'none'; script-src 'self' {own}; {_REST}"
        return reply

    return shown
