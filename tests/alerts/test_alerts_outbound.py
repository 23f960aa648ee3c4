"""Nothing is posted to a private address, however it is written, named, or moved; and TLS is verified."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.alerts.outbound import AddressError, Outbound, OutboundError, is_public
from tests.alerts.receivers import Receiver, receiving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PUBLIC = "93.184.216.34"
#: However it is written, it is this machine, its network, or nobody's.
HOSTILE = [
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/",
    "https://0/", "https://0.0.0.0/", "https://[::]/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/", "https://[64:ff9b::127.0.0.1]/", "https://[64:ff9b::a9fe:a9fe]/", "https://[2002:7f00:1::]/", "https://[2001:0:1::1]/",
    "https://[fe80::1]/", "https://[fe80::1%25lo]/", "https://[fc00::1]/", "https://[fd00:ec2::254]/", "https://[fec0::1]/", "https://[ff02::1]/",
    "https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/",
    "https://198.18.0.1/", "https://192.0.2.1/", "https://192.88.99.1/", "https://224.0.0.1/", "https://240.0.0.1/", "https://255.255.255.255/",
    "https://localhost/", "https://localhost./", "https://LOCALHOST/", "https://127.0.0.1./", "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/",
    "https://1.2.3.4.5/", "https://0x/",
]  # fmt: skip
MALFORMED = [
    "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/", "example.com", "", "https://",
    "https:///path", "https://user@example.com/", "https://user:pw@example.com/", "https://example.com@127.0.0.1/", "https://example.com:22/",
    "https://example.com:80/", "https://example.com:99999/", "https://example.com:x/", "https://exa mple.com/", "https://example.com/\r\nX: 1",
    "https://example.com\\@127.0.0.1/", "https://example.com/\x00", "https://" + "a" * 3000 + ".com/",
]  # fmt: skip


def resolver(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names are looked up here: each look-up of a name takes the next answer, the last one for good; gives the names asked."""
    real, asked = socket.getaddrinfo, []
    left = list(answers)

    def look_up(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            asked.append(host)
            addresses = left.pop(0) if len(left) > 1 else left[0]
            return [entry for a in addresses for entry in real(a, port, *args, **options)]
        return real(host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("url", HOSTILE)
def test_an_address_that_is_not_public_is_refused(url: str) -> None:
    with pytest.raises(AddressError):
        Outbound().check(url)
    with pytest.raises(OutboundError) as caught:
        Outbound(seconds=2).post(url, b"{}", {})
    assert caught.value.reason in ("address", "name")


@pytest.mark.parametrize("url", MALFORMED)
def test_an_address_of_another_form_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolver(monkeypatch, [PUBLIC])
    with pytest.raises(AddressError):
        Outbound().check(url)
    with pytest.raises(OutboundError, match="address"):
        Outbound(seconds=2).post(url, b"{}", {})


@pytest.mark.parametrize("url", ["https://hooks.example.com/a?b=c", "https://hooks.example.com:8443/", f"https://{PUBLIC}/", "https://[2606:4700::1111]/"])  # fmt: skip
def test_a_public_address_is_taken(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolver(monkeypatch, [PUBLIC])
    Outbound().check(url)


@pytest.mark.parametrize(
    "private", ["10.0.0.1", "127.0.0.1", "::1", "169.254.169.254", "::ffff:10.0.0.1"]
)
def test_a_name_with_one_private_address_among_public_ones_is_refused(
    private: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver(monkeypatch, [PUBLIC, private])
    with pytest.raises(AddressError):
        Outbound().check("https://hooks.example.com/")
    with pytest.raises(OutboundError, match="address"):
        Outbound().post("https://hooks.example.com/", b"{}", {})


def test_a_name_that_turns_private_after_it_was_added_is_refused_at_sending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receiving() as receiver:
        port = receiver.url.split(":")[-1].split("/")[0]
        resolver(monkeypatch, [PUBLIC], ["127.0.0.1"])
        Outbound().check(f"https://hooks.example.com:{port}/")
        with pytest.raises(OutboundError, match="address"):
            Outbound().post(f"https://hooks.example.com:{port}/", b"{}", {})
        assert receiver.taken == []


def test_the_connection_is_made_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The second look-up would lead elsewhere: there is none.
    with receiving() as receiver:
        port = receiver.url.split(":")[-1].split("/")[0]
        asked = resolver(monkeypatch, ["127.0.0.1"], ["10.255.255.1"])
        status = Outbound(allow_loopback=True, seconds=5).post(
            f"http://hooks.example.com:{port}/x?y=1", b"{}", {"A": "b"}
        )
        assert status == 200
        assert asked == ["hooks.example.com"]
        ((headers, content),) = receiver.taken
        assert (headers["host"], headers["a"], content) == (f"hooks.example.com:{port}", "b", b"{}")


def test_each_public_address_is_tried_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    resolver(monkeypatch, [PUBLIC, "1.1.1.1"], ["127.0.0.1"])
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OutboundError, match="connection"):
        Outbound().post("https://hooks.example.com/", b"{}", {})
    assert tried == [(PUBLIC, 443), ("1.1.1.1", 443)]


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/elsewhere",
        "http://169.254.169.254/latest/meta-data/",
        "//localhost/",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, target: str) -> None:
    with receiving() as receiver:
        port = receiver.url.split(":")[-1].split("/")[0]
        receiver.answer = lambda _handler, _count: status
        receiver.headers["Location"] = target.format(port=port)
        assert Outbound(allow_loopback=True).post(receiver.url, b"{}", {}) == status
        assert len(receiver.taken) == 1


def test_only_loopback_is_allowed_for_development() -> None:
    with pytest.raises(AddressError):
        Outbound(allow_loopback=True).check("http://10.0.0.1/")
    with pytest.raises(AddressError):
        Outbound().check("http://127.0.0.1:8000/")
    Outbound(allow_loopback=True).check("http://127.0.0.1:8000/")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver, receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert Outbound(allow_loopback=True).post(receiver.url, b"{}", {}) == 200
        assert (len(receiver.taken), len(proxy.taken)) == (1, 0)


def _drip(handler: Any, _count: int) -> None:
    """An answer that never ends, a byte at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(200):
        handler.wfile.write(b"a")
        time.sleep(0.05)


def _silent(_handler: Any, _count: int) -> None:
    time.sleep(3)


@pytest.mark.parametrize("slow", [_drip, _silent])
def test_a_slow_answer_ends_at_the_deadline(slow: Callable[[Any, int], None]) -> None:
    with receiving() as receiver:
        receiver.answer = slow
        started = time.monotonic()
        with pytest.raises(OutboundError, match="timeout"):
            Outbound(allow_loopback=True, seconds=1).post(receiver.url, b"{}", {})
        assert time.monotonic() - started < 2.5


def test_a_large_answer_is_left_on_the_wire() -> None:
    sent = []

    def flood(handler: Any, _count: int) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n")
        with suppress(OSError):
            sent.extend(handler.wfile.write(b"a" * 1_000_000) for _ in range(4000))

    with receiving() as receiver:
        receiver.answer = flood
        assert Outbound(allow_loopback=True, seconds=20).post(receiver.url, b"{}", {}) == 200
    assert sum(sent) < 100_000_000


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000, b""]
)
def test_what_is_no_http_is_no_answer(answer: bytes) -> None:
    with receiving() as receiver:
        receiver.answer = lambda handler, _count: handler.wfile.write(answer) and None  # type: ignore[assignment]
        with pytest.raises(OutboundError, match=r"answer|connection"):
            Outbound(allow_loopback=True, seconds=5).post(receiver.url, b"{}", {})


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority of our own with a certificate for hooks.example.com and one for another name."""
    folder = tmp_path_factory.mktemp("tls")

    def openssl(*arguments: object) -> None:
        subprocess.run(
            ["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=folder
        )

    new = ("-newkey", "rsa:2048", "-nodes", "-days", "2")
    openssl(
        "req",
        "-x509",
        *new,
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-subj",
        "/CN=test authority",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
    )
    for name in ("hooks.example.com", "other.example.com"):
        (folder / "ext").write_text(
            f"subjectAltName=DNS:{name}\nauthorityKeyIdentifier=keyid\n", encoding="utf-8"
        )
        openssl(
            "req", *new, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}"
        )
        openssl(
            "x509",
            "-req",
            "-in",
            f"{name}.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-out",
            f"{name}.pem",
            "-extfile",
            "ext",
        )
    return folder


@pytest.fixture(params=["hooks.example.com", "other.example.com"])
def secured(
    request: pytest.FixtureRequest, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, Receiver, str]]:
    """A server with a real certificate for the name in the parameter; all names lead to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / f"{request.param}.pem", authority / f"{request.param}.key")
    with receiving(context) as receiver:
        resolver(monkeypatch, ["127.0.0.1"])
        port = receiver.url.split(":")[-1].split("/")[0]
        yield request.param, receiver, f"https://hooks.example.com:{port}/"


def test_a_certificate_that_nobody_vouches_for_is_refused(
    secured: tuple[str, Receiver, str],
) -> None:
    _, receiver, url = secured
    with pytest.raises(OutboundError, match="tls"):
        Outbound(allow_loopback=True).post(url, b"{}", {})
    assert receiver.taken == []


def test_the_certificate_must_be_for_the_name_as_given(
    secured: tuple[str, Receiver, str], authority: Path
) -> None:
    name, receiver, url = secured
    outbound = Outbound(
        allow_loopback=True, tls=ssl.create_default_context(cafile=str(authority / "ca.pem"))
    )
    if name == "hooks.example.com":
        assert outbound.post(url, b"{}", {}) == 200
        assert receiver.taken[0][0]["host"].startswith("hooks.example.com:")
        return
    with pytest.raises(OutboundError, match="tls"):
        outbound.post(url, b"{}", {})
    assert receiver.taken == []


@pytest.mark.quick
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (PUBLIC, True), ("8.8.8.8", True), ("2606:4700::1111", True), ("64:ff9b::808:808", True), ("::ffff:8.8.8.8", True),
        ("64:ff9b::a00:1", False), ("2002:808:808::1", False), ("::8.8.8.8", False), ("2001:db8::1", False), ("100::1", False),
        ("64:ff9b:1::1", False), ("192.0.0.8", False), ("203.0.113.5", False), ("0.1.2.3", False), ("100.127.255.255", False), ("3fff::1", False), ("4000::1", False),
    ],
)  # fmt: skip
def test_what_is_public(address: str, expected: object) -> None:
    assert is_public(ipaddress.ip_address(address)) is expected
