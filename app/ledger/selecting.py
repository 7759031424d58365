"""``fields=``: only some fields of each record, named by their dotted paths."""

from collections.abc import Iterable, Iterator
from typing import Any

from app.ledger.resource import Resource
from app.ledger.shape import FieldShape, Holds
from app.shared.errors import BadRequest, unknown
from app.shared.quantity import Quantity

Tree = dict[str, "Tree | None"]
"""Fields by their names, each with those inside it; None for one that is taken whole."""


def fields_of(resource: Resource) -> Tree:
    """The fields of a record as it is shown, and those inside its objects and quantities."""
    shapes = {shape.name: shape for shape in resource.shape}
    return {name: _inside(shapes[name]) if name in shapes else None for name in resource.shown_fields}


def paths_in(tree: Tree) -> Iterator[str]:
    """The dotted paths of all fields, an outer one before those inside it."""
    for name, inner in tree.items():
        yield name
        if inner:
            yield from (f"{name}.{path}" for path in paths_in(inner))


def read_fields(names: Iterable[str], known: Tree) -> Tree:
    """The fields that are asked for, in the order asked, the slug first where it is not among them.

    A record always has its slug, so that it can be found again (as JSON:API keeps ``id``). Raises BadRequest for a
    path that no field has, with the nearest.
    """
    names, paths = list(names), set(paths_in(known))
    if wrong := [name for name in names if name not in paths]:
        flaws = [unknown("field", name[:120], paths, "fields", known) for name in dict.fromkeys(wrong)]
        raise BadRequest("fields names what the records do not have", *flaws)
    picked: Tree = {} if "slug" in names else {"slug": None}
    for name in names:
        _pick(picked, name.split("."))
    return picked


def selected(value: Any, tree: Tree | None) -> Any:  # noqa: ANN401 - a part of a document
    """What a tree picks from a part of a record; a version of before there was a field goes without it."""
    if isinstance(value, list):
        return [selected(item, tree) for item in value]
    if tree is None or not isinstance(value, dict):
        return value
    return {name: selected(value[name], inner) for name, inner in tree.items() if name in value}


def _inside(shape: FieldShape) -> Tree | None:
    if shape.holds is Holds.QUANTITY:
        return dict.fromkeys(Quantity.model_fields)
    return {part.name: _inside(part) for part in shape.parts} if shape.holds is Holds.OBJECT else None


def _pick(tree: Tree, steps: list[str]) -> None:
    first, *rest = steps
    if not rest:
        tree[first] = None
    # What is taken whole needs no picking inside it.
    elif (inner := tree.setdefault(first, {})) is not None:
        _pick(inner, rest)
