"""A moderator's session: a signed cookie that names a key, good for an hour and for as long as the key is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from itsdangerous import BadSignature, URLSafeTimedSerializer
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from paycanary.api.app import service_of
from paycanary.state.keys import Holder, Keyring
from paycanary.state.tables import ApiKey

if TYPE_CHECKING:
    from fastapi import Request, Response

#: What a key must allow.
SCOPE: Final = "moderate"
#: Minutes in which an address may give only so many wrong keys.
WAIT_MINUTES: Final = 15
_WRONG_KEYS: Final = parse(f"5/{WAIT_MINUTES} minutes")
_HOUR: Final = 3600


class TooManyLoginsError(Exception):
    """Too many wrong keys came from an address."""


class Logins:
    """Wrong keys by address; kept for one application."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def log_in(self, request: Request, key: str) -> Holder | None:
        """The moderator who holds a key; None where the key is wrong or allows something else.

        Raises:
            TooManyLoginsError: wrong keys came from that address too often; the key was not looked at.
            StateError: the database cannot be asked.
        """
        address = request.state.subscriber
        if not self._limiter.test(_WRONG_KEYS, address):
            raise TooManyLoginsError
        # A keyring of its own remembers nothing: a key revoked a moment ago is refused.
        holder = Keyring(service_of(request).database).find(key.strip())
        if holder is not None and SCOPE in holder.scopes:
            return holder
        self._limiter.hit(_WRONG_KEYS, address)
        return None


def begin(request: Request, response: Response, holder: Holder) -> None:
    """Give the browser a session."""
    response.set_cookie(
        _name(request),
        _signer(request).dumps(holder.id),
        max_age=_HOUR,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.app.state.settings.is_https,
    )


def end(request: Request, response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        _name(request),
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.app.state.settings.is_https,
    )


def moderator(request: Request) -> Holder | None:
    """Who is logged in; None without a session, or once it is old or its key was revoked.

    Raises:
        StateError: the database cannot be asked.
    """
    try:
        key_id = _signer(request).loads(request.cookies.get(_name(request), ""), max_age=_HOUR)
    except BadSignature:
        return None
    with service_of(request).database.session() as session:
        row = session.get(ApiKey, str(key_id))
        if row is None or row.revoked_at is not None or SCOPE not in row.scopes.split():
            return None
        return Holder(row.id, row.name, frozenset(row.scopes.split()))


def _name(request: Request) -> str:
    """With TLS the browser itself holds the cookie to this host."""
    return "__Host-paycanary_moderator" if request.app.state.settings.is_https else "paycanary_moderator"  # fmt: skip


def _signer(request: Request) -> URLSafeTimedSerializer:
    keys = request.app.state.settings.signing_keys
    return URLSafeTimedSerializer(keys, salt="paycanary.moderator")
