"""Logs: a line for people or an object for machines, and no values of variables in either."""

import json
import logging
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
    log_format: logs.Format, capsys: pytest.CaptureFixture[str]
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


@pytest.mark.parametrize("text", ["/a\nforged=1", "/a\r\nforged=1", "/\x1b[31m", "/\ud800"])
@pytest.mark.parametrize("log_format", ["console", "json"])
def test_what_a_client_sends_can_make_no_second_line_and_no_error(
    log_format: logs.Format, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(log_format)
    structlog.get_logger().warning("store unavailable", path=text)
    written = capsys.readouterr().err
    assert len(written.splitlines()) == 1
    assert "\x1b" not in written


def test_a_level_leaves_out_what_is_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", "error")
    structlog.get_logger().warning("left out")
    structlog.get_logger().error("written")
    logging.getLogger("asyncio").warning("left out")
    logging.getLogger("asyncio").error("written %s", "too")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["written", "written too"]
