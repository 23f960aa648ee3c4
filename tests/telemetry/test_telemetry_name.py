"""Under which name a program tells of itself: where Prometheus reads it, by the one that alerts look for."""

from __future__ import annotations

import pytest

from paycanary.errors import UsageError
from paycanary.telemetry import start


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is opened and nothing sent."""
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(start.PORT, "9464")
    monkeypatch.setattr("paycanary.telemetry.providers.measure", lambda *_, **__: lambda: None)
    monkeypatch.setattr("paycanary.telemetry.providers.registry", lambda: None)


@pytest.mark.quick
@pytest.mark.parametrize("kind", ["api", "worker"])
def test_a_name_that_no_alert_looks_for_is_refused(
    kind: start.Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "ours")
    with pytest.raises(UsageError, match=f"look for this program as paycanary-{kind}"):
        start._fill(start.Telemetry(), kind)
    monkeypatch.setenv("OTEL_SERVICE_NAME", f"paycanary-{kind}")
    start._fill(start.Telemetry(), kind)


@pytest.mark.quick
def test_a_task_that_prometheus_does_not_read_is_called_as_one_likes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "ours")
    start._fill(start.Telemetry(), "task")
