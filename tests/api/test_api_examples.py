"""The how-to pages' examples, run against the real thing."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import httpx
import pytest

from paycanary.alerts.webhooks import headers
from paycanary.client import Client
from paycanary.state.database import now
from paycanary.state.tables import Webhook

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"


def blocks(page: str, language: str) -> list[str]:
    text = (HOW_TO / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


LINES = [
    line for block in blocks("http-api.md", "") for line in block.splitlines() if line[:4] == "curl"
]


@pytest.mark.parametrize("line", LINES)
def test_what_is_shown_for_curl_answers(url: str, line: str) -> None:
    words = shlex.split(line.replace("$BASE", url))[1:]
    sent: dict[str, Any] = {"method": "GET", "headers": {}}
    while len(words) > 1:
        option, value = words.pop(0), words.pop(0)
        if option == "-H":
            name, _, text = value.partition(": ")
            sent["headers"][name] = text
        else:
            assert option == "--data-binary"
            sent |= {"method": "POST", "content": value}
    (address,) = words
    answer = httpx.request(url=address, trust_env=False, **sent)
    assert answer.status_code == 200, answer.text
    assert answer.json()


def test_there_are_lines() -> None:
    assert len(LINES) > 12


def test_what_is_shown_for_python_runs(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("http-api.md", "python")
    exec(compile(code, "http-api.md", "exec"), {"BASE": url, "Client": Client})  # noqa: S102 - our own page
    assert "danger" in capsys.readouterr().out


def test_the_receiver_shown_takes_a_change_once_and_nothing_forged() -> None:
    (code,) = blocks("alerts.md", "python")
    names: dict[str, Any] = {}
    exec(compile(code, "alerts.md", "exec"), names)  # noqa: S102 - our own page
    take = names["take"]
    hook, body, at = Webhook(secret="of the hook"), b'{"a":1}', int(now().timestamp())  # noqa: S106
    sent = headers(hook, "key-1", body, at)
    assert take(hook.secret, sent, body)
    assert not take(hook.secret, sent, body)
    assert take(hook.secret, headers(hook, "key-2", body, at), body)
    for secret, given, content in (
        ("another", sent, body),
        (hook.secret, sent, b'{"a":2}'),
        (hook.secret, headers(hook, "key-3", body, at - 600), body),
    ):
        with pytest.raises(PermissionError):
            take(secret, given, content)
