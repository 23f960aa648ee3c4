"""Requests that are not answered: why, for whom, and how HTTP and gRPC call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Reason (as counted) -> status of HTTP, name of gRPC's.
_KINDS: Final[Mapping[str, tuple[int, str]]] = {
    "invalid": (400, "INVALID_ARGUMENT"),
    "encoding": (400, "INVALID_ARGUMENT"),
    "too_long": (400, "INVALID_ARGUMENT"),
    "no_model": (404, "NOT_FOUND"),
    "too_large": (413, "RESOURCE_EXHAUSTED"),
    "too_many": (400, "INVALID_ARGUMENT"),
    "fault": (500, "INTERNAL"),
    "busy": (503, "RESOURCE_EXHAUSTED"),
    "stopping": (503, "UNAVAILABLE"),
}
REASONS: Final = tuple(_KINDS)


@dataclass
class Refusal(Exception):  # noqa: N818 - the server is in order
    """A request that is not answered; ``message`` says what stands where, and what to do."""

    reason: str
    message: str
    retry_after: int = 0

    def __post_init__(self) -> None:
        super().__init__(self.message)

    @property
    def status(self) -> int:
        """Of HTTP."""
        return _KINDS[self.reason][0]

    @property
    def code(self) -> str:
        """Name of gRPC's status."""
        return _KINDS[self.reason][1]


def invalid(message: str) -> Refusal:
    """What was sent is not what the model's metadata ask for."""
    return Refusal("invalid", message)
