"""From the text of a record in a file to the record."""

from pydantic import ValidationError

from app.ledger.resource import Resource
from app.ledger.schemas import Record
from app.ledger.validating import flaws_of
from app.shared.errors import Flaw
from app.shared.json import loads


def validated(resource: Resource, text: bytes) -> Record | list[Flaw]:
    """The record that a text in JSON states, or all that is wrong with it."""
    try:
        return resource.schema.model_validate(loads(text))
    except ValidationError as error:
        return flaws_of(error, resource.schema)
    except ValueError as error:
        return [not_json(error)]


def not_json(error: ValueError, line: int | None = None) -> Flaw:
    """The flaw of a text that is not JSON: it is one line, whose own number is that of the file."""
    return Flaw(str(error).replace(" at line 1, column", " at column"), line=line)
