"""E-mails: a change, or the request to confirm an address; plain text and HTML, ended by one click (RFC 8058)."""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from contextlib import closing, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from paycanary.alerts.telling import Told, words
from paycanary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from paycanary.errors import Lang

_SECONDS: Final = 15
#: Lines as long as mail allows: an address that is folded or encoded in a header is no address any more.
_POLICY: Final = SMTP.clone(max_line_length=900)
_LONGEST: Final = 254
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)
#: A server's answers from here on mean never, below: later.
_NEVER: Final = 500
_LINK: Final = Markup('<p><a href="{url}">{text}</a></p>')


class EmailError(UsageError):
    """No e-mail address."""

    code = "email"


class MailError(Exception):
    """A mail that was not taken; ``is_final``: it never will be; ``is_servers``: no other mail would have been either."""

    def __init__(self, reason: str, *, is_final: bool = False, is_servers: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final
        self.is_servers = is_servers


def checked_address(text: str) -> str:
    """An address as one types it: ASCII, one at a time, nothing around it.

    Raises:
        EmailError: it is none.
    """
    address = text.strip()
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        raise EmailError(
            {"ko": "전자우편 주소가 아닙니다.", "en": "That is no e-mail address."},
            {"ko": "name@example.com 처럼 하나만 써 주세요.", "en": "Give one, such as name@example.com."},
        )  # fmt: skip
    return address


def change_mail(
    between: tuple[str, str], told: Told, *, delivery: str, unsubscribe: str, at: datetime
) -> EmailMessage:
    """The mail about a change, from and to; ``at`` is when the change was noted, so that every copy is the same."""
    said = words(told.lang)
    text = f"{told.text()}\n\n{said['company_page']}: {told.link}\n\n-- \n{said['why']}\n{said['unsubscribe']}: {unsubscribe}\n"
    html = Markup("<p><strong>{}</strong></p><p>{}<br>{}</p>").format(told.sentence, told.before, told.after)  # fmt: skip
    html += told.source_list()
    html += _LINK.format(url=told.link, text=said["company_page"])
    html += Markup("<hr><p>{}</p>").format(said["why"]) + _LINK.format(url=unsubscribe, text=said["unsubscribe"])  # fmt: skip
    message = _message(between, told.headline, delivery, at)
    message["List-Unsubscribe"] = f"<{unsubscribe}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return _filled(message, text, html, told.lang)


def confirm_mail(between: tuple[str, str], link: str, lang: Lang, at: datetime) -> EmailMessage:
    """The mail that asks whether the address wants any."""
    said = words(lang)
    text = f"{said['confirm_lead']}\n\n{link}\n\n{said['confirm_else']}\n"
    html = Markup("<p>{}</p>").format(said["confirm_lead"]) + _LINK.format(url=link, text=link)
    html += Markup("<p>{}</p>").format(said["confirm_else"])
    # Not the secret itself: Message-IDs are logged on the way.
    key = hashlib.sha256(link.encode()).hexdigest()[:32]
    return _filled(_message(between, said["confirm_subject"], key, at), text, html, lang)


def note_mail(between: tuple[str, str], subject: str, lines: Sequence[str], key: str, at: datetime) -> EmailMessage:  # fmt: skip
    """A mail to whoever runs paycanary: lines of plain English."""
    text = "\n".join(lines) + "\n"
    html = Markup("<p>{}</p>").format(Markup("<br>").join(lines))
    return _filled(_message(between, subject, key, at), text, html, "en")


def send(url: str, message: EmailMessage) -> None:
    """Hand a mail to the server at ``smtp://USER:PASSWORD@HOST:PORT`` (STARTTLS where offered) or ``smtps://``.

    Raises:
        MailError: it was not taken.
    """
    parsed = urlsplit(url)
    host, is_tls = parsed.hostname or "localhost", parsed.scheme == "smtps"
    context = ssl.create_default_context()
    try:
        with closing(
            smtplib.SMTP_SSL(host, parsed.port or 465, timeout=_SECONDS, context=context)
            if is_tls
            else smtplib.SMTP(host, parsed.port or 25, timeout=_SECONDS)
        ) as server:
            server.ehlo()
            if not is_tls and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                is_tls = True
            if parsed.username:
                if not is_tls:
                    raise MailError("no_tls", is_servers=True)
                server.login(unquote(parsed.username), unquote(parsed.password or ""))
            server.send_message(message)
            # It is taken: what the server makes of a goodbye must not have it sent again.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
    except smtplib.SMTPRecipientsRefused as error:
        code = max(refused[0] for refused in error.recipients.values())
        raise MailError(str(code), is_final=code >= _NEVER) from None
    except smtplib.SMTPDataError as error:
        raise MailError(str(error.smtp_code), is_final=error.smtp_code >= _NEVER) from None
    except smtplib.SMTPResponseException as error:
        # It refuses us, our password or our sender: whoever runs the service can mend that, and no alert is lost till then.
        raise MailError(str(error.smtp_code), is_servers=True) from None
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise MailError(_word(error), is_servers=True) from None


def _word(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "timeout" if isinstance(error, TimeoutError) else "connection"


def _message(between: tuple[str, str], subject: str, key: str, at: datetime) -> EmailMessage:
    name, address = parseaddr(between[0])
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(addr_spec=checked_address(between[1]))
    # A header is one line, whatever a company calls itself.
    message["Subject"] = f"[paycanary] {' '.join(subject.split())}"
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{key}@{address.partition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    return message


def _filled(message: EmailMessage, text: str, html: str, lang: Lang) -> EmailMessage:
    message.set_content(text, cte="quoted-printable")
    page = Markup('<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head><body>{}</body></html>')  # fmt: skip
    message.add_alternative(
        page.format(lang, message["Subject"], html), subtype="html", cte="quoted-printable"
    )
    return message
