"""How a page asks: the questions of the API, by the functions that its routes are made of."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import quote

from anyio import to_thread
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.answered import Answered
from app.graph.render import svg
from app.graph.store.root import find_revision
from app.ledger.expanding import find_named
from app.ledger.listing import page, read_question
from app.ledger.repository import document_at, missing
from app.ledger.resource import Resource
from app.shared.asking import parameters_of
from app.shared.errors import BadRequest, Flaw, unknown
from app.shared.fields import instant
from app.shared.http import bad_parameter
from app.shared.json import loads_own
from app.shared.reading import address
from app.web.page import CLOCKS, Draw, with_parameters
from app.web.pictures import inlined

Question = TypeVar("Question", bound=BaseModel)
Parameters = Sequence[tuple[str, str]]
_SHAPES: Final = ("format", "width")
_NAMED: Final = {"companies": "companies", "sources": "sources"}


class Listed(NamedTuple):
    """Some records of a resource, where the next of them are, and how many there are, if that was asked for."""

    records: list[dict[str, Any]]
    next: str | None
    total: int | None


class Drawn(NamedTuple):
    """An answer of the graph, and what draws its picture to put into a page."""

    answer: dict[str, Any]
    draw: Draw


class Asking:
    """What one page asks of the store.

    ``asked`` are the addresses under which the API gives the same answers, ``revision`` is that of the last of them. No
    answer has its own: a page is the same page as long as it says the same.
    """

    def __init__(self, request: Request, reads: AsyncConnection) -> None:
        self.request = request
        self.reads = reads
        self.asked: list[str] = []
        self.revision: int | None = None

    def parameters(self, *without: str) -> list[tuple[str, str]]:
        """The parameters of the page; an empty field of a form says nothing."""
        given = self.request.query_params.multi_items()
        return [(name, value) for name, value in given if value and name not in without]

    def takes(self, *names: str) -> None:
        """Raise BadRequest for a parameter that a page without a question of its own does not take."""
        if strangers := [name for name, _ in self.parameters(*names)]:
            flaws = [unknown("parameter", name, names, name) for name in strangers]
            raise BadRequest("a parameter cannot be read", *flaws)

    async def ask(
        self,
        route: Callable[..., Awaitable[Response]],
        model: type[BaseModel],
        path: str,
        parameters: Iterable[tuple[str, str]],
        *,
        reading: bool = True,
        **places: str,
    ) -> dict[str, Any]:
        """What a route of the API answers, as it is in its JSON."""
        request, question = await self.read(model, path, parameters)
        given = {"reads": self.reads} if reading else {}
        reply = await route(request=request, question=question, **given, **places)
        return self._answer(bytes(reply.body).decode())

    def _answer(self, text: str) -> dict[str, Any]:
        answer: dict[str, Any] = loads_own(text)
        self.revision = answer.pop("revision", self.revision)
        return answer

    async def read(
        self, model: type[Question], path: str, parameters: Iterable[tuple[str, str]]
    ) -> tuple[Request, Question]:
        """A question of the API as a request for it, and as what it asks. Raises BadRequest for what cannot be."""
        asked = list(parameters)
        if shapes := [name for name, _ in asked if name in _SHAPES]:
            flaws = [Flaw("a page has one shape: ask the API for another", parameter=name) for name in shapes]
            raise BadRequest("a parameter cannot be read", *flaws)
        address = with_parameters(quote(path), asked)
        self.asked.append(address)
        # What a browser wants to have, or has already, is about the page.
        query = address.partition("?")[2].encode()
        scope = {**self.request.scope, "path": path, "query_string": query, "headers": []}
        request = Request(scope)
        try:
            return request, await parameters_of(model)(request)
        except RequestValidationError as error:
            known = [field.alias or name for name, field in model.model_fields.items()]
            flaws = [bad_parameter(problem, known) for problem in error.errors()]
            raise BadRequest("a parameter cannot be read", *flaws) from None

    async def drawn(self, found: Awaitable[Answered]) -> Drawn:
        """An answer and what draws it, both made of what was read once."""
        answered = await found
        clocks = [(name, value) for name, value in self.parameters() if name in CLOCKS]

        async def draw() -> svg.Rendered:
            drawn = await svg.render(await to_thread.run_sync(answered.as_picture))
            return drawn._replace(svg=inlined(drawn.svg, clocks))

        return Drawn(self._answer(answered.as_json()), draw)

    async def list(self, resource: Resource, parameters: Parameters) -> Listed:
        """A page of the list of a resource."""
        path = f"/v1/{resource.type}"
        self.asked.append(with_parameters(path, parameters))
        found = await page(self.reads, read_question(resource, parameters))
        following = found.next_query and f"/{resource.type}?{found.next_query}"
        return Listed([loads_own(text) for text in found.documents], following, found.total)

    async def record(self, resource: Resource, slug: str) -> dict[str, Any]:
        """A record. Raises what says where it is instead: 308, 404 or 410."""
        text = self.request.query_params.get("known_at")
        self.asked.append(with_parameters(f"/v1/{resource.type}/{quote(slug)}", [("known_at", text)] if text else []))
        try:
            known_at = instant(text) if text else None
        except ValueError as error:
            raise BadRequest("a parameter cannot be read", Flaw(str(error), parameter="known_at")) from None
        found = await document_at(self.reads, resource.type, slug, known_at)
        if found is None:
            raise await missing(self.reads, resource.type, slug, address(self.request), known_at)
        self.revision = found[1]
        document: dict[str, Any] = loads_own(found[0])
        return document

    async def names(self, companies: Iterable[str | None], cited: object = ()) -> dict[str, Mapping[str, Any]]:
        """The names of companies, and the sources that citations anywhere in ``cited`` name, by their slugs."""
        wanted = {"companies": sorted({slug for slug in companies if slug}), "sources": sorted(set(sources_in(cited)))}
        at = (await find_revision(self.reads)).asked if self.revision is None else self.revision
        found = await find_named(self.reads, [wanted], _NAMED, at)
        names = {slug: loads_own(text)["name"] for (kind, slug), text in found.items() if kind == "companies"}
        sources = {slug: loads_own(text) for (kind, slug), text in found.items() if kind == "sources"}
        return {"names": names, "sources": sources}


def sources_in(found: object) -> Iterable[str]:
    """The sources that the citations in an answer name."""
    if isinstance(found, dict):
        for cited in found.get("citations") or ():
            yield from (slug for slug in (cited["source"], cited["attributed_to"]) if slug)
        found = [value for name, value in found.items() if name != "citations"]
    if isinstance(found, list):
        for value in found:
            if isinstance(value, dict | list):
                yield from sources_in(value)
