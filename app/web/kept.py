"""Pages that are kept as they were written, as long as the store does not change: to draw a picture takes a while."""

from collections import OrderedDict
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import select

from app.models.ledger import store
from app.shared.database import Database
from app.shared.reading import address
from app.web.assets import takes_gzip

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_REVISION: Final = select(store.c.revision)
_MOST: Final = 128
_FINE: Final = 200


class Pages:
    """The pages that were asked for last, by all that they depend on."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, Response] = OrderedDict()

    async def get(self, request: Request, write: Handler) -> Response:
        """A page: the kept one, or one that is written now and kept, if all of it was read at one revision."""
        database: Database = request.app.state.database
        before = await database.scalar(_REVISION, {})
        today = datetime.now(UTC).date()
        key = (before, today, str(request.base_url), address(request), takes_gzip(request))
        if key not in self._kept:
            reply = await write(request)
            if reply.status_code != _FINE or await database.scalar(_REVISION, {}) != before:
                return reply
            self._kept[key] = reply
        self._kept.move_to_end(key)
        kept = self._kept[key]
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        # Whoever sends a reply may add headers to it.
        return Response(kept.body, kept.status_code, dict(kept.headers))


class KeptPage(APIRoute):
    """A route whose replies depend on the address and on the store alone."""

    def get_route_handler(self) -> Handler:
        """What answers a request."""
        write = super().get_route_handler()

        async def answer(request: Request) -> Response:
            pages: Pages = request.app.state.pages
            return await pages.get(request, write)

        return answer
