"""How the parts are that copies share, looked at now; and how a worker is, which has no page to say it on."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

from paycanary.errors import LakeError
from paycanary.lake.reader import open_reader
from paycanary.telemetry.watched import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.service.redis_address import Place
    from paycanary.state.database import Database

T = TypeVar("T")
#: Seconds that a Redis or a database is given to answer: together less than probes wait.
_PATIENCE: Final = 1.0
#: Seconds between two signs of life of a worker's loop, and without one until it counts as stuck.
_BEAT: Final = 1.0
_STUCK: Final = 30.0


class Patient(Generic[T]):
    """Asks what may never be answered: a server that hangs takes connections, and is silent.

    While an answer is awaited nobody asks anew, so that such a server holds one thread and one connection.

    Args:
        question: what is asked, in a thread of its own.
        instead: what is said where no answer comes in time.
    """

    def __init__(self, question: Callable[[], T], instead: T) -> None:
        self._question = question
        self._instead = instead
        self._lock = threading.Lock()
        self._awaited: Future[T] | None = None

    def ask(self) -> T:
        """The answer, or what is said instead."""
        with self._lock:
            if self._awaited is None or self._awaited.done():
                self._awaited = Future()
                threading.Thread(
                    target=self._answer, args=(self._awaited,), name="condition", daemon=True
                ).start()
            awaited = self._awaited
        try:
            return awaited.result(_PATIENCE)
        except TimeoutError:
            return self._instead

    def _answer(self, awaited: Future[T]) -> None:
        try:
            awaited.set_result(self._question())
        except Exception as error:  # noqa: BLE001 - it is raised again where it was asked
            awaited.set_exception(error)


def redis_state(place: Place) -> Literal["ok", "full", "down"]:
    """Whether a Redis takes a key that is gone in a second."""
    import redis  # noqa: PLC0415 - only who shares Redis has it
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    client = redis.Redis.from_url(
        place.url,
        socket_timeout=_PATIENCE,
        socket_connect_timeout=_PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        client.set(f"{place.prefix}health", "1", ex=1)
    except redis.exceptions.NoPermissionError:
        return "down"
    except redis.ResponseError:
        return "full"
    except (redis.RedisError, OSError):
        return "down"
    else:
        return "ok"
    finally:
        client.close()


def is_store_readable() -> bool:
    """Whether the newest snapshot's files can be read."""
    try:
        open_reader().connect("companies").close()
    except (LakeError, OSError):
        return False
    return True


class WorkerHealth:
    """Of ``paycanary worker``: it lives while its loop turns, and is ready while it could do a job.

    Without Redis it is ready, since nothing is its fault, and says that no job can reach it.
    """

    def __init__(self, database: Database, place: Place) -> None:
        self._database = Patient(database.is_reachable, instead=False)
        self._place = place
        self._beaten = 0.0

    async def beat(self) -> None:
        """Show that the loop turns, until cancelled."""
        while True:
            self._beaten = time.monotonic()
            await asyncio.sleep(_BEAT)

    def told(self, part: str) -> tuple[int, bytes]:
        """Status and body for ``live``, ``started`` or ``ready``."""
        if part == "started":
            has = self._beaten > 0
            return (200, told("started")) if has else (503, told("starting"))
        if part == "live":
            # Before its first beat it opens the database, which may be slow to come.
            is_stuck = self._beaten > 0 and time.monotonic() - self._beaten > _STUCK
            return (503, told("stuck")) if is_stuck else (200, told("live"))
        parts = {
            "store": "ok" if is_store_readable() else "down",
            "database": "ok" if self._database.ask() else "down",
            "redis": redis_state(self._place),
        }
        is_ready = self._beaten > 0 and parts["store"] == parts["database"] == "ok"
        is_degraded = any(state != "ok" for state in parts.values())
        status = "ready" if is_ready else "not_ready"
        return (200 if is_ready else 503), told(status, ready=is_ready, is_degraded=is_degraded, parts=parts)  # fmt: skip
