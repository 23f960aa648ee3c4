"""Notion's API through its client: at most three requests a second, waits where Notion asks for them, errors in people's words.

The token comes from ``NOTION_TOKEN``, is sent to ``PAYCANARY_NOTION_URL`` (default: Notion) and stands nowhere else.
"""

from __future__ import annotations

import logging
import os
import re
from email.utils import parsedate_to_datetime
from time import time
from typing import TYPE_CHECKING, Any, Final, Self

import httpx
import tenacity
from notion_client import Client
from notion_client.errors import HTTPResponseError, NotionClientErrorBase, RequestTimeoutError
from pyrate_limiter import Duration, Limiter, Rate

from paycanary.errors import (  # fmt: skip
    AnswerError,
    KeyRefusedError,
    PaycanaryError,
    SourceError,
    UnreachableError,
    UsageError,
)
from paycanary.notion.words import both
from paycanary.sources.web.keys import Secret, redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from paycanary.errors import Lang

#: Databases hold data sources since this version.
VERSION: Final = "2025-09-03"
_SOURCE: Final = "notion"
_PER_SECOND: Final = 3
_ATTEMPTS: Final = 5
_LONGEST_WAIT: Final = 120.0
_TIMEOUT_MS: Final = 60_000
_PAGE: Final = 100
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
_ID: Final = re.compile(r"(?:^|[-/])([0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})$", re.IGNORECASE)  # fmt: skip
_MESSAGE: Final = 200
_TOO_MANY: Final = 429
_CONFLICT: Final = 409
_SERVER: Final = 500
_QUIET: Final = logging.getLogger("paycanary.notion.client")
#: Notion's codes by HTTP status, for answers of proxies that bear a status alone.
_BY_STATUS: Final = {400: "validation_error", 401: "unauthorized", 403: "restricted_resource", 404: "object_not_found", 409: "conflict_error", 429: "rate_limited"}  # fmt: skip
_KINDS: Final = {"unauthorized": KeyRefusedError, "rate_limited": UnreachableError}
_OTHER_CODES: Final = {"invalid_json": "validation_error", "invalid_request_url": "validation_error", "invalid_request": "validation_error"}  # fmt: skip


class Notion:
    """A connection to a workspace, by one integration's token; a context manager."""

    def __init__(self, token: Secret, base_url: str = "https://api.notion.com") -> None:
        self._secrets = (token,)
        self._limiter = Limiter(Rate(_PER_SECOND, Duration.SECOND))
        _QUIET.addHandler(logging.NullHandler())
        _QUIET.propagate = False
        self._client = Client(
            auth=token.reveal(),
            base_url=base_url.rstrip("/"),
            notion_version=VERSION,
            timeout_ms=_TIMEOUT_MS,
            retry=False,
            logger=_QUIET,
            log_level=logging.CRITICAL,
            client=httpx.Client(follow_redirects=False),
        )

    @classmethod
    def from_environment(cls) -> Self:
        """A connection as the environment says.

        Raises:
            KeyRefusedError: there is no token.
            UsageError: the token or the address cannot be one.
        """
        token = os.environ.get("NOTION_TOKEN", "").strip()
        if not token:
            error = KeyRefusedError(_SOURCE, *_said("no_token"))
            error.is_unset = True
            raise error
        if not _TOKEN.fullmatch(token):
            raise UsageError(*_said("bad_token"))
        url = os.environ.get("PAYCANARY_NOTION_URL") or "https://api.notion.com"
        if not re.match(r"https?://[^\s/]+", url):
            raise UsageError(*_said("bad_url", url=url[:80]))
        return cls(Secret(token), url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        self._client.close()

    def database(self, database_id: str, what: dict[Lang, str]) -> dict[str, Any]:
        """A database, its ``data_sources`` in it; ``what`` is what errors call it."""
        return self._ask(lambda: self._client.databases.retrieve(database_id), what)

    def data_source(self, source_id: str, what: dict[Lang, str]) -> dict[str, Any]:
        """A data source, its ``properties`` in it."""
        return self._ask(lambda: self._client.data_sources.retrieve(source_id), what)

    def rows(self, source_id: str, what: dict[Lang, str]) -> Iterator[dict[str, Any]]:
        """Every page of a data source that is not in the trash."""
        cursor: dict[str, str] = {}
        while True:
            asked = {"page_size": _PAGE, **cursor}
            answer = self._ask(lambda: self._client.data_sources.query(source_id, **asked), what)  # noqa: B023 - asked at once
            results = answer.get("results")
            if not isinstance(results, list):
                raise self._broken("no results")
            yield from (
                row
                for row in results
                if row.get("object") == "page" and not row.get("in_trash") and not row.get("archived")
            )  # fmt: skip
            following = answer.get("next_cursor")
            if not answer.get("has_more") or not following or following == cursor.get("start_cursor"):  # fmt: skip
                return
            cursor = {"start_cursor": following}

    def page(self, page_id: str, what: dict[Lang, str]) -> dict[str, Any]:
        """A page with its properties."""
        return self._ask(lambda: self._client.pages.retrieve(page_id), what)

    def add_properties(
        self, source_id: str, properties: dict[str, Any], what: dict[Lang, str]
    ) -> None:
        """Add properties to a data source; those named here and no other change."""
        self._ask(lambda: self._client.data_sources.update(source_id, properties=properties), what)

    def write(self, page_id: str, properties: dict[str, Any], what: dict[Lang, str]) -> None:
        """Set properties of a page; the same twice is the same once, so it may be tried again."""
        self._ask(lambda: self._client.pages.update(page_id, properties=properties), what)

    # --- asking -----------------------------------------------------------------------------------

    def _ask(self, call: Callable[[], Any], what: dict[Lang, str]) -> dict[str, Any]:
        """Ask, and ask again where that may help.

        Raises:
            KeyRefusedError: the token is not valid.
            SourceError: the integration may not, there is no such thing, or Notion refuses what was asked.
            UnreachableError: no answer after several tries.
            AnswerError: an answer that is none of Notion's.
        """
        patient = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(_ATTEMPTS),
            wait=_wait,
            retry=tenacity.retry_if_exception(_is_passing),
            reraise=True,
        )
        try:
            answer = patient(self._once, call)
        except (NotionClientErrorBase, httpx.HTTPError, ValueError) as error:
            # "from None": the client's error carries the request, and with it the token.
            raise self._explained(error, what) from None
        if not isinstance(answer, dict):
            raise self._broken(type(answer).__name__)
        return answer

    def _once(self, call: Callable[[], Any]) -> Any:
        self._limiter.try_acquire(_SOURCE)
        return call()

    def _explained(self, error: Exception, what: dict[Lang, str]) -> PaycanaryError:
        """The error in people's words; ``what`` was asked about."""
        if (why := _unanswered(error)) is not None:
            return UnreachableError(_SOURCE, *_said("unreachable", why=why))
        code = _code(error) if isinstance(error, HTTPResponseError) else None
        if code is None:
            return self._broken(type(error).__name__)
        message = " ".join(redacted(str(error), self._secrets).split())[:_MESSAGE]
        said = _said(code, what="{what}", message="{message}")
        told, todo = (
            {lang: text.format(what=what[lang], message=message) for lang, text in words.items()}
            for words in said
        )
        kind = _KINDS.get(code, SourceError)
        return kind(_SOURCE, told, todo)

    def _broken(self, why: str) -> AnswerError:
        return AnswerError(_SOURCE, *_said("broken", why=redacted(why, self._secrets)))


