"""E-mails as a mail program reads them: one person, both parts, one click to end them, and no header but ours."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from lxml import html

from paycanary.alerts import mail
from paycanary.alerts.mail import EmailError, MailError, checked_address
from paycanary.alerts.sending import send_due
from paycanary.state.database import now
from tests.alerts.receivers import (
    Mailbox,
    Settings,
    confirmed_address,
    followed,
    judged,
    mailbox,
)
from tests.servers import free_port

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from paycanary.state.database import Database

HOSTILE_NAME = "<script>alert(1)</script>\r\nBcc: victim@example.com\r\n\r\nbody & \u202eevil"


@pytest.fixture
def taken(
    database: Database, request: pytest.FixtureRequest
) -> tuple[list[EmailMessage], list[str]]:
    """Mails about a change of a company with that name, and to whom they went."""
    name, lang = getattr(request, "param", ("가나다전자", "ko"))
    secret = followed(database, lang=lang)
    confirmed_address(database, secret, "someone@example.com")
    judged(database, 1, {"cash": "good", "debt": "danger"}, name=name)
    judged(database, 2, {"cash": "watch", "debt": "danger"}, name=name)
    with mailbox() as box:
        assert send_due(database, Settings(smtp_url=box.url), now()).sent == 1
    return box.taken, box.recipients


def parts(message: EmailMessage) -> tuple[str, str]:
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    return plain.get_content(), rich.get_content()


def test_a_mail_tells_before_after_and_source(taken: tuple[list[EmailMessage], list[str]]) -> None:
    (message,), recipients = taken
    assert recipients == ["someone@example.com"]
    assert message["Subject"] == "[paycanary] 가나다전자: cash-ko 양호 → 주의"
    assert message["Auto-Submitted"] == "auto-generated"
    plain, rich = parts(message)
    for told in (
        "cash good ko",
        "cash watch ko",
        "DART 20260301000001",
        "2026-03-01",
        "−1,277억 원",
        "https://paycanary.example/companies/dart:00000001",
    ):
        assert told in plain
        assert told in html.fromstring(rich).text_content() or told in rich


@pytest.mark.parametrize("taken", [("Ganada Electronics", "en")], indirect=True)
def test_a_mail_is_in_the_language_of_the_list(taken: tuple[list[EmailMessage], list[str]]) -> None:
    (message,), _ = taken
    assert message["Subject"] == "[paycanary] Ganada Electronics: cash-en good → watch"
    plain, rich = parts(message)
    assert "cash watch en" in plain
    assert 'lang="en"' in rich
    assert "https://paycanary.example/en/companies/dart:00000001" in plain
    assert not any("가" <= c <= "힣" for c in plain)


def test_one_click_ends_it(taken: tuple[list[EmailMessage], list[str]]) -> None:
    (message,), _ = taken
    address = message["List-Unsubscribe"].strip("<>")
    assert address.startswith("https://paycanary.example/watch/stop/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in parts(message)[0]


@pytest.mark.parametrize("taken", [(HOSTILE_NAME, "ko"), ("a" * 3000, "ko")], indirect=True)
def test_a_companys_name_adds_no_header_and_no_markup(
    taken: tuple[list[EmailMessage], list[str]],
) -> None:
    (message,), recipients = taken
    assert recipients == ["someone@example.com"]
    assert message["Bcc"] is None
    assert set(message.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert "\u202e" not in message["Subject"]
    assert html.fromstring(parts(message)[1]).xpath("//script") == []


@pytest.mark.quick
@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a@b", "a b@example.com", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com", "a@example.com\n", "<a@example.com>x",
        "a@@example.com", "a@exa mple.com", "a@-example.com", ".a@example.com", "a..b@example.com", '"a b"@example.com', "a@[127.0.0.1]", "가@example.com",
        "a@example.com\x00", "a" * 250 + "@example.com", "a@example.com>", "a@example..com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    if text.endswith("\n"):
        assert checked_address(text) == "a@example.com"
        return
    with pytest.raises(EmailError):
        checked_address(text)


@pytest.mark.quick
@pytest.mark.parametrize(
    "text", ["a@example.com", " first.last+tag@mail.example.co.kr ", "o'neil_1@xn--9n2bp8q.kr"]
)
def test_an_address_is_taken(text: str) -> None:
    assert checked_address(text) == text.strip()


def test_the_request_to_confirm_holds_the_link_and_no_alert() -> None:
    message = mail.confirm_mail(
        ("paycanary <x@example.com>", "a@example.com"),
        "https://p.example/watch/confirm/s3cret",
        "en",
        now(),
    )
    assert "https://p.example/watch/confirm/s3cret" in parts(message)[0]
    assert "s3cret" not in message["Message-ID"]
    assert message["List-Unsubscribe"] is None


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    assert shutil.which("openssl")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "key", "-out", "pem", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem", tmp_path / "key")
    return context


def authenticate(
    _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"us er", b"p@ss"), handled=False)


@pytest.mark.parametrize(("user", "is_right"), [("us%20er:p%40ss", True), ("us%20er:wrong", False)])
def test_starttls_is_used_where_offered_before_the_password_goes_out(
    certificate: ssl.SSLContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    user: str,
    *,
    is_right: bool,
) -> None:
    box = Mailbox(free_port())
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=box.port,
        tls_context=certificate,
        require_starttls=True,
        authenticator=authenticate,
        auth_require_tls=True,
    )
    controller.start()
    message = mail.confirm_mail(
        ("x@example.com", "a@example.com"), "https://p.example/", "ko", now()
    )
    url = f"smtp://{user}@127.0.0.1:{box.port}"
    try:
        with pytest.raises(MailError, match="tls"):
            mail.send(url, message)  # nobody vouches for its certificate
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "pem"))
        if is_right:
            mail.send(url, message)
        else:
            with pytest.raises(MailError, match="535") as caught:
                mail.send(url, message)
            assert not caught.value.is_final
    finally:
        controller.stop()
    assert len(box.taken) == int(is_right)


def test_a_password_does_not_go_out_in_plain() -> None:
    with mailbox() as box:
        message = mail.confirm_mail(
            ("x@example.com", "a@example.com"), "https://p.example/", "ko", now()
        )
        with pytest.raises(MailError, match="no_tls"):
            mail.send(f"smtp://user:password@127.0.0.1:{box.port}", message)
    assert box.taken == []


class Curt(Mailbox):
    """A mail server that refuses at one of the steps of a mail, whatever its name."""

    def __init__(self, step: str, said: str) -> None:
        super().__init__(free_port())
        self.step, self.said = step, said

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # fmt: skip  # noqa: N802
        envelope.mail_from = address
        return self.said if self.step == "sender" else "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # fmt: skip  # noqa: N802
        if self.step == "recipient":
            return self.said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        taken = await super().handle_DATA(server, session, envelope)
        return self.said if self.step == "mail" else taken

    async def handle_QUIT(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        return self.said if self.step == "goodbye" else "221 Bye"


def handed(step: str, said: str) -> MailError | None:
    """What comes of a mail handed to a server that refuses at a step."""
    box = Curt(step, said)
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    message = mail.confirm_mail(
        ("x@example.com", "a@example.com"), "https://p.example/", "ko", now()
    )
    try:
        mail.send(box.url.get_secret_value(), message)
    except MailError as error:
        return error
    finally:
        controller.stop()
    assert len(box.taken) == 1
    return None


def test_a_mail_that_was_taken_is_taken_whatever_the_server_says_to_our_goodbye() -> None:
    assert handed("goodbye", "421 too busy") is None


@pytest.mark.parametrize(
    ("step", "said", "is_final", "is_servers"),
    [
        ("recipient", "550 no such user", True, False),
        ("recipient", "450 come again", False, False),
        ("mail", "554 no", True, False),
        ("mail", "451 later", False, False),
        # Whoever runs the service can mend these, and the alerts that waited go out.
        ("sender", "550 not from you", False, True),
        ("sender", "451 later", False, True),
    ],
)
def test_only_a_refusal_of_this_mail_is_final(
    step: str, said: str, *, is_final: bool, is_servers: bool
) -> None:
    error = handed(step, said)
    assert error
    assert (error.reason, error.is_final, error.is_servers) == (said[:3], is_final, is_servers)
