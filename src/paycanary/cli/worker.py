"""``worker``: does the refreshes that pages ask for, where Redis carries them."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from paycanary.cli.context import LangOption, extra, settle
from paycanary.cli.settings import checked_settings
from paycanary.errors import UsageError

if TYPE_CHECKING:
    from taskiq import AsyncBroker

    from paycanary.jobs.worker import Worker
    from paycanary.service.condition import WorkerHealth


def worker(
    at_once: Annotated[
        int | None,
        typer.Option("--jobs-at-once", min=1, help="Refreshes side by side; default: PAYCANARY_JOBS_AT_ONCE, else 2.", show_default=False),
    ] = None,
    lang: LangOption = None,
) -> None:  # fmt: skip
    """Do the refreshes that pages ask for; needs REDIS_URL, DATABASE_URL and the home of `serve`.

    Start as many as you like. Ended by SIGTERM or Ctrl-C, it hands back what it works on; killed, others take over.
    """
    settle(lang)
    with extra("cluster"):
        import redis  # noqa: F401, PLC0415 - told before anything starts
        import taskiq_redis  # noqa: F401, PLC0415
    with extra("serve"):
        from paycanary.jobs.queue import redis_broker  # noqa: PLC0415
        from paycanary.jobs.table import JobTable  # noqa: PLC0415
        from paycanary.service import redis_address  # noqa: PLC0415
        from paycanary.service.condition import WorkerHealth  # noqa: PLC0415
        from paycanary.service.refreshing import worker_of  # noqa: PLC0415
        from paycanary.state.database import open_database  # noqa: PLC0415
        from paycanary.telemetry import logs, start  # noqa: PLC0415

    settings = checked_settings()
    place = redis_address.queue(settings)
    if place is None:
        raise UsageError(
            {"ko": "REDIS_URL 이 없습니다. Redis 없이는 `paycanary serve` 가 직접 새로 받습니다.", "en": "REDIS_URL is not set. Without Redis `paycanary serve` refreshes by itself."},
            {"ko": "serve 와 같은 REDIS_URL, DATABASE_URL 을 주세요.", "en": "Give it the REDIS_URL and DATABASE_URL of serve."},
        )  # fmt: skip
    logs.configure(alembic=logging.ERROR, httpx=logging.ERROR, taskiq=logging.ERROR)
    telemetry = start.start("worker")
    database = open_database()
    health = WorkerHealth(database, place)
    telemetry.listen(health.told)
    try:
        broker = redis_broker(place.url, settings.job_lease_seconds, place.prefix)
        ours = worker_of(JobTable(database, settings.jobs))
        asyncio.run(_receive(broker, ours, at_once or settings.jobs_at_once, health))
    finally:
        start.stop()
        database.close()
    logging.getLogger(__name__).info("ended")
    # A register that is silent may still hold a thread; its job is handed back.
    sys.stderr.flush()
    os._exit(0)


async def _receive(broker: AsyncBroker, ours: Worker, at_once: int, health: WorkerHealth) -> None:
    from paycanary.jobs.queue import receive  # noqa: PLC0415

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    logging.getLogger(__name__).info("waiting for jobs, %d at once", at_once)
    beating = asyncio.create_task(health.beat())
    await receive(broker, ours, at_once, stop)
    beating.cancel()
