"""What of a span leaves this process: attributes that are known to hold nothing of a person, and no others.

The instrumentations record whole addresses (a watchlist's link is its secret, a search holds what somebody typed, a
register's address holds our key), who is connected, what browser they have, and the words of errors, which quote statements
with their values. A list of what may go cannot miss the next attribute that a new version of them records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import SpanKind, get_current_span
from opentelemetry.trace.status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExportResult
    from opentelemetry.trace import Link, TraceState
    from opentelemetry.util.types import Attributes

_KEPT: Final = frozenset({
    "http.request.method", "http.response.status_code", "http.route", "url.scheme", "network.protocol.version",
    "error.type", "exception.type", "db.system", "db.system.name", "db.operation", "db.operation.name",
    "messaging.message.id", "messaging.message_id", "rpc.system", "rpc.service", "rpc.method", "rpc.grpc.status_code",
})  # fmt: skip
_KEPT_BELOW: Final = ("taskiq.", "paycanary.", "job.")
#: Whom we call is ours to say; of a request that comes in it is what the visitor wrote.
_KEPT_OF_CLIENTS: Final = frozenset({"server.address", "server.port"})


class Scrubbed(SpanExporter):
    """Exports spans by another exporter, without what may not leave."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans on."""
        return self._inner.export([scrubbed(span) for span in spans])

    def shutdown(self) -> None:
        """Let go of the exporter."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Wait until all is sent."""
        return self._inner.force_flush(timeout_millis)


def scrubbed(span: ReadableSpan) -> ReadableSpan:
    """A span without what may not leave."""
    kind = span.kind
    return ReadableSpan(
        # SQLAlchemy's are called by statement and database, whose name is a path with SQLite.
        span.name.split(" ", 1)[0] if _is_of_database(span) else span.name,
        span.get_span_context(), span.parent, span.resource, _kept(span.attributes, kind),
        [Event(e.name, _kept(e.attributes, kind), e.timestamp) for e in span.events],
        span.links, kind,
        status=Status(span.status.status_code),
        start_time=span.start_time, end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )  # fmt: skip


class Begun(Sampler):
    """A trace begins at a request, a job or a task, never at a call that housekeeping makes of a database or of Redis."""

    def __init__(self, inner: Sampler) -> None:
        self._inner = inner

    def should_sample(  # noqa: PLR0917 - the base's
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """Whether a span is recorded."""
        is_first = not get_current_span(parent_context).get_span_context().is_valid
        if is_first and kind is SpanKind.CLIENT:
            return SamplingResult(Decision.DROP)
        return self._inner.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        """As the SDK names samplers."""
        return f"Begun({self._inner.get_description()})"


def _is_of_database(span: ReadableSpan) -> bool:
    found = span.attributes or {}
    return "db.system" in found or "db.system.name" in found


def _kept(attributes: Attributes, kind: SpanKind) -> Attributes:
    return {
        name: value
        for name, value in (attributes or {}).items()
        if name in _KEPT
        or name.startswith(_KEPT_BELOW)
        or (kind is SpanKind.CLIENT and name in _KEPT_OF_CLIENTS)
    }
