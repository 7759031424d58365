"""Traces by OpenTelemetry: on where its own variables name a collector, off and free of cost otherwise.

FastAPI makes the spans of requests and sets up the exporter; those of SQL are ours (`app.shared.observing.statements`).
"""

import os
from collections.abc import MutableMapping
from typing import Any, Final

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace
from opentelemetry.trace import Span

PROBES: Final = frozenset({"/health", "/ready", "/metrics"})
"""What machines ask over and over."""
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def is_tracing() -> bool:
    """Whether the environment asks for traces (OpenTelemetry's general SDK and OTLP exporter variables)."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or os.environ.get("OTEL_TRACES_EXPORTER") == "none"
    return not off and any(os.environ.get(name) for name in _ENDPOINTS)


def current() -> Span | None:
    """The span of this request, where it is recorded."""
    span = trace.get_current_span()
    return span if span.is_recording() else None


def _is_probe(scope: MutableMapping[str, Any]) -> bool:
    return scope.get("path") in PROBES


def telemetry() -> TelemetryConfig:
    """What FastAPI is to trace: nothing where nobody asks for it, or it would look for who does in each request."""
    return {
        "auto_configure": True,
        "tracing": is_tracing(),
        # Prometheus asks /metrics, and logs go to standard error.
        "metrics": False,
        "logs": False,
        "operation_spans": False,
        "exclude": _is_probe,
    }
