"""The routes of search, suggest and match."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response

from app.ledger.cursor import decode, encode
from app.ledger.expanding import names_of
from app.ledger.fulltext import read_words
from app.ledger.openapi import problems
from app.ledger.openapi_writing import json_body
from app.ledger.unchanged import UNCHANGED, tagged, unless_unchanged
from app.ledger.validating import validated
from app.projection.names import typed_key
from app.projection.titles import named_title, titled_by
from app.search.highlighting import Sought, parts, snippet
from app.search.matching import Asked, Candidate, candidates
from app.search.schemas import (
    AskedName,
    MatchQuestion,
    MatchShown,
    SearchQuestion,
    SearchShown,
    SuggestQuestion,
    SuggestShown,
)
from app.search.searching import TITLED, Found, Hit, Place, search
from app.search.suggesting import Suggestion, suggest
from app.shared.asking import described, parameters_of
from app.shared.body import read_json, whole_body
from app.shared.database import Database
from app.shared.errors import BadRequest, Flaw
from app.shared.http import JSON, no_parameters
from app.shared.json import dumps, loads_own
from app.shared.negotiation import json_only
from app.shared.reading import Reads, next_of, same_question
from app.shared.turns import SEARCH, in_turn

router = APIRouter(prefix="/v1", tags=["search"])
_SAID: Final = 50.0
_LEAST_ALIKE: Final = 70.0
_FUZZY: Final = 5
"""How many companies with a name that is only much alike are shown."""
_MATCHED: Final[dict[int | str, dict[str, Any]]] = {200: {"model": MatchShown}}
_NAMES: Final = {
    "names": [
        "Core Weave",
        {"name": "NVIDIA Corp.", "identifiers": [{"scheme": "cik", "value": "1045810"}], "country": "US"},
    ],
    "limit": 5,
}


@router.get(
    "/search",
    summary="Search all records",
    responses={200: {"model": SearchShown}} | UNCHANGED | problems(400, 406, 503),
    response_class=Response,
    openapi_extra=described(SearchQuestion),
    dependencies=[Depends(json_only), Depends(unless_unchanged), in_turn(SEARCH)],
)
async def search_records(
    request: Request, reads: Reads, question: Annotated[SearchQuestion, Depends(parameters_of(SearchQuestion))]
) -> Response:
    """Find records by what they are called and by what they and their citations say, the best first."""
    sought = Sought(_words(question.q), typed_key(question.q))
    identity = f"search {sorted(sought.words)} {sought.key} {sorted(question.type)}"
    after = Place(*await decode(reads, identity, question.cursor, len(Place._fields))) if question.cursor else None
    found = await search(reads, sought, question.type, after, question.limit)
    shown, following = found.hits[: question.limit], None
    if len(found.hits) > question.limit:
        following = same_question(request, cursor=await encode(reads, identity, list(shown[-1].place)))
    documents = [loads_own(one.document) for one in shown]
    about = [slug for one, document in zip(shown, documents, strict=True) for slug in titled_by(one.type, document)]
    names = await names_of(reads, about, found.revision)
    data = [_hit(one, document, sought, names) for one, document in zip(shown, documents, strict=True)]
    if _may_be_a_slip(question, found):
        alike = (await candidates(reads, [Asked(question.q)], _FUZZY))[0]
        known = {(one.type, one.slug) for one in shown}
        data += [_alike(one) for one in alike if one.score >= _LEAST_ALIKE and ("companies", one.slug) not in known]
        data = data[: question.limit]
    content = {"data": data, "next": following, "truncated": found.truncated}
    reply = Response(dumps(content), media_type=JSON, headers=next_of(following))
    return tagged(request, reply, found.revision)


@router.get(
    "/suggest",
    summary="Suggest companies",
    responses={200: {"model": SuggestShown}} | UNCHANGED | problems(400, 406, 503),
    response_class=Response,
    openapi_extra=described(SuggestQuestion),
    dependencies=[Depends(json_only), Depends(unless_unchanged)],
)
async def suggest_companies(
    request: Request, question: Annotated[SuggestQuestion, Depends(parameters_of(SuggestQuestion))]
) -> Response:
    """Suggest companies by the beginning of a name, an alias or an identifier, while somebody types it."""
    database: Database = request.app.state.database
    found, revision = await suggest(database, question.q, question.limit)
    return tagged(request, Response(dumps({"data": [_suggestion(one) for one in found]}), media_type=JSON), revision)


@router.post(
    "/match",
    summary="Match names to companies",
    responses=_MATCHED | problems(400, 413, 415, 422, 503),
    response_class=Response,
    openapi_extra={"requestBody": json_body(MatchQuestion, _NAMES)},
    dependencies=[Depends(no_parameters), Depends(whole_body), in_turn(SEARCH)],
)
async def match_names(request: Request, reads: Reads) -> Response:
    """Find the companies that names may mean, up to 1,000 names at once, each with a score and the reasons for it."""
    question = validated(MatchQuestion, await read_json(request), "the body does not ask for names")
    asked = [_asked(one) for one in question.names]
    found = await candidates(reads, asked, question.limit)
    data = [
        {"name": one.name, "candidates": [_candidate(candidate) for candidate in its]}
        for one, its in zip(asked, found, strict=True)
    ]
    return Response(dumps({"data": data}), media_type=JSON)


def _words(text: str) -> list[str]:
    try:
        return read_words(text)
    except ValueError as error:
        raise BadRequest("this cannot be searched for", Flaw(str(error), parameter="q")) from None


def _may_be_a_slip(question: SearchQuestion, found: Found) -> bool:
    """Whether a company may be meant whose name is written otherwise: none is called so, and all fit on this page."""
    if question.cursor or (question.type and "companies" not in question.type):
        return False
    return len(found.hits) < question.limit and all(hit.place.tier > TITLED for hit in found.hits)


def _hit(hit: Hit, document: Mapping[str, Any], sought: Sought, names: Mapping[str, str]) -> dict[str, Any]:
    title = named_title(hit.type, document, names)
    field, said = snippet(hit.type, document, sought if hit.type == "companies" else Sought(sought.words), title)
    titled = hit.place.tier == TITLED
    return {
        "type": hit.type,
        "slug": hit.slug,
        "title": title,
        "url": f"/v1/{hit.type}/{hit.slug}",
        "score": round(_SAID * (1 + min(1.0, len(sought.words) / max(hit.place.words, 1))), 1) if titled else _SAID,
        "fuzzy": False,
        "field": field,
        "snippet": [part._asdict() for part in said],
    }


def _alike(candidate: Candidate) -> dict[str, Any]:
    return {
        "type": "companies",
        "slug": candidate.slug,
        "title": candidate.name,
        "url": f"/v1/companies/{candidate.slug}",
        "score": round(candidate.score / 2, 1),
        "fuzzy": True,
        "field": "name",
        "snippet": [part._asdict() for part in parts(candidate.name, Sought(()))],
    }


def _suggestion(one: Suggestion) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "name": one.name,
        "kind": one.kind,
        "url": f"/v1/companies/{one.slug}",
        "matched": {"what": one.what, "value": one.value},
        "fuzzy": one.fuzzy,
    }


def _asked(one: AskedName) -> Asked:
    return Asked(one.name, tuple((its.scheme, its.value) for its in one.identifiers), one.kind, one.country)


def _candidate(one: Candidate) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "name": one.name,
        "kind": one.kind,
        "url": f"/v1/companies/{one.slug}",
        "score": one.score,
        "decided": one.decided,
        "why": one.why,
    }
