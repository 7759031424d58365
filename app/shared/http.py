"""What every request and reply of the API goes through: ids, HEAD, and problem details (RFC 9457) for every error."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from app.shared.elsewhere import names_here
from app.shared.errors import (
    PROBLEMS,
    BadRequest,
    Flaw,
    Moved,
    NotModified,
    Problem,
    Unavailable,
    Unprocessable,
    nearest,
    pointer_to,
)
from app.shared.json import dumps
from app.shared.middleware import HeadAsGet, RequestId, guarded
from app.shared.reasons import choices_of, detail_of
from app.shared.text_only import TextOnly
from app.shared.unavailable import is_unavailable, reason

JSON: Final = "application/json"
PROBLEM_JSON: Final = "application/problem+json"
AsPage: TypeAlias = Callable[[Request, Problem], Response | None]
"""Shows a problem as a page, where the request is for one."""
_BY_STATUS: Final = {problem.status: problem for problem in PROBLEMS}

log = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Render every error of an app as problem details."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(Moved, _moved)
    app.add_exception_handler(NotModified, _not_modified)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused_by_routing)
    app.add_exception_handler(SQLAlchemyError, _store_failed)
    app.add_exception_handler(OSError, _store_failed)
    app.add_exception_handler(Exception, _failed)
    # The last to be added is the first to be asked.
    app.add_middleware(TextOnly, show=show)
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestId)


def show(request: Request, problem: Problem) -> Response:
    """A problem as a reply: as a page where the explorer was asked, as problem details everywhere else."""
    as_page: AsPage | None = getattr(request.app.state, "problem_as_page", None)
    page = as_page and as_page(request, problem)
    return page or details(problem, request.scope["state"]["request_id"], reference(request.scope))


def reference(scope: Scope) -> str:
    """The path that was asked for, as a URI reference (RFC 3986): percent-encoded as the client wrote it."""
    asked = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
    return quote(asked, safe="%/:@!$&'()*+,;=~")


def details(problem: Problem, request_id: str, instance: str | None = None) -> Response:
    """A problem as problem details (RFC 9457), of a request to a path where that is known, as a URI reference."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        "request_id": request_id,
        "errors": [flaw.shown() for flaw in problem.flaws],
        **problem.extra,
    }
    reply = Response(dumps(body), problem.status, problem.headers, media_type=PROBLEM_JSON)
    # An error that nothing expected is answered outside of our middleware, so what that adds is set here too.
    reply.raw_headers = guarded(reply.raw_headers, (b"x-request-id", request_id.encode()))
    return reply


def _problem(request: Request, error: Exception) -> Response:
    return show(request, error) if isinstance(error, Problem) else _failed(request, error)


def _moved(_request: Request, error: Exception) -> Response:
    return RedirectResponse(str(error), 308)


def _not_modified(request: Request, error: Exception) -> Response:
    return Response(None, 304, error.headers) if isinstance(error, NotModified) else _failed(request, error)


def _invalid(request: Request, error: Exception) -> Response:
    """A parameter that cannot be read is a 400; a body that cannot, a 422."""
    if not isinstance(error, RequestValidationError):
        return _failed(request, error)
    problems = error.errors()
    if any(problem["loc"][0] == "body" for problem in problems):
        flaws = [Flaw(detail_of(problem), pointer=pointer_to(problem["loc"][1:])) for problem in problems]
        return show(request, Unprocessable("the body is not a valid record", *flaws))
    known = [parameter["name"] for parameter in _parameters(request)]
    return show(
        request, BadRequest("a parameter cannot be read", *(bad_parameter(problem, known) for problem in problems))
    )


def bad_parameter(problem: dict[str, Any], known: list[str]) -> Flaw:
    """What is wrong with a query parameter, as Pydantic tells it, of a route that knows some."""
    name = str(problem["loc"][1])
    if problem["type"] == "extra_forbidden":
        close = names_here(name, known) or nearest(name, known, limit=1)
        detail = f"unknown parameter {name!r}; one of {', '.join(known)}"
        return Flaw(detail, parameter=name, suggestion=close[0] if close else None)
    detail = detail_of(problem)
    if problem["type"] == "missing":
        return Flaw(detail, parameter=name)
    given = repr(str(problem["input"])[:80])
    close = nearest(str(problem["input"]), choices_of(problem), limit=1)
    # Some of our own errors quote what was given.
    said = detail if given in detail else f"{detail}, not {given}"
    return Flaw(said, parameter=name, suggestion=close[0] if close else None)


def _parameters(request: Request) -> list[dict[str, Any]]:
    """The query parameters of the route that answers, as OpenAPI lists them."""
    operation, components = _operations(request)[request.method.lower()], request.app.openapi()["components"]
    # What several operations have in common is referred to by its name.
    named = [(part, part.get("$ref", "").rpartition("/")[2]) for part in operation.get("parameters", ())]
    parameters = [components["parameters"][name] if name else part for part, name in named]
    return [parameter for parameter in parameters if parameter["in"] == "query"]


def _operations(request: Request) -> dict[str, dict[str, Any]]:
    """The operations at the path of the route that answers, by their methods, as OpenAPI describes them."""
    # A route of an included router knows its own part of the path only; files that are mounted have none.
    route = request.scope.get("fastapi", {}).get("effective_route_context") or request.scope.get("route")
    described: dict[str, dict[str, Any]] = request.app.openapi()["paths"].get(route.path, {}) if route else {}
    return described


async def no_parameters(request: Request) -> None:
    """Refuse every parameter: a dependency of routes that take none. Raises BadRequest, naming each."""
    if request.query_params:
        flaws = [Flaw(f"unknown parameter {name!r}; there is none", parameter=name) for name in request.query_params]
        raise BadRequest("this address takes no parameters", *flaws)


def _refused_by_routing(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return _failed(request, error)
    kind = _BY_STATUS.get(error.status_code, Problem)
    problem = kind(_routing_detail(request, error))
    problem.headers = dict(error.headers or {})
    if "Allow" in problem.headers:
        # Of all routes at this path, where routing names the methods of the first one only (RFC 9110, 15.5.6).
        there = [method.upper() for method in _operations(request)] or problem.headers["Allow"].split(", ")
        if "GET" in there and "HEAD" not in there:
            there.insert(there.index("GET") + 1, "HEAD")
        problem.headers["Allow"] = ", ".join(there)
    return show(request, problem)


def _routing_detail(request: Request, error: HTTPException) -> str:
    if error.status_code == 404:  # noqa: PLR2004 - HTTP's own number
        return "there is nothing at this path; /docs and /openapi.json list what there is"
    if error.status_code == 405:  # noqa: PLR2004 - the same
        return f"{request.method} is not allowed here"
    return str(error.detail)


def _store_failed(request: Request, error: Exception) -> Response:
    if not is_unavailable(error):
        raise error
    log.warning("store unavailable", error=reason(error), path=request.scope["path"])
    return show(request, Unavailable("the store cannot answer now; ask again in a moment"))


def _failed(request: Request, error: Exception) -> Response:
    log.error("request failed", exc_info=error, path=request.scope["path"])
    return show(request, Problem("something went wrong on our side; the request id finds it in our log"))
