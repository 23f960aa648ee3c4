"""A collector of OpenTelemetry: takes what is sent by OTLP over HTTP, and gives it back as plain values."""

from __future__ import annotations

import gzip
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Span:
    """A span as it came."""

    service: str
    name: str
    kind: int
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]


@dataclass
class Collector:
    """Listens on a port of its own while the ``with`` lasts; ``raw`` is every byte that came, uncompressed."""

    spans: list[Span] = field(default_factory=list)
    metrics: set[str] = field(default_factory=set)
    raw: bytearray = field(default_factory=bytearray)

    def __enter__(self) -> Self:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                answer = collector.take(self.path, body)
                self.send_response(200)
                self.send_header("content-type", "application/x-protobuf")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def env(self) -> dict[str, str]:
        """Points a program at it."""
        address = f"http://127.0.0.1:{self._server.server_port}"
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_BSP_SCHEDULE_DELAY": "200", "OTEL_METRIC_EXPORT_INTERVAL": "1000"}  # fmt: skip

    def take(self, path: str, body: bytes) -> bytes:
        self.raw += body
        if path == "/v1/metrics":
            told = ExportMetricsServiceRequest.FromString(body)
            self.metrics |= {
                metric.name
                for resource in told.resource_metrics
                for scope in resource.scope_metrics
                for metric in scope.metrics
            }
            return ExportMetricsServiceResponse().SerializeToString()
        assert path == "/v1/traces", path
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = _plain(resource.resource.attributes)["service.name"]
            self.spans += [
                Span(
                    service, span.name, span.kind, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(),
                    _plain(span.attributes),
                )
                for scope in resource.scope_spans
                for span in scope.spans
            ]  # fmt: skip
        return ExportTraceServiceResponse().SerializeToString()

    def wait(self, what: Callable[[list[Span]], Any], seconds: float = 30) -> Any:
        """What ``what`` finds in the spans, once it finds anything."""
        until = time.monotonic() + seconds
        while not (found := what(list(self.spans))):
            assert time.monotonic() < until, [f"{s.service} {s.name} {s.trace[:6]}" for s in self.spans][-60:]  # fmt: skip
            time.sleep(0.05)
        return found

    def ancestors(self, span: Span) -> list[Span]:
        """From its parent up to the first of its trace that came."""
        by_id = {s.id: s for s in self.spans}
        found = []
        while (above := by_id.get(span.parent)) is not None:
            found.append(above)
            span = above
        return found


def _plain(attributes: Any) -> dict[str, Any]:
    return {a.key: getattr(a.value, a.value.WhichOneof("value") or "string_value") for a in attributes}  # fmt: skip
