"""Fills instruments and spans, where an operator asked for it by the environment: OpenTelemetry's own variables, and ours.

``OTEL_EXPORTER_OTLP_ENDPOINT`` (or its forms for traces and metrics) sends by OTLP over HTTP;
``PAYCANARY_METRICS_PORT`` opens a port for Prometheus. Without either nothing of this is imported.
"""

from __future__ import annotations

import atexit
import os
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from paycanary import __version__
from paycanary.errors import UsageError
from paycanary.telemetry import instruments, spans

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import FastAPI
    from prometheus_client import CollectorRegistry

    from paycanary.telemetry.watched import Health

Kind = Literal["api", "worker", "models", "task"]
PORT: Final = "PAYCANARY_METRICS_PORT"
HOST: Final = "PAYCANARY_METRICS_HOST"
#: Where the processes of one `serve` leave their metrics; set by the process that starts them, never by an operator.
FOLDER: Final = "PAYCANARY_METRICS_FOLDER"
_OTLP: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
_SIGNALS: Final = ("TRACES", "METRICS")
#: Seconds that sending the last of something may take.
_LEAVING: Final = 3.0
_PROTOCOL: Final = "http/protobuf"
#: Health is asked every few seconds by machines, and says nothing of how people are served.
_NOT_TRACED: Final = r"//[^/]+(?:/v2)?/health/"
_NOT_TRACED_CALLS: Final = frozenset({"ServerLive", "ServerReady", "ModelReady"})


class Telemetry:
    """What runs in this process to tell of it."""

    def __init__(self) -> None:
        self.registry: CollectorRegistry | None = None
        self._ends: list[Callable[[], None]] = []

    def listen(self, health: Health) -> None:
        """Open the port that ``PAYCANARY_METRICS_PORT`` names, if it does; others' metrics are added where there are others.

        Raises:
            UsageError: it cannot be listened on.
        """
        port = wanted_port()
        if port is None or self.registry is None:
            return
        from prometheus_client import CollectorRegistry  # noqa: PLC0415 - only who is watched has it

        from paycanary.telemetry.port import listen  # noqa: PLC0415
        from paycanary.telemetry.processes import Together  # noqa: PLC0415

        shown = self.registry
        if folder := os.environ.get(FOLDER):
            shown = CollectorRegistry()
            shown.register(Together(self.registry, Path(folder)))
        host = os.environ.get(HOST) or "0.0.0.0"  # noqa: S104 - whoever watches is on another machine
        self.end_with(listen(host, port, shown, health))

    def end_with(self, end: Callable[[], None]) -> None:
        """Call this when the process ends; what came last goes first."""
        self._ends.append(end)

    def stop(self) -> None:
        """Send what is not sent yet, and let go of everything."""
        while self._ends:
            ending = threading.Thread(target=self._ends.pop(), daemon=True)
            ending.start()
            # A collector that is silent must not hold up who is asked to end.
            ending.join(_LEAVING)


_running: Telemetry | None = None


def is_wanted(kind: Kind) -> bool:
    """Whether the environment asks for any of it."""
    return _is_shown(kind) or any(_goes_by_otlp(signal) for signal in _SIGNALS)


def _is_shown(kind: Kind) -> bool:
    """Whether Prometheus reads it: not of a task, which ends too soon, nor of the model server, which shows its own."""
    return kind in {"api", "worker"} and wanted_port() is not None


def wanted_port() -> int | None:
    """The port of those who watch; None where there is to be none.

    Raises:
        UsageError: the variable holds no port.
    """
    text = os.environ.get(PORT, "").strip()
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise UsageError(
            {"ko": f"{PORT} 이(가) 포트 번호가 아닙니다.", "en": f"{PORT} is no number of a port."},
            {"ko": "1에서 65535까지의 수로 정하거나 지우세요.", "en": "Set it to a number from 1 to 65535, or unset it."},
        )  # fmt: skip
    return int(text)


def start(kind: Kind) -> Telemetry:
    """Begin, once a process: afterwards instruments count and spans are recorded, as far as the environment asks.

    Raises:
        UsageError: it asks for what is not installed, or for what there is not.
    """
    global _running  # noqa: PLW0603 - as OpenTelemetry's providers, of which a process has one
    if _running is None:
        _running = Telemetry()
        if is_wanted(kind):
            _fill(_running, kind)
            atexit.register(stop)
    return _running


def stop() -> None:
    """End, so that nothing is lost; may be called twice."""
    global _running  # noqa: PLW0603
    if _running is not None:
        _running.stop()
        _running = None
        instruments.empty()
        spans.deactivate()


def share_folder() -> None:
    """Before processes are started that count for themselves: make the folder in which they tell it."""
    if wanted_port() is not None:
        folder = tempfile.TemporaryDirectory(prefix="paycanary-metrics-", ignore_cleanup_errors=True)  # fmt: skip
        os.environ[FOLDER] = folder.name
        atexit.register(folder.cleanup)


