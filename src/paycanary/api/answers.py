"""Answers of ``/v1``: a document as JSON with its ``ETag``, or 304 where the asker holds it already."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from fastapi import Request, Response

from paycanary import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from paycanary.errors import Lang
    from paycanary.models import Model

#: Seconds for which an answer may be used without asking again; a correction that was accepted shows after as long.
_FRESH: Final = 60


def answer(
    request: Request,
    lang: Lang,
    make: Callable[[], tuple[Model, Mapping[str, str]] | Model],
) -> Response:
    """The document that ``make`` gives, as an answer that follows from the address, the language and the data's version.

    ``make`` is not called where the asker's copy (``If-None-Match``) is still right. It may give headers beside the document.
    """
    # Before the answer is made: a refresh in between leaves an old tag on a new answer, which costs one more request.
    version = request.app.state.service.version()
    headers = {
        "ETag": _tag(version, request.url.path, request.url.query, lang),
        "Cache-Control": f"public, max-age={_FRESH}",
        "Content-Language": lang,
        "Vary": "Accept-Language",
    }
    request.state.keep = True
    return _respond(request, headers, make)


def answer_by_content(request: Request, lang: Lang, document: Model) -> Response:
    """As `answer`, for what does not follow from the data's version: the tag is of the content itself."""
    return answer_text(request, lang, document.model_dump_json(), "application/json")


def answer_text(request: Request, lang: Lang, body: str, media_type: str) -> Response:
    """A text with a tag of its own."""
    headers = {
        "ETag": _tag(body),
        "Cache-Control": "public, max-age=0, must-revalidate",
        "Content-Language": lang,
        "Vary": "Accept-Language",
    }
    if _holds(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def unkept(lang: Lang, document: Model, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a POST, which nobody keeps."""
    return Response(
        document.model_dump_json(),
        headers={"Cache-Control": "no-store", "Content-Language": lang, **(headers or {})},
        media_type="application/json",
    )


def next_link(request: Request, cursor: str) -> str:
    """The ``Link`` to the next page: this address with another cursor."""
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
    return f'<{request.url.path}?{urlencode([*pairs, ("cursor", cursor)])}>; rel="next"'


def _respond(
    request: Request,
    headers: dict[str, str],
    make: Callable[[], tuple[Model, Mapping[str, str]] | Model],
) -> Response:
    if _holds(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    made = make()
    document, more = made if isinstance(made, tuple) else (made, {})
    return Response(
        document.model_dump_json(), headers={**headers, **more}, media_type="application/json"
    )


def _tag(*parts: str) -> str:
    text = "\n".join((__version__, *parts))
    return f'W/"{hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]}"'


def _holds(request: Request, tag: str) -> bool:
    """Whether ``If-None-Match`` names the tag, compared weakly. ``*`` asks whether there is anything, which is not known yet."""
    held = request.headers.get("if-none-match", "")
    return tag.removeprefix("W/") in {part.strip().removeprefix("W/") for part in held.split(",")}
