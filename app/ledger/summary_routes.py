"""The summary of each resource: its records counted and added up by group."""

from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response

from app.ledger.dimensions import Dimension, dimensions_of, word_field
from app.ledger.filters import conditions, read_filters
from app.ledger.list_shapes import CSV
from app.ledger.measures import Measure, measures_of
from app.ledger.openapi import problems, query_parameter
from app.ledger.resource import Resource
from app.ledger.showing import given_once
from app.ledger.summary import summarise
from app.ledger.summary_shown import SummaryShown, as_csv, as_json
from app.ledger.unchanged import UNCHANGED, tagged, unless_unchanged
from app.shared.errors import BadRequest, Flaw, unknown
from app.shared.http import JSON
from app.shared.json import dumps
from app.shared.negotiation import negotiated
from app.shared.reading import Reads

MAX_KEYS: Final = 4
"""How many fields records may be grouped by at once."""
_OWN: Final = ("group_by", "sum", "format")
_SHAPES: Final = {"json": JSON, "csv": CSV}


def add_summary(router: APIRouter, resource: Resource, filters: list[dict[str, Any]]) -> None:
    """Add the summary; ``filters`` describe the parameters that it has in common with the list."""

    @router.get(
        "/summary",
        name=f"summarise_{resource.type}",
        summary=f"Count and add up {resource.type}",
        description=f"Count {resource.type} and add up what they state, by group, never two units in one sum.",
        responses={200: {"model": SummaryShown, "content": {CSV: {}}}} | UNCHANGED | problems(400, 406, 503),
        openapi_extra={"parameters": [*_parameters(resource), *filters]},
        response_class=Response,
        dependencies=[Depends(unless_unchanged)],
    )
    async def summarise_records(request: Request, reads: Reads) -> Response:
        parameters = request.query_params.multi_items()
        given = given_once(parameters, _OWN)
        group_by = _group_by(resource, given["group_by"].split(",")) if "group_by" in given else []
        measure = _measure(resource, given["sum"]) if "sum" in given else None
        shape = negotiated(request, _shape(given.get("format")), _SHAPES)
        filters = [pair for pair in parameters if pair[0] not in _OWN]
        if measure:
            _check_alike(resource, group_by, filters)
        matching = await conditions(reads, resource, read_filters(resource, filters, _OWN))
        summary = await summarise(reads, resource, group_by, measure, matching)
        names = [one.name for one in group_by]
        headers = {"X-Truncated": "groups"} if summary.truncated else {}
        text = as_csv(summary, names) if shape == "csv" else dumps(as_json(summary, names, given.get("sum")))
        return tagged(request, Response(text, media_type=_SHAPES[shape], headers=headers), summary.revision)


def _group_by(resource: Resource, names: list[str]) -> list[Dimension]:
    known = _groups(resource)
    if wrong := [name for name in dict.fromkeys(names) if name not in known]:
        flaws = [unknown("field to group by", name, known, "group_by") for name in wrong]
        raise BadRequest(f"{resource.type} cannot be grouped so", *flaws)
    if len(set(names)) < len(names):
        raise BadRequest("the groups cannot be read", Flaw("a field is named twice", parameter="group_by"))
    if len(names) > MAX_KEYS:
        flaw = Flaw(f"there are {len(names)} fields, at most {MAX_KEYS}", parameter="group_by")
        raise BadRequest("there are too many fields to group by", flaw)
    return [known[name] for name in names]


def _groups(resource: Resource) -> dict[str, Dimension]:
    """What records can be grouped by: one that has several values would be added up several times."""
    return {name: one for name, one in dimensions_of(resource).items() if one.part is None}


def _measure(resource: Resource, name: str) -> Measure:
    known = measures_of(resource)
    if name not in known:
        raise BadRequest(f"{resource.type} cannot be added up so", unknown("field to add up", name, known, "sum"))
    return known[name]


def _check_alike(resource: Resource, group_by: list[Dimension], filters: list[tuple[str, str]]) -> None:
    """Raise BadRequest where quantities of different things would be added up, such as revenues and valuations."""
    apart = resource.schema.adds_up_by
    if not apart or apart in {one.name for one in group_by}:
        return
    if len({text for name, text in filters if name == apart}) != 1:
        detail = f"{resource.type} that differ in {apart} have no sum: group by {apart}, or filter by one"
        raise BadRequest("the sum would have no meaning", Flaw(detail, parameter="sum", suggestion=f"group_by={apart}"))


def _shape(text: str | None) -> str | None:
    if text is not None and text not in _SHAPES:
        raise BadRequest("there is no such shape of a summary", unknown("format", text, _SHAPES, "format"))
    return text


def _parameters(resource: Resource) -> list[dict[str, Any]]:
    groups, sums = _groups(resource), list(measures_of(resource))
    grouping = f"What to group by, at most {MAX_KEYS} fields separated by commas: {', '.join(groups)}."
    adding = f"What to add up: {' or '.join(sums)}."
    return [
        query_parameter("group_by", grouping, {"type": "string", "examples": [word_field(resource)]}),
        *([query_parameter("sum", adding, {"type": "string", "enum": sums, "examples": sums[:1]})] if sums else ()),
        query_parameter(
            "format",
            "The shape of the answer; it wins over Accept.",
            {"type": "string", "enum": list(_SHAPES), "examples": ["csv"]},
        ),
    ]
