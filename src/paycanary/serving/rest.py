"""REST: a short way for requests to our models, and KServe's own application for everything else.

KServe's way to a model (FastAPI's route, pydantic's models, a timing middleware, four histograms) costs more than half a millisecond a request; a
scorecard takes a hundredth of that. It goes on doing what is rare: health, metrics, the server's metadata, the repository.
"""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import orjson

from paycanary.serving import metrics, tensors
from paycanary.serving.refusals import Refusal, invalid
from paycanary.telemetry.numbers import HEADER, begin

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    from paycanary.serving.answers import Answering
    from paycanary.serving.tensors import Told

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

_log: Final = logging.getLogger(__name__)
_MODELS: Final = "/v2/models/"
_ROUTE: Final = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?(/infer|/ready)?|/v2(?:/models|/health/live|/health/ready)?|/metrics")  # fmt: skip
_JSON: Final = (b"content-type", b"application/json")
_BINARY: Final = b"inference-header-content-length"
#: A refused body is read to its end up to so many times the limit, so that the refusal arrives; then the connection is closed.
_READ_ON: Final = 4


def template(scope: Scope) -> str:
    """The route of a request: its address without what a client may write there."""
    found = _ROUTE.fullmatch(scope["path"])
    if found is None:
        return "(no such address)"
    model, version, rest = found[1], found[2], found[3] or ""
    return _MODELS + "{model}" + ("/versions/{version}" if version else "") + rest if model else str(found[0])  # fmt: skip


class Front:
    """Stands before KServe's application."""

    def __init__(self, inner: App, models: Mapping[str, Answering], limit: int) -> None:
        self._inner, self._models, self._limit = inner, models, limit
        self.is_stopping = False
        self._paths = {f"{_MODELS}{name}/infer": model for name, model in models.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        number = (HEADER.encode(), begin(scope["headers"]).encode())

        async def send_numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], number]
            await send(message)

        await self._route(scope, receive, send_numbered)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        model = self._paths.get(scope["path"])
        if model is not None and scope["method"] == "POST":
            await self._infer(model, None, scope, receive, send)
        else:
            await self._rare(scope["path"], scope, receive, send)

    async def _rare(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Versions and metadata of a model; else KServe's application, with a body of bounded size."""
        if path == "/v2/health/ready":
            await self._send(
                send, 503 if self.is_stopping else 200, {"ready": not self.is_stopping}
            )
            return
        parts = path.removeprefix(_MODELS).split("/") if path.startswith(_MODELS) else []
        model = self._models.get(unquote(parts[0])) if parts else None
        match parts[1:]:
            case ["versions", version, "infer"] if model and scope["method"] == "POST":
                await self._infer(model, unquote(version), scope, receive, send)
                return
            case [] | ["versions", _] if model and scope["method"] == "GET":
                await self._metadata(model, parts[2:], send)
                return
            case ["versions", version, "ready"] if model and scope["method"] == "GET":
                is_it = version == model.shelf.model.version
                told = {"name": model.name, "ready": is_it} if is_it else {"error": _other(model, version).message}  # fmt: skip
                await self._send(send, 200 if is_it else 404, told)
                return
        try:
            body = await self._body(scope, receive)
        except Refusal as refusal:
            await self._refuse(send, refusal)
            return
        await self._inner(scope, _once(body, receive), send)

    async def _metadata(self, model: Answering, versions: list[str], send: Send) -> None:
        if versions and versions[0] != model.shelf.model.version:
            await self._refuse(send, _other(model, versions[0]))
            return
        told = model.metadata()
        if model.shelf.refused:
            told["parameters"] = {**told["parameters"], "refused": model.shelf.refused}
        await self._send(send, 200, told)

    async def _infer(self, model: Answering, version: str | None, scope: Scope, receive: Receive, send: Send) -> None:  # fmt: skip
        began = time.perf_counter()
        try:
            body = await self._body(scope, receive)
            _check(model, version)
            told, request = await self._answer(model, body, _header(scope, _BINARY))
        except Refusal as refusal:
            metrics.FAILURES.labels(model.name, "rest", refusal.reason).inc()
            await self._refuse(send, refusal)
            return
        except Exception:  # noqa: BLE001 - logged in full
            _log.exception("%s failed", model.name)
            metrics.FAILURES.labels(model.name, "rest", "fault").inc()
            await self._refuse(send, Refusal("fault", "The server failed; see its log."))
            return
        metrics.REQUESTS.labels(model.name, "rest").inc()
        metrics.SECONDS.labels(model.name, "rest").observe(time.perf_counter() - began)
        await self._send(send, 200, _answered(told, model.name, request))

    async def _answer(self, model: Answering, body: bytes, length: bytes) -> tuple[Told, str]:
        head, binary = body, b""
        if length:
            if not length.isdigit() or int(length) > len(body):
                raise invalid(f"'{_BINARY.decode()}' must say how many of the {len(body)} bytes are JSON.")  # fmt: skip
            head, binary = body[: int(length)], body[int(length) :]
        try:
            read = orjson.loads(head)
        except orjson.JSONDecodeError as error:
            raise _unread(head, error) from None
        asked = tensors.asked(read, binary)
        return await model.answer(asked), asked.id

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """All of the body.

        Raises:
            Refusal: it is larger than allowed; or the client went away before its end.
        """
        length = _header(scope, b"content-length")
        is_large = length.isdigit() and int(length) > self._limit
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refusal("invalid", "The request ended before its body did.")
            part = message.get("body", b"")
            size += len(part)
            is_large = is_large or size > self._limit
            if not is_large:
                parts.append(part)
            if not message.get("more_body", False) or size > self._limit * _READ_ON:
                break
        if is_large:
            raise Refusal("too_large", f"The body has more than {self._limit} bytes, the most of one request. Send it in parts.")  # fmt: skip
        return b"".join(parts) if len(parts) != 1 else parts[0]

    async def _refuse(self, send: Send, refusal: Refusal) -> None:
        more = [(b"retry-after", str(refusal.retry_after).encode())] if refusal.retry_after else []
        if refusal.reason == "too_large":
            more.append((b"connection", b"close"))
        await self._send(send, refusal.status, {"error": refusal.message, "reason": refusal.reason}, more)  # fmt: skip

    async def _send(self, send: Send, status: int, body: Any, more: list[tuple[bytes, bytes]] | None = None) -> None:  # fmt: skip
        content = orjson.dumps(body)
        headers = [_JSON, (b"content-length", str(len(content)).encode()), *(more or ())]
        if self.is_stopping:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})


