"""The end of a copy that others stand beside: first it says that nothing more should come, then it takes nothing more."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import signal
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

_log: Final = logging.getLogger("paycanary.service")


class Ending:
    """Whether this process is about to end, for `/health/ready`.

    Whoever spreads requests over copies needs some time until it has seen that one is no longer ready. Requests that come
    meanwhile are answered.

    Args:
        seconds: from SIGTERM until nothing more is taken; 0 ends at once, as does Ctrl-C, or SIGTERM once more.
    """

    def __init__(self, seconds: float) -> None:
        self.has_begun = False
        self._seconds = seconds
        # Of several processes of one `serve` each hears one SIGTERM twice where it goes to their whole group (systemd, honcho):
        # once from there, and once passed on by the process that started them. That is no second wish.
        self._passed_on = 1 if multiprocessing.parent_process() is not None else 0

    def listen(self) -> None:
        """Stand before the server's own handler of SIGTERM; call it in the event loop once the server has set that up."""
        server = signal.getsignal(signal.SIGTERM)
        is_alone = threading.current_thread() is not threading.main_thread()
        if not self._seconds or is_alone or not callable(server):
            return
        loop = asyncio.get_running_loop()

        def end(number: int, frame: FrameType | None) -> None:
            if self.has_begun:
                if self._passed_on == 0:
                    server(number, frame)
                self._passed_on = max(0, self._passed_on - 1)
                return
            self.has_begun = True
            # A handler may have interrupted anything; the loop goes on with the rest when it can.
            loop.call_soon_threadsafe(begin, number)

        def begin(number: int) -> None:
            _log.info("ending: requests are taken for %g more seconds", self._seconds)
            loop.call_later(self._seconds, server, number, None)

        signal.signal(signal.SIGTERM, end)
