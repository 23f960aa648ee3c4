"""What Prometheus is told at ``/metrics``, beside what KServe's SDK tells."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
REQUESTS: Final = Counter(
    "paycanary_models_requests", "Requests that were answered", ("model", "protocol")
)
FAILURES: Final = Counter(
    "paycanary_models_failures",
    "Requests that were refused or failed",
    ("model", "protocol", "reason"),
)
SECONDS: Final = Histogram(
    "paycanary_models_request_seconds",
    "From the whole request to its answer",
    ("model", "protocol"),
    buckets=_SECONDS,
)
BATCH: Final = Histogram(
    "paycanary_models_batch_texts",
    "Texts in one call of the text model",
    buckets=(1, 2, 4, 8, 16, 32, 64),
)
QUEUE: Final = Gauge("paycanary_models_queue_texts", "Texts that wait or are being read")
VERSION: Final = Gauge("paycanary_models_version", "1 for the version in use", ("model", "version"))
RELOADS: Final = Counter(
    "paycanary_models_reloads", "New versions that were taken up or refused", ("model", "outcome")
)
REFUSED: Final = Gauge(
    "paycanary_models_refused_version",
    "1 while a newer version lies there that cannot be used",
    ("model",),
)
