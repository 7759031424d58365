"""What Pydantic finds wrong, in the words of the API."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app.shared.forms import COUNTRY, IN_WORDS
from app.shared.reasons import choices_of, detail_of


def refuse(text: str) -> str:
    raise ValueError(f"{text!r} is taken")


class Inner(BaseModel):
    name: str


class Sample(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=2, max_length=3)] = "ab"
    whole: Annotated[int, Field(ge=1, le=8)] = 1
    amount: Annotated[Decimal, Field(gt=0, lt=5)] = Decimal(1)
    truth: bool = True
    several: Annotated[list[str], Field(min_length=1, max_length=2)] = ["a"]
    inner: Inner = Inner(name="a")
    table: dict[str, str] = {}
    choice: Literal["one", "two", "three"] = "one"
    only: Literal["percent"] = "percent"
    country: Annotated[str, Field(pattern=COUNTRY)] = "US"
    taken: Annotated[str, AfterValidator(refuse)] = ""


CASES: list[tuple[dict[str, Any], str]] = [
    ({"text": 7}, "a text is needed"),
    ({"text": "a"}, "2 or more characters are needed"),
    ({"text": "abcd"}, "no more than 3 characters are taken"),
    ({"whole": "x"}, "a whole number is needed"),
    ({"whole": []}, "a whole number is needed"),
    ({"whole": 1.5}, "a whole number is needed"),
    ({"whole": "9" * 5_000}, "a whole number is needed"),
    ({"whole": 0}, "at least 1 is needed"),
    ({"whole": 9}, "at most 8 is needed"),
    ({"amount": "x"}, "a number is needed"),
    ({"amount": []}, "a number is needed"),
    ({"amount": "NaN"}, "a finite number is needed"),
    ({"amount": 0}, "more than 0 is needed"),
    ({"amount": 5}, "less than 5 is needed"),
    ({"truth": "perhaps"}, "true or false is needed"),
    ({"truth": []}, "true or false is needed"),
    ({"several": "a"}, "a list is needed"),
    ({"several": []}, "1 or more are needed"),
    ({"several": ["a", "b", "c"]}, "no more than 2 are taken"),
    ({"inner": "a"}, "an object is needed"),
    ({"inner": {}}, "it is missing: give it"),
    ({"table": "a"}, "an object is needed"),
    ({"choice": "tow"}, "one of one, two or three is needed"),
    ({"only": "USD"}, "percent is needed"),
    ({"country": "usa"}, IN_WORDS[COUNTRY]),
    ({"taken": "a"}, "'a' is taken"),
    ({"colour": "red"}, "there is no field 'colour'"),
]


def problem_of(stated: dict[str, Any]) -> Any:  # noqa: ANN401 - Pydantic's details of an error
    with pytest.raises(ValidationError) as refused:
        Sample.model_validate(stated)
    (problem,) = refused.value.errors()
    return problem


@pytest.mark.parametrize(("stated", "said"), CASES)
def test_what_is_wrong_is_said_as_what_is_needed(stated: dict[str, Any], said: str) -> None:
    assert detail_of(problem_of(stated)) == said


def test_an_input_with_quotes_is_no_choice() -> None:
    assert choices_of(problem_of({"choice": "it's 'four'"})) == ["one", "two", "three"]
    assert choices_of(problem_of({"text": "'a', 'b' and 'c'"})) == []
