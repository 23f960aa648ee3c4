"""The number by which a request is known in every process that it reaches: in log lines, and in the answer as ``X-Request-ID``."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final

from paycanary.telemetry.logs import NONE, REQUEST, TRACE

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER: Final = "x-request-id"
_HEADER: Final = HEADER.encode()
#: 32 hexadecimal digits or a UUID (ours are 16 digits where the request has none): nobody writes anything else into our log.
_NUMBER: Final = re.compile(rb"[0-9a-f]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TRACEPARENT: Final = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def begin(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Log what follows in this context as part of a request; its number.

    It is the one that a proxy or another process of ours gave, else the trace of ``traceparent``, else a new one.

    Args:
        headers: of the request, with names in lower case.
    """
    number = trace = ""
    for name, value in headers:
        if name == _HEADER and not number and _NUMBER.fullmatch(value):
            number = value.decode("ascii")
        elif name == b"traceparent" and not trace and (found := _TRACEPARENT.fullmatch(value)):
            trace = found[1].decode("ascii")
    number = number or trace or secrets.token_hex(8)
    REQUEST.set(number)
    TRACE.set(trace)
    return number


def headers() -> dict[str, str]:
    """For a request to another process of ours: it is part of this one."""
    number = REQUEST.get()
    return {} if number == NONE else {HEADER: number}
