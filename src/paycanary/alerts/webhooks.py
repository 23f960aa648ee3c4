"""What a webhook is posted: signed JSON, or a message as Slack takes it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any, Final

from paycanary import __version__
from paycanary.alerts.telling import Told, company_link, tell, words

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from paycanary.state.tables import Change, Webhook

SCHEMA_VERSION: Final = "1.0"
KINDS: Final = ("json", "slack")
#: Stands before a webhook's id in the channel of a delivery.
CHANNEL: Final = "webhook:"
#: Slack refuses longer texts in a section.
_SLACK_MOST: Final = 2_900


def body(hook: Webhook, delivery: str, change: Change, lang: Lang, base_url: str) -> bytes:
    """What is posted of a change."""
    if hook.kind == "slack":
        return _dumped(_slack(tell(change, lang, base_url)))
    return _dumped(
        {
            "schema_version": SCHEMA_VERSION,
            "type": "level_changed",
            "id": delivery,
            "change": change.id,
            "noted_at": change.noted_at.isoformat(),
            "company": {"id": change.company_id, "name": change.company_name},
            "signal": change.signal,
            "as_of": change.as_of.isoformat(),
            "before": change.before,
            "after": change.after,
            "link": company_link(change.company_id, lang, base_url),
        }
    )


def test_body(hook: Webhook, delivery: str, lang: Lang, base_url: str) -> bytes:
    """What is posted when someone tries a webhook."""
    if hook.kind == "slack":
        return _dumped({"text": escaped(words(lang)["test"])})
    return _dumped({"schema_version": SCHEMA_VERSION, "type": "test", "id": delivery, "text": words(lang)["test"], "link": base_url})  # fmt: skip


def headers(hook: Webhook, delivery: str, content: bytes, at: int) -> dict[str, str]:
    """Who sent it, signed at a second of the epoch, and the key by which a second copy is known."""
    return {
        "Content-Type": "application/json",
        "User-Agent": f"paycanary/{__version__}",
        "Idempotency-Key": delivery,
        "Paycanary-Signature": f"t={at},v1={signature(hook.secret, content, at)}",
    }


def signature(secret: str, content: bytes, at: int) -> str:
    """HMAC-SHA-256 of ``<t>.<body>`` in hexadecimal."""
    return hmac.new(secret.encode(), b"%d." % at + content, hashlib.sha256).hexdigest()


def _slack(told: Told) -> dict[str, Any]:
    lines = [
        f"*{escaped(told.headline)}*",
        escaped(told.before),
        escaped(told.after),
        *(f"• {_linked(s.text, s.url)}" for s in told.sources),
        _linked(words(told.lang)["company_page"], told.link),
    ]
    text = ""
    for line in lines:
        # Whole lines only: a link cut in the middle would show its insides.
        if len(text) + len(line) < _SLACK_MOST:
            text += line + "\n"
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text.rstrip()}}
    return {"text": escaped(told.headline), "blocks": [section]}


def _linked(text: str, url: str | None) -> str:
    if url is None:
        return escaped(text)
    return f"<{escaped(url).replace('|', '%7C')}|{escaped(text).replace('|', '/')}>"


def escaped(text: str) -> str:
    """Nothing in it is a link, a mention or a style: Slack escapes by entities, styles need a neighbour to cling to."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "*_~`":
        safe = safe.replace(mark, f"\u200b{mark}\u200b")
    return safe


def _dumped(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
