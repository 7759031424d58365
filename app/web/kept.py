"""Pages are kept like other answers, although they are made of several: if all of one was read at one revision."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from app.ledger.revisions import Revisions
from app.ledger.unchanged import made_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_FINE: Final = 200


class KeptPage(APIRoute):
    """A route whose replies depend on the address and on the store alone."""

    def get_route_handler(self) -> Handler:
        """What answers a request."""
        write = super().get_route_handler()

        async def answer(request: Request) -> Response:
            revisions: Revisions = request.app.state.revisions
            before = await revisions.now()
            reply = await write(request)
            if reply.status_code == _FINE and await revisions.now() == before:
                made_of(request.scope, before)
            return reply

        return answer
