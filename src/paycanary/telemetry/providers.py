"""OpenTelemetry's providers as paycanary sets them up; imported by `start` alone, and only where telemetry is asked for."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import metrics, propagate
from opentelemetry import trace as tracing
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.metrics import NoOpMeterProvider, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import DropAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, ProcessCollector

from paycanary.telemetry import instruments, spans
from paycanary.telemetry.scrub import Begun, Scrubbed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from fastapi import FastAPI
    from opentelemetry.sdk.metrics.export import MetricReader
    from taskiq import AsyncBroker

#: Of a request's attributes only those of which there are few: a path, a host or a port is what a visitor writes.
_VIEWS: Final = (
    View(
        instrument_name="http.server.request.duration",
        attribute_keys={"http.request.method", "http.route", "http.response.status_code", "error.type"},
    ),
    View(instrument_name="http.server.active_requests", attribute_keys={"http.request.method"}),
    # Kept by the instrumentation for all requests in one place, so that they tell of one another.
    View(instrument_name="http.server.*.body.size", aggregation=DropAggregation()),
)  # fmt: skip


def _resource(name: str, version: str) -> Resource:
    # OTEL_RESOURCE_ATTRIBUTES may say more, such as the namespace; host and process are found by detectors that it names.
    return Resource.create({"service.name": name, "service.version": version})


def trace(name: str, version: str) -> Callable[[], None]:
    """Record spans and send them by OTLP; gives what sends the last ones and ends."""
    provider = TracerProvider(resource=_resource(name, version))
    provider.sampler = Begun(provider.sampler)
    provider.add_span_processor(BatchSpanProcessor(Scrubbed(OTLPSpanExporter())))
    tracing.set_tracer_provider(provider)
    # No baggage: what a visitor sends is not passed on to registers.
    propagate.set_global_textmap(TraceContextTextMapPropagator())
    spans.activate(provider.get_tracer("paycanary", version), tracing.get_current_span)
    HTTPXClientInstrumentor().instrument(meter_provider=NoOpMeterProvider())
    if importlib.util.find_spec("redis"):
        from opentelemetry.instrumentation.redis import RedisInstrumentor  # noqa: PLC0415

        RedisInstrumentor().instrument()
    return provider.shutdown


def registry() -> CollectorRegistry:
    """Where Prometheus's metrics of this process are read; CPU, memory and open files among them."""
    found = CollectorRegistry()
    ProcessCollector(registry=found)
    return found


def measure(name: str, version: str, registry: CollectorRegistry | None, *, by_otlp: bool) -> Callable[[], None]:  # fmt: skip
    """Fill instruments, read by Prometheus, or sent by OTLP, or both; gives what sends the last and ends."""
    readers: list[MetricReader] = []
    if registry is not None:
        # A Prometheus that many services share tells ours by their name.
        readers.append(
            PrometheusMetricReader(
                scope_info_enabled=False,
                resource_attribute_filter=lambda key: key == "service.name",
                registry=registry,
            )
        )
    if by_otlp:
        readers.append(PeriodicExportingMetricReader(OTLPMetricExporter()))
    provider = MeterProvider(readers, _resource(name, version), views=_VIEWS)
    metrics.set_meter_provider(provider)
    instruments.fill(provider.get_meter("paycanary", version), Observation)
    return provider.shutdown


def instrument_app(app: FastAPI, excluded: str) -> None:
    """As `start.instrument_app`."""
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor  # noqa: PLC0415

    FastAPIInstrumentor.instrument_app(app, excluded_urls=excluded, exclude_spans=["receive", "send"])  # fmt: skip


def instrument_asgi(app: Any, template: Callable[[Any], str], excluded: str) -> Any:
    """As `start.instrument_asgi`."""
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware  # noqa: PLC0415

    def named(scope: Any) -> tuple[str, dict[str, str]]:
        route = template(scope)
        return f"{scope.get('method', '')} {route}", {"http.route": route}

    return OpenTelemetryMiddleware(
        app, excluded_urls=excluded, default_span_details=named, exclude_spans=["receive", "send"]
    )


def grpc_interceptor(excluded: Collection[str]) -> Any:
    """As `start.grpc_interceptors`; a call of no method of ours is refused before it, so that none bears a client's words."""
    from opentelemetry.instrumentation.grpc import aio_server_interceptor  # noqa: PLC0415

    make: Any = aio_server_interceptor  # its arguments bear no types
    return make(filter_=lambda call: call.method.rpartition("/")[2] not in excluded)


def instrument_engine(engine: Any) -> None:
    """As `start.instrument_engine`."""
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor  # noqa: PLC0415

    # It says that it knows SQLAlchemy below 2.1 only, and instruments nothing of a newer one; a test sees that it does.
    SQLAlchemyInstrumentor().instrument(
        engine=engine, meter_provider=NoOpMeterProvider(), skip_dep_check=True
    )


def instrument_broker(broker: AsyncBroker) -> None:
    """As `start.instrument_broker`: by taskiq's own middleware, for its traces. What jobs come to is counted by the worker."""
    from taskiq.middlewares.opentelemetry_middleware import OpenTelemetryMiddleware  # noqa: PLC0415

    broker.add_middlewares(OpenTelemetryMiddleware(meter_provider=NoOpMeterProvider()))
