"""Every operation of the app, as its description has it: asked with its examples, and its replies held against it."""

import os
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import jsonschema_rs
from httpx import AsyncClient, Response

from app.ledger.openapi import ProblemShown
from tests.describing import Document, described

SCALE = int(os.environ.get("DEALGRAPH_TEST_SCALE", "1"))
"""How many of the hostile texts each parameter gets; with more than 1 each operation gets all bodies and headers."""
PROBLEM = "application/problem+json"
ENDLESS = "/v1/changes/stream"
"""What never ends its answer: `tests/ledger/test_change_stream.py` reads it."""


class Operation(NamedTuple):
    """An operation with the address of its examples, and what it needs to be asked."""

    method: str
    path: str
    about: Document
    address: str
    needed: dict[str, Any]

    @property
    def name(self) -> str:
        """As it is told of."""
        return f"{self.method} {self.path}"

    @property
    def kinds(self) -> list[str]:
        """The media types of its body."""
        return list(self.about.get("requestBody", {}).get("content", ()))

    @property
    def parameters(self) -> list[str]:
        """The names of its query parameters."""
        return [one["name"] for one in self.about.get("parameters", ()) if one["in"] == "query"]

    def body(self) -> Any:  # noqa: ANN401 - JSON
        """The example of its body."""
        return self.about["requestBody"]["content"][self.kinds[0]]["example"]


def operations(webhook: str = "wh_0000000000000000") -> Iterator[Operation]:
    """Every operation whose answer ends."""
    for path, methods in described()["paths"].items():
        for method, about in methods.items():
            if path == ENDLESS:
                continue
            told = {one["name"]: one for one in about.get("parameters", ())}
            named = {name: _example(told[name]) for name in re.findall(r"{(\w+)}", path)}
            address = path.format(**named | ({"webhook_id": webhook} if "webhook_id" in named else {}))
            needed = {name: _example(one) for name, one in told.items() if one["in"] == "query" and one["required"]}
            yield Operation(method.upper(), path, about, address, needed)


async def ask(client: AsyncClient, operation: Operation, address: str | None = None, **more: Any) -> Response:  # noqa: ANN401 - as httpx has it
    """The reply to an operation, asked for its example unless another address is given."""
    more.setdefault("headers", {})
    url = operation.address if address is None else address
    params = operation.needed if address is None and operation.needed else None
    return await client.request(operation.method, url, params=params, **more)


def flaws(operation: Operation | None, reply: Response) -> list[str]:
    """What is wrong with a reply, whatever was asked; with no operation where the path or the method has none."""
    wrong = ["a fault of ours"] if reply.status_code >= 500 and reply.status_code != 501 else []
    documented = operation.about["responses"] if operation else {str(reply.status_code): {}}
    if str(reply.status_code) not in documented:
        wrong.append(f"{reply.status_code} is not documented")
    wrong += [f"no {name}" for name in GUARDS if name not in reply.headers]
    if reply.status_code >= 400:
        return wrong + _problem_flaws(reply)
    if reply.headers.get("Content-Type", "").startswith("application/json") and operation and reply.status_code < 300:
        wrong += [
            error.message[:200]
            for error in _validator(operation.path, operation.method, reply.status_code).iter_errors(reply.json())
        ]
    return wrong


GUARDS = ("content-security-policy", "x-content-type-options", "referrer-policy", "x-request-id")


def _problem_flaws(reply: Response) -> list[str]:
    if reply.request.method == "HEAD":
        return []
    if reply.headers.get("Content-Type") != PROBLEM:
        return [f"a problem as {reply.headers.get('Content-Type')}"]
    told = ProblemShown.model_validate(reply.json(), strict=True)
    wrong = [] if told.request_id == reply.headers["X-Request-Id"] else ["another request id"]
    wrong += ["a pattern in place of words" for flaw in told.errors if "should match pattern" in flaw.detail]
    return wrong if told.status == reply.status_code else [*wrong, "another status"]


@cache
def _validator(path: str, method: str, status: int) -> Any:  # noqa: ANN401 - of jsonschema_rs
    content = described()["paths"][path][method.lower()]["responses"][str(status)]["content"]
    schema = content["application/json"].get("schema", {})
    return jsonschema_rs.Draft202012Validator({**schema, "components": described()["components"]})


def _example(parameter: Document) -> Any:  # noqa: ANN401 - JSON
    return parameter.get("example", next(iter(parameter["schema"].get("examples", ())), None))
