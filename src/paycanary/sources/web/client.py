"""HTTP to a public service: polite, patient, bounded, and silent about keys.

Proxies and certificates come from the usual variables (``HTTPS_PROXY``, ``NO_PROXY``, ``SSL_CERT_FILE``). Redirects are not
followed: none of the services documents one, and a captive portal or log-in page is no answer.
"""

from __future__ import annotations

import json
import logging
import os
import weakref
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

import httpx
import tenacity
from pyrate_limiter import Duration, Limiter, Rate

from paycanary import __version__
from paycanary.errors import AnswerError, KeyRefusedError, SourceError, UnreachableError
from paycanary.sources.web.keys import Secret, redacted

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from paycanary.errors import Lang

_ATTEMPTS: Final = 4
_LONGEST_WAIT: Final = 20.0
_MIB: Final = 1 << 20
#: JSON answers are small; files say their own limit.
MAX_BYTES: Final = 64 * _MIB
#: Of an error page no more is read.
_MAX_ERROR_BYTES: Final = 64 << 10
#: Answers that another try may mend. 429 without a documented quota means "slower".
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_REFUSED: Final = frozenset({401, 403})
_TRY_LATER: Final[dict[Lang, str]] = {
    "ko": "잠시 뒤에 다시 실행하면 받지 못한 것부터 이어서 받습니다.",
    "en": "Run it again later: it goes on with what is missing.",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, whole: status, media type, body."""

    status: int
    media_type: str
    body: bytes


class Web:
    """A connection to one service.

    Args:
        source: the register's name, for messages.
        base_url: where it answers, without a final slash; ``PAYCANARY_<SOURCE>_URL`` takes its place (a proxy, a mirror).
        per_second: calls a second at most.
        secrets: keys that no message and no log may hold.
        timeout: seconds without a byte until the service counts as silent.
        headers: sent with every call.
        setting: the ``<SOURCE>`` of that variable, where a register has several services.
        judge: what a service says of errors in its own words; asked of every answer whatever its HTTP status, and the error
            that it gives is raised (an `UnreachableError` after further tries).
    """

    def __init__(
        self,
        source: str,
        base_url: str,
        *,
        per_second: int,
        secrets: tuple[Secret, ...] = (),
        timeout: float = 20.0,
        headers: Mapping[str, str] | None = None,
        setting: str | None = None,
        judge: Callable[[Reply], SourceError | None] | None = None,
    ) -> None:
        named = (setting or source).upper().replace(".", "_").replace("-", "_")
        variable = f"PAYCANARY_{named}_URL"
        self.source = source
        self._judge = judge
        self.base_url = (os.environ.get(variable) or base_url).rstrip("/")
        self._secrets = secrets
        self._limiter = Limiter(Rate(per_second, Duration.SECOND))
        _silence(secrets)
        self._client = httpx.Client(
            timeout=httpx.Timeout(timeout, connect=10.0),
            headers={"User-Agent": f"paycanary/{__version__}", **(headers or {})},
            follow_redirects=False,
            verify=_authorities(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")),
        )
        #: Plans make a client when they need one; its connections go with it.
        self.close = weakref.finalize(self, self._client.close)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        body: Any = None,
        max_bytes: int = MAX_BYTES,
    ) -> Reply:
        """Ask, and ask again where that may help.

        Args:
            method: ``GET`` or ``POST``.
            path: below the base address, or a whole address.
            params: query, encoded here (hence a *decoding* key of data.go.kr).
            form: fields of a form.
            body: sent as JSON.
            max_bytes: a longer answer is refused while it comes in.

        Raises:
            UnreachableError: no answer after several tries.
            KeyRefusedError: HTTP 401 or 403.
            AnswerError: another HTTP error, a redirect, or an answer that is too long.
        """
        request = {
            "params": dict(params) if params else None,
            "data": dict(form) if form else None,
            "json": body,
        }
        return _retrying()(self._send, method, self._url(path), request, max_bytes)

    def download(
        self, path: str, to: Path, *, params: Mapping[str, str] | None = None, max_bytes: int
    ) -> int:
        """Stream a file to ``to``, from its beginning at every try: half a file is never left.

        Returns:
            Its size in bytes.

        Raises:
            UnreachableError: no whole answer after several tries.
            KeyRefusedError: HTTP 401 or 403.
            AnswerError: another HTTP error, a redirect, a page instead of a file, or more than ``max_bytes``.
            OSError: the disk is full or cannot be written.
        """
        try:
            return _retrying()(self._download, self._url(path), dict(params or {}), to, max_bytes)
        except BaseException:
            to.unlink(missing_ok=True)
            raise

    def _url(self, path: str) -> str:
        return path if "://" in path else f"{self.base_url}/{path.lstrip('/')}"

    def _download(self, url: str, params: dict[str, str], to: Path, max_bytes: int) -> int:
        self._limiter.try_acquire(self.source)
        size = 0
        try:
            with (
                self._client.stream("GET", url, params=params) as response,
                to.open("wb") as stream,
            ):
                if not httpx.codes.is_success(response.status_code):
                    self._refuse(response, _beginning(response))
                if _media_type(response) == "text/html":
                    page = Reply(response.status_code, "text/html", _beginning(response))
                    raise self.broken(f"a page, no file: {self.glimpse(page)}")
                for chunk in response.iter_bytes():
                    size += len(chunk)
                    if size > max_bytes:
                        raise self.broken(f"more than {max_bytes // _MIB} MiB")
                    stream.write(chunk)
        except httpx.HTTPError as error:
            raise self._unreachable(_reason(error)) from None
        except (httpx.InvalidURL, httpx.StreamError, ValueError) as error:
            raise self.broken(type(error).__name__) from None
        return size

    def _send(self, method: str, url: str, request: dict[str, Any], max_bytes: int) -> Reply:
        self._limiter.try_acquire(self.source)
        try:
            with self._client.stream(method, url, **request) as response:
                if not httpx.codes.is_success(response.status_code):
                    self._refuse(response, _beginning(response))
                chunks, size = [], 0
                for chunk in response.iter_bytes():
                    size += len(chunk)
                    if size > max_bytes:
                        raise self.broken(f"more than {max_bytes // _MIB} MiB")
                    chunks.append(chunk)
                reply = Reply(response.status_code, _media_type(response), b"".join(chunks))
        except httpx.HTTPError as error:
            # "from None": httpx's error carries the request, and with it the key.
            raise self._unreachable(_reason(error)) from None
        except (httpx.InvalidURL, httpx.StreamError, ValueError) as error:
            raise self.broken(type(error).__name__) from None
        if self._judge is not None and (judged := self._judge(reply)) is not None:
            raise judged
        return reply

    def _refuse(self, response: httpx.Response, body: bytes) -> NoReturn:
        """Raise what an answer with an HTTP error means."""
        status = response.status_code
        if self._judge is not None:
            judged = self._judge(Reply(status, _media_type(response), body))
            if isinstance(judged, UnreachableError):
                raise _retried(judged, response)
            if judged is not None:
                raise judged
        if status in _PASSING:
            raise _retried(self._unreachable(f"HTTP {status}"), response)
        if status in _REFUSED:
            raise KeyRefusedError(
                self.source,
                {
                    "ko": f"{self.source}: 접근이 거부되었습니다(HTTP {status}).",
                    "en": f"{self.source}: access was refused (HTTP {status}).",
                },
                {
                    "ko": "인증키와 활용신청 상태를 확인하세요(`paycanary keys`).",
                    "en": "Check the key and what it was approved for (`paycanary keys`).",
                },
            )
        raise self.broken(f"HTTP {status}")

    def json(self, reply: Reply) -> Any:
        """The body as JSON, numbers kept as the text they are written in.

        Raises:
            AnswerError: it is none (an HTML page, half an answer), or nested beyond reason.
        """
        try:
            return json.loads(reply.body, parse_float=str, parse_int=str)
        except (ValueError, RecursionError):
            raise self.broken(f"no JSON: {self.glimpse(reply)}") from None

    def glimpse(self, reply: Reply) -> str:
        """The beginning of an answer for a message: one line, no key."""
        text = " ".join(reply.body[:2000].decode("utf-8", errors="replace").split())
        return redacted(text, self._secrets)[:80] or "empty"

    def broken(self, why: str) -> AnswerError:
        """The error for an answer that cannot be what the service meant."""
        why = redacted(why, self._secrets)
        return AnswerError(
            self.source,
            {
                "ko": f"{self.source}: 알 수 없는 답이 왔습니다({why}).",
                "en": f"{self.source}: an answer came that cannot be read ({why}).",
            },
            _TRY_LATER,
        )

    def _unreachable(self, why: str) -> UnreachableError:
        return unreachable(self.source, redacted(why, self._secrets))


@cache
def _authorities(*_: str | None) -> ssl.SSLContext:
    """Who vouches for servers, read once for all registers: 40 ms each time. Given is what httpx reads in the environment."""
    return httpx.create_ssl_context()


def _retrying() -> tenacity.Retrying:
    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(_ATTEMPTS),
        wait=_wait,
        retry=tenacity.retry_if_exception_type(UnreachableError),
        reraise=True,
    )


def _beginning(response: httpx.Response) -> bytes:
    """As much of an error page as a message needs."""
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) >= _MAX_ERROR_BYTES:
            break
    return body[:_MAX_ERROR_BYTES]


def unreachable(source: str, why: str) -> UnreachableError:
    """The error for a service that does not answer now; ``why`` holds no key."""
    return UnreachableError(
        source,
        {
            "ko": f"{source}: 연결되지 않습니다({why}).",
            "en": f"{source}: cannot be reached ({why}).",
        },
        _TRY_LATER,
    )


def _retried(error: UnreachableError, response: httpx.Response) -> UnreachableError:
    """Note how long the service itself asks us to wait."""
    text = response.headers.get("Retry-After", "")
    if text.isdigit():
        error.retry_after = float(text)
    return error


def _wait(state: tenacity.RetryCallState) -> float:
    """Exponential with jitter, or what the service asked for, within reason. ``PAYCANARY_RETRY_SECONDS`` scales it."""
    base = float(os.environ.get("PAYCANARY_RETRY_SECONDS", "1"))
    outcome = state.outcome.exception() if state.outcome else None
    asked = outcome.retry_after if isinstance(outcome, UnreachableError) else 0.0
    drawn = tenacity.wait_exponential_jitter(multiplier=base, max=_LONGEST_WAIT, jitter=base)(state)
    return min(max(drawn, asked), _LONGEST_WAIT)


def _media_type(response: httpx.Response) -> str:
    return str(response.headers.get("Content-Type", "")).split(";")[0].strip().lower()


def _reason(error: httpx.HTTPError) -> str:
    """What a person can act on; never the request."""
    text = str(error)
    if "CERTIFICATE" in text.upper() or "SSL" in text.upper():
        return "TLS certificate"
    if isinstance(error, httpx.ProxyError):
        return "proxy"
    if isinstance(error, httpx.TimeoutException):
        return "time-out"
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
        return "connection cut"
    return type(error).__name__


class _Stars(logging.Filter):
    """Takes keys out of the log lines of the HTTP library, which names every address at INFO and DEBUG."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, Secret] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage(), self.hidden.values()), ()
        record.exc_info = None
        return True


_STARS: Final = _Stars()


def _silence(secrets: tuple[Secret, ...]) -> None:
    """Filters of a parent logger do not see what its children log: each that logs addresses gets its own."""
    _STARS.hidden.update({secret.reveal(): secret for secret in secrets})
    for name in ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.http2"):  # fmt: skip
        logging.getLogger(name).addFilter(_STARS)
