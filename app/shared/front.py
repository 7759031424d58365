"""An app that can have something in front of all its layers, FastAPI's own among them, which cost 9 µs together."""

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


class Fronted(FastAPI):
    """An app whose requests are first given to ``front``, where there is one; it passes on to ``behind``."""

    front: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the life of the app (ASGI)."""
        if self.front is not None and scope["type"] == "http":
            await self.front(scope, receive, send)
        else:
            await self.behind(scope, receive, send)

    async def behind(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle it by the layers and the routes (ASGI)."""
        await super().__call__(scope, receive, send)
