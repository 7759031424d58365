"""Logs: a line for people or an object for machines, and no values of variables in either."""

import json
from collections.abc import Iterator

import pytest
import structlog

from app.shared import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    logs.configure("console")


def fail(password: str) -> None:
    """Log an error beside a variable that nobody may read."""
    try:
        dict[str, int]()["nothing here"]
    except KeyError as error:
        structlog.get_logger().error("request failed", exc_info=error, path="/v1")
    assert password


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_an_error_is_logged_with_its_traceback_and_without_variables(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(log_format)
    fail("p4ssw0rd")
    written = capsys.readouterr()
    assert written.out == ""
    assert "nothing here" in written.err
    assert "Traceback" in written.err
    assert "p4ssw0rd" not in written.err


def test_json_logs_are_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    fail("p4ssw0rd")
    structlog.get_logger().warning("again", path="/ä")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["event"], first["level"], first["path"]) == ("request failed", "error", "/v1")
    assert (second["event"], second["path"]) == ("again", "/ä")
    assert second["timestamp"].endswith("Z")
