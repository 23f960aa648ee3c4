"""How far a job is: written by the threads that work, read by the one that tells others."""

from __future__ import annotations

import threading
from typing import Any


class Stop(BaseException):
    """Ends work in the middle: the job is in other hands now. Passes who catches every Exception."""


class Board:
    """Progress of one job (see `paycanary.progress.Progress`): every part with its step, how much is done and of how much.

    Whoever tells it something while the job is to stop leaves by `Stop`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: dict[str, dict[str, Any]] = {}
        self._stop = threading.Event()
        self._is_new = False

    def step(self, name: str, total: int | None = None) -> None:
        """A step of no part begins."""
        self.begin("", name, total)

    def advance(self, amount: int = 1) -> None:
        """More of it is done."""
        self.move("", amount)

    def part(self, name: str) -> _Part:
        """Progress of a register; it counts as begun, also where it never tells how far it is."""
        self.begin(name, "", None)
        return _Part(self, name)

    def begin(self, part: str, step: str, total: int | None) -> None:
        """A part begins a step."""
        self._go_on()
        with self._lock:
            self._parts[part] = {"part": part, "step": step, "done": 0, "total": total}
            self._is_new = True

    def move(self, part: str, amount: int) -> None:
        """More of a part's step is done."""
        self._go_on()
        with self._lock:
            if part in self._parts:
                self._parts[part]["done"] += amount
                self._is_new = True

    def wait(self, reason: str, seconds: float) -> None:
        """Wait for something that others hold."""
        self.begin("", reason, None)
        self._stop.wait(seconds)
        self._go_on()

    def stop(self) -> None:
        """Nobody works on this any more."""
        self._stop.set()

    def news(self) -> dict[str, Any] | None:
        """The whole account as an event; None where nothing changed since the last one."""
        with self._lock:
            if not self._is_new:
                return None
            self._is_new = False
            return {"parts": [dict(part) for part in self._parts.values()]}

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise Stop


class _Part:
    """Progress of one part."""

    def __init__(self, board: Board, name: str) -> None:
        self._board = board
        self._name = name

    def step(self, name: str, total: int | None = None) -> None:
        self._board.begin(self._name, name, total)

    def advance(self, amount: int = 1) -> None:
        self._board.move(self._name, amount)

    def part(self, name: str) -> _Part:
        return self._board.part(name)
