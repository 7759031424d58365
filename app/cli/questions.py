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

_WAYS: Final = {"deps": "dependencies", "dependents": "dependents"}
_OURS: Final = frozenset({"context", "slug", "as_json", "url", "key"})
"""What is no parameter of the API."""
_SPELT: Final = {
    "dependent": "from",
    "on": "to",
    "kind_not": "kind__not",
    "stage_not": "stage__not",
    "evidence_not": "evidence__not",
    "amount_possibly_gte": "amount__possibly_gte",
}
"""What the API calls those that Python, or a person who types, would rather call otherwise."""
_EMPTY: Final = "└── nothing is recorded"
"""The line by which a tree says that there is nothing in it (app/graph/render/text.py)."""


def near(  # noqa: PLR0913 - each is a parameter of the question
    context: typer.Context,
    slug: of.Slug,
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
    """Show what is near a company: what it depends on, or who depends on it, as the command is called."""
    _answer(f"/v1/companies/{quote(slug, '')}/{_WAYS[str(context.info_name)]}", locals())


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
    _answer("/v1/paths", locals(), ("from", "to"))


def loops(  # noqa: PLR0913 - the same
    company: of.Companies = None,
    *,
    by: Annotated[str | None, typer.Option(help="value: circular deals, the default; dependency: mutual.")] = None,
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
    _answer("/v1/loops", locals(), ("company",))


def _answer(path: str, given: Mapping[str, Any], companies: Collection[str] = ()) -> None:
    """Show an answer as the tree that the API makes of it, or as its JSON; ends with NOTHING where it is empty.

    ``given`` is what a command was given, by the names of its parameters.
    """
    as_json = given["as_json"]
    asked = {_SPELT.get(name, name): value for name, value in given.items() if name not in _OURS}
    reply = ask(Whom(given["url"], given["key"]), path, asked | {"format": "json" if as_json else "text"}, companies)
    if as_json:
        show_json(reply.content)
        answer = reply.json()
        empty = not next(answer[part] for part in ("edges", "paths", "data") if part in answer)
    else:
        show_tree(reply.text)
        empty = _EMPTY in reply.text.splitlines()
    if empty:
        raise typer.Exit(NOTHING)
