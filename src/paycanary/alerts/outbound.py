"""Posting to addresses that strangers gave us, and to none of our own network.

A webhook's host is resolved here, every address it has is checked, and the connection is made to a checked address: a name
that answers differently the next moment gains nothing. The checks are made anew at each sending. TLS is verified against the
name as given. Redirects are not followed, proxies of the environment are not used, answers are read up to a size and a moment.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx

from paycanary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Seconds for all of it: connecting, sending, and reading the answer.
SECONDS: Final = 10.0
_MOST_ANSWER: Final = 65_536
_LONGEST_URL: Final = 2_000
_SYSTEM_PORTS: Final = 1024
_LAST_PORT: Final = 65_535
#: A host whose last label is a number, octal and hexadecimal included, is an IPv4 address to the system's resolver.
_NUMERIC: Final = re.compile(r"(?:.*\.)?(?:0x[0-9a-f]*|\d+)\.?", re.IGNORECASE)
#: Registered for special use, but global to some versions of `ipaddress`.
_SPECIAL: Final = tuple(ipaddress.ip_network(n) for n in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "3fff::/20"))  # fmt: skip
_UNICAST_6: Final = ipaddress.ip_network("2000::/3")
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class AddressError(UsageError):
    """An address that nothing is posted to."""

    code = "webhook_address"


class OutboundError(Exception):
    """A post that did not arrive; ``reason`` is one word: ``address``, ``name``, ``tls``, ``timeout``, ``connection``, ``answer``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Outbound:
    """A way out.

    Args:
        allow_loopback: also to this machine, by http too; for development and tests.
        tls: what server certificates are checked against; the system's authorities by default.
        seconds: for all of one post.
    """

    allow_loopback: bool = False
    tls: ssl.SSLContext | None = None
    seconds: float = SECONDS

    def check(self, url: str) -> None:
        """Refuse an address that nothing will be posted to, as far as can be told now.

        Raises:
            AddressError: not https, credentials in it, a port of another service, or a host that is not public.
        """
        parsed = self._parsed(url)
        try:
            self.addresses(parsed.raw_host.decode("ascii"), _port(parsed))
        except OutboundError as error:
            raise _refused(_WHY[error.reason]) from None

    def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> int:
        """Post; the status that came back, whatever it is.

        Raises:
            OutboundError: nothing usable came back, or the address is not one to post to.
        """
        try:
            parsed = self._parsed(url)
        except AddressError:
            raise OutboundError("address") from None
        target = httpcore.URL(scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path)  # fmt: skip
        deadline = time.monotonic() + self.seconds
        sent = [("Host", parsed.netloc.decode("ascii")), ("Accept", "*/*"), ("Content-Length", str(len(content))), *headers.items()]  # fmt: skip
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self.seconds)
        try:
            with (
                httpcore.ConnectionPool(
                    ssl_context=self.tls or ssl.create_default_context(),
                    network_backend=_Pinned(self, deadline),
                ) as pool,
                pool.stream("POST", target, headers=sent, content=content, extensions={"timeout": limits}) as answer,
            ):  # fmt: skip
                _read(answer.iter_stream())
                return answer.status
        except httpcore.TimeoutException:
            raise OutboundError("timeout") from None
        except httpcore.ProtocolError:
            raise OutboundError("answer") from None
        except httpcore.NetworkError as error:
            is_tls = isinstance(error.__cause__, ssl.SSLError) or "SSL" in str(error)
            raise OutboundError("tls" if is_tls else "connection") from None

    def addresses(self, host: str, port: int) -> list[str]:
        """All addresses of a host, every one of them checked.

        Raises:
            OutboundError: the name has none, or one of them is not public.
        """
        bare = host.strip("[]")
        try:
            found = socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise OutboundError("name") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not addresses or not all(self._is_allowed(a) for a in addresses):
            raise OutboundError("address")
        return addresses

    def _is_allowed(self, address: str) -> bool:
        parsed = ipaddress.ip_address(address.partition("%")[0])
        return is_public(parsed) or (self.allow_loopback and parsed.is_loopback)

    def _parsed(self, url: str) -> httpx.URL:
        if len(url) > _LONGEST_URL or not url.isprintable() or any(c.isspace() or c == "\\" for c in url):  # fmt: skip
            raise _refused("form")
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            raise _refused("form") from None
        host = parsed.raw_host.decode("ascii")
        if not host or (_NUMERIC.fullmatch(host) and not _is_dotted(host)):
            raise _refused("form")
        if _port(parsed) > _LAST_PORT:
            raise _refused("form")
        if parsed.userinfo:
            raise _refused("credentials")
        if self.allow_loopback and parsed.scheme in ("http", "https"):
            return parsed
        if parsed.scheme != "https":
            raise _refused("scheme")
        if _port(parsed) != 443 and _port(parsed) < _SYSTEM_PORTS:  # noqa: PLR2004 - https
            raise _refused("port")
        return parsed


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address belongs to the public internet, through whatever notation it is written."""
    is_special = any(address in network for network in _SPECIAL)
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not (is_special or address.is_multicast or address.is_reserved)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    if address.sixtofour is not None:
        return False
    return address in _UNICAST_6 and address.is_global and not is_special


class _Pinned(httpcore.NetworkBackend):
    """Connects to checked addresses only, and lets nothing take longer than until the deadline."""

    def __init__(self, outbound: Outbound, deadline: float) -> None:
        self._outbound = outbound
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Iterable[Any] | None = None) -> httpcore.NetworkStream:  # fmt: skip  # noqa: ARG002
        last: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in self._outbound.addresses(host, port):
            try:
                stream = self._plain.connect_tcp(address, port, _left(self._deadline))
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                last = error
            else:
                return _Timed(stream, self._deadline)
        raise last or httpcore.ConnectError


class _Timed(httpcore.NetworkStream):
    """A stream with one deadline for everything: an answer that comes byte by byte ends too."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> httpcore.NetworkStream:  # fmt: skip  # noqa: ARG002
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Timed(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left


def _read(chunks: Iterable[bytes]) -> None:
    """Take the answer off the wire; what is longer than anyone needs is left there."""
    held = 0
    for chunk in chunks:
        held += len(chunk)
        if held > _MOST_ANSWER:
            return


def _port(url: httpx.URL) -> int:
    return url.port or (80 if url.scheme == "http" else 443)


def _is_dotted(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


#: What `Outbound.addresses` says -> why an address is refused.
_WHY: Final = {"address": "private", "name": "name"}
_REASONS: Final = {
    "form": ("주소를 읽을 수 없습니다", "the address cannot be read"),
    "scheme": ("https 주소가 아닙니다", "it is not an https address"),
    "credentials": ("주소에 사용자 이름이나 비밀번호가 들어 있습니다", "it holds a user name or a password"),
    "port": ("443 이나 1024 이상이 아닌 포트입니다", "its port is neither 443 nor 1024 or above"),
    "name": ("그런 이름의 서버를 찾을 수 없습니다", "no server of that name is found"),
    "private": ("공개된 인터넷의 주소가 아닙니다", "it is no address of the public internet"),
}  # fmt: skip


def _refused(reason: str) -> AddressError:
    korean, english = _REASONS[reason]
    return AddressError(
        {"ko": f"이 주소로는 보내지 않습니다: {korean}.", "en": f"Nothing is posted to this address: {english}."},
        {"ko": "https://hooks.example.com/... 같은 공개 주소를 넣어 주세요.", "en": "Give a public address such as https://hooks.example.com/..."},
    )  # fmt: skip
