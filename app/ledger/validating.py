"""Validates what was sent as a record, and says what is wrong with JSON pointers (RFC 6901) and suggestions."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from app.ledger.resource import Resource
from app.ledger.schemas import Record
from app.shared.errors import Flaw, Unprocessable, nearest, pointer_to
from app.shared.reasons import choices_of, detail_of

Model = TypeVar("Model", bound=BaseModel)
MAX_FLAWS: Final = 100
"""How many flaws of one record are listed: a body may have one for every few bytes of it."""


def record_of(resource: Resource, stated: Any) -> Record:  # noqa: ANN401 - whatever was sent
    """The record that was stated. Raises Unprocessable (422) with its flaws."""
    return validated(resource.schema, stated, f"the body is not {resource.singular} that can be recorded")


def validated(schema: type[Model], stated: Any, detail: str) -> Model:  # noqa: ANN401 - whatever was sent
    """What was stated as ``schema`` has it. Raises Unprocessable (422) with its flaws."""
    try:
        return schema.model_validate(stated)
    except ValidationError as error:
        raise Unprocessable(detail, *flaws_of(error, schema)) from None


def flaws_of(error: ValidationError, schema: type[BaseModel]) -> list[Flaw]:
    """What Pydantic found, as flaws with JSON pointers (RFC 6901) and the nearest field or value that there is.

    Where there are more than a hundred, the last one says how many are not listed.
    """
    found = [
        Flaw(detail_of(problem), pointer=pointer_to(problem["loc"]), suggestion=_suggestion(problem, schema))
        for problem in islice(error.errors(include_url=False), MAX_FLAWS)
    ]
    more = error.error_count() - len(found)
    return [*found, Flaw(f"{more} more flaws are not listed")] if more else found


def _suggestion(problem: Any, schema: type[BaseModel]) -> str | None:  # noqa: ANN401 - Pydantic's details of an error
    match problem["type"]:
        case "extra_forbidden":
            *place, name = problem["loc"]
            close = nearest(str(name), _fields(schema, place), limit=1)
        case "literal_error":
            close = nearest(str(problem["input"])[:80], choices_of(problem), limit=1)
        case _:
            close = []
    return close[0] if close else None


def _fields(schema: type[BaseModel], place: Sequence[str | int]) -> list[str]:
    """The names of the fields that an object at a place of a record may have."""
    model: type[BaseModel] | None = schema
    for step in place:
        if isinstance(step, str) and model:
            field = model.model_fields.get(step)
            model = _model_in(field.annotation) if field else None
    return list(model.model_fields) if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - of a field
    """The model inside an annotation such as ``list[Party]`` or ``Quantity | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)
