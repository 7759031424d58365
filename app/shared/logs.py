"""How logs are written: to standard error, a line for people or an object for machines; those of libraries too."""

import json
import logging
import sys
from asyncio import get_running_loop
from contextlib import suppress
from time import gmtime, strftime, time_ns
from typing import Any, Final, Literal, TextIO, cast

import structlog
from structlog.stdlib import ProcessorFormatter

from app.shared.json import dumps

Format = Literal["console", "json"]
Level = Literal["debug", "info", "warning", "error"]

_OURS: Final = "dealgraph"


def configure(log_format: Format, level: Level = "info") -> None:
    """Write logs of a level and above as ``console`` or ``json`` lines.

    A traceback is written without the values of its variables: they hold what clients sent and where the store is.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[structlog.processors.add_log_level, _stamp, *_FORMATS[log_format]],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: structlog.WriteLogger(_STDERR),
    )
    _configure_libraries(log_format, number)


class _StandardError:
    """Standard error, looked up for each line: it may be another one by then.

    Where it goes to may be full, or gone. That is no reason to refuse a request.
    """

    def write(self, text: str) -> int:
        """Write a line."""
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Do nothing: the end of a line does."""


class Lines:
    """Writes the line of a request, past structlog: 12 µs in it are 2 here, for each request.

    The lines of all that the event loop answers at one go are written together.
    """

    def __init__(self, log_format: Format, level: Level) -> None:
        self._written = _json if log_format == "json" else _console
        self._waiting: list[str] = []
        self._good = level in {"debug", "info"}
        self._failed = level != "error"

    def write(self, failed: bool, said: dict[str, Any]) -> None:  # noqa: FBT001 - named by what stands at the call
        """Write of a request that ``failed``, as a warning, or of any other, where the level lets it through."""
        if self._failed if failed else self._good:
            if not self._waiting:
                get_running_loop().call_soon(self._flush)
            self._waiting.append(self._written("warning" if failed else "info", said))

    def _flush(self) -> None:
        lines, self._waiting = self._waiting, []
        _STDERR.write("".join(lines))


def _configure_libraries(log_format: Format, number: int) -> None:
    handler = logging.StreamHandler[Any](_STDERR)
    handler.name = _OURS
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, _stamp],
            processors=[ProcessorFormatter.remove_processors_meta, *_FORMATS[log_format]],
        )
    )
    root = logging.getLogger()
    # Those of others stay, such as the one by which pytest sees what is logged.
    root.handlers = [one for one in root.handlers if one.name != _OURS] + [handler]
    # Whatever libraries do is not news.
    root.setLevel(max(number, logging.WARNING))


class _Clock:
    """Tells the time as lines have it; the second is written out once: 0.5 µs instead of 1.7."""

    def __init__(self) -> None:
        self._second, self._written = 0, ""

    def now(self) -> str:
        """The time (RFC 3339, UTC), in microseconds."""
        second, nanoseconds = divmod(time_ns(), 1_000_000_000)
        if second != self._second:
            self._second, self._written = second, strftime("%Y-%m-%dT%H:%M:%S", gmtime(second))
        return f"{self._written}.{nanoseconds // 1_000:06d}Z"


_CLOCK: Final = _Clock()


def _json(level: str, said: dict[str, Any]) -> str:
    return dumps({"event": "request", "level": level, "timestamp": _CLOCK.now(), **said}) + "\n"


def _console(level: str, said: dict[str, Any]) -> str:
    told = " ".join([f"{name}={value}" for name, value in said.items() if value is not None])
    return f"{_CLOCK.now()} [{level:<8}] request  {told}\n"


def _printable(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Escape what could write over a terminal, or end a line: JSON does that by itself."""
    return {name: repr(said) if _is_harmful(name, said) else said for name, said in event.items()}


def _is_harmful(name: str, said: object) -> bool:
    return isinstance(said, str) and name != "exception" and not said.isprintable()


def _dumps(event: Any, **_: Any) -> str:  # noqa: ANN401 - structlog's own
    try:
        return dumps(event)
    except TypeError:
        # It holds what JSON cannot, such as half of a surrogate pair.
        return json.dumps(event, default=repr)


_STDERR: Final = cast("TextIO", _StandardError())
_stamp: Final = structlog.processors.TimeStamper(fmt="iso", utc=True)
_FORMATS: Final[dict[Format, list[Any]]] = {
    "json": [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dumps)],
    "console": [
        _printable,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ],
}