def _goes_by_otlp(signal: str) -> bool:
    is_off = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if is_off or os.environ.get(f"OTEL_{signal}_EXPORTER", "otlp").strip().lower() == "none":
        return False
    return bool(os.environ.get(_OTLP) or os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"))


def _fill(telemetry: Telemetry, kind: Kind) -> None:
    for name in ("OTEL_EXPORTER_OTLP_PROTOCOL", *(f"OTEL_EXPORTER_OTLP_{s}_PROTOCOL" for s in _SIGNALS)):  # fmt: skip
        if os.environ.get(name, _PROTOCOL) != _PROTOCOL:
            raise UsageError(
                {"ko": f"{name} 은(는) {_PROTOCOL} 만 됩니다.", "en": f"{name}: only {_PROTOCOL} is spoken."},
                {"ko": "지우거나, 수집기의 HTTP 포트(보통 4318)를 쓰세요.", "en": "Unset it, and name the collector's HTTP port (usually 4318)."},
            )  # fmt: skip
    # The stable names of HTTP and databases, not those of before.
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
    try:
        from paycanary.telemetry import providers  # noqa: PLC0415 - only who asks for it has it
    except ImportError as error:
        raise UsageError(
            {"ko": f"{PORT} 나 {_OTLP} 을(를) 쓰려면 {error.name} 이(가) 필요합니다.", "en": f"{PORT} and {_OTLP} need {error.name}, which is not installed."},
            {"ko": "pip install 'paycanary[telemetry]' 로 설치하거나 그 변수를 지우세요.", "en": "Install it with: pip install 'paycanary[telemetry]', or unset them."},
        ) from error  # fmt: skip
    name = os.environ.get("OTEL_SERVICE_NAME") or f"paycanary-{kind}"
    if _is_shown(kind) and name != f"paycanary-{kind}":
        # Alerts that look for another name would never come, and nobody would notice.
        raise UsageError(
            {"ko": f"OTEL_SERVICE_NAME: Prometheus의 경보와 화면은 이 프로그램을 paycanary-{kind} 로 찾습니다.", "en": f"OTEL_SERVICE_NAME: Prometheus's alerts and dashboards look for this program as paycanary-{kind}."},
            {"ko": f"지우거나({PORT} 를 지우거나), OTEL_RESOURCE_ATTRIBUTES 의 service.namespace 로 구별하세요.", "en": f"Unset it (or {PORT}), and tell services apart by service.namespace in OTEL_RESOURCE_ATTRIBUTES."},
        )  # fmt: skip
    if _goes_by_otlp("TRACES"):
        telemetry.end_with(providers.trace(name, __version__))
    telemetry.registry = providers.registry() if _is_shown(kind) else None
    by_otlp = _goes_by_otlp("METRICS")
    telemetry.end_with(providers.measure(name, __version__, telemetry.registry, by_otlp=by_otlp))


def leave_metrics(telemetry: Telemetry) -> None:
    """In one of several processes: leave what is counted where the first of them finds it."""
    folder = os.environ.get(FOLDER)
    if folder and telemetry.registry is not None:
        from paycanary.telemetry.processes import Writer  # noqa: PLC0415

        writer = Writer(telemetry.registry, Path(folder))
        writer.start()
        telemetry.end_with(writer.stop)


def instrument_app(app: FastAPI) -> None:
    """Measure and trace an application's requests, by the templates of their routes."""
    if _running is not None and (spans.is_active() or _running.registry is not None or _goes_by_otlp("METRICS")):  # fmt: skip
        from paycanary.telemetry import providers  # noqa: PLC0415

        providers.instrument_app(app, _NOT_TRACED)


def instrument_asgi(app: Any, template: Callable[[Any], str]) -> Any:
    """Measure and trace an ASGI application's requests; ``template`` gives the route of a scope."""
    if _running is None or not (spans.is_active() or _goes_by_otlp("METRICS")):
        return app
    from paycanary.telemetry import providers  # noqa: PLC0415

    return providers.instrument_asgi(app, template, _NOT_TRACED)


def grpc_interceptors() -> list[Any]:
    """What traces a gRPC server's calls, to be given to `grpc.aio.server`."""
    if not spans.is_active():
        return []
    from paycanary.telemetry import providers  # noqa: PLC0415

    return [providers.grpc_interceptor(_NOT_TRACED_CALLS)]


def instrument_engine(engine: Any) -> None:
    """Trace an SQLAlchemy engine's statements."""
    if spans.is_active():
        from paycanary.telemetry import providers  # noqa: PLC0415

        providers.instrument_engine(engine)


def instrument_broker(broker: Any) -> None:
    """Let a taskiq broker's messages carry the trace that they are part of."""
    if spans.is_active():
        from paycanary.telemetry import providers  # noqa: PLC0415

        providers.instrument_broker(broker)


def environment_of_child(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a program that is started: it goes on with this trace (``TRACEPARENT``)."""
    at = spans.place()
    more = {"TRACEPARENT": f"00-{at.trace_id}-{at.span_id}-01"} if at.trace_id else {}
    return {**environ, **more}
