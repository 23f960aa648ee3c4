"""Forms that store or send something: a signed token against forgery, a honeypot, and no haste.

``form_fields`` goes into the template, ``check_form`` looks at what came back. The token is bound to a cookie that only
pages with such a form set (double submit, signed); requests from other sites are refused before by `Origin` and
``Sec-Fetch-Site``.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fastapi import HTTPException, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from paycanary.errors import PaycanaryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Response

COOKIE: Final = "paycanary_form"
TOKEN: Final = "form_token"  # noqa: S105 - a field's name
#: Nobody sees this field; whoever fills it in is no person.
HONEYPOT: Final = "website"
_HOURS: Final = 12 * 3600
#: More than any form of ours has.
_FIELDS: Final = 40
#: Seconds in which no person fills a form in.
_HASTE: Final = 1.0


class FormError(UsageError):
    """A form that was not sent from our page, or too old, or filled in by a machine."""

    code = "form"


@dataclass(frozen=True, slots=True)
class FormFields:
    """What a form carries unseen: ``token`` for the hidden field, ``cookie`` to set beside it."""

    token: str
    cookie: str

    def set_cookie(self, request: Request, response: Response) -> None:
        """Bind the token to this browser."""
        secure = request.app.state.settings.is_https
        response.set_cookie(
            COOKIE, self.cookie, max_age=_HOURS, httponly=True, samesite="strict", secure=secure
        )


def form_fields(request: Request) -> FormFields:
    """A token for a form on this page; call ``set_cookie`` on the response."""
    cookie = request.cookies.get(COOKIE) or secrets.token_urlsafe(16)
    return FormFields(_signer(request).dumps([cookie, time.time()]), cookie)


async def read_form(request: Request) -> dict[str, str]:
    """The text fields of a form (a FastAPI dependency, so that handlers need not be coroutines); files are refused."""
    try:
        async with request.form(max_files=0, max_fields=_FIELDS) as form:
            return {n: _text(value) for n, value in form.items() if isinstance(value, str)}
    except UnicodeError as error:
        # A form may name a character set of its own, and then not keep to it.
        raise HTTPException(400) from error


def check_form(request: Request, form: Mapping[str, Any]) -> None:
    """Refuse a form that did not come from our page.

    Raises:
        FormError: no or another token, too old, or filled in by a machine.
    """
    cookie = request.cookies.get(COOKIE, "")
    try:
        # The signature's own time is in whole seconds: too coarse to see haste.
        bound, made = _signer(request).loads(str(form.get(TOKEN, "")), max_age=_HOURS)
    except BadSignature as error:
        raise _refused() from error
    if not cookie or not hmac.compare_digest(str(bound).encode(), cookie.encode()):
        raise _refused()
    if form.get(HONEYPOT) or time.time() - made < _HASTE:
        raise _refused()


def _text(value: str) -> str:
    """A field as it can be kept: whole characters, and not the one that PostgreSQL has none for and no person types."""
    return value.replace("\0", "").encode().decode()


def _signer(request: Request) -> URLSafeTimedSerializer:
    keys = request.app.state.settings.signing_keys
    return URLSafeTimedSerializer(keys, salt="paycanary.form")


def _refused() -> PaycanaryError:
    return FormError(
        {"ko": "이 양식은 오래되었거나 이 페이지에서 보낸 것이 아닙니다.", "en": "This form is too old or was not sent from this page."},
        {"ko": "페이지를 새로 열고 다시 보내 주세요. 쿠키를 막았다면 이 사이트만 허용해 주세요.", "en": "Open the page anew and send it again. If you block cookies, allow this site's."},
    )  # fmt: skip
