"""Cursors: where a list goes on, as text that nobody has to understand."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final

from fastapi.exceptions import RequestValidationError

from paycanary.api.problems import HttpError

#: Longer than any cursor given out.
LONGEST: Final = 400


def encode(kind: str, state: str, place: str | int) -> str:
    """A cursor of a kind of list.

    Args:
        kind: which list.
        state: what the list's order rests on; empty where a refresh does not change it.
        place: the last thing given.
    """
    text = json.dumps([kind, state, place], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, kind: str, state: str, form: type[str | int]) -> str | int:
    """The place that a cursor tells.

    Raises:
        RequestValidationError: no cursor of this list.
        HttpError: the list's order is another one by now.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        told = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        its_kind, its_state, place = told
        str(place).encode()  # JSON can tell halves of characters, which nothing takes
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise _refused() from None
    if its_kind != kind or type(place) is not form or (isinstance(place, int) and place < 0):
        raise _refused()
    if its_state != state:
        raise HttpError("cursor")
    return place


def _refused() -> RequestValidationError:
    return RequestValidationError(
        [{"type": "string_pattern_mismatch", "loc": ("query", "cursor"), "msg": "", "ctx": {}}]
    )
