"""Query parameters as a model: read in one step, refused where they are unknown or given twice, described for OpenAPI.

FastAPI reads a model parameter by parameter, which takes 0.4 ms for the nine of a question about the graph.
"""

from collections.abc import Awaitable, Callable, Iterable
from itertools import chain
from typing import Any, Final, TypeVar, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from app.shared.errors import BadRequest, Flaw
from app.shared.openapi import operations_in

Question = TypeVar("Question", bound=BaseModel)
_DESCRIBED: Final[dict[str, type[BaseModel]]] = {}
"""The questions of routes. Their schemas are made when the description is asked for: that takes 30 ms."""
_PLACE: Final = "#/questions/"


def parameters_of(model: type[Question]) -> Callable[[Request], Awaitable[Question]]:
    """What reads the query parameters of a request as ``model``, for Depends; a field that is a list takes several.

    Raises RequestValidationError for what the model refuses, and BadRequest for a parameter that is given twice and is
    no list: taking one of its values would ignore the other.
    """
    fields = model.model_fields.items()
    required = any(field.is_required() for _, field in fields)
    lists = {field.alias or name for name, field in fields if get_origin(field.annotation) is list}

    async def read(request: Request) -> Question:
        if not request.scope["query_string"] and not required:
            return model.model_validate({})
        values: dict[str, Any] = {}
        twice = dict[str, Flaw]()
        for name, value in request.query_params.multi_items():
            if name in lists:
                values.setdefault(name, []).append(value)
            elif name in values:
                twice[name] = Flaw("give it once", parameter=name)
            else:
                values[name] = value
        try:
            question = model.model_validate(values)
        except ValidationError as error:
            raise RequestValidationError([_in_query(problem) for problem in error.errors()]) from None
        if twice:
            raise BadRequest("a parameter is given twice", *twice.values())
        return question

    return read


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The query parameters that ``parameters_of`` reads, for the ``openapi_extra`` of a route."""
    _DESCRIBED[model.__name__] = model
    return {"parameters": [{"$ref": _PLACE + model.__name__}]}


def describe_questions(described: dict[str, Any]) -> None:
    """Put the parameters themselves where ``described`` named them in the description of an app."""
    for operation in operations_in(described):
        named = operation.get("parameters", ())
        if any(_PLACE in one.get("$ref", "") for one in named):
            operation["parameters"] = list(chain.from_iterable(map(_parameters, named)))


def _parameters(named: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """A parameter as it is, or those of the question that it stands for."""
    _, is_question, name = named.get("$ref", "").partition(_PLACE)
    if not is_question:
        return [named]
    schema = _DESCRIBED[name].model_json_schema()
    required = schema.get("required", ())
    return (
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": part["description"],
            "schema": {key: value for key, value in part.items() if (key, value) != ("default", None)},
        }
        for name, part in schema["properties"].items()
    )


def _in_query(problem: Any) -> dict[str, Any]:  # noqa: ANN401 - as Pydantic tells it
    return {**problem, "loc": ("query", *problem["loc"])}
