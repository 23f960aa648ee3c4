"""Answers that were given before: in this process, and in Redis where copies share one.

An answer is kept as it goes over the wire, plain and compressed, so that giving it again costs next to nothing.
Belongs to the event loop.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Final

from cachetools import LRUCache

from paycanary import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.service.shared import Shared

Header = tuple[bytes, bytes]
#: Path, query, and what else an answer follows from.
Key = tuple[str, bytes, str]
#: Bodies below that many bytes are sent as they are.
SMALLEST: Final = 600
#: Bytes that an answer takes beside its body.
_FRAME: Final = 1024
#: Seconds that Redis keeps an answer; what a newer version replaced is not asked for again.
_SECONDS: Final = 3600
#: The largest answer that goes to Redis.
_LARGEST: Final = 1 << 20
_LEVEL: Final = 6
_COMPRESSIBLE: Final = (b"text/", b"application/json", b"application/problem+json", b"application/atom+xml", b"application/javascript", b"application/xml", b"image/svg+xml", b"application/yaml", b"application/schema+json")  # fmt: skip
#: Written anew for every answer.
_OURS: Final = (b"content-length", b"content-encoding", b"etag", b"vary")


class Answer:
    """A body of status 200 with its headers.

    Args:
        headers: as the handler gave them.
        body: not compressed.
        packed: the body compressed; default: compressed here where that is worth it.
    """

    __slots__ = ("body", "etag", "given", "packed", "packed_headers", "plain_headers", "unchanged")

    def __init__(self, headers: Sequence[Header], body: bytes, packed: bytes | None = None) -> None:
        held = {name.lower(): value for name, value in headers}
        self.body = body
        self.packed = packed
        if packed is None and is_compressible(held.get(b"content-type", b""), len(body)):
            self.packed = compress(body)
        own = held.get(b"etag")
        # Weak: the plain and the compressed body both bear it, and are not the same bytes.
        self.etag = etag(body) if own is None else b"W/" + own.removeprefix(b"W/")
        self.given = [(name.lower(), value) for name, value in headers if name.lower() not in _OURS]
        vary = held.get(b"vary", b"")
        shared = [
            *self.given,
            (b"etag", self.etag),
            (b"vary", b"accept-encoding, " + vary if vary else b"accept-encoding"),
        ]
        if b"cache-control" not in held:
            shared.append((b"cache-control", b"public, no-cache"))
        self.unchanged = [header for header in shared if header[0] != b"content-type"]
        self.plain_headers = [*shared, (b"content-length", str(len(body)).encode())]
        if self.packed is not None:
            self.packed_headers = [
                *shared,
                (b"content-encoding", b"gzip"),
                (b"content-length", str(len(self.packed)).encode()),
            ]

    def __len__(self) -> int:
        return _FRAME + len(self.body) + len(self.packed or b"")

    def pack(self) -> bytes:
        """For Redis: a line about it, then both bodies."""
        headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in (*self.given, (b"etag", self.etag))]  # fmt: skip
        about = json.dumps([headers, len(self.body), self.packed is not None])
        return b"\n".join((about.encode(), self.body + (self.packed or b"")))

    @classmethod
    def unpack(cls, text: bytes) -> Answer | None:
        """As `pack` wrote it; None where it is something else."""
        line, _, bodies = text.partition(b"\n")
        try:
            headers, length, has_packed = json.loads(line)
            wire = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in headers]
        except (ValueError, TypeError, AttributeError):
            return None
        return cls(wire, bodies[:length], bodies[length:] if has_packed else None)


class Answers:
    """Answers by key; the least asked leave first when their bytes are too many."""

    def __init__(self, size: int, shared: Shared | None) -> None:
        self._size = size
        self._shared = shared
        self._held: LRUCache[Key, Answer] = LRUCache(max(size, 1), getsizeof=len)
        self._version = ""

    def look(self, version: str, key: Key) -> Answer | None:
        """What this process holds under a key; of another version it holds nothing."""
        if version != self._version:
            self._version = version
            self._held.clear()
        return self._held.get(key)

    async def look_further(self, version: str, key: Key) -> Answer | None:
        """What other copies left in Redis."""
        if self._shared is None or self._shared.is_away:
            return None
        text = await self._shared.get(_far(version, key))
        answer = Answer.unpack(text) if text else None
        if answer is not None:
            self.hold(version, key, answer)
        return answer

    def hold(self, version: str, key: Key, answer: Answer) -> None:
        """Give it to whoever asks this process next."""
        # One answer may not drive all others out.
        if version == self._version and len(answer) <= self._size // 4:
            self._held[key] = answer

    async def share(self, version: str, key: Key, answer: Answer) -> None:
        """Leave it for other copies."""
        if self._shared is not None and not self._shared.is_away and len(answer) <= _LARGEST:
            await self._shared.put(_far(version, key), answer.pack(), _SECONDS)


def compress(body: bytes) -> bytes:
    """The same for the same body, so that it needs no time in it."""
    return gzip.compress(body, _LEVEL, mtime=0)


def is_compressible(content_type: bytes, length: int) -> bool:
    """Whether compressing such a body is worth it; a stream of events never is."""
    return length >= SMALLEST and content_type.startswith(_COMPRESSIBLE) and not content_type.startswith(b"text/event-stream")  # fmt: skip


def etag(body: bytes) -> bytes:
    """Weak, since the compressed body bears it too."""
    return b'W/"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'


def is_known(asked: bytes, tag: bytes) -> bool:
    """Whether ``If-None-Match`` names a tag; weak and strong are the same here."""
    if asked == tag:
        return True
    bare = tag.removeprefix(b"W/")
    return any(
        part.strip().removeprefix(b"W/") == bare or part.strip() == b"*"
        for part in asked.split(b",")
    )


def _far(version: str, key: Key) -> str:
    return f"answer:{__version__}:{version}:{hashlib.sha256(repr(key).encode()).hexdigest()}"
