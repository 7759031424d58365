"""The description of the whole app (OpenAPI 3.1): what holds for every operation is added to what its route says."""

from threading import Lock
from typing import Any, Final

from app.ledger.access import needed
from app.ledger.openapi import ProblemShown, problem_content, problems
from app.ledger.openapi_shared import share
from app.ledger.openapi_writing import describe_bodies
from app.shared.asking import describe_questions
from app.shared.front import Fronted
from app.shared.openapi import operations_in

_BEARER: Final = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "dg_<id>_<secret>",
    "description": "A key, made with `dealgraph keys create`. Its scope is read, write or admin, each with what the "
    "ones before it may do. Whoever may ask without a key may also send one; one that is not valid is always refused.",
}
_DESCRIBING: Final = Lock()
_ETAGS: Final = r'^(\*|(W/)?"[!#-~]+"(, (W/)?"[!#-~]+")*)$'
_MOVED: Final = {
    "description": "The company was merged, or is meant by this spelling: its address with the slug that it has now.",
    "headers": {"Location": {"description": "The address to ask.", "schema": {"type": "string"}}},
}


class Documented(Fronted):
    """An app whose description holds what its routes' signatures cannot say of problems and keys."""

    def openapi(self) -> dict[str, Any]:
        """Describe the app (OpenAPI 3.1). The first time takes a second, in whichever thread; others wait for it."""
        with _DESCRIBING:
            known = self.openapi_schema is not None
            described = super().openapi()
            if not known:
                self._complete(described)
        return described

    def _complete(self, described: dict[str, Any]) -> None:
        describe_questions(described)
        _describe_problems(described)
        describe_bodies(described)
        _describe_moves(described)
        _describe_parameters(described)
        _describe_keys(described, public_reads=self.state.settings.public_reads)
        share(described)


def _describe_problems(described: dict[str, Any]) -> None:
    """Add the schema of a problem, and take out FastAPI's own 422, for which we answer 400 (app/shared/http.py)."""
    schemas = described["components"]["schemas"]
    problem = ProblemShown.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"ProblemShown": problem}
    for operation in operations_in(described):
        if "application/json" in operation["responses"].get("422", {}).get("content", ()):
            del operation["responses"]["422"]
        for status, reply in operation["responses"].items():
            if status >= "4":
                reply.setdefault("content", problem_content())
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


def _describe_keys(described: dict[str, Any], *, public_reads: bool) -> None:
    """Say of each operation whether it needs a key, may have one, and how it answers where that is refused."""
    described["components"]["securitySchemes"] = {"bearer": _BEARER}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            scope = needed(method.upper(), path, public_reads=public_reads)
            operation["security"] = [{"bearer": []}] if scope else [{}, {"bearer": []}]
            refusals = problems(401, 403, 429, 503) if scope in {"write", "admin"} else problems(401, 429, 503)
            replies = {str(status): reply for status, reply in refusals.items()} | operation["responses"]
            operation["responses"] = dict(sorted(replies.items()))


def _describe_moves(described: dict[str, Any]) -> None:
    """Say of each operation on a record that its slug may lead elsewhere (`app.ledger.repository.missing`)."""
    for path, operations in described["paths"].items():
        if "{slug}" in path:
            for operation in operations.values():
                operation["responses"]["308"] = _MOVED


def _describe_parameters(described: dict[str, Any]) -> None:
    """Take null out of what a parameter may be, which no address or header can say, and let ETags be told from text."""
    for operation in operations_in(described):
        for parameter in operation.get("parameters", ()):
            schema = parameter["schema"]
            if choices := [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]:
                other = {key: value for key, value in schema.items() if key != "anyOf"}
                parameter["schema"] = other | (choices[0] if len(choices) == 1 else {"anyOf": choices})
            if parameter["name"] in ("If-Match", "If-None-Match"):
                parameter["schema"]["pattern"] = _ETAGS
