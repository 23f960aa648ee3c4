"""Texts of many requests in one call of the model.

A free thread takes the text that has waited longest and with it those of about its length: they pad each other with nothing. While all
threads are busy, company gathers by itself; where one idles, a text waits for it no longer than ``wait``. What a text is told does not
depend on its company: a model of which that is not so (see `is_alone`) reads text by text.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from paycanary.serving import metrics
from paycanary.serving.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence, Sized

#: Texts whose lengths in tokens fall into one step are padded to the same width.
STEP: Final = 16
#: Part of the newest measurement in the running mean of what a text takes.
_NEW: Final = 0.1


class Reader(Protocol):
    """What reads texts that are already encoded."""

    def run(self, encoded: Sequence[Any]) -> list[list[float]]:
        """A row a text."""


@dataclass(slots=True)
class _Waiting:
    encoded: Sized
    told: asyncio.Future[list[float]]
    since: float


class Batcher:
    """Reads texts in threads, several in a call. To be used from one event loop.

    Args:
        threads: calls side by side.
        texts: most texts of a call.
        tokens: most tokens of a call; one text always fits.
        wait: seconds that a text waits for company while a thread idles.
        queue: most texts that wait or are being read.
    """

    def __init__(self, *, threads: int, texts: int, tokens: int, wait: float, queue: int) -> None:
        self._texts, self._tokens, self._wait, self._queue = texts, tokens, wait, queue
        self._pool = ThreadPoolExecutor(threads, "read")
        self._threads = self._free = threads
        self._waiting: dict[tuple[Reader, int, bool], deque[_Waiting]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._each = 0.01
        self.held = 0

    async def read(self, reader: Reader, encoded: Sequence[Sized], *, is_alone: bool = False) -> list[list[float]]:  # fmt: skip
        """What the reader tells of each text, in their order; its size is its count of tokens.

        Raises:
            Refusal: too many texts wait already.
        """
        if self.held + len(encoded) > self._queue:
            raise Refusal(
                "busy",
                f"{self.held} texts wait already, and no more than {self._queue} may. Ask again later.",
                retry_after=max(1, math.ceil(self.held * self._each / self._threads)),
            )
        loop, now = asyncio.get_running_loop(), time.monotonic()
        futures = []
        for text in encoded:
            item = _Waiting(text, loop.create_future(), now)
            key = (reader, -(-len(text) // STEP) * STEP, is_alone)
            self._waiting.setdefault(key, deque()).append(item)
            futures.append(item.told)
        self._hold(len(futures))
        self._dispatch()
        try:
            return list(await asyncio.gather(*futures))
        except BaseException:
            for future in futures:
                future.cancel()
            raise

    def close(self) -> None:
        """End the threads once they have ended what they do."""
        self._pool.shutdown(wait=True)

    def _hold(self, more: int) -> None:
        self.held += more
        metrics.QUEUE.set(self.held)

    def _dispatch(self) -> None:
        """Give free threads something to do."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._free and self._waiting:
            now = time.monotonic()
            oldest_first = sorted(self._waiting, key=lambda k: self._waiting[k][0].since)
            ready = (k for k in oldest_first if self._is_full(k) or self._waiting[k][0].since + self._wait <= now)  # fmt: skip
            if (key := next(ready, None)) is None:
                left = self._waiting[oldest_first[0]][0].since + self._wait - now
                self._timer = asyncio.get_running_loop().call_later(max(left, 0.0), self._dispatch)
                return
            items = self._waiting[key]
            batch = [items.popleft() for _ in range(min(self._most(key), len(items)))]
            if not items:
                del self._waiting[key]
            asked = [item for item in batch if not item.told.cancelled()]
            self._hold(len(asked) - len(batch))
            if asked:
                self._start(key[0], asked)

    def _most(self, key: tuple[Reader, int, bool]) -> int:
        """Texts of one call."""
        _, width, is_alone = key
        return 1 if is_alone else max(1, min(self._texts, self._tokens // width))

    def _is_full(self, key: tuple[Reader, int, bool]) -> bool:
        return len(self._waiting[key]) >= self._most(key)

    def _start(self, reader: Reader, batch: list[_Waiting]) -> None:
        self._free -= 1
        metrics.BATCH.observe(len(batch))
        began = time.monotonic()
        run = asyncio.get_running_loop().run_in_executor(self._pool, reader.run, [item.encoded for item in batch])  # fmt: skip
        run.add_done_callback(lambda done: self._end(done, batch, began))

    def _end(self, done: asyncio.Future[list[list[float]]], batch: list[_Waiting], began: float) -> None:  # fmt: skip
        self._free += 1
        self._hold(-len(batch))
        self._each += _NEW * ((time.monotonic() - began) / len(batch) - self._each)
        error = None if done.cancelled() else done.exception()
        for at, item in enumerate(batch):
            if item.told.done():
                continue
            if error is not None or done.cancelled():
                item.told.set_exception(error or RuntimeError("the server ends"))
            else:
                item.told.set_result(done.result()[at])
        self._dispatch()
