"""Fleets: a place on Earth, exact to a tenth of a meter."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from app.fleets.schemas import Fleet
from tests.factories import fleet


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(90, 180), (-90, -180), (Decimal("89.999999"), Decimal("-179.999999")), (0, 0)]
)
def test_every_place_on_earth_is_taken(latitude: object, longitude: object) -> None:
    assert Fleet.model_validate(fleet(latitude=latitude, longitude=longitude)).latitude is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("latitude", Decimal("90.000001")),
        ("latitude", -91),
        ("longitude", Decimal("180.000001")),
        ("latitude", Decimal("1.0000001")),
    ],
)
def test_a_place_that_is_not_on_earth_or_too_exact_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        Fleet.model_validate(fleet(**{field: value}))


def test_an_observation_is_of_a_running_fleet_unless_it_says_otherwise() -> None:
    without = {name: value for name, value in fleet().items() if name != "stage"}
    assert Fleet.model_validate(without).stage == "active"
