"""Which route answered a request, by its template: ``/v1/companies/{slug}``, whatever was asked for."""

from typing import Any, Final

from starlette.types import Scope

NONE: Final = "none"
"""What is said of a request that met no route, or was answered before it could meet one."""


def template(scope: Scope) -> str:
    """The template of the route that a request met; NONE where there was none."""
    # A route of an included router knows its own part of the path only.
    route: Any = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return str(route.path) if route is not None else _plain(scope)


def _plain(scope: Scope) -> str:
    """The template of a route that does not say so itself: one of Starlette's own, as for the documentation."""
    met = scope.get("endpoint")
    for route in scope["app"].routes if met is not None else ():
        if getattr(route, "endpoint", None) is met:
            return str(route.path)
        if getattr(route, "app", None) is met:
            return f"{route.path}/{{path}}"
    return NONE
