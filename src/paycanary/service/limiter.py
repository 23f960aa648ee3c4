"""How often someone may ask: windows of the clock, counted in Redis where copies share one, else in this process.

Windows begin at whole multiples of their length, so that every copy knows without asking when one ends.
"""

from __future__ import annotations

import ipaddress
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from limits import RateLimitItem, parse_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.service.settings import Settings
    from paycanary.service.shared import Shared

Kind = Literal["normal", "heavy", "form", "key"]
#: Counters that a process keeps; more than that many addresses within a window share nothing but the oldest's oblivion.
_MOST: Final = 100_000
#: Of an IPv6 address so many bits belong to one subscriber.
_SUBSCRIBER: Final = 64


class Ruling(NamedTuple):
    """Whether a request may pass, and what its headers tell."""

    is_allowed: bool
    limit: int
    remaining: int
    seconds: int
    """Until the window ends."""
    window: int
    """Its length in seconds."""


class Limiter:
    """Counts requests by who makes them.

    Args:
        settings: the rates; an empty one means that there is none.
        shared: Redis; None: this process counts for itself.
    """

    def __init__(self, settings: Settings, shared: Shared | None) -> None:
        self._shared = shared
        self._rates: dict[Kind, list[RateLimitItem]] = {
            "normal": rates(settings.rate_limit),
            "heavy": rates(settings.heavy_rate_limit),
            "form": rates(settings.form_rate_limit),
            "key": rates(settings.key_rate_limit),
        }
        self._counters: dict[str, int] = {}
        self._swept = 0.0

    def has(self, kind: Kind) -> bool:
        """Whether there is a limit of that kind."""
        return bool(self._rates[kind])

    async def hit(self, kind: Kind, who: str) -> Ruling | None:
        """Count a request, and say whether it may pass; None where there is no limit. The tightest of several rates rules."""
        now = time.time()
        ruling: Ruling | None = None
        for rate in self._rates[kind]:
            window = rate.get_expiry()
            number, passed = divmod(now, window)
            count = await self._count(f"{kind}:{window}:{int(number)}:{who}", window, now)
            found = Ruling(
                count <= rate.amount, rate.amount, max(0, rate.amount - count), int(window - passed) + 1, window
            )  # fmt: skip
            if ruling is None or (found.is_allowed, found.remaining) < (ruling.is_allowed, ruling.remaining):  # fmt: skip
                ruling = found
        return ruling

    async def _count(self, key: str, seconds: int, now: float) -> int:
        if self._shared is not None and not self._shared.is_away:
            count = await self._shared.count(key, seconds)
            if count is not None:
                return count
        if len(self._counters) >= _MOST or now - self._swept > _SWEEP:
            self._sweep(now)
        count = self._counters.get(key, 0) + 1
        self._counters[key] = count
        return count

    def _sweep(self, now: float) -> None:
        """Forget windows that ended; where too many go on, the ones counted first."""
        self._swept = now
        self._counters = {key: count for key, count in self._counters.items() if _ends(key) > now}
        while len(self._counters) >= _MOST:
            del self._counters[next(iter(self._counters))]


#: Seconds between two sweeps.
_SWEEP: Final = 10.0


def rates(text: str) -> list[RateLimitItem]:
    """Rates as the limits library writes them, such as ``10/second; 120/minute``; none for an empty text.

    Raises:
        ValueError: not such a text.
    """
    return parse_many(text) if text.strip() else []


@lru_cache(maxsize=16)
def networks(proxies: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Addresses and networks as text.

    Raises:
        ValueError: one is neither.
    """
    return tuple(ipaddress.ip_network(proxy, strict=False) for proxy in proxies)


def subscriber(address: str) -> str:
    """Whom an address is counted as: an IPv4 address itself, of an IPv6 address what one subscriber is given."""
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _SUBSCRIBER), strict=False).network_address)


def visitor(peer: str, forwarded: str, proxies: Sequence[str]) -> str:
    """The address that a request comes from.

    ``X-Forwarded-For`` grows to the right: what stands right of the last proxy that is trusted was written by whom we
    trust, all else by anyone.

    Args:
        peer: who is connected.
        forwarded: the header's values, joined by commas.
        proxies: addresses and networks of proxies that are trusted.
    """
    if not proxies or not _is_among(peer, tuple(proxies)):
        return peer
    address = peer
    for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        try:
            address = str(ipaddress.ip_address(hop))
        except ValueError:
            break
        if not _is_among(address, tuple(proxies)):
            break
    return address


@lru_cache(maxsize=4096)
def _is_among(address: str, proxies: tuple[str, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    # A socket for both families shows IPv4 peers so.
    known = getattr(found, "ipv4_mapped", None) or found
    return any(known in network for network in networks(proxies))


def _ends(key: str) -> float:
    _, window, number, _ = key.split(":", 3)
    return (int(number) + 1) * float(window)
