"""One body for every error of the HTTP API: ``application/problem+json`` (RFC 9457), in Korean or English.

`told` puts an error into words; `problem_bytes` makes a body from words. The kinds are in ``problems.yaml``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from paycanary.documents.http import FaultyInput, HttpProblem
from paycanary.errors import (
    AmbiguousError,
    CriteriaError,
    LakeError,
    NotFoundError,
    PaycanaryError,
    StateError,
)
from paycanary.report.candidates import candidate
from paycanary.resources import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paycanary.errors import Lang

MEDIA_TYPE: Final = "application/problem+json"
#: Where the kinds are explained; ``type`` of every problem leads there.
PAGE: Final = "/docs/problems"
#: Seconds after which to ask again where something is down.
RETRY_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem; ``what`` and ``todo`` for cases without words of their own."""

    code: str
    status: int
    title: dict[Lang, str]
    meaning: dict[Lang, str]
    what: dict[Lang, str]
    todo: dict[Lang, str]


class HttpError(PaycanaryError):
    """An error that only a network door knows: a route that is not there, a key, a limit.

    Args:
        code: one of `kinds`.
        what: words of this case; default: those of its kind.
        headers: sent with the problem, such as ``Allow``.
        errors: parts of the request that are at fault.
    """

    def __init__(
        self,
        code: str,
        what: dict[Lang, str] | None = None,
        todo: dict[Lang, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FaultyInput] = (),
        instance: str | None = None,
    ) -> None:
        kind = kinds()[code]
        super().__init__(what or kind.what, todo or kind.todo)
        self.kind = kind
        self.headers = dict(headers or {})
        self.errors = list(errors)
        self.instance = instance


@cache
def kinds() -> dict[str, Kind]:
    """All kinds of problems by code, by status."""
    return {
        code: Kind(
            code,
            entry["status"],
            entry["title"],
            entry["meaning"],
            entry.get("what", entry["meaning"]),
            entry.get("todo", {"ko": "요청을 고쳐 다시 보내세요.", "en": "Mend the request and send it again."}),
        )
        for code, entry in sorted(
            read_yaml("api", "problems.yaml").items(), key=lambda item: item[1]["status"]
        )
    }  # fmt: skip


def problem_bytes(status: int, code: str, what: str, todo: str, lang: Lang, **more: Any) -> bytes:
    """The body of a problem; ``more`` are further fields of `HttpProblem`."""
    problem = HttpProblem(
        type=f"{PAGE}#{code}",
        title=kinds()[code].title[lang],
        status=status,
        detail=_one_line(what),
        code=code,
        todo=_one_line(todo),
        lang=lang,
        **more,
    )
    return json.dumps(
        problem.model_dump(mode="json", exclude_none=True), ensure_ascii=False
    ).encode(errors="replace")


def told(error: PaycanaryError, lang: Lang, instance: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body that say what happened; ``instance`` is the path asked for."""
    kind = error.kind if isinstance(error, HttpError) else _kind(error)
    headers = dict(error.headers) if isinstance(error, HttpError) else {}
    if kind.status == 503:  # noqa: PLR2004 - Service Unavailable
        headers.setdefault("Retry-After", str(RETRY_SECONDS))
    if kind.status == 401:  # noqa: PLR2004 - Unauthorized
        headers.setdefault("WWW-Authenticate", "Bearer")
    more: dict[str, Any] = {}
    if isinstance(error, AmbiguousError):
        more["candidates"] = [candidate(cast("Any", hit)) for hit in error.candidates]
    if isinstance(error, CriteriaError):
        more["line"] = error.line_number
    if isinstance(error, HttpError):
        more["errors"] = error.errors or None
        instance = error.instance or instance
    if isinstance(error, NotFoundError):
        more["nearest"] = list(error.nearest) or None
    # What a store or a database says of itself holds paths and addresses of the server: that is for its log.
    own = not isinstance(error, LakeError | StateError)
    what, todo = (error.what, error.todo) if own else (kind.what, kind.todo)
    body = problem_bytes(
        kind.status, kind.code, what[lang], todo[lang], lang, instance=instance, **more
    )
    return kind.status, headers, body


def language(query: str | bytes, accepted: str | None) -> Lang:
    """The language to answer in: the parameter ``lang``, else the browser's, else Korean.

    Args:
        query: the query string.
        accepted: the header ``Accept-Language``.
    """
    text = query.decode("latin-1") if isinstance(query, bytes) else query
    # Cheap, since also the limits ask it before anything is known of a request: the first `lang=` there is.
    for part in text.split("&"):
        if part in ("lang=ko", "lang=en"):
            return cast("Lang", part[-2:])
    return _preferred((accepted or "")[:200])


def _preferred(accepted: str) -> Lang:
    best: Lang = "ko"
    highest = 0.0
    for part in accepted.lower().split(","):
        tag, _, quality = part.partition(";q=")
        primary = tag.strip().split("-")[0]
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if primary in ("ko", "en") and weight > highest:
            best, highest = cast("Lang", primary), weight
    return best


def _kind(error: PaycanaryError) -> Kind:
    """The kind of an error of a lower layer: its own code, else its family's."""
    known = kinds()
    for family in type(error).__mro__:
        code = getattr(family, "code", None)
        if code in known:
            return known[code]
    return known["internal"]


def _one_line(text: str) -> str:
    return " ".join(text.split())
