"""``dealgraph deps``, ``dependents``, ``path`` and ``loops``: questions whose answer is a tree."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from app.cli import options as of
from app.cli.asking import Whom, ask
from app.cli.completing import companies
from app.cli.saying import NOTHING
from app.cli.showing import show_json, show_tree

_EMPTY: Final = "└── nothing is recorded"
"""The line by which a tree says that there is nothing in it (app/graph/render/text.py)."""


def deps(  # noqa: PLR0913 - each is a parameter of the question
    company: of.Slug,
    *,
    depth: of.Depth = None,
    kind: of.Kinds = None,
    stage: of.Stages = None,
    evidence: of.Evidences = None,
    kind_not: of.NotKinds = None,
    stage_not: of.NotStages = None,
    evidence_not: of.NotEvidences = None,
    as_of: of.AsOf = None,
    known_at: of.KnownAt = None,
    published_by: of.PublishedBy = None,
    as_json: of.AsJson = False,
    url: of.Url = None,
    key: of.Key = None,
) -> None:
    """Show what a company depends on, directly and through others."""
    choice = {"depth": depth, "kind": kind, "stage": stage, "evidence": evidence}
    others = {"kind__not": kind_not, "stage__not": stage_not, "evidence__not": evidence_not}
    when = {"as_of": as_of, "known_at": known_at, "published_by": published_by}
    _answer(Whom(url, key), f"/v1/companies/{quote(company, '')}/dependencies", choice | others | when, as_json=as_json)


def dependents(  # noqa: PLR0913 - the same
    company: of.Slug,
    *,
    depth: of.Depth = None,
    kind: of.Kinds = None,
    stage: of.Stages = None,
    evidence: of.Evidences = None,
    kind_not: of.NotKinds = None,
    stage_not: of.NotStages = None,
    evidence_not: of.NotEvidences = None,
    as_of: of.AsOf = None,
    known_at: of.KnownAt = None,
    published_by: of.PublishedBy = None,
    as_json: of.AsJson = False,
    url: of.Url = None,
    key: of.Key = None,
) -> None:
    """Show who depends on a company, directly and through others."""
    choice = {"depth": depth, "kind": kind, "stage": stage, "evidence": evidence}
    others = {"kind__not": kind_not, "stage__not": stage_not, "evidence__not": evidence_not}
    when = {"as_of": as_of, "known_at": known_at, "published_by": published_by}
    _answer(Whom(url, key), f"/v1/companies/{quote(company, '')}/dependents", choice | others | when, as_json=as_json)


def path(  # noqa: PLR0913 - the same
    dependent: Annotated[
        str, typer.Argument(metavar="FROM", help="The slug of the company that depends.", autocompletion=companies)
    ],
    on: Annotated[
        str, typer.Argument(metavar="TO", help="The slug of the one on which it depends.", autocompletion=companies)
    ],
    *,
    max_depth: Annotated[int | None, typer.Option(help="How many hops a path has at most; 4 by default.")] = None,
    limit: of.Limit = None,
    kind: of.Kinds = None,
    stage: of.Stages = None,
    evidence: of.Evidences = None,
    kind_not: of.NotKinds = None,
    stage_not: of.NotStages = None,
    evidence_not: of.NotEvidences = None,
    as_of: of.AsOf = None,
    known_at: of.KnownAt = None,
    published_by: of.PublishedBy = None,
    as_json: of.AsJson = False,
    url: of.Url = None,
    key: of.Key = None,
) -> None:
    """Show how one company depends on another, the shortest way first."""
    ends = {"from": dependent, "to": on, "max_depth": max_depth, "limit": limit}
    choice = {"kind": kind, "stage": stage, "evidence": evidence}
    others = {"kind__not": kind_not, "stage__not": stage_not, "evidence__not": evidence_not}
    when = {"as_of": as_of, "known_at": known_at, "published_by": published_by}
    _answer(Whom(url, key), "/v1/paths", ends | choice | others | when, ("from", "to"), as_json=as_json)


def loops(  # noqa: PLR0913 - the same
    *,
    by: Annotated[str | None, typer.Option(help="value: circular deals, the default; dependency: mutual.")] = None,
    company: Annotated[
        list[str] | None,
        typer.Option(help="Only loops with this company; several: either.", autocompletion=companies),
    ] = None,
    kind: of.Kinds = None,
    amount_possibly_gte: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Only loops round which at least that much may go.")
    ] = None,
    max_length: Annotated[int | None, typer.Option(help="How many companies a loop has at most; 4 by default.")] = None,
    limit: of.Limit = None,
    as_of: of.AsOf = None,
    known_at: of.KnownAt = None,
    published_by: of.PublishedBy = None,
    as_json: of.AsJson = False,
    url: of.Url = None,
    key: of.Key = None,
) -> None:
    """Show circular deals, in which value comes back to whom it came from, or circles of dependence."""
    which = {"by": by, "company": company, "kind": kind, "amount__possibly_gte": amount_possibly_gte}
    most = {"max_length": max_length, "limit": limit}
    when = {"as_of": as_of, "known_at": known_at, "published_by": published_by}
    _answer(Whom(url, key), "/v1/loops", which | most | when, ("company",), as_json=as_json)


def _answer(whom: Whom, path: str, asked: Mapping[str, Any], companies: Collection[str] = (), *, as_json: bool) -> None:
    """Show an answer as the tree that the API makes of it, or as its JSON; ends with NOTHING where it is empty."""
    reply = ask(whom, path, {**asked, "format": "json" if as_json else "text"}, companies)
    if as_json:
        show_json(reply.content)
        answer = reply.json()
        empty = not next(answer[part] for part in ("edges", "paths", "data") if part in answer)
    else:
        show_tree(reply.text)
        empty = _EMPTY in reply.text.splitlines()
    if empty:
        raise typer.Exit(NOTHING)
