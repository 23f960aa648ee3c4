"""Telling whoever runs paycanary: by a webhook as Slack takes it, by e-mail, or both."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from paycanary import __version__
from paycanary.alerts import mail
from paycanary.alerts.outbound import Outbound, OutboundError
from paycanary.alerts.webhooks import escaped
from paycanary.errors import PaycanaryError, UsageError
from paycanary.state.database import now

if TYPE_CHECKING:
    from paycanary.service.settings import Settings
    from paycanary.tasks.settings import TaskSettings

#: Slack cuts longer texts.
_MOST: Final = 2_900


class UntoldError(PaycanaryError):
    """Nobody could be told, by any way that is set."""

    code = "untold"

    def __init__(self, reasons: list[str]) -> None:
        why = ", ".join(reasons)
        super().__init__(
            {"ko": f"운영자에게 알리지 못했습니다({why}).", "en": f"The operator could not be told ({why})."},
            {"ko": "PAYCANARY_OPERATOR_WEBHOOK 과 PAYCANARY_OPERATOR_EMAIL 을 확인하세요.", "en": "See PAYCANARY_OPERATOR_WEBHOOK and PAYCANARY_OPERATOR_EMAIL."},
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """By which ways somebody was told, and why not by others that are set; both empty where none is set."""

    ways: tuple[str, ...]
    failed: tuple[str, ...]


def tell(headline: str, lines: list[str], settings: Settings, own: TaskSettings) -> Told:
    """Tell by every way that is set; one that fails holds up no other.

    Args:
        headline: one line, also the mail's subject.
        lines: what else there is to say.
        settings: of the service, for its mail server.
        own: ways to the operator.

    Raises:
        UsageError: the address of e-mails is none, or the webhook's is nothing that is posted to.
        UntoldError: ways are set, and none of them worked.
    """
    ways, failed = [], []
    if own.operator_webhook is not None and own.operator_webhook.get_secret_value():
        reason = _post(own.operator_webhook.get_secret_value(), headline, lines, settings)
        ways += [] if reason else ["webhook"]
        failed += [f"webhook: {reason}"] if reason else []
    if own.operator_email:
        reason = _mail(own.operator_email, headline, lines, settings)
        ways += [] if reason else ["email"]
        failed += [f"email: {reason}"] if reason else []
    if failed and not ways:
        raise UntoldError(failed)
    return Told(tuple(ways), tuple(failed))


def _post(url: str, headline: str, lines: list[str], settings: Settings) -> str | None:
    """Why the webhook did not take it; None where it did."""
    text = "\n".join([f"*{escaped(headline)}*", *(escaped(line) for line in lines)])[:_MOST]
    headers = {"Content-Type": "application/json", "User-Agent": f"paycanary/{__version__}"}
    content = json.dumps({"text": text}, ensure_ascii=False).encode()
    try:
        status = Outbound(settings.webhooks_to_loopback).post(url, content, headers)
    except OutboundError as error:
        return error.reason
    return None if 200 <= status < 300 else str(status)  # noqa: PLR2004 - HTTP: taken


def _mail(address: str, headline: str, lines: list[str], settings: Settings) -> str | None:
    if settings.smtp_url is None:
        raise UsageError(
            {"ko": "PAYCANARY_OPERATOR_EMAIL 이 있는데 PAYCANARY_SMTP_URL 이 없습니다.", "en": "PAYCANARY_OPERATOR_EMAIL is set and PAYCANARY_SMTP_URL is not."},
            {"ko": "메일 서버를 정하거나 주소를 지우세요.", "en": "Set a mail server, or unset the address."},
        )  # fmt: skip
    at = now()
    key = hashlib.sha256("\n".join([headline, *lines, at.isoformat()]).encode()).hexdigest()[:32]
    message = mail.note_mail((settings.mail_from, address), headline, lines, key, at)
    try:
        mail.send(settings.smtp_url.get_secret_value(), message)
    except mail.MailError as error:
        return error.reason
    return None
