"""The protected page: who may enter, for how long, and what they see."""

from __future__ import annotations

import logging
import re
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from itsdangerous import URLSafeTimedSerializer

from paycanary.corrections import moderation, reports
from paycanary.corrections.reports import Report
from paycanary.state import keys
from paycanary.web import sessions
from tests.visiting import COMPANY, NAME, token, visiting, words

if TYPE_CHECKING:
    import httpx

    from tests.visiting import Visitor

CONTACT = "reporter@example.org"
EVIDENCE = "https://example.org/evidence"
COOKIE = "paycanary_moderator"
LANGS = pytest.mark.parametrize("prefix", ["", "/en"])


@pytest.fixture(autouse=True)
def _fresh(visitor: Visitor) -> None:
    """No wrong keys of another test count."""
    visitor.client.app.state.logins = sessions.Logins()  # type: ignore[attr-defined]


def a_key(visitor: Visitor, *scopes: str) -> tuple[str, str]:
    text, row = keys.create(visitor.service.database, "담당자", scopes or ("moderate",))
    return text, row.id


def filed(visitor: Visitor, claim: str) -> str:
    report = Report(claim, "42", EVIDENCE, "company", CONTACT)
    return reports.file_report(
        visitor.service.database, report, company_id=COMPANY, company_name=NAME, shown=None, lang="ko"
    ).number  # fmt: skip


def log_in(visitor: Visitor, key: str, prefix: str = "") -> httpx.Response:
    return visitor.fill(f"{prefix}/moderation", {"key": key})


def test_nothing_is_seen_without_logging_in(visitor: Visitor) -> None:
    number = filed(visitor, "Not for everyone's eyes.")
    page = visitor.get("/moderation")
    assert page.status_code == 200
    assert number not in page.text
    assert NAME not in page.text
    shown = visitor.get(f"/moderation/{number}")
    assert (shown.status_code, shown.headers["location"]) == (303, "/moderation")
    # The answer does not even say whether there is such a report.
    other = visitor.get("/moderation/0000-0000-0000")
    assert (other.status_code, other.text) == (shown.status_code, shown.text)
    answer = visitor.fill(f"/moderation/{number}", {"decision": "accept", "words": "Yes."}, at="/moderation")  # fmt: skip
    assert answer.status_code == 403
    assert moderation.find(visitor.service.database, number).state == "open"


@LANGS
def test_a_moderator_decides(prefix: str, visitor: Visitor) -> None:
    key, key_id = a_key(visitor)
    accepted, rejected = (filed(visitor, f"Something {w} is wrong ({prefix}).") for w in "ab")
    answer = log_in(visitor, key, prefix)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{prefix}/moderation")
    overview = visitor.get(f"{prefix}/moderation")
    assert overview.headers["cache-control"] == "no-store"
    assert accepted in overview.text
    assert "담당자" in overview.text
    page = visitor.get(f"{prefix}/moderation/{accepted}")
    for seen in (f"Something a is wrong ({prefix}).", CONTACT, EVIDENCE, "42"):
        assert seen in words(page)
    assert f'href="{EVIDENCE}' not in page.text
    path = f"{prefix}/moderation/{accepted}"
    assert visitor.fill(path, {"decision": "accept", "words": " "}).status_code == 422
    done = visitor.fill(path, {"decision": "accept", "words": "So it is."})
    assert (done.status_code, done.headers["location"]) == (303, path)
    row = moderation.find(visitor.service.database, accepted)
    assert (row.state, row.statement, row.decided_by, row.contact) == ("accepted", "So it is.", f"담당자 ({key_id})", None)  # fmt: skip
    visitor.fill(f"{prefix}/moderation/{rejected}", {"decision": "reject", "words": "It is right."})
    assert moderation.find(visitor.service.database, rejected).reason == "It is right."
    after = visitor.get(f"{prefix}/moderation/{accepted}")
    assert CONTACT not in after.text
    assert "<textarea" not in after.text
    recent = words(visitor.get(f"{prefix}/moderation"))
    assert accepted in recent
    assert rejected in recent


def test_who_comes_second_is_told_and_changes_nothing(visitor: Visitor) -> None:
    key, _ = a_key(visitor)
    number = filed(visitor, "Decided by two at once.")
    log_in(visitor, key)
    form = {"form_token": token(visitor.get(f"/moderation/{number}"))}
    moderation.reject(visitor.service.database, number, "It is right.", "someone quicker")
    answer = visitor.post(f"/moderation/{number}", {**form, "decision": "accept", "words": "No."})
    assert answer.status_code == 409
    assert "someone quicker" in words(answer)
    assert moderation.find(visitor.service.database, number).state == "rejected"


@pytest.mark.parametrize("wrong", ["", "x", "a.b", "0" * 12 + "." + "x" * 43, "\x00.\x00", "é.é", "x" * 5000])  # fmt: skip
def test_a_wrong_key_opens_nothing(wrong: str, visitor: Visitor) -> None:
    answer = log_in(visitor, wrong)
    assert answer.status_code == 403
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_a_key_for_something_else_opens_nothing_and_hears_the_same(visitor: Visitor) -> None:
    key, _ = a_key(visitor, "read")
    answers = {words(log_in(visitor, k)) for k in (key, key[:-1] + "x", "0" * 12 + "." + "x" * 43)}
    assert len(answers) == 1
    assert visitor.client.cookies.get(COOKIE) is None


