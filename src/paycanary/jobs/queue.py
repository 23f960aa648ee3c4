"""The queue (taskiq): carries numbers of jobs to who works. On Redis streams between processes, else within this one.

A message that is lost costs time and nothing else: the table's sweep sends it again. A doubled one finds the job taken.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from taskiq import AsyncBroker, InMemoryBroker
from taskiq.kicker import AsyncKicker
from taskiq.receiver import Receiver

from paycanary.jobs.policy import QueueError
from paycanary.telemetry.start import instrument_broker

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from paycanary.jobs.worker import Worker

_TASK: Final = "paycanary.job"
#: Name of the stream, behind what all our keys begin with.
_STREAM: Final = "jobs"
PREFIX: Final = "paycanary:"
#: Seconds until a message is on its way, or the queue counts as away.
_PATIENCE: Final = 3.0
#: Messages that the stream keeps at most: far more than jobs may wait.
_LENGTH: Final = 10_000
#: Seconds after which a dead worker's lock on unacknowledged messages falls.
_LOCK_SECONDS: Final = 10.0
#: Seconds between two tries to reach a queue that is away.
_AGAIN: Final = 1.0
#: Seconds that threads are given to leave their work once it was handed back.
_LEAVING: Final = 1.0
_log = logging.getLogger(__name__)


def redis_broker(url: str, lease_seconds: float, prefix: str = PREFIX) -> AsyncBroker:
    """Redis streams: acknowledged once the work is over.

    What a dead worker left is claimed by another, one with each message that comes; the sweep's own messages are such.
    """
    from taskiq_redis import RedisStreamBroker  # noqa: PLC0415 - only where Redis is used

    broker = RedisStreamBroker(
        url,
        queue_name=prefix + _STREAM,
        consumer_group_name="paycanary",
        # From the start: a message may be older than the group, such as after Redis lost everything.
        consumer_id="0",
        maxlen=_LENGTH,
        # One by one: a worker that fetches more keeps them from others who are idle.
        xread_count=1,
        xread_block=1000,
        unacknowledged_batch_size=1,
        unacknowledged_lock_timeout=_LOCK_SECONDS,
        idle_timeout=int(lease_seconds * 1000),
        max_connection_pool_size=20,
        socket_connect_timeout=2,
        socket_timeout=10,
        health_check_interval=30,
    )
    instrument_broker(broker)
    return broker


class _Silence(logging.Filter):
    """Keeps what taskiq logs of work that is broken off when a service stops: it is handed back, not lost."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


_SILENCE: Final = _Silence()


class Queue:
    """Sends numbers of jobs, from any thread.

    Args:
        broker: where they go.
    """

    def __init__(self, broker: AsyncBroker) -> None:
        self._broker = broker
        self._is_started = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="queue", daemon=True)
        self._thread.start()

    def send(self, job_id: str) -> None:
        """Wake somebody for this job.

        Raises:
            QueueError: the queue cannot be reached.
        """
        sending = asyncio.run_coroutine_threadsafe(
            self._within(contextvars.copy_context(), job_id), self._loop
        )
        try:
            sending.result(_PATIENCE)
        except Exception as error:
            sending.cancel()
            _log.warning("the queue of jobs cannot be reached: %s", error or type(error).__name__)
            raise QueueError from error

    def close(self) -> None:
        """Let go of the queue; nothing waits for threads that still work."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _within(self, context: contextvars.Context, job_id: str) -> None:
        """Send as part of the request that asked: the message carries its trace."""
        await asyncio.get_running_loop().create_task(self._send(job_id), context=context)

    async def _send(self, job_id: str) -> None:
        if not self._is_started:
            await self._broker.startup()
            self._is_started = True
        await AsyncKicker[Any, None](task_name=_TASK, broker=self._broker, labels={}).kiq(job_id)

    async def _close(self) -> None:
        if isinstance(self._broker, InMemoryBroker):
            self._broker.executor.shutdown(wait=False, cancel_futures=True)
        else:
            await self._broker.shutdown()
        ours = asyncio.all_tasks() - {asyncio.current_task()}
        for task in ours:
            task.cancel()
        await asyncio.gather(*ours, return_exceptions=True)


def local_queue(worker: Worker, at_once: int) -> Queue:
    """A queue within this process, whose threads do the work."""
    logging.getLogger("taskiq.receiver.receiver").addFilter(_SILENCE)
    broker = InMemoryBroker(sync_tasks_pool_size=at_once, max_async_tasks=at_once)
    instrument_broker(broker)
    _serve(broker, worker)
    return Queue(broker)


async def receive(broker: AsyncBroker, worker: Worker, at_once: int, stop: asyncio.Event) -> None:
    """Do what the queue brings until ``stop`` is set; then hand back what is not done, and wake others for it."""
    broker.is_worker_process = True
    _serve(broker, worker)
    executor = ThreadPoolExecutor(at_once, thread_name_prefix="job")
    stopping = asyncio.create_task(_hand_back(broker, worker, stop))
    is_away = False
    while not stop.is_set():
        try:
            await (
                broker.startup()
            )  # again each time: whoever empties Redis takes the group away too
            if is_away:
                _log.warning("the queue is back")
            is_away = False
            receiver = Receiver(
                broker, executor, run_startup=False, max_async_tasks=at_once, wait_tasks_timeout=_LEAVING
            )  # fmt: skip
            await receiver.listen(stop)
        except Exception as error:  # noqa: BLE001 - Redis may be away for any reason, and comes back
            if not is_away:
                _log.warning("the queue cannot be reached: %s", _reason(error))
            is_away = True
            await _first(stop.wait(), _AGAIN)
    await stopping
    executor.shutdown(wait=False, cancel_futures=True)
    await broker.shutdown()


def _serve(broker: AsyncBroker, worker: Worker) -> None:
    """Let a worker do what the broker brings."""

    def run(job_id: str) -> None:
        worker.run(job_id)

    broker.register_task(run, task_name=_TASK)


async def _hand_back(broker: AsyncBroker, worker: Worker, stop: asyncio.Event) -> None:
    await stop.wait()
    for job_id in await asyncio.to_thread(worker.stop):
        try:
            await AsyncKicker[Any, None](task_name=_TASK, broker=broker, labels={}).kiq(job_id)
        except Exception as error:  # noqa: BLE001 - the sweep sends it
            _log.warning("job %s: left to the next sweep: %s", job_id, _reason(error))


async def _first(waited: Coroutine[Any, Any, Any], seconds: float) -> None:
    """Wait for something, for so long at most."""
    try:
        await asyncio.wait_for(waited, seconds)
    except TimeoutError:
        return


def _reason(error: BaseException) -> str:
    """The innermost of nested groups, in one line and without an address."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return type(error).__name__
