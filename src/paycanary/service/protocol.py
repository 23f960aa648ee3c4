"""HTTP as uvicorn speaks it, with an end to what never ends: heads that take long or are long, and answers that nobody takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

#: Seconds and bytes in which a head has to arrive.
_SECONDS: Final = 10.0
_BYTES: Final = 65_536
#: Seconds in which somebody who was sent something has to take some of it.
_STALLED: Final = 60.0


class Protocol(HttpToolsProtocol):
    """One connection."""

    _has_head = False
    _came = 0
    _patience: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._patience = self.loop.call_later(_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._unwait()
        self._unstall()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Much lies here that was not taken; where nothing of it is taken any more the connection is cut."""
        super().pause_writing()
        self._watch_taking()

    def resume_writing(self) -> None:
        """Most of it was taken."""
        self._unstall()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """Take what came; close where a head is still not whole after too much of it."""
        super().data_received(data)
        if self._has_head:
            return
        self._came += len(data)
        if self._came > _BYTES:
            self.transport.close()
        elif self._patience is None:
            self._patience = self.loop.call_later(_SECONDS, self.transport.close)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._has_head = False
        self._came = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._has_head = True
        self._unwait()
        super().on_headers_complete()

    def _unwait(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _watch_taking(self) -> None:
        self._unstall()
        left = self.transport.get_write_buffer_size()
        self._stalled = self.loop.call_later(_STALLED, self._look, left)

    def _look(self, before: int) -> None:
        if self.transport.get_write_buffer_size() >= before:
            self.transport.abort()
        else:
            self._watch_taking()

    def _unstall(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