def test_a_revoked_key_ends_its_sessions_at_once(visitor: Visitor) -> None:
    key, key_id = a_key(visitor)
    number = filed(visitor, "To be decided, but not by that key.")
    log_in(visitor, key)
    form = {"form_token": token(visitor.get(f"/moderation/{number}"))}
    keys.revoke(visitor.service.database, key_id)
    assert number not in visitor.get("/moderation").text
    assert visitor.get(f"/moderation/{number}").status_code == 303
    answer = visitor.post(f"/moderation/{number}", {**form, "decision": "accept", "words": "Yes."})
    assert answer.status_code == 403
    assert moderation.find(visitor.service.database, number).state == "open"
    assert log_in(visitor, key).status_code == 403


def test_logging_out_takes_the_session_away(visitor: Visitor) -> None:
    log_in(visitor, a_key(visitor)[0])
    assert visitor.client.cookies.get(COOKIE)
    answer = visitor.fill("/moderation/logout", {}, at="/moderation")
    assert answer.status_code == 303
    assert visitor.client.cookies.get(COOKIE) is None
    assert 'name="key"' in visitor.get("/moderation").text


def test_a_session_is_an_hour_long_and_cannot_be_made_up(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, key_id = a_key(visitor)
    log_in(visitor, key)
    good = visitor.client.cookies.get(COOKIE)
    assert good
    assert key not in good
    secret = visitor.service.settings.secret.get_secret_value()
    own = URLSafeTimedSerializer(secret, salt="paycanary.moderator")
    assert own.loads(good) == key_id
    forged = [
        URLSafeTimedSerializer("guess", salt="paycanary.moderator").dumps(key_id),
        URLSafeTimedSerializer(secret, salt="paycanary.form").dumps(key_id),
        own.dumps("0" * 12), own.dumps({"id": key_id}), own.dumps(None), good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1], key_id, "",  # the last character ends in bits of no meaning
    ]  # fmt: skip
    for cookie in forged:
        visitor.client.cookies.clear()
        visitor.client.cookies.set(COOKIE, cookie)
        assert 'name="key"' in visitor.get("/moderation").text
    visitor.client.cookies.clear()
    visitor.client.cookies.set(COOKIE, good)
    assert 'name="key"' not in visitor.get("/moderation").text.replace("form_token", "")
    monkeypatch.setattr("itsdangerous.timed.time", SimpleNamespace(time=lambda: time.time() + 3602))  # fmt: skip
    assert 'type="password"' in visitor.get("/moderation").text


def test_the_cookie_is_for_this_browser_and_host_only(visitor: Visitor, home: object) -> None:  # noqa: ARG001
    told = log_in(visitor, a_key(visitor)[0]).headers["set-cookie"]
    for flag in ("HttpOnly", "SameSite=strict", "Max-Age=3600", "Path=/"):
        assert flag in told
    assert "Domain" not in told
    with visiting(base_url="https://paycanary.example") as secure:
        secure.client.base_url = "https://paycanary.example"
        key, _ = a_key(secure)
        answer = log_in(secure, key)
        assert answer.headers["set-cookie"].startswith("__Host-paycanary_moderator=")
        assert "; Secure" in answer.headers["set-cookie"]
        assert 'type="password"' not in secure.get("/moderation").text
        assert all("Secure" in c for c in secure.get("/moderation").headers.get_list("set-cookie"))


def test_wrong_keys_come_to_an_end(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    key, _ = a_key(visitor)
    with caplog.at_level(logging.INFO):
        for _ in range(5):
            assert log_in(visitor, "0" * 12 + ".guess").status_code == 403
        answer = log_in(visitor, key)
    assert answer.status_code == 429
    assert "15" in words(answer)
    assert "guess" not in caplog.text
    assert key.split(".")[1] not in caplog.text
    assert len(re.findall("login for moderators was refused", caplog.text)) == 6


def test_a_moderator_may_decide_more_often_than_strangers_may_write(home: object) -> None:  # noqa: ARG001
    with visiting(form_rate_limit="2/hour") as busy:
        key, _ = a_key(busy)
        assert log_in(busy, key).status_code == 303
        for i in range(5):
            number = filed(busy, f"One of many that wait ({i}).")
            form = {"decision": "reject", "words": "It is right."}
            assert busy.fill(f"/en/moderation/{number}", form).status_code == 303
        # Keys cannot be tried as often.
        codes = [log_in(busy, "0" * 12 + ".guess").status_code for _ in range(2)]
        assert codes == [403, 429]


def test_what_is_no_decision_decides_nothing(visitor: Visitor) -> None:
    number = filed(visitor, "Decided by a slip.")
    log_in(visitor, a_key(visitor)[0])
    for slip in ({}, {"decision": ""}, {"decision": "Accept"}, {"decision": "rejected"}):
        answer = visitor.fill(f"/moderation/{number}", {**slip, "words": "Yes."})
        assert answer.status_code == 400
    assert moderation.find(visitor.service.database, number).state == "open"


def test_a_decision_needs_the_form(visitor: Visitor) -> None:
    number = filed(visitor, "Decided by a forged request.")
    log_in(visitor, a_key(visitor)[0])
    path = f"/moderation/{number}"
    assert visitor.post(path, {"decision": "accept", "words": "Yes."}).status_code == 400
    assert visitor.post(path, {"decision": "accept", "words": "Yes.", "form_token": "x"}).status_code == 400  # fmt: skip
    assert moderation.find(visitor.service.database, number).state == "open"
    assert visitor.post("/moderation/logout", {}).status_code == 400
    assert visitor.client.cookies.get(COOKIE)
