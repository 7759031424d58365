"""Traces: what a collector is sent by a server that is told of one, and nothing where there is none."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.shared.database import Database
from app.shared.observing import statements
from app.shared.observing.tracing import is_tracing
from app.shared.settings import Settings
from tests.server import free_port, running

UNWANTED = "s3cr3t-of-a-client"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """The address of a collector of traces (OTLP over HTTP), and what it is sent."""
    sent: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_told: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", sent
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def spans(sent: list[bytes]) -> list[Any]:
    """The spans that a collector was sent."""
    requests = [ExportTraceServiceRequest.FromString(body) for body in sent]
    scopes = [scope for one in requests for resource in one.resource_spans for scope in resource.scope_spans]
    return [span for scope in scopes for span in scope.spans]


def attributes(span: Any) -> dict[str, Any]:  # noqa: ANN401 - a message of OTLP
    """The attributes of a span, by their names."""
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


def test_a_collector_is_sent_each_request_with_its_statements_below_it(tmp_path: Path) -> None:
    port = free_port()
    command = [str(Path(sys.executable).parent / "dealgraph"), "serve", "--port", str(port)]
    with collector() as (address, sent):
        env = {**os.environ, "DEALGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/new.db"}
        env |= {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_SERVICE_NAME": "deals"}
        with running(command, port, cwd=tmp_path, env=env) as client:
            headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "Authorization": f"Bearer {UNWANTED}"}
            assert client.get("/v1/companies/openai", headers={"traceparent": headers["traceparent"]}).is_success
            assert client.get("/v1/contracts").is_success
            assert client.get("/v1/contracts", headers=headers).status_code == 401
            assert client.get("/health").is_success
        # It has been told to end, and sends what is left.
    named = {(span.name, attributes(span).get("http.response.status_code")): span for span in spans(sent)}
    record, listed = named["GET /v1/companies/{slug}", 200], named["GET /v1/contracts", 200]
    assert (record.trace_id.hex(), record.parent_span_id.hex()) == (TRACE, PARENT)
    asked = {span.parent_span_id: attributes(span) for span in spans(sent) if "db.query.text" in attributes(span)}
    for request in (record, listed):
        about = asked[request.span_id]
        assert (about["db.system.name"], about["db.operation.name"]) == ("sqlite", "SELECT")
        assert about["db.query.text"].startswith("SELECT")
    assert not [name for name, _ in named if "health" in name]
    assert UNWANTED.encode() not in b"".join(sent)
    assert b"deals" in sent[0]


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_only_opentelemetrys_own_variables_turn_traces_on(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, *, wanted: bool
) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert is_tracing() is wanted


async def test_a_statement_that_fails_has_a_span_that_says_so(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    exported, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exported))
    tracer = provider.get_tracer("test")
    monkeypatch.setattr(statements, "_tracer", tracer)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://nobody.invalid")
    asker = statements.Asker(tracer.start_span("request"))
    statements.ask_as(asker)
    database = Database(Settings(database_url=store_url))
    async with database.reading() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(text("SELECT nothing FROM nowhere WHERE 1 = :one"), {"one": 1})
        await connection.execute(text("SELECT 1"))
    await database.close()
    failed, good = exported.get_finished_spans()
    assert failed.status.status_code is StatusCode.ERROR
    assert failed.attributes
    assert "error.type" in failed.attributes
    assert good.status.status_code is StatusCode.UNSET
    assert asker.queries == 2
