"""Asks a model server by the Open Inference Protocol v2, over REST; any server that speaks it will do.

::

told = infer(url, "forecast", "2026-1", Tensor("features", "FP64", (1, 44), [...]), {"probability": 1})
told.outputs["probability"]
"""

from __future__ import annotations

import json
import math
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from paycanary.errors import ModelError
from paycanary.telemetry.instruments import MODEL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx

VARIABLE: Final = "PAYCANARY_MODELS_URL"
#: Seconds for a connection, and for an answer; and how long a server that is busy or being exchanged is given.
_CONNECT: Final = 3.0
_ANSWER: Final = 30.0
_PATIENCE: Final = 5.0
_BUSY: Final = frozenset({429, 502, 503, 504})
_NOT_FOUND: Final = 404
_OK: Final = 200
_SHOWN: Final = 200


class UnansweredError(ModelError):
    """The model server cannot be reached, is too slow, or too busy; what it would have said is not known."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input; ``data`` flat, in row-major order."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    data: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Outputs by name, flat, and the parameters beside them."""

    outputs: Mapping[str, list[Any]]
    parameters: Mapping[str, Any]


def url() -> str | None:
    """Where the model server is, without a slash at its end; None where models are asked in process.

    Raises:
        ModelError: the variable holds no such address.
    """
    told = os.environ.get(VARIABLE, "").strip()
    if not told:
        return None
    parts = urlsplit(told)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ModelError(
            {"ko": f"{VARIABLE} 이(가) http(s):// 주소가 아닙니다.", "en": f"{VARIABLE} is no http(s):// address."},
            {"ko": "`paycanary models serve` 가 여는 주소로 정하거나 지우세요.", "en": "Set it to where `paycanary models serve` listens, or unset it."},
        )  # fmt: skip
    return told.rstrip("/")


def number(value: float | None) -> float | None:
    """A figure as JSON can carry it: what is not finite is unknown."""
    return value if value is not None and math.isfinite(value) else None


def infer(base: str, model: str, version: str, tensor: Tensor, sizes: Mapping[str, int]) -> Answer:
    """Ask one version of a model for outputs of these sizes.

    Raises:
        UnansweredError: it did not answer; may be asked again later.
        ModelError: it has another version, refuses what was sent, or answers something else.
    """
    body = {
        "inputs": [{"name": tensor.name, "datatype": tensor.datatype, "shape": list(tensor.shape), "data": list(tensor.data)}],
        "outputs": [{"name": name} for name in sizes],
    }  # fmt: skip
    with MODEL_SECONDS.timed({"model": model}) as measured:
        measured["outcome"] = "refused"
        try:
            told = _asked(
                base, model, version, f"/v2/models/{model}/versions/{version}/infer", body
            )
        except UnansweredError:
            measured["outcome"] = "unanswered"
            raise
        measured["outcome"] = "ok"
    try:
        found = told["parameters"]["version"]
        outputs = {output["name"]: output["data"] for output in told["outputs"]}
        wrong = [name for name, size in sizes.items() if len(outputs[name]) != size]
    except (KeyError, TypeError) as error:
        raise _odd(base, f"{model}: {error!r}") from error
    if found != version:
        raise _differs(base, model, version, str(found))
    if wrong:
        raise _odd(base, f"{model}: {', '.join(wrong)}")
    return Answer(outputs, told["parameters"])


def metadata(base: str, model: str) -> dict[str, Any]:
    """What the server says of a model.

    Raises:
        UnansweredError: it did not answer.
        ModelError: it does not know the model.
    """
    return _asked(base, model, "", f"/v2/models/{model}", None)


#: Connections that are kept, by address and process: one that was forked needs its own.
_clients: Final[dict[tuple[str, int], httpx.Client]] = {}


def _client(base: str) -> httpx.Client:
    import httpx  # noqa: PLC0415 - only who asks pays for it

    key = base, os.getpid()
    if key not in _clients:
        _clients[key] = httpx.Client(
            base_url=base, timeout=httpx.Timeout(_ANSWER, connect=_CONNECT)
        )
    return _clients[key]


def close() -> None:
    """Close the connections that are kept; they are opened again when needed."""
    while _clients:
        _clients.popitem()[1].close()


