"""Instants of query parameters, into UTC."""

from datetime import UTC, datetime

import pytest

from app.shared.fields import instant

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T12:00:00Z",
        "2026-11-23t12:00:00.000z",
        "2026-11-23 12:00:00Z",
        "2026-11-23T17:30:00+05:30",
        "2026-11-22T22:00:00-14:00",
        "2026-11-23T12:00:00-00:00",
    ],
)
def test_an_instant_in_any_zone_is_read_into_utc(text: str) -> None:
    read = instant(text)
    assert read == NOON
    assert read.tzinfo is UTC


def test_microseconds_are_kept() -> None:
    assert instant("2026-11-23T12:00:00.123456Z") == NOON.replace(microsecond=123456)
    assert instant("2026-11-23T12:00:00.123456999Z") == NOON.replace(microsecond=123456)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-11-23",
        "2026-11-23T12:00:00",
        "2026-11-23T12:00Z",
        "20261123T120000Z",
        "2026-W48-1T12:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T12:00:00+2",
        "2026-11-23T12:00:00Z ",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "1763899200",
    ],
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="2026-11-23T12:00:00Z"):
        instant(text)
