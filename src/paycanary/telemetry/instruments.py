"""What is counted, in one place. Empty shells until `fill`; names, units and attributes are OpenTelemetry's.

At ``/metrics`` a counter ``paycanary.job.ends`` is called ``paycanary_job_ends_total``, a histogram in seconds
``..._seconds_bucket``, and an attribute ``job.kind`` is the label ``job_kind``. Attributes are few and known beforehand:
never a company, a person, or a word that somebody typed.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from itertools import product
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Attributes = Mapping[str, str]
    #: Values at this moment, each with what it is of.
    Read = Callable[[], Iterable[tuple[float, Attributes]]]

#: Bounds in seconds for what takes a moment, and for what takes minutes.
_MOMENTS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_MINUTES: Final = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)


class Counter:
    """Grows only.

    Args:
        name: as OpenTelemetry names it.
        unit: as OpenTelemetry writes it.
        description: what is counted.
        known: values of attributes; they are there from the beginning with 0, so that the first time can be told from none.
    """

    def __init__(self, name: str, unit: str, description: str, **known: Sequence[str]) -> None:
        self.name, self.unit, self.description = name, unit, description
        self.real: Any = None
        names = [name.replace("_", ".") for name in known]
        self._known = [dict(zip(names, one, strict=True)) for one in product(*known.values())]

    def add(self, amount: int, attributes: Attributes) -> None:
        """Count so many more."""
        if self.real is not None:
            self.real.add(amount, attributes)

    def fill(self, meter: Any) -> None:
        """Measure from now on."""
        self.real = meter.create_counter(self.name, self.unit, self.description)
        for attributes in self._known if self._known != [{}] else []:
            self.real.add(0, attributes)


class Histogram:
    """How long things take, in seconds."""

    def __init__(self, name: str, description: str, bounds: Sequence[float]) -> None:
        self.name, self.unit, self.description, self.bounds = name, "s", description, bounds
        self.real: Any = None

    def record(self, seconds: float, attributes: Attributes) -> None:
        """One more of them."""
        if self.real is not None:
            self.real.record(seconds, attributes)

    @contextmanager
    def timed(self, attributes: Attributes) -> Iterator[dict[str, str]]:
        """Time what happens within; attributes may be added to what is given until it ends, error or not."""
        own = dict(attributes)
        began = time.perf_counter()
        try:
            yield own
        finally:
            self.record(time.perf_counter() - began, own)

    def fill(self, meter: Any) -> None:
        """Measure from now on."""
        self.real = meter.create_histogram(
            self.name, self.unit, self.description,
            explicit_bucket_boundaries_advisory=list(self.bounds),
        )  # fmt: skip


CACHE: Final = Counter(
    "paycanary.cache.requests", "{request}",
    "Requests that a kept answer could serve, by cache.result: memory, redis, or new",
    cache_result=("memory", "redis", "new"),
)  # fmt: skip
REDIS_LOSSES: Final = Counter(
    "paycanary.redis.losses", "{loss}",
    "Questions to the shared Redis that went without it, by reason: late, error, full",
    reason=("late", "error", "full"),
)  # fmt: skip
JOBS: Final = Counter(
    "paycanary.job.ends", "{job}",
    "Attempts at jobs by job.kind and job.outcome: done, failed (with a reason), fault (ours), left (to other hands)",
    job_kind=("refresh_company",), job_outcome=("done", "failed", "fault", "left"),
)  # fmt: skip
JOB_SECONDS: Final = Histogram("paycanary.job.duration", "Attempts at jobs", _MINUTES)
FETCHES: Final = Counter(
    "paycanary.source.fetches", "{fetch}",
    "Rounds of asking a register, by source and outcome: ok, or the error's code",
)  # fmt: skip
ALERTS: Final = Counter(
    "paycanary.alert.attempts", "{attempt}",
    "Alerts that were tried, by channel (email, webhook) and outcome: sent, later, failed",
    channel=("email", "webhook"), outcome=("sent", "later", "failed"),
)  # fmt: skip
CHORES: Final = Counter(
    "paycanary.chore.runs", "{run}", "Housekeeping by chore and outcome: ok, put_off, fault",
    chore=("sweep", "judge", "send", "tidy"), outcome=("ok", "put_off", "fault"),
)  # fmt: skip
MODEL_SECONDS: Final = Histogram(
    "paycanary.model.call.duration",
    "Questions to the model server by model and outcome: ok, unanswered, refused", _MOMENTS,
)  # fmt: skip

INSTRUMENTS: Final[tuple[Counter | Histogram, ...]] = (
    CACHE, REDIS_LOSSES, JOBS, JOB_SECONDS, FETCHES, ALERTS, CHORES, MODEL_SECONDS,
)  # fmt: skip
#: Gauges of this process: name -> unit, description, and who reads them when somebody looks.
_gauges: Final[dict[str, tuple[str, str, Read]]] = {}


def gauge(name: str, unit: str, description: str, read: Read) -> None:
    """Let a value be read whenever somebody looks; to be called before `fill`."""
    _gauges[name] = (unit, description, read)


def fill(meter: Any, observation: Callable[[float, Attributes], Any]) -> None:
    """Measure everything from now on.

    Args:
        meter: OpenTelemetry's.
        observation: its class of that name.
    """
    for instrument in INSTRUMENTS:
        instrument.fill(meter)
    for name, (unit, description, read) in _gauges.items():

        def look(_: object, read: Read = read) -> Iterator[Any]:
            for value, attributes in read():
                yield observation(value, attributes)

        meter.create_observable_gauge(name, [look], unit, description)


def empty() -> None:
    """Measure nothing any more."""
    _gauges.clear()
    for instrument in INSTRUMENTS:
        instrument.real = None
