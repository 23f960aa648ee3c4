"""gRPC: KServe's servicer on a server of ours, which says in gRPC's own words why something is refused."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import grpc
from grpc import aio
from kserve.errors import InvalidInput, ModelNotFound, ModelNotReady
from kserve.protocol.grpc import grpc_predict_v2_pb2 as pb
from kserve.protocol.grpc.grpc_predict_v2_pb2_grpc import add_GRPCInferenceServiceServicer_to_server
from kserve.protocol.grpc.servicer import InferenceServicer

from paycanary.serving.refusals import Refusal
from paycanary.telemetry.numbers import HEADER, begin
from paycanary.telemetry.start import grpc_interceptors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from paycanary.serving.answers import Answering

_log: Final = logging.getLogger(__name__)


class Servicer(InferenceServicer):
    """KServe's, with versions of models."""

    def __init__(self, plane: Any, extension: Any, models: Mapping[str, Answering]) -> None:
        super().__init__(plane, extension)
        self._models = models

    async def ModelMetadata(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """KServe's answer, and the version."""
        told = await super().ModelMetadata(request, context)
        self._check(request.name, request.version)
        told.platform = self._models[request.name].metadata()["platform"]
        told.versions.append(self._models[request.name].shelf.model.version)
        return told

    async def ModelReady(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Whether that version answers."""
        model = self._models.get(request.name)
        if model and request.version:
            return pb.ModelReadyResponse(ready=request.version == model.shelf.model.version)
        return await super().ModelReady(request, context)

    async def ModelInfer(self, request: Any, context: Any) -> Any:  # noqa: N802
        """KServe's answer, if the version that is asked for is here."""
        self._check(request.model_name, request.model_version)
        return await super().ModelInfer(request, context)

    def _check(self, name: str, version: str) -> None:
        model = self._models.get(name)
        if model and version and version != model.shelf.model.version:
            raise Refusal("no_model", f"Version {version[:40]} of {name} is not here; {model.shelf.model.version} is.")  # fmt: skip


class _Refusals(aio.ServerInterceptor):
    """Exceptions -> status, and the request's number. KServe's own lacks some words, and logs a traceback for every refusal."""

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], details: Any) -> Any:  # fmt: skip
        handler = await continuation(details)
        if handler is None or handler.unary_unary is None:
            return handler

        async def answer(request: Any, context: Any) -> Any:
            given = context.invocation_metadata() or ()
            # gRPC gives every call a context of its own.
            number = (HEADER, begin((key.encode(), _bytes(value)) for key, value in given))
            try:
                told = await handler.unary_unary(request, context)
            except Refusal as refusal:
                more = (("retry-after", str(refusal.retry_after)),) if refusal.retry_after else ()
                await context.abort(grpc.StatusCode[refusal.code], refusal.message, (number, *more))
            except (InvalidInput, ValueError) as error:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error), (number,))
            except (ModelNotFound, KeyError) as error:
                await context.abort(grpc.StatusCode.NOT_FOUND, str(error), (number,))
            except ModelNotReady as error:
                await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error), (number,))
            except NotImplementedError as error:
                await context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error), (number,))
            except aio.AbortError:
                raise
            except Exception:  # noqa: BLE001 - logged in full
                _log.exception("%s failed", details.method)
                await context.abort(
                    grpc.StatusCode.INTERNAL, "The server failed; see its log.", (number,)
                )
            # Not before: KServe reads what is set as if it were its own.
            context.set_trailing_metadata((number,))
            return told

        return grpc.unary_unary_rpc_method_handler(
            answer, handler.request_deserializer, handler.response_serializer
        )


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def server(servicer: Servicer, host: str, port: int, limit: int) -> tuple[Any, int]:
    """A server that listens, and its port.

    Raises:
        RuntimeError: the address cannot be listened on.
    """
    made = aio.server(
        # The trace first: refusals are part of it.
        interceptors=(*grpc_interceptors(), _Refusals()),
        options=(("grpc.max_receive_message_length", limit), ("grpc.max_send_message_length", -1), ("grpc.so_reuseport", 0)),
    )  # fmt: skip
    add_GRPCInferenceServiceServicer_to_server(servicer, made)
    return made, made.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
