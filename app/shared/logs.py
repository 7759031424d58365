"""How logs are written: to standard error, a line for people or an object for machines."""

import sys
from typing import Any

import structlog

from app.shared.json import dumps


def configure(log_format: str) -> None:
    """Write logs as ``console`` or ``json`` lines.

    A traceback is written without the values of its variables: they hold what clients sent and where the store is.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(_JSON if log_format == "json" else _CONSOLE),
        ],
        # Looked up for each line: standard error may be another one by then.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _dumps(event: Any, **_: Any) -> str:  # noqa: ANN401 - structlog's own
    return dumps(event)


_JSON = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dumps)]
_CONSOLE = [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
