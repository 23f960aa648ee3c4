"""Redis as copies share it. While it is away nobody waits for it: every call says so at once, and it is looked for beside.

One that is full, or has become a replica, still answers what it holds: then what cannot be written is done without it, and
nothing else.

All methods belong to the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final, TypeVar

from limits.aio.storage import RedisStorage
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError, ResponseError

from paycanary.telemetry.instruments import REDIS_LOSSES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
#: Seconds that a request waits for an answer.
_WAIT: Final = 0.05
#: Answers in a row that came too late until it counts as away: one may be this process's own haste.
_LATE: Final = 3
#: Seconds between two looks whether it is back.
_LOOK: Final = 0.5
log = logging.getLogger("paycanary.service")


class Shared:
    """The Redis that settings name.

    Args:
        url: as Redis clients take it.
        prefix: what all our keys begin with.
    """

    def __init__(self, url: str, prefix: str = "paycanary:") -> None:
        self.is_away = False
        #: Whether it answers, and last refused to keep anything.
        self.is_full = False
        self._prefix = prefix
        self._late = 0
        self._looking: asyncio.Task[None] | None = None
        # Asked once: whoever waits has no time for a second try.
        self._client: Redis = Redis.from_url(
            url, socket_timeout=1.0, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0)
        )
        pool: Any = self._client.connection_pool
        self._counters = RedisStorage(
            f"async+{url}",
            implementation="redispy",
            key_prefix=f"{prefix}rate",
            connection_pool=pool,
        )

    async def get(self, key: str) -> bytes | None:
        """A value kept; None where there is none, or Redis is away."""
        found = await self._ask(lambda: self._client.get(self._prefix + key))
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep a value for some time."""
        if await self._ask(lambda: self._client.set(self._prefix + key, value, ex=seconds)):
            self._note_full("")

    async def count(self, key: str, seconds: int) -> int | None:
        """Count one more of a thing, which is forgotten after some time; None while Redis is away or full."""
        count = await self._ask(lambda: self._counters.incr(key, seconds))
        if count is not None:
            self._note_full("")
        return count

    async def close(self) -> None:
        """Let go of all connections."""
        if self._looking is not None:
            self._looking.cancel()
        await self._client.aclose()

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T | None:
        if self.is_away:
            return None
        try:
            async with asyncio.timeout(_WAIT):
                answer = await question()
        except TimeoutError:
            REDIS_LOSSES.add(1, {"reason": "late"})
            self._late += 1
            if self._late >= _LATE:
                self._lose("no answer")
        except ResponseError as error:
            why = _takes_nothing(error)
            REDIS_LOSSES.add(1, {"reason": "full" if why else "error"})
            self._late = 0
            if why:
                self._note_full(why)
            else:
                self._lose(type(error).__name__)
        except (RedisError, OSError) as error:
            REDIS_LOSSES.add(1, {"reason": "error"})
            self._lose(type(error).__name__)
        else:
            self._late = 0
            return answer
        return None

    def _note_full(self, why: str) -> None:
        if bool(why) == self.is_full:
            return
        self.is_full = bool(why)
        if why:
            log.warning("Redis takes nothing new (%s): cache and limits go on in this process alone", why)  # fmt: skip
        else:
            log.warning("Redis takes what is new again")

    def _lose(self, why: str) -> None:
        if self.is_away:
            return
        self.is_away = True
        log.warning("Redis is away (%s): cache and limits go on in this process alone", why)
        self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        while self.is_away:
            await asyncio.sleep(_LOOK)
            try:
                async with asyncio.timeout(_LOOK):
                    await self._client.ping()
            except (RedisError, OSError, TimeoutError):
                continue
            self.is_away = False
            self._late = 0
            log.warning("Redis is back")


def _takes_nothing(error: ResponseError) -> str:
    """Why a server answers and keeps nothing new: it is full, a replica, or cannot save; empty for any other error."""
    if isinstance(error, OutOfMemoryError):
        return "full"
    if isinstance(error, ReadOnlyError):
        return "a replica"
    return "it cannot save" if "MISCONF" in str(error) else ""
