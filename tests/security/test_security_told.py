"""What the threat model says is so: its tests exist, secrets are kept as hashes, refusals are logged, holes end the audit."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import audit
import pytest

from paycanary.state import keys
from paycanary.telemetry.logs import Numbered, Text
from tests.visiting import NAME, Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "docs" / "explanation" / "threat-model.md"


@pytest.fixture
def visitor(home: Path) -> Iterator[Visitor]:  # noqa: ARG001 - set before the pages start
    with visiting() as opened:
        yield opened


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", MODEL.read_text(encoding="utf-8")))
    assert len(named) > 30
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert named - written == set()


def test_each_of_the_ten_is_answered() -> None:
    rows = re.findall(
        r"^\| (A\d\d) .*?\| (.*) \|$", MODEL.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [item for item, _ in rows] == [f"A{n:02}" for n in range(1, 11)]
    assert all("`test_" in answer for _, answer in rows)


def test_no_secret_lies_in_the_database(visitor: Visitor, home: Path) -> None:
    key, _ = keys.create(visitor.service.database, "someone", ["read", "moderate"])
    made = visitor.fill("/watch/new", {"query": NAME, "lang": "ko"})
    secret = re.search(r"/watch/([A-Za-z0-9_-]{43})", made.text)
    assert secret is not None
    page = visitor.get(f"/watch/{secret[1]}").text
    feed = re.search(r"/watch/feed/([A-Za-z0-9_-]+)\.atom", page)
    assert feed is not None
    stored = b"".join(path.read_bytes() for path in home.glob("state.sqlite*"))
    assert NAME.encode() in stored
    for text in (key, key.partition(".")[2], secret[1], feed[1]):
        assert text.encode() not in stored


def test_who_is_refused_is_logged_with_the_requests_number(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(Numbered())
    with caplog.at_level(logging.WARNING, "paycanary"):
        refused = visitor.get(
            "/v1/signals", headers={"Authorization": "Bearer abc.secret-of-a-key"}
        )
    assert refused.status_code == 401
    (record,) = [r for r in caplog.records if r.name.startswith("paycanary")]
    assert record.request == refused.headers["x-request-id"]  # type: ignore[attr-defined]
    assert "secret-of-a-key" not in caplog.text
    line = Text().format(record)
    assert f"[{refused.headers['x-request-id']}] refused with 401: GET /v1/signals" in line


def test_a_known_hole_ends_the_audit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    packages = [
        {"name": "sound", "version": "1.0", "vulns": []},
        {"name": "asked-in-vain", "skip_reason": "not found"},
        {"name": "holed", "version": "1.2", "vulns": [{"id": "CVE-2026-0001", "fix_versions": ["1.3"]}]},
    ]  # fmt: skip
    assert audit.report("a.lock", packages) == ["a.lock: holed 1.2: CVE-2026-0001, mended in 1.3"]
    assert "2 of 3 packages audited; the service did not answer about 1" in capsys.readouterr().out
    monkeypatch.setattr(audit, "audit", lambda lock: [lock])
    assert audit.main() == 1
    monkeypatch.setattr(audit, "audit", lambda _: [])
    assert audit.main() == 0


def test_every_lock_is_audited() -> None:
    pins = {
        path.name: set(re.findall(r"^[a-z0-9-]+==\S+", path.read_text("utf-8"), re.MULTILINE))
        for path in (ROOT / "requirements").glob("*.lock")
    }
    audited = set().union(*(pins[Path(lock).name] for lock in audit.LOCKS))
    assert set().union(*pins.values()) == audited
