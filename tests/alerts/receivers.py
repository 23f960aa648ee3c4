"""What tests of alerts share: verdicts of one's own making, real servers that take webhooks and mails, and what they took."""

from __future__ import annotations

import email
import email.policy
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

from paycanary.alerts import addresses, watchlists
from paycanary.alerts.judging import judge
from paycanary.models import Company, Figure, Finding, Unknown, Verdict
from tests.servers import free_port

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping
    from email.message import EmailMessage

    from paycanary.alerts.judging import JudgeSummary
    from paycanary.errors import Lang
    from paycanary.models import Level
    from paycanary.state.database import Database
    from paycanary.state.tables import Webhook

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
COMPANY = "dart:00000001"
NAME = "가나다전자"
#: Kinds of levels that a test's company has on a day.
Levels = dict[str, "Level"]


def verdict(company: str, levels: Mapping[str, Level], lang: Lang, name: str = NAME) -> Verdict:
    """A verdict with these findings; its own level is the gravest."""
    order = ("danger", "watch", "good", "unknown")
    whole = min(levels.values(), key=order.index)
    return Verdict(
        company=Company(id=company, name=name),
        as_of=DAY,
        lang=lang,
        coverage="listed",
        coverage_sentence=lang,
        level=whole,
        sentence=f"{name}: {whole} ({lang})",
        findings=[
            Finding(
                signal=signal, group="money", level=level, title=f"{signal}-{lang}",
                sentence=f"{signal} {level} {lang}", weight=1, figures=[_figure()],
            )
            for signal, level in levels.items() if level != "unknown"
        ],
        unknown=[
            Unknown(what=signal, title=f"{signal}-{lang}", reason="not_filed", explanation=f"{signal} unknown {lang}")
            for signal, level in levels.items() if level == "unknown"
        ],
        questions=[],
        sample=False,
    )  # fmt: skip


def _figure() -> Figure:
    return Figure(
        concept="net_income", value=-127_700_000_000, unit="KRW", period_end=date(2025, 12, 31),
        source="opendart", filing_id="20260301000001", published_on=date(2026, 3, 1),
        url="https://dart.fss.or.kr/dsaf001/main.do?rcpNo=20260301000001",
    )  # fmt: skip


def judged(
    database: Database, snapshot: int, levels: Mapping[str, Level], company: str = COMPANY, name: str = NAME
) -> JudgeSummary:  # fmt: skip
    """A round of judging in which every followed company has these levels and this id."""
    return judge(
        database, lambda _, lang: verdict(company, levels, lang, name), f"{snapshot}-20260302", DAY
    )


def followed(database: Database, *companies: str, lang: Lang = "ko") -> str:
    """A list that follows companies; its secret."""
    return watchlists.create(database, [(c, NAME) for c in companies or (COMPANY,)], lang)


def confirmed_address(database: Database, secret: str, address: str) -> None:
    """Give a list an address that was confirmed."""
    confirm = addresses.ask_address(database, secret, address)
    assert confirm
    assert addresses.confirm_address(database, confirm)


def hooked(database: Database, secret: str, url: str, kind: str = "json") -> Webhook:
    """Give a list a webhook on this machine."""
    from paycanary.alerts.outbound import Outbound  # noqa: PLC0415

    return watchlists.add_hook(database, secret, url, kind, Outbound(allow_loopback=True))


@dataclass
class Settings:
    """What sending needs to know."""

    smtp_url: Any = None
    base_url: str = "https://paycanary.example"
    mail_from: str = "paycanary <alerts@paycanary.example>"
    webhooks_to_loopback: bool = True


@dataclass
class Receiver:
    """A web server that keeps what is posted to it; ``answer`` gives the status, or does something worse."""

    url: str = ""
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[BaseHTTPRequestHandler, int], int | None] = lambda _handler, _count: 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        return [headers["idempotency-key"] for headers, _ in self.taken]


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on this machine, by TLS where a context is given."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.taken.append((headers, content))
            status = receiver.answer(self, len(receiver.taken))
            if status is not None:
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None: ...

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None: ...

    server = Quiet(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """A mail server that keeps what it takes; ``answer`` gives its last word."""

    port: int
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answer: Callable[[EmailMessage], str] = lambda _message: "250 OK"

    @property
    def url(self) -> Any:
        from pydantic import SecretStr  # noqa: PLC0415

        return SecretStr(f"smtp://127.0.0.1:{self.port}")

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.taken.append(message)
        self.recipients += envelope.rcpt_tos
        return self.answer(message)


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mail server on this machine."""
    box = Mailbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
