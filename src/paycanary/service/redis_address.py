"""Where Redis is, and under which names paycanary keeps what there: one instance for all, or one each for cache and queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from pydantic import SecretStr

    from paycanary.service.settings import Settings

_SCHEMES = ("redis", "rediss", "unix")


class Place(NamedTuple):
    """A Redis and what all our keys there begin with."""

    url: str
    prefix: str


def cache(settings: Settings) -> Place | None:
    """Where answers are kept and requests counted; None: each process does it for itself."""
    return _place(settings.cache_redis_url or settings.redis_url, settings)


def queue(settings: Settings) -> Place | None:
    """Where jobs are told of; None: each process does its own."""
    return _place(settings.queue_redis_url or settings.redis_url, settings)


def check(url: SecretStr | None) -> SecretStr | None:
    """An address as Redis clients take it; an empty one is none.

    Raises:
        ValueError: it is something else; not said which, since a password may stand in it.
    """
    if url is None or not url.get_secret_value():
        return None
    try:
        parsed = urlsplit(url.get_secret_value())
        is_fit = parsed.scheme in _SCHEMES and parsed.port != 0 and bool(parsed.hostname or parsed.path)  # fmt: skip
    except ValueError:
        is_fit = False
    if not is_fit:
        msg = "neither redis://HOST:PORT/NUMBER nor rediss://HOST:PORT/NUMBER"
        raise ValueError(msg)
    return url


def _place(url: SecretStr | None, settings: Settings) -> Place | None:
    if url is None:
        return None
    found = url.get_secret_value()
    parsed = urlsplit(found)
    if settings.redis_ca_file and parsed.scheme == "rediss":
        query = dict(parse_qsl(parsed.query)) | {"ssl_ca_certs": str(settings.redis_ca_file)}
        found = parsed._replace(query=urlencode(query)).geturl()
    return Place(found, settings.redis_prefix)
