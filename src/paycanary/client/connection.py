"""Asking the service: one connection pool, answers remembered by their tags, patience where the service asks for it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import httpx
import tenacity

from paycanary import __version__
from paycanary.client.problems import read_problem
from paycanary.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paycanary.client.problems import ApiError
    from paycanary.errors import Lang

#: Answers remembered.
_REMEMBERED: Final = 128
#: Seconds that one wait may take at most, whatever the service asks for.
_LONGEST_WAIT: Final = 60.0
#: Seconds to wait where the service does not say.
_WAIT: Final = 1.0
_LATER: Final = (429, 503)
#: Seconds until a question whose connection broke is asked again.
_BROKEN: Final = 0.1
_UNCHANGED: Final = 304
_ERROR: Final = 400


class _LaterError(Exception):
    """To be asked again later: the service says so, or a connection broke."""

    def __init__(self, error: ApiError | UnreachableError, seconds: float) -> None:
        super().__init__(str(error))
        self.error = error
        self.seconds = seconds


class Connection:
    """Requests to one service. Safe for many threads."""

    def __init__(
        self, base_url: str, key: str | None, lang: Lang, *, timeout: float, attempts: int
    ) -> None:
        headers = {"User-Agent": f"paycanary/{__version__}", "Accept": "application/json"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        self.lang = lang
        self._http = httpx.Client(
            base_url=base_url.rstrip("/"), headers=headers, timeout=timeout, follow_redirects=True
        )
        self._attempts = attempts
        self._remembered: OrderedDict[str, tuple[str, httpx.Response]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, path: str, parameters: Sequence[tuple[str, str]] = ()) -> httpx.Response:
        """An answer; the one remembered where the service says that it still is right.

        Raises:
            ApiError: the service told a problem.
            UnreachableError: no answer.
        """
        url = str(httpx.URL(path, params=[*parameters, ("lang", self.lang)]))
        with self._lock:
            tag, known = self._remembered.get(url, ("", None))
        response = self._ask("GET", url, headers={"If-None-Match": tag} if tag else {})
        if response.status_code == _UNCHANGED and known is not None:
            response = known
        if new := response.headers.get("etag"):
            with self._lock:
                self._remembered[url] = (new, response)
                self._remembered.move_to_end(url)
                while len(self._remembered) > _REMEMBERED:
                    self._remembered.popitem(last=False)
        return response

    def post(
        self, path: str, body: str, parameters: Sequence[tuple[str, str]] = ()
    ) -> httpx.Response:
        """The answer to a body in YAML."""
        url = str(httpx.URL(path, params=[*parameters, ("lang", self.lang)]))
        headers = {"Content-Type": "application/yaml"}
        return self._ask("POST", url, headers=headers, content=body.encode())

    def follow(self, response: httpx.Response, body: str | None) -> httpx.Response | None:
        """The next page of a list; None after the last.

        Raises:
            UnreachableError: besides `get`'s reasons, where the page is said to be at another service.
        """
        following = response.links.get("next")
        if following is None:
            return None
        url = httpx.URL(following["url"])
        # A request bears the key, and the key is for this service alone.
        if url.is_absolute_url and _origin(url) != _origin(self._http.base_url):
            raise _elsewhere(str(self._http.base_url), url.host)
        if body is None:
            return self._ask("GET", str(url), headers={})
        return self._ask("POST", str(url), headers={"Content-Type": "application/yaml"}, content=body.encode())  # fmt: skip

    def close(self) -> None:
        """Let go of all connections."""
        self._http.close()

    def _ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> httpx.Response:  # fmt: skip
        patient = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._attempts),
            wait=_asked_for,
            retry=tenacity.retry_if_exception_type(_LaterError),
            reraise=True,
        )
        try:
            response: httpx.Response = patient(self._once, method, url, headers, content)
        except _LaterError as later:
            raise later.error from None
        return response

    def _once(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> httpx.Response:  # fmt: skip
        try:
            response = self._http.request(method, url, headers=headers, content=content)
        except httpx.TransportError as error:
            gone = _unreachable(str(self._http.base_url), error)
            # A process that was killed takes its connections along; another one answers.
            if method == "GET" and isinstance(error, httpx.ReadError | httpx.RemoteProtocolError):
                raise _LaterError(gone, _BROKEN) from error
            raise gone from error
        if response.status_code < _ERROR:
            return response
        problem = read_problem(response, self.lang)
        if response.status_code in _LATER:
            raise _LaterError(problem, _seconds(response))
        raise problem


def _asked_for(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return error.seconds if isinstance(error, _LaterError) else _WAIT


def _seconds(response: httpx.Response) -> float:
    """What ``Retry-After`` says: seconds, or a moment, as proxies write it."""
    told: str = response.headers.get("retry-after", "")
    if told.isascii() and told.isdigit():
        return min(float(told), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return _WAIT
    return min(max(moment.timestamp() - time.time(), 0.0), _LONGEST_WAIT)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _elsewhere(base_url: str, host: str) -> UnreachableError:
    return UnreachableError(
        "paycanary",
        {
            "ko": f"{base_url}: 다음 쪽이 다른 서비스({host})에 있다고 합니다. 키를 보내지 않으려고 멈췄습니다.",
            "en": f"{base_url}: says that the next page is at another service ({host}); stopped, so as not to send the key there.",
        },
        {
            "ko": "주소와, 그 사이의 프록시를 확인하세요.",
            "en": "See whether the address is right, and which proxy stands in between.",
        },
    )


def _unreachable(base_url: str, error: Exception) -> UnreachableError:
    return UnreachableError(
        "paycanary",
        {
            "ko": f"{base_url}: 서비스에 닿지 않습니다({error}).",
            "en": f"{base_url}: the service cannot be reached ({error}).",
        },
        {
            "ko": "주소가 맞는지, 서비스가 떠 있는지 확인하세요.",
            "en": "See whether the address is right and the service runs.",
        },
    )
