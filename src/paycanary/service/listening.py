"""The port that a copy of the service listens on, in one process or several."""

from __future__ import annotations

import os
import socket
import sys
from typing import Final

from paycanary.errors import UsageError

#: Connections that may queue until a process takes them.
_QUEUE: Final = 2048


class PortOfMany(socket.socket):
    """Holds a port; a process that it is handed to opens the same port anew.

    The kernel then spreads connections over the processes. Of one queue that all share, whichever wakes first
    takes everything that waits, and answers slowly beside others that idle.
    """

    def __reduce__(self) -> tuple[object, ...]:
        """As a process that is started takes it."""
        return _beside, (int(self.family), self.getsockname())


def listen(host: str, port: int, processes: int = 1) -> socket.socket:
    """A socket for one process, or to be handed to several; taken here, so that a port that is taken is told in one line.

    Raises:
        UsageError: the address cannot be listened on.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, place = found[0]
        alone = socket.create_server(place[:2], family=family, backlog=_QUEUE)
        # Elsewhere the kernel gives all connections to one of them.
        if processes == 1 or sys.platform != "linux":
            return alone
        # Had it been opened like this at once, a port that another service holds would not be told.
        with alone:
            place = alone.getsockname()
        return _beside(family, place)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise UsageError(
            {"ko": f"{host}:{port} 에서 열 수 없습니다({why}).", "en": f"{host}:{port} cannot be listened on ({why})."},
            {"ko": "다른 --port 를 주거나, 그 포트를 쓰는 프로그램을 끝내세요.", "en": "Give another --port, or end the program that uses it."},
        ) from error  # fmt: skip


def _beside(family: int, place: tuple[object, ...]) -> PortOfMany:
    """One more socket of a port; it gets connections from when it listens."""
    opened = PortOfMany(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    opened.bind(place)
    return opened