def _header(scope: Scope, wanted: bytes) -> bytes:
    for name, value in scope["headers"]:
        if name == wanted:
            return bytes(value)
    return b""


def _answered(told: Told, name: str, request: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"model_name": name, "model_version": told.parameters["version"]}
    if request:
        answer["id"] = request
    answer["parameters"] = told.parameters
    answer["outputs"] = [
        {"name": t.name, "datatype": t.datatype, "shape": t.shape, "data": t.data}
        for t in told.outputs
    ]
    return answer


def _unread(body: bytes, error: orjson.JSONDecodeError) -> Refusal:
    try:
        body.decode()
    except UnicodeDecodeError as broken:
        return Refusal("encoding", f"The body is no UTF-8: byte {broken.start} is 0x{body[broken.start]:02x} ({broken.reason}).")  # fmt: skip
    if not body:
        return Refusal("invalid", 'The body is empty; a JSON object such as {"inputs": [...]} is needed.')  # fmt: skip
    return Refusal("invalid", f"The body is no JSON: {error}. Unknown figures are null, not NaN.")


def _check(model: Answering, version: str | None) -> None:
    if version is not None and version != model.shelf.model.version:
        raise _other(model, version)


def _other(model: Answering, version: str) -> Refusal:
    return Refusal("no_model", f"Version {version[:40]} of {model.name} is not here; {model.shelf.model.version} is.")  # fmt: skip


def _once(body: bytes, receive: Receive) -> Receive:
    """A body that was read already, for who reads it anew."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
