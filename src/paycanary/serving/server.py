"""The model server: REST and gRPC in one process, new versions taken up while it runs, and an end that loses nothing it has taken."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import uvicorn

from paycanary.errors import ModelError
from paycanary.serving.answers import Forecasting, Reading, card_model, text_model
from paycanary.serving.batching import Batcher
from paycanary.serving.shelf import Shelf
from paycanary.telemetry.start import instrument_asgi

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from paycanary.serving.answers import Answering
    from paycanary.serving.settings import ModelsSettings

_log: Final = logging.getLogger(__name__)


class Models:
    """Both models and what they share."""

    def __init__(self, settings: ModelsSettings) -> None:
        """Load what is in use.

        Raises:
            ModelError: a model cannot be used.
        """
        self.batcher = Batcher(
            threads=settings.threads, texts=settings.batch_texts, tokens=settings.batch_tokens,
            wait=settings.batch_wait_ms / 1000, queue=settings.queue_texts,
        )  # fmt: skip
        under = settings.dir.expanduser() if settings.dir else None
        found: list[Answering] = [
            Forecasting(Shelf("forecast", under / "forecast" if under else None, card_model), settings),
            Reading(Shelf("text", under / "text" if under else None, text_model), settings, self.batcher),
        ]  # fmt: skip
        self.by_name = {model.name: model for model in found}


class _Rest(uvicorn.Server):
    """Uvicorn, whose end is ours to say."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the server as a whole."""
        yield


class Server:
    """KServe's applications over our models."""

    def __init__(self, models: Models, settings: ModelsSettings) -> None:
        with mock.patch.object(
            sys, "argv", sys.argv[:1]
        ):  # the SDK reads the command line as it is imported
            from kserve.protocol.model_repository_extension import ModelRepositoryExtension  # noqa: PLC0415
            from kserve.protocol.rest.server import RESTServer  # noqa: PLC0415

            from paycanary.serving.models import Plane, Repository, Served  # noqa: PLC0415
            from paycanary.serving.rest import Front  # noqa: PLC0415
        self._models, self._settings = models, settings
        registry = Repository()
        for model in models.by_name.values():
            registry.update(Served(model))
        self._plane = Plane(registry)
        self._extension = ModelRepositoryExtension(registry)
        inner = _application(RESTServer(
            "kserve.model_server:app", self._plane, self._extension, http_port=0
        ))  # fmt: skip
        self._front = Front(inner, models.by_name, settings.request_bytes)

    def run(self, listening: socket.socket, grpc_at: tuple[str, int] | None, told: Callable[[int | None], None]) -> None:  # fmt: skip
        """Serve until SIGTERM or Ctrl-C; ``told`` is given the port of gRPC once all is open."""
        import uvloop  # noqa: PLC0415

        uvloop.run(self._run(listening, grpc_at, told))

    async def _run(self, listening: socket.socket, grpc_at: tuple[str, int] | None, told: Callable[[int | None], None]) -> None:  # fmt: skip
        from paycanary.serving import grpc  # noqa: PLC0415
        from paycanary.serving.rest import template  # noqa: PLC0415

        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        config = uvicorn.Config(
            instrument_asgi(self._front, template), http="httptools", ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
            proxy_headers=False, timeout_keep_alive=65, timeout_graceful_shutdown=self._settings.grace_seconds, backlog=4096,
        )  # fmt: skip
        rest, rpc, port = _Rest(config), None, None
        if grpc_at is not None:
            servicer = grpc.Servicer(self._plane, self._extension, self._models.by_name)
            rpc, port = grpc.server(servicer, *grpc_at, self._settings.request_bytes)
            await rpc.start()
        serving = asyncio.create_task(rest.serve(sockets=[listening]))
        looking = asyncio.create_task(self._look())
        while not rest.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells no other way
            await asyncio.sleep(0.01)
        told(port)
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait({waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
        looking.cancel()
        await self._end(rest, rpc, serving)
        waiting.cancel()

    async def _end(self, rest: _Rest, rpc: Any, serving: asyncio.Task[None]) -> None:
        """First say that nothing more should come, then take nothing more, then end what was taken."""
        self._plane.is_stopping = self._front.is_stopping = True
        _log.info("ending: %d texts are still read", self._models.batcher.held)
        await asyncio.sleep(self._settings.drain_seconds)
        rest.should_exit = True
        ending = [serving]
        if rpc is not None:
            ending.append(asyncio.create_task(rpc.stop(self._settings.grace_seconds)))
        await asyncio.gather(*ending)
        _log.info("ended")

    async def _look(self) -> None:
        """Take up new versions as they come."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._settings.reload_seconds)
            for model in self._models.by_name.values():
                try:
                    await loop.run_in_executor(None, model.shelf.refresh)
                except ModelError as error:
                    _log.error(
                        "%s: refused, %s stays: %s", model.name, model.shelf.model.version, error
                    )
                except Exception:  # noqa: BLE001 - logged in full
                    _log.exception("%s: cannot be looked for", model.name)


def _application(rest: Any) -> Any:
    """KServe's application with its routes and its words for errors, without the middleware that times and logs every request."""
    from kserve.model_server import app  # noqa: PLC0415

    rest._register_endpoints(app)  # noqa: SLF001 - what create_application calls, but for the middleware
    rest._add_exception_handlers(app)  # noqa: SLF001
    return app
