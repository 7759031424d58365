"""Routes that read their requests themselves."""

from inspect import signature
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import request_response


class Direct(APIRoute):
    """A route that hands the request to its function where that takes nothing else and replies by itself.

    What FastAPI does to read parameters, body and dependencies of which there are none is a seventh of a list of 20.
    Where it is included in a router, FastAPI makes its app anew, with the dependencies that come with that.
    """

    def __init__(self, path: str, endpoint: Any, **options: Any) -> None:  # noqa: ANN401 - as FastAPI has them
        super().__init__(path, endpoint, **options)
        if [*signature(endpoint).parameters] == ["request"] and not self.dependencies:
            self.app = request_response(endpoint)
