"""How long work tells how far it is, without knowing who watches."""

from __future__ import annotations

from typing import Protocol, Self


class Progress(Protocol):
    """Told when a step starts and how much of it is done; a door draws it, a test or a pipe ignores it."""

    def step(self, name: str, total: int | None = None) -> None:
        """A step begins; ``total`` is how much it holds, if known."""

    def advance(self, amount: int = 1) -> None:
        """So much more of the step is done."""

    def part(self, name: str) -> Progress:
        """Progress of work that goes on at the same time, such as another register."""


class Silent:
    """Shows nothing."""

    def step(self, name: str, total: int | None = None) -> None:
        """Ignore."""

    def advance(self, amount: int = 1) -> None:
        """Ignore."""

    def part(self, name: str) -> Self:  # noqa: ARG002
        """Ignore."""
        return self


SILENT: Progress = Silent()
