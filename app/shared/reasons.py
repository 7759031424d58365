"""What Pydantic found wrong with a value, as a sentence of this API: what is needed in its place."""

import re
from collections.abc import Mapping
from typing import Any, Final

from app.shared.forms import IN_WORDS

_TEXT: Final = "a text is needed"
_NUMBER: Final = "a number is needed"
_WHOLE: Final = "a whole number is needed"
_TRUTH: Final = "true or false is needed"
_OBJECT: Final = "an object is needed"
_NEEDED: Final = {
    "missing": "it is missing: give it",
    "string_type": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "finite_number": "a finite number is needed",
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "list_type": "a list is needed",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "greater_than": "more than {gt} is needed",
    "greater_than_equal": "at least {ge} is needed",
    "less_than": "less than {lt} is needed",
    "less_than_equal": "at most {le} is needed",
    "string_too_short": "{min_length} or more characters are needed",
    "string_too_long": "no more than {max_length} characters are taken",
    "too_short": "{min_length} or more are needed",
    "too_long": "no more than {max_length} are taken",
}
"""What is needed, by Pydantic's name for what is wrong, with the bounds that it tells."""


def detail_of(problem: Mapping[str, Any]) -> str:
    """What is wrong, in our words: of a form what it is, of a choice all there is; an error of our own as it is."""
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return IN_WORDS.get(context["pattern"], str(problem["msg"]))
    if kind == "extra_forbidden":
        return f"there is no field {str(problem['loc'][-1])[:80]!r}"
    if choices := choices_of(problem):
        return f"{_listed(choices)} is needed"
    if kind in _NEEDED:
        return _NEEDED[kind].format(**context)
    return str(problem["msg"]).removeprefix("Value error, ")


def choices_of(problem: Mapping[str, Any]) -> list[str]:
    """The values of which one is needed, where there are only some."""
    expected = problem.get("ctx", {}).get("expected", "") if problem["type"] in {"literal_error", "enum"} else ""
    return re.findall(r"'([^']*)'", expected)


def _listed(choices: list[str]) -> str:
    *others, last = choices
    return f"one of {', '.join(others)} or {last}" if others else last
