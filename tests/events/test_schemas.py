"""Events: roles are words of the teller's own, in one spelling."""

import pytest
from pydantic import ValidationError

from app.events.schemas import Event
from tests.factories import event


@pytest.mark.parametrize("role", ["Employer", "listed company", "listed-company", "_a", "a_", "", "a" * 41])
def test_a_role_is_in_snake_case(role: str) -> None:
    with pytest.raises(ValidationError, match="role"):
        Event.model_validate(event(companies=[{"company": "openai", "role": role}]))


def test_a_role_of_several_words_is_taken() -> None:
    read = Event.model_validate(event(companies=[{"company": "openai", "role": "listed_company"}]))
    assert read.companies[0].role == "listed_company"
