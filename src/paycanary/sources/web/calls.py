"""The words of asking: a call, its answer, and what a register's API must be able to do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from pathlib import Path

#: One row as published: field -> text, numbers and dates as the service wrote them. Fields that name a person are left out.
Row = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Call:
    """One question to one endpoint.

    Args:
        endpoint: the service's own name of it.
        params: what is asked, without the key.
        max_age: an answer younger than this is used again; None: an answer once given stands for good (a filed report).
    """

    endpoint: str
    params: Mapping[str, str] = field(default_factory=dict)
    max_age: timedelta | None = None

    @property
    def request(self) -> str:
        """The question in one canonical line: the same question is the same text."""
        text = json.dumps(dict(self.params), ensure_ascii=False, sort_keys=True)
        return text.encode(errors="replace").decode()  # bytes that are no text may be typed


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered: rows, or a file, or neither where it has nothing (``rows == []``).

    ``file`` is the file's bytes or, where it is too large to be held in memory, a path beside the inbox that the inbox takes over.
    """

    rows: list[Row]
    file_name: str | None = None
    file: bytes | Path | None = None


class Api(Protocol):
    """A register's client. Safe for several threads at once.

    ``daily_limit`` counts calls a ``bucket`` (a key's quota may be one for all endpoints, or one for each); None where none
    is stated.
    """

    source: str
    daily_limit: int | None

    def bucket(self, call: Call) -> str:
        """Which daily quota a call is counted in."""

    def ask(self, call: Call) -> Answer:
        """Ask now.

        Raises:
            SourceError: one of its kinds; retries that may help have been made.
        """
