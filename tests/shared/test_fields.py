"""Instants of query parameters, into UTC, and addresses on the web."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import pytest
from httpx import URL
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.shared.fields import WebAddress, instant

ADDRESSES: Final = TypeAdapter(WebAddress)
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


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com",
        "http://example.com:8080/a/%C3%A9?b=[c]#d",
        "https://192.0.2.1?x",
        "https://xn--bcher-kva.example/@name",
    ],
)
def test_an_address_on_the_web_is_taken_as_it_is(text: str) -> None:
    assert ADDRESSES.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "http://[x",
        "https://[::1",
        "https://name:secret@example.com",
        "ftp://example.com",
        "https://",
        "https://a b.example",
    ],
)
def test_an_address_that_readers_of_urls_refuse_or_that_tells_a_secret_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ADDRESSES.validate_python(text)


@given(st.text("abc01.-_~:/?#[]@!$&'()*+,;=% ", max_size=30))
def test_what_is_taken_is_read_by_others_as_the_same_host(rest: str) -> None:
    text = f"https://{rest}"
    try:
        ADDRESSES.validate_python(text)
    except ValidationError:
        return
    assert urlsplit(text).hostname == URL(text).host
