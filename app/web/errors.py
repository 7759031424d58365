"""What went wrong, as a page: only where a page was asked for, so that the API stays as it is."""

from typing import Final

from fastapi import Request, Response

from app.shared.errors import Flaw, Problem
from app.transfer.resources import BY_TYPE
from app.web.page import with_parameters, written

PAGES: Final = frozenset({*BY_TYPE, "all", "search", "paths", "loops", "compare", "timeline", "rankings"})
"""The first steps of the explorer's addresses, beside its home."""
_HEADINGS: Final = {
    400: "That cannot be asked",
    401: "A key is needed",
    403: "This key does not reach here",
    404: "Nothing is recorded under this name",
    410: "This record was retracted",
    429: "Too many requests",
    503: "The store cannot answer now",
}


def as_page(request: Request, problem: Problem) -> Response | None:
    """A problem as a page of the explorer; None for an address that is not one."""
    _, first, *rest = f"{request.scope['path']}/".split("/", 2)
    asked_for = (first in PAGES and request.scope["path"] != "/metrics") or (not first and rest == [""])
    if not asked_for or request.scope["method"] not in {"GET", "HEAD"}:
        return None

    def meant(flaw: Flaw) -> str:
        """The same page, asked as was perhaps meant: with another value or, for an unknown parameter, its name."""
        given, instead = request.query_params.multi_items(), str(flaw.suggestion)
        renamed = flaw.detail.startswith("unknown parameter")
        better = ((instead, value) if renamed else (name, instead) for name, value in given if name == flaw.parameter)
        return with_parameters(request.scope["path"], [*(one for one in given if one[0] != flaw.parameter), *better])

    place = rest[0].split("/") if rest else []
    reply = written(
        request,
        "error.html",
        problem.status,
        problem=problem,
        meant=meant,
        heading=_HEADINGS.get(problem.status, "Something went wrong"),
        resource=first if first in BY_TYPE and place[0:1] != [""] else None,
        request_id=request.scope["state"]["request_id"],
    )
    reply.headers.update(problem.headers | {"X-Request-Id": request.scope["state"]["request_id"]})
    return reply
