"""What of each record an answer shows: all of it, some fields, and records in the place of their slugs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.expanding import find_named, put_in, read_expand, references_of
from app.ledger.openapi import query_parameter
from app.ledger.resource import Resource, resource_of
from app.ledger.selecting import Tree, fields_of, read_fields, selected
from app.shared.errors import BadRequest, Flaw
from app.shared.json import fragment, loads_own

VIEW: Final = ("fields", "expand")
"""The parameters that are read here."""


@dataclass(frozen=True)
class View:
    """``expand``: paths to the resources of what is shown there; ``fields``: what is shown, None for all."""

    expand: Mapping[str, str] = field(default_factory=dict)
    fields: Tree | None = None

    @property
    def is_whole(self) -> bool:
        """Whether records are shown as they are kept."""
        return not self.expand and self.fields is None


def read_view(resource: Resource, given: Mapping[str, str]) -> View:
    """Read ``fields`` and ``expand``. Raises BadRequest, naming what cannot be shown."""
    expand = read_expand(resource, given["expand"].split(",")) if "expand" in given else {}
    if "fields" not in given:
        return View(expand)
    known = fields_of(resource)
    for path, named in expand.items():
        _graft(known, path.split("."), fields_of(resource_of(named)))
    names = given["fields"].split(",")
    if closed := [name for name in names for path in references_of(resource) if name.startswith(f"{path}.")]:
        _check_open(closed, expand)
    fields = read_fields(names, known)
    if unseen := [path for path in expand if not any(_touch(path, name) for name in names)]:
        flaws = [Flaw(f"fields leaves {path} out: name it there too", parameter="expand") for path in unseen]
        raise BadRequest("expand and fields contradict each other", *flaws)
    return View(expand, fields)


async def viewed(connection: AsyncConnection, view: View, documents: Sequence[str], revision: int) -> list[Any]:
    """Records as a view shows them, ready for `dumps`, all at one revision; at most one statement."""
    shown = [loads_own(document) for document in documents]
    if view.expand:
        found = await find_named(connection, shown, view.expand, revision)
        # Only what is picked from has to be read: the rest is passed on as it is kept.
        read = fragment if view.fields is None else loads_own
        put_in(shown, view.expand, {name: read(document) for name, document in found.items()})
    return shown if view.fields is None else [selected(document, view.fields) for document in shown]


def view_parameters(resource: Resource) -> list[dict[str, Any]]:
    """The parameters that `read_view` reads, for OpenAPI."""
    paths = list(references_of(resource))
    first = next(name for name in resource.shown_fields if name in ("name", "title", "operator", "company"))
    return [
        query_parameter(
            "fields",
            "The fields to show, separated by commas, by their dotted paths; the slug is always there.",
            {"type": "string", "examples": [f"slug,{first},citations.source"]},
        ),
        query_parameter(
            "expand",
            "What to show in the place of its slug, separated by commas, as it was at the same moment: "
            f"{', '.join(paths)}.",
            {"type": "string", "examples": [paths[-1]]},
        ),
    ]


def _check_open(names: Sequence[str], expand: Mapping[str, str]) -> None:
    """Raise BadRequest for fields of records that are not shown in the place of their slugs."""
    shut = [name for name in names if not any(name.startswith(f"{path}.") for path in expand)]
    if shut:
        flaws = [Flaw(f"{name} is a field of another record: expand that", parameter="fields") for name in shut]
        raise BadRequest("fields names what is not shown without expand", *flaws)


def _graft(tree: Tree, steps: Sequence[str], inner: Tree) -> None:
    first, *rest = steps
    if not rest:
        tree[first] = inner
    elif (below := tree[first]) is not None:
        _graft(below, rest, inner)


def _touch(path: str, name: str) -> bool:
    """Whether one of two paths leads to or through the other."""
    return f"{path}.".startswith(f"{name}.") or f"{name}.".startswith(f"{path}.")
