"""``/docs/problems``: what each kind of problem means; every problem's ``type`` leads here."""

from __future__ import annotations

from html import escape
from typing import Final

from fastapi import APIRouter, Request, Response

from paycanary.api.problems import PAGE, kinds, language
from paycanary.errors import Lang

router = APIRouter(include_in_schema=False)
_TITLE: Final[dict[Lang, str]] = {"ko": "API 의 오류", "en": "Problems of the API"}
_INTRO: Final[dict[Lang, str]] = {
    "ko": "모든 오류는 application/problem+json (RFC 9457) 입니다. code 로 종류를, status 로 HTTP 상태를, todo 로 할 일을 알립니다.",
    "en": "Every error is application/problem+json (RFC 9457): code tells the kind, status the HTTP status, todo what to do.",
}


@router.get(PAGE)
async def problems(request: Request) -> Response:
    """Every kind with its code, status and meaning."""
    lang = language(request.url.query, request.headers.get("accept-language"))
    entries = "".join(
        f'<section id="{escape(kind.code)}"><h2><code>{escape(kind.code)}</code> ({kind.status}): {escape(kind.title[lang])}</h2>'
        f"<p>{escape(kind.meaning[lang])}</p><p>{escape(kind.todo[lang])}</p></section>"
        for kind in kinds().values()
    )
    html = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_TITLE[lang]} - paycanary</title></head><body><main><h1>{_TITLE[lang]}</h1><p>{_INTRO[lang]}</p>{entries}</main></body></html>"
    )
    headers = {"Cache-Control": "public, max-age=3600", "Content-Language": lang, "Vary": "Accept-Language"}  # fmt: skip
    return Response(html, headers=headers, media_type="text/html")
