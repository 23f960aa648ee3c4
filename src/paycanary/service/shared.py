"""Redis as copies share it. While it is away nobody waits for it: every call says so at once, and it is looked for beside.

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
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
#: Seconds that a request waits for an answer.
_WAIT: Final = 0.05
#: Answers in a row that came too late until it counts as away: one may be this process's own haste.
_LATE: Final = 3
#: Seconds between two looks whether it is back.
_LOOK: Final = 0.5
_PREFIX: Final = "paycanary:"
log = logging.getLogger("paycanary.service")


class Shared:
    """The Redis that ``REDIS_URL`` names.

    Args:
        url: as Redis clients take it.
    """

    def __init__(self, url: str) -> None:
        self.is_away = False
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
            key_prefix=f"{_PREFIX}rate",
            connection_pool=pool,
        )

    async def get(self, key: str) -> bytes | None:
        """A value kept; None where there is none, or Redis is away."""
        found = await self._ask(lambda: self._client.get(_PREFIX + key))
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep a value for some time."""
        await self._ask(lambda: self._client.set(_PREFIX + key, value, ex=seconds))

    async def count(self, key: str, seconds: int) -> int | None:
        """Count one more of a thing, which is forgotten after some time; None while Redis is away."""
        return await self._ask(lambda: self._counters.incr(key, seconds))

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
            self._late += 1
            if self._late >= _LATE:
                self._lose("no answer")
        except (RedisError, OSError) as error:
            self._lose(str(error))
        else:
            self._late = 0
            return answer
        return None

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
