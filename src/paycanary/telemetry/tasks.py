"""A task of a scheduler: one span over all that it does, part of the trace that ``TRACEPARENT`` names.

::

    with task("refresh", {"paycanary.source": "dart"}):
        ...

A command is one too: `paycanary.cli.main` opens it where the environment asks for telemetry, so that a task that starts
``paycanary refresh`` as a program only has to hand ``TRACEPARENT`` on (`start.environment_of_child`).
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from paycanary.telemetry import start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def task(name: str, attributes: Mapping[str, str] | None = None) -> Iterator[None]:
    """Run within a span; what was recorded is sent before this ends, since the process may end next.

    Args:
        name: of the task, one of few.
        attributes: beside it; their names begin with ``paycanary.`` or ``job.``, and hold nothing of a person.

    Raises:
        UsageError: the environment asks for telemetry that is not installed.
    """
    if not start.is_wanted("task"):
        yield
        return
    start.start("task")
    try:
        with _span(name, attributes):
            yield
    finally:
        start.stop()


@contextmanager
def _span(name: str, attributes: Mapping[str, str] | None) -> Iterator[None]:
    from opentelemetry import propagate, trace  # noqa: PLC0415 - only who asks for it has it

    found = {key.lower(): os.environ[key] for key in ("TRACEPARENT", "TRACESTATE") if key in os.environ}  # fmt: skip
    tracer = trace.get_tracer("paycanary")
    with tracer.start_as_current_span(name, propagate.extract(found), attributes=dict(attributes or {})):  # fmt: skip
        yield
