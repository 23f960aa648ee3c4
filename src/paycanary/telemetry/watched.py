"""How a process is, for those who ask on its port of metrics; needs nothing but the standard library."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    #: Gives status and body (JSON) for ``live``, ``ready`` or ``started``.
    Health = Callable[[str], tuple[int, bytes]]

#: Seconds that a process may take to say how it is.
_PATIENCE: Final = 5.0
_ANY: Final = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


def asked_at(host: str, port: int) -> Health:
    """Health of a service that says it on its public port: whoever answers there is asked."""

    def health(part: str) -> tuple[int, bytes]:
        import http.client  # noqa: PLC0415 - nobody pays for it who is not asked

        asking = http.client.HTTPConnection(_ANY.get(host, host), port, timeout=_PATIENCE)
        try:
            asking.request("GET", f"/health/{part}")
            answer = asking.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            return 503, told("down", reason=type(error).__name__)
        finally:
            asking.close()

    return health


def told(status: str, **more: object) -> bytes:
    """A body that says how something is."""
    return json.dumps({"status": status, **more}, ensure_ascii=False).encode()
