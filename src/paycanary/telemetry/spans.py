"""Spans of our own, and what carries a trace from one thread to the next. Empty shells until `activate`."""

from __future__ import annotations

import contextvars
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

P = ParamSpec("P")
T = TypeVar("T")
_active: Final[dict[str, Any]] = {}


class Place(NamedTuple):
    """Where in which trace, as log lines bear it: 32 and 16 hexadecimal digits; empty outside of one."""

    trace_id: str
    span_id: str


_NOWHERE: Final = Place("", "")


def activate(tracer: Any, current: Callable[[], Any]) -> None:
    """Record spans from now on; ``current`` gives the one that is open."""
    _active.update(tracer=tracer, current=current)


def deactivate() -> None:
    """Record none any more."""
    _active.clear()


def is_active() -> bool:
    """Whether spans are recorded."""
    return bool(_active)


@contextmanager
def span(name: str, attributes: Mapping[str, str] | None = None) -> Iterator[None]:
    """A piece of work of its own in a trace."""
    if not _active:
        yield
        return
    with _active["tracer"].start_as_current_span(name, attributes=dict(attributes or {})):
        yield


def place() -> Place:
    """The span that is open."""
    if not _active:
        return _NOWHERE
    context = _active["current"]().get_span_context()
    if not context.is_valid:
        return _NOWHERE
    return Place(f"{context.trace_id:032x}", f"{context.span_id:016x}")


def carried(function: Callable[P, T]) -> Callable[P, T]:
    """The function as another thread may call it, once: still part of this request and this trace."""
    context = contextvars.copy_context()

    def within(*args: P.args, **kwargs: P.kwargs) -> T:
        return context.run(function, *args, **kwargs)

    return within
