"""``dealgraph show``, ``search`` and ``timeline``: records themselves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import typer

from app.cli import options as of
from app.cli.asking import Whom, ask, refuse, replies
from app.cli.completing import companies
from app.cli.saying import NOTHING, USAGE, fail, hint
from app.cli.showing import show_json, show_table

_RESOURCES: Final = ("companies", "contracts", "investments", "fleets", "metrics", "events", "sources")


def show(
    record: Annotated[
        str, typer.Argument(metavar="[RESOURCE/]SLUG", help="A record; a company first.", autocompletion=companies)
    ],
    *,
    known_at: of.KnownAt = None,
    as_json: of.AsJson = False,
    url: of.Url = None,
    key: of.Key = None,
) -> None:
    """Show one record with its citations."""
    resource, stated, slug = record.rpartition("/")
    if stated and resource not in _RESOURCES:
        fail(f"there are no {resource!r}: write one of {', '.join(_RESOURCES)} before the slug", USAGE)
    reply = _found(Whom(url, key), (resource,) if stated else _RESOURCES, slug, known_at)
    if as_json:
        show_json(reply.content)
        return
    show_table(("field", "value"), _fields(reply.json()))


def search(  # noqa: PLR0913 - each is a parameter of the question
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="A record has to say all of them.")],
    *,
    resource: Annotated[
        list[str] | None, typer.Option("--type", help="Only records of this resource; several: of either.")
    ] = None,
    limit: of.Limit = None,
    cursor: of.Cursor = None,
    as_json: of.AsJson = False,
    url: of.Url = None,
    key: of.Key = None,
) -> None:
    """Find records by what they are called and what they and their citations say, the best first."""
    asked = {"q": " ".join(words), "type": resource, "limit": limit, "cursor": cursor}
    reply = ask(Whom(url, key), "/v1/search", asked)
    _list(reply, ("record", "title", "found in"), _hit, as_json=as_json)


def timeline(  # noqa: PLR0913 - the same
    company: of.Companies = None,
    *,
    from_: Annotated[str | None, typer.Option("--from", metavar="DAY", help="Only facts of that day or later.")] = None,
    to: Annotated[str | None, typer.Option(metavar="DAY", help="Only facts of that day or earlier.")] = None,
    limit: of.Limit = None,
    cursor: of.Cursor = None,
    as_json: of.AsJson = False,
    url: of.Url = None,
    key: of.Key = None,
) -> None:
    """Show dated facts in the order of the first day that each may mean."""
    asked = {"company": company, "from": from_, "to": to, "limit": limit, "cursor": cursor}
    reply = ask(Whom(url, key), "/v1/timeline", asked, ("company",))
    _list(reply, ("date", "what", "title", "stage", "record"), _fact, as_json=as_json)


def _found(whom: Whom, resources: Sequence[str], slug: str, known_at: str | None) -> httpx.Response:
    """The record of a slug in the first of some resources that has it; ends the command, with the nearest, in none."""
    paths = [f"/v1/{resource}/{quote(slug, '')}" for resource in resources]
    answered = replies(whom, paths, {"known_at": known_at})
    if len(resources) > 1 and answered[-1].status_code == httpx.codes.NOT_FOUND:
        near = [
            f"did you mean '{resource}/{flaw['suggestion']}'?"
            for resource, reply in zip(resources, answered, strict=True)
            for flaw in reply.json()["errors"]
        ]
        fail("\n".join([f"there is no {slug!r} in any resource", *near]))
    refuse(answered[-1])
    return answered[-1]


def _fields(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields of a record that say something, each in words; the members of a list one by one."""
    for name, value in record.items():
        many = value if isinstance(value, list) and any(isinstance(one, dict) for one in value) else [value]
        yield from ((name, said) for one in many if (said := _citation(one) if name == "citations" else _said(one)))


def _said(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """A value in words, nothing for one that says nothing."""
    if isinstance(value, dict):
        inside = ((name, _said(one)) for name, one in value.items())
        return str(value.get("text") or ", ".join(f"{name} {said}" for name, said in inside if said))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_said, value)))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _citation(citation: Mapping[str, Any]) -> str:
    place = ", ".join(filter(None, (citation["source"], citation["locator"])))
    return f"{place}: {citation['claim']} ({citation['evidence']}, {citation['confidence']} confidence)"


def _list(reply: httpx.Response, heads: Sequence[str], row: Callable[[Any], Sequence[str]], *, as_json: bool) -> None:
    """Show a page of a list, and say where the next one starts; ends with NOTHING where it is empty."""
    page = reply.json()
    if as_json:
        show_json(reply.content)
    else:
        show_table(heads, map(row, page["data"]))
    if page["next"]:
        hint(f"there is more: --cursor {parse_qs(urlsplit(page['next']).query)['cursor'][0]}")
    if not page["data"]:
        fail("nothing was found", NOTHING)


def _hit(hit: Mapping[str, Any]) -> tuple[str, str, str]:
    found = "".join(part["text"] for part in hit["snippet"])
    return f"{hit['type']}/{hit['slug']}", hit["title"], "" if found == hit["title"] else f"{hit['field']}: {found}"


def _fact(fact: Mapping[str, Any]) -> tuple[str, ...]:
    record = f"{fact['record']['type']}/{fact['record']['slug']}"
    return fact["date"], fact["field"].removesuffix("_on").replace("_", " "), fact["title"], fact["stage"] or "", record
