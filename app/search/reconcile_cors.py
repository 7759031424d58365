"""Lets pages of any origin ask ``/reconcile`` from a browser (CORS), and nothing else."""

from typing import Final

from fastapi import FastAPI
from starlette._utils import get_route_path
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_OPEN: Final = "/reconcile"


def install(app: FastAPI, *, is_open: bool) -> None:
    """Open the path, where that is wanted. It goes in front of the gate: a preflight carries no key."""
    if is_open:
        app.add_middleware(OpenToPages)


class OpenToPages:
    """Answers preflights to the path, and says of each reply and refusal of it that any page may read it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        methods, headers = ("GET", "POST"), ("Authorization", "Content-Type")
        self._opened = CORSMiddleware(app, allow_origins=("*",), allow_methods=methods, allow_headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI)."""
        opened = scope["type"] == "http" and f"{get_route_path(scope)}/".startswith(f"{_OPEN}/")
        await (self._opened if opened else self._app)(scope, receive, send)
