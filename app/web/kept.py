"""Pages that are kept: like other answers while the store does not change, and by what they say when it did.

To draw a picture takes a while. When something was recorded, the questions of a page are asked anew; but where the
answers are what they were, as most are when it was about something else, nothing is written again.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from app.ledger.revisions import Revisions
from app.ledger.unchanged import made_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_MOST: Final = 128
_FINE: Final = 200


class Pages:
    """The pages that were asked for last, by what they say."""

    def __init__(self) -> None:
        self._said: OrderedDict[bytes, Response] = OrderedDict()

    async def saying(self, request: Request, content: bytes, write: Callable[[], Awaitable[Response]]) -> Response:
        """A page by a digest of all that it says: the kept one, or one that is written now, and kept if it is whole."""
        page = self._said.get(content) or await write()
        if is_whole(request):
            self._said[content] = page
            self._said.move_to_end(content)
        if len(self._said) > _MOST:
            self._said.popitem(last=False)
        # Whoever sends a reply may add headers to it.
        return Response(page.body, page.status_code, dict(page.headers))


def lacks_something(request: Request) -> None:
    """Say of the page that is the reply that it lacks what it may have when it is asked for again."""
    request.state.lacks_something = True


def is_whole(request: Request) -> bool:
    """Whether nothing was said of what the page lacks."""
    return not getattr(request.state, "lacks_something", False)


class KeptPage(APIRoute):
    """A route whose replies depend on the address and on the store alone, if all of one was read at one revision."""

    def get_route_handler(self) -> Handler:
        """What answers a request."""
        write = super().get_route_handler()

        async def answer(request: Request) -> Response:
            revisions: Revisions = request.app.state.revisions
            before = await revisions.now()
            reply = await write(request)
            if reply.status_code == _FINE and is_whole(request) and await revisions.now() == before:
                made_of(request.scope, before)
            return reply

        return answer