def _asked(base: str, model: str, version: str, path: str, body: Any) -> dict[str, Any]:
    """The server's answer; asked again for a while where it is busy, or being exchanged for another."""
    import httpx  # noqa: PLC0415

    from paycanary.telemetry.numbers import headers  # noqa: PLC0415

    until, pause = time.monotonic() + _PATIENCE, 0.1
    content = (
        None if body is None else json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    )
    while True:
        again: Exception | None = None
        try:
            response = _client(base).request(
                "POST" if content else "GET",
                path,
                content=content,
                headers={"content-type": "application/json", **headers()},
            )
            why = f"HTTP {response.status_code}"
        except httpx.TimeoutException as error:
            raise _unanswered(base, f"{type(error).__name__}") from error
        except httpx.TransportError as error:
            again, why = error, str(error) or type(error).__name__
        else:
            if response.status_code not in _BUSY:
                return _read(base, model, version, response)
            why = _message(response)
            pause = max(pause, _seconds(response.headers.get("retry-after", "")))
        if time.monotonic() + pause > until:
            raise _unanswered(base, why) from again
        time.sleep(pause)
        pause *= 2


def _read(base: str, model: str, version: str, response: httpx.Response) -> dict[str, Any]:
    if response.status_code == _NOT_FOUND and version:
        found = _versions(base, model)
        if found and version not in found:
            raise _differs(base, model, version, ", ".join(found))
    if response.status_code != _OK:
        raise ModelError(
            {"ko": f"{base}: 모형 서버가 거절했습니다({_message(response)}).", "en": f"{base}: the model server refused ({_message(response)})."},
            {"ko": f"{VARIABLE} 과(와) 서버의 판을 확인하거나, 지우고 이 프로그램 안의 모형을 쓰세요.", "en": f"Check {VARIABLE} and the server's version, or unset it to use the model within this program."},
        )  # fmt: skip
    try:
        told = response.json()
    except ValueError as error:
        raise _odd(base, str(error)) from error
    if not isinstance(told, dict):
        raise _odd(base, type(told).__name__)
    return told


def _versions(base: str, model: str) -> list[str]:
    try:
        return [str(version) for version in metadata(base, model).get("versions", ())]
    except ModelError:
        return []


def _message(response: httpx.Response) -> str:
    try:
        told = str(response.json()["error"])
    except (ValueError, KeyError, TypeError):
        told = response.text
    return f"HTTP {response.status_code}: {told[:_SHOWN]}"


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else 0.0


def _unanswered(base: str, why: str) -> UnansweredError:
    return UnansweredError(
        {"ko": f"{base}: 모형 서버가 답하지 않습니다({why}).", "en": f"{base}: the model server does not answer ({why})."},
        {"ko": f"서버(`paycanary models serve`)가 켜져 있는지 보거나, {VARIABLE} 을(를) 지우고 이 프로그램 안의 모형을 쓰세요.", "en": f"See whether it (`paycanary models serve`) runs, or unset {VARIABLE} to use the model within this program."},
    )  # fmt: skip


def _differs(base: str, model: str, ours: str, theirs: str) -> ModelError:
    return ModelError(
        {"ko": f"{base}: {model} 모형의 판이 다릅니다(서버 {theirs}, 여기 {ours}).", "en": f"{base}: the versions of the model {model} differ (server {theirs}, here {ours})."},
        {"ko": f"둘을 같은 판으로 맞추거나, {VARIABLE} 을(를) 지우고 이 프로그램 안의 모형을 쓰세요.", "en": f"Bring both to one version, or unset {VARIABLE} to use the model within this program."},
    )  # fmt: skip


def _odd(base: str, why: str) -> ModelError:
    return ModelError(
        {"ko": f"{base}: 모형 서버의 답을 이해할 수 없습니다({why[:_SHOWN]}).", "en": f"{base}: the model server's answer cannot be understood ({why[:_SHOWN]})."},
        {"ko": f"{VARIABLE} 이(가) `paycanary models serve` 의 주소인지 확인하세요.", "en": f"Check that {VARIABLE} is the address of `paycanary models serve`."},
    )  # fmt: skip
