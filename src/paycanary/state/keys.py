"""Keys of the HTTP API: made, found, revoked.

A key reads ``id.secret``. The id stands in lists; of the secret only a hash is kept, so a key is shown once and never again.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cachetools import LRUCache, TTLCache
from sqlalchemy import select

from paycanary.errors import NotFoundError, UsageError
from paycanary.state.database import now
from paycanary.state.tables import ApiKey

if TYPE_CHECKING:
    from collections.abc import Collection

    from paycanary.state.database import Database

#: What a key may allow. ``read``: the API at the rate of keys; ``moderate``: deciding about corrections.
SCOPES: Final = ("read", "moderate")
#: Longer than any key there is; what is longer is not even hashed.
_LONGEST: Final = 200
#: Seconds for which a good key is good without asking again: a revoked one lives on in another process for as long.
_TRUSTED: Final = 10
#: Keys that a process remembers.
_REMEMBERED: Final = 4096
_NO_HASH: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose key it is, and what it allows."""

    id: str
    name: str
    scopes: frozenset[str]


def create(database: Database, name: str, scopes: Collection[str]) -> tuple[str, ApiKey]:
    """Make a key; the text is shown to its holder now, since it cannot be told again.

    Raises:
        UsageError: no name, or a scope that there is not.
    """
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise UsageError(
            {"ko": "키의 이름이 비었거나 쓸 수 없는 글자가 있습니다.", "en": "The key's name is empty or holds unprintable characters."},
            {"ko": "누가 쓰는지 알 수 있는 이름을 주세요.", "en": "Give a name that tells who holds it."},
        )  # fmt: skip
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        shown = ", ".join(unknown) or "-"
        raise UsageError(
            {"ko": f"{shown}: 없는 권한입니다.", "en": f"{shown}: there is no such scope."},
            {"ko": f"{', '.join(SCOPES)} 가운데 고르세요.", "en": f"Choose among {', '.join(SCOPES)}."},
        )  # fmt: skip
    secret = secrets.token_urlsafe(32)
    row = ApiKey(
        id=secrets.token_hex(6),
        key_hash=_hashed(secret),
        name=name,
        scopes=" ".join(scope for scope in SCOPES if scope in scopes),
        created_at=now(),
    )
    with database.session() as session:
        session.add(row)
    return f"{row.id}.{secret}", row


def every(database: Database) -> list[ApiKey]:
    """All keys, also revoked ones, oldest first."""
    with database.session() as session:
        return list(session.scalars(select(ApiKey).order_by(ApiKey.created_at, ApiKey.id)))


def revoke(database: Database, key_id: str) -> ApiKey:
    """Take a key's rights away for good; a key that was revoked before stays as it is.

    Raises:
        NotFoundError: no key has that id.
    """
    with database.session() as session:
        row = session.get(ApiKey, key_id)
        if row is None:
            raise NotFoundError(
                {"ko": f"{key_id}: 그런 번호의 키가 없습니다.", "en": f"{key_id}: no key has that id."},
                {"ko": "`paycanary api-keys list` 로 번호를 확인하세요.", "en": "See `paycanary api-keys list` for the ids."},
            )  # fmt: skip
        row.revoked_at = row.revoked_at or now()
        return row


class Keyring:
    """Finds who holds a key. Good keys are remembered for some seconds; safe for many threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: TTLCache[tuple[str, str], Holder] = TTLCache(_REMEMBERED, _TRUSTED)
        self._was_good: LRUCache[tuple[str, str] | None, bool] = LRUCache(_REMEMBERED)
        self._lock = threading.Lock()

    def find(self, key: str) -> Holder | None:
        """The holder of a key; None where it is wrong or revoked.

        Raises:
            StateError: the database cannot be asked, and the key is not one just seen.
        """
        parts = _parts(key)
        if parts is None:
            return None
        known = self.just_seen(key)
        if known is not None:
            return known
        found = self._look(*parts)
        with self._lock:
            if found is not None:
                self._known[parts] = found
                self._was_good[parts] = True
            else:
                self._was_good.pop(parts, None)
        return found

    def just_seen(self, key: str) -> Holder | None:
        """The holder of a key that was found good some seconds ago at most; asks nobody."""
        parts = _parts(key)
        with self._lock:
            return self._known.get(parts) if parts else None

    def was_good(self, key: str) -> bool:
        """Whether a key was good when last looked for, however long ago: it is no guess."""
        parts = _parts(key)
        with self._lock:
            return parts in self._was_good

    def _look(self, key_id: str, hashed: str) -> Holder | None:
        with self._database.session() as session:
            row = session.get(ApiKey, key_id)
            # Compared also where there is no such id: an answer's time says nothing of which half was wrong.
            is_right = hmac.compare_digest(row.key_hash if row else _NO_HASH, hashed)
            if row is None or not is_right or row.revoked_at is not None:
                return None
            today = now().date()
            if row.used_on != today:
                row.used_on = today
            return Holder(row.id, row.name, frozenset(row.scopes.split()))


def _parts(key: str) -> tuple[str, str] | None:
    """A key's id and its secret's hash; None for what no key looks like."""
    key_id, dot, secret = key.partition(".")
    if not dot or len(key) > _LONGEST or not key.isascii() or not key.isprintable():
        return None
    return key_id, _hashed(secret)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
