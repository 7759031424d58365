"""The shape of a public schema: for each field, what it holds. Rows, references and filters all follow from it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum, auto
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from app.ledger.schemas import Reference
from app.shared.fields import PARTIAL_DATE
from app.shared.quantity import MAX_AMOUNT, Quantity


class Holds(Enum):
    """What a field holds."""

    SCALAR = auto()
    QUANTITY = auto()
    PARTIAL_DATE = auto()
    REFERENCE = auto()
    OBJECT = auto()
    DOCUMENT = auto()


@dataclass(frozen=True)
class FieldShape:
    """One field of a schema.

    ``refers_to``: the resource of a reference. ``is_list``: whether it holds many. ``parts``: the fields of an object.
    ``python``: the type of a scalar; ``choices``: its values, for an enum. ``description``: the schema's own, and
    ``example``, of one member where it holds many.
    ``pattern`` and ``longest``: how a text is written and how long it may get, where that is stated; ``checks``: what
    else it has to pass, each returning it or raising ValueError. ``least`` and ``most``: between which a number lies.
    ``unit``: that of a quantity. ``fewest``: how many members a list has at least. ``optional``: whether it may be
    null.
    """

    name: str
    holds: Holds
    is_list: bool
    description: str
    refers_to: str = ""
    parts: tuple["FieldShape", ...] = ()
    python: type = str
    choices: tuple[str, ...] = ()
    example: Any = field(default=None, compare=False)
    pattern: str = ""
    longest: int = 0
    checks: tuple[Callable[[str], str], ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    unit: "FieldShape | None" = None
    fewest: int = 0
    optional: bool = False


@cache
def shape_of(schema: type[BaseModel]) -> tuple[FieldShape, ...]:
    """The shape of each field of a schema, in its order."""
    return tuple(_field(name, info) for name, info in schema.model_fields.items())


def referring(shapes: Iterable[FieldShape]) -> tuple[FieldShape, ...]:
    """The fields that refer to other records, and those of which parts do, with these parts alone."""
    pruned = (replace(shape, parts=referring(shape.parts)) for shape in shapes)
    return tuple(shape for shape in pruned if shape.refers_to or shape.parts)


def _field(name: str, info: FieldInfo) -> FieldShape:
    annotation, marks = _bare(info.annotation), list(info.metadata)
    is_list = get_origin(annotation) is list
    if is_list:
        (annotation,) = get_args(annotation)
    while hasattr(annotation, "__metadata__"):
        marks += annotation.__metadata__
        annotation = annotation.__origin__
    annotation = _bare(annotation)
    example = next(iter(info.examples or ()), None)
    if is_list and example:
        example = example[0]
    description = info.description or next(
        (m.description for m in marks if isinstance(m, FieldInfo) and m.description), ""
    )
    shape = _shape(name, annotation, marks, is_list=is_list, description=description)
    text = next((mark for mark in marks if isinstance(mark, StringConstraints)), StringConstraints())
    fewest = max((getattr(mark, "min_length", None) or 0 for mark in info.metadata), default=0) if is_list else 0
    pattern, longest = str(text.pattern or ""), text.max_length or 0
    optional = NoneType in get_args(info.annotation)
    shape = replace(shape, example=example, pattern=pattern, longest=longest, fewest=fewest, optional=optional)
    return replace(shape, **_limits(marks)) if shape.holds is Holds.SCALAR else shape


def _limits(marks: Iterable[Any]) -> dict[str, Any]:
    """What the marks of a scalar say of the values that it can hold."""
    said = list(_unfolded(marks))
    return {
        "checks": tuple(mark.func for mark in said if isinstance(mark, AfterValidator)),
        "least": next((Decimal(mark.ge) for mark in said if hasattr(mark, "ge")), None),
        "most": next((Decimal(mark.le) for mark in said if hasattr(mark, "le")), None),
    }


def _unfolded(marks: Iterable[Any]) -> Iterator[Any]:
    for mark in marks:
        yield from mark.metadata if isinstance(mark, FieldInfo) else (mark,)


def _shape(  # noqa: PLR0911 - one answer for each thing that a field can hold
    name: str,
    annotation: Any,  # noqa: ANN401 - any type
    marks: list[Any],
    *,
    is_list: bool,
    description: str,
) -> FieldShape:
    if reference := next((mark for mark in marks if isinstance(mark, Reference)), None):
        return FieldShape(name, Holds.REFERENCE, is_list, description, refers_to=reference.resource)
    if PARTIAL_DATE in marks:
        return FieldShape(name, Holds.PARTIAL_DATE, is_list, description)
    if get_origin(annotation) is dict:
        return FieldShape(name, Holds.DOCUMENT, is_list, description)
    if get_origin(annotation) is Literal:
        return FieldShape(name, Holds.SCALAR, is_list, description, choices=get_args(annotation))
    if issubclass(annotation, Quantity):
        unit = next(part for part in shape_of(annotation) if part.name == "unit")
        most = Decimal(MAX_AMOUNT)
        return FieldShape(name, Holds.QUANTITY, is_list, description, least=Decimal(0), most=most, unit=unit)
    if issubclass(annotation, BaseModel):
        return FieldShape(name, Holds.OBJECT, is_list, description, parts=shape_of(annotation))
    return FieldShape(name, Holds.SCALAR, is_list, description, python=annotation)


def _bare(annotation: Any) -> Any:  # noqa: ANN401 - any type
    """A type without its ``| None``; an Annotated wrapper stays."""
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (arm for arm in get_args(annotation) if arm is not NoneType)
    return annotation
