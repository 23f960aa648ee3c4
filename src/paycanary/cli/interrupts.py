"""Ctrl-C, but never in the middle of an import.

A compiled module that is interrupted while it loads (numpy in `import_array`) prints a traceback of its own and tells that it is missing; a
module of Python's is left half made. What is imported is there in milliseconds, so an interrupt waits for it.
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

#: Seconds until it is looked again whether the import has ended.
_AGAIN: Final = 0.01
#: Where Python's import lies in a stack of calls.
_IMPORTING: Final = "<frozen importlib._bootstrap>"


def wait_for_imports() -> None:
    """Have Ctrl-C raise KeyboardInterrupt as it does, but once no import is under way; leaves every other handling of it alone."""
    is_ours = threading.current_thread() is threading.main_thread()
    if (
        is_ours
        and hasattr(signal, "setitimer")
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    ):
        signal.signal(signal.SIGINT, _interrupted)
        signal.signal(signal.SIGALRM, _interrupted)


def _interrupted(number: int, frame: FrameType | None) -> None:
    within = frame
    while within is not None:
        if within.f_code.co_filename == _IMPORTING:
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)
            return
        within = within.f_back
    signal.default_int_handler(number, frame)
