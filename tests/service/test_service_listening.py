"""A port of several processes: connections spread over them, and a taken port is told."""

from __future__ import annotations

import pickle
import socket
import sys
from contextlib import ExitStack
from multiprocessing.reduction import ForkingPickler

import pytest

from paycanary.errors import UsageError
from paycanary.service.listening import listen

CONNECTIONS = 64


def _waiting(opened: socket.socket) -> int:
    """How many connections wait at a socket."""
    opened.settimeout(0)
    taken = 0
    while True:
        try:
            connection, _ = opened.accept()
        except BlockingIOError:
            return taken
        connection.close()
        taken += 1


@pytest.mark.quick
def test_connections_spread_over_processes() -> None:
    with ExitStack() as stack:
        held = stack.enter_context(listen("127.0.0.1", 0, 2))
        # As they are handed to a process that is started.
        handed = [
            stack.enter_context(pickle.loads(ForkingPickler.dumps(held)))  # noqa: S301 - our own
            for _ in range(2)
        ]
        for opened in handed:
            opened.listen()
        for _ in range(CONNECTIONS):
            stack.enter_context(socket.create_connection(held.getsockname()))
        spread = [_waiting(opened) for opened in handed]
    if sys.platform == "linux":
        assert sum(spread) == CONNECTIONS
        assert min(spread) > CONNECTIONS // 8
    else:
        assert sum(spread) > 0


@pytest.mark.quick
@pytest.mark.parametrize("processes", [1, 2])
def test_a_port_that_is_taken_is_told(processes: int) -> None:
    with listen("127.0.0.1", 0, 2) as first:
        first.listen()
        with pytest.raises(UsageError) as caught:
            listen(*first.getsockname(), processes)
    assert "--port" in caught.value.line("en")
