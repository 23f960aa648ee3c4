"""Which signals end a copy before its time is over, alone and as one of several processes of one `serve`."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from paycanary.service.ending import Ending

#: Far longer than the test waits.
SECONDS = 60.0
ALONE = "from tests.service.test_service_ending import copy; copy()"


def copy() -> None:
    """A server that ends when its own handler is called, as uvicorn's does."""
    over = asyncio.Event()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(over.set))
        Ending(SECONDS).listen()
        sys.stdout.write("listens\n")
        sys.stdout.flush()
        await over.wait()

    asyncio.run(run())


def supervised() -> None:
    """The same, started as uvicorn starts its processes."""
    child = multiprocessing.get_context("spawn").Process(target=copy)
    child.start()
    sys.stdout.write(f"{child.pid}\n")
    sys.stdout.flush()
    child.join()


def end(program: str, *signals: signal.Signals) -> list[bool]:
    """Whether the copy still runs after each of these signals."""
    runs: list[bool] = []
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as started:  # fmt: skip
        assert started.stdout
        number = started.pid
        while (line := started.stdout.readline().strip()) != "listens":
            number = int(line)
        try:
            for each in signals:
                os.kill(number, each)
                until = time.monotonic() + (10 if len(runs) == len(signals) - 1 else 0.5)
                while started.poll() is None and time.monotonic() < until:
                    time.sleep(0.02)
                runs.append(started.poll() is None)
        finally:
            if started.poll() is None:
                os.kill(number, signal.SIGKILL)
    return runs


@pytest.mark.parametrize(
    ("program", "signals", "runs"),
    [
        (ALONE, [signal.SIGTERM, signal.SIGTERM], [True, False]),
        (ALONE, [signal.SIGTERM, signal.SIGINT], [True, False]),
        (ALONE.replace("copy", "supervised"), [signal.SIGTERM] * 3, [True, True, False]),
        (ALONE.replace("copy", "supervised"), [signal.SIGTERM, signal.SIGINT], [True, False]),
    ],
)
def test_only_a_second_wish_ends_it_at_once(
    program: str, signals: list[signal.Signals], runs: list[bool]
) -> None:
    assert end(program, *signals) == runs