def database_id(text: str) -> str:
    """The number in a database's address, or the number itself.

    Raises:
        UsageError: there is none.
    """
    found = _ID.search(text.strip().split("?", maxsplit=1)[0].split("#", maxsplit=1)[0].rstrip("/"))
    if found is None:
        raise UsageError(*_said("bad_id", database=text[:120]))
    return found[1].replace("-", "").lower()


def _said(key: str, **values: object) -> tuple[dict[Lang, str], dict[Lang, str]]:
    return both("sync", key, **values), both("sync", f"{key}_todo", **values)


def _unanswered(error: Exception) -> str | None:
    """Why there is no answer; None where there is one."""
    if isinstance(error, RequestTimeoutError | httpx.TimeoutException):
        return "time-out"
    if isinstance(error, httpx.HTTPError):
        return type(error).__name__
    if isinstance(error, HTTPResponseError) and error.status >= _SERVER:
        return f"HTTP {error.status}"
    return None


def _code(error: HTTPResponseError) -> str | None:
    """The key of the words for an error: Notion's code, else what the status alone says."""
    code = str(getattr(error.code, "value", error.code))
    code = _OTHER_CODES.get(code, code)
    return code if code in _BY_STATUS.values() else _BY_STATUS.get(error.status)


def _is_passing(error: BaseException) -> bool:
    """Whether another try may mend it."""
    if isinstance(error, HTTPResponseError):
        return error.status in (_CONFLICT, _TOO_MANY) or error.status >= _SERVER
    return isinstance(error, RequestTimeoutError | httpx.TransportError)


def _wait(state: tenacity.RetryCallState) -> float:
    """What ``Retry-After`` says, or later and later with jitter. ``PAYCANARY_RETRY_SECONDS`` scales the latter."""
    base = float(os.environ.get("PAYCANARY_RETRY_SECONDS", "1"))
    error = state.outcome.exception() if state.outcome else None
    asked = _retry_after(error.headers.get("retry-after", "")) if isinstance(error, HTTPResponseError) else 0.0  # fmt: skip
    drawn = tenacity.wait_exponential_jitter(multiplier=base, max=30, jitter=base)(state)
    return min(max(drawn, asked), _LONGEST_WAIT)


def _retry_after(text: str) -> float:
    """Seconds to wait: a number of them, or until a moment, as proxies write it."""
    try:
        return max(float(text), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(text).timestamp() - time(), 0.0)
    except (ValueError, TypeError):
        return 0.0
