"""Watchlists as people use them: without an account, by a link that only they have."""

from __future__ import annotations

import html
import logging
import re
import secrets
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree
from sqlalchemy import func, select, update

from paycanary.alerts import addresses, watchlists
from paycanary.service.housekeeping import chores
from paycanary.state.database import now
from paycanary.state.tables import Change, Delivery, Follow, Watchlist, Webhook
from tests.alerts.receivers import confirmed_address, judged, mailbox, receiving
from tests.visiting import COMPANY, NAME, Visitor, token, visiting, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

SECRET = r"[A-Za-z0-9_-]{43}"  # noqa: S105 - what one looks like
PRIVATE = {
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
}


@pytest.fixture
def visitor(home: Path) -> Iterator[Visitor]:  # noqa: ARG001 - set before the pages start
    with visiting(webhooks_to_loopback=True) as opened:
        yield opened


def made(visitor: Visitor, prefix: str = "", **data: str) -> str:
    """The secret of a new list."""
    answer = visitor.fill(f"{prefix}/watch/new", {"query": NAME, "lang": "ko", **data})
    assert answer.status_code == 201, words(answer)
    (secret,) = set(re.findall(rf"/watch/({SECRET})", answer.text))
    return secret


def do(
    visitor: Visitor, secret: str, what: str, *, out: bool = False, prefix: str = "", **data: str
) -> httpx.Response:
    """Press a button on a list's page; the page that follows."""
    at = f"{prefix}/watch/{secret}"
    answer = visitor.fill(f"{at}/out" if out else at, {"do": what, **data}, at=at)
    if answer.status_code == 303:
        assert {name: answer.headers.get(name) for name in PRIVATE} == PRIVATE
        return visitor.get(answer.headers["location"])
    return answer


def names(page: httpx.Response) -> list[str]:
    return [html.unescape(name) for name in re.findall(r"<bdi>([^<]*)</bdi>", page.text)]


def count(visitor: Visitor, table: Any) -> int:
    with visitor.service.database.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_list_is_made_from_a_companys_page_and_its_link_is_shown_once(
    visitor: Visitor, prefix: str
) -> None:
    form = visitor.get(f"{prefix}/watch/new?company={COMPANY}")
    assert f'name="pick.{COMPANY}" value="1" checked' in form.text
    assert {name: form.headers[name] for name in PRIVATE} == PRIVATE
    answer = visitor.post(
        f"{prefix}/watch/new", {"form_token": token(form), f"pick.{COMPANY}": "1", "lang": "ko"}
    )
    assert answer.status_code == 201
    assert {name: answer.headers[name] for name in PRIVATE} == PRIVATE
    (secret,) = set(re.findall(rf"/watch/({SECRET})", answer.text))
    assert ("Copy this link now" if prefix else "지금 복사해 두세요") in words(answer)
    page = visitor.get(f"{prefix}/watch/{secret}")
    assert names(page) == [NAME]
    assert {name: page.headers[name] for name in PRIVATE} == PRIVATE
    verdict = visitor.service.verdict(COMPANY, lang="en" if prefix else "ko")
    assert verdict.sentence in words(page)
    assert f'class="badge {verdict.level}"' in page.text
    with visitor.service.database.session() as session:
        (row,) = session.scalars(select(Watchlist))
        assert secret not in {str(value) for value in vars(row).values()}
        assert row.secret_hash == watchlists.hashed(secret)


@pytest.mark.parametrize("path", ["", "/out", "/feed", "/confirm", "/stop"])
def test_a_wrong_secret_opens_nothing(visitor: Visitor, path: str) -> None:
    secret = made(visitor)
    wrong = [
        secrets.token_urlsafe(32),
        secret[:-1],
        secret + "A",
        secret.swapcase(),
        watchlists.hashed(secret),
        "%00",
        "' OR 1=1",
    ]
    for text in wrong:
        for answer in (
            visitor.get(f"/watch{path}/{text}"),
            visitor.post(f"/watch{path}/{text}", {"do": "delete"}),
        ):
            assert answer.status_code in (404, 405), (path, text)
            assert NAME not in answer.text
    assert count(visitor, Watchlist) == 1


def test_no_other_site_and_no_machine_changes_a_list(visitor: Visitor) -> None:
    secret = made(visitor)
    at = f"/watch/{secret}"
    assert visitor.post(at, {"do": "delete"}).status_code == 422
    assert visitor.fill(at, {"do": "delete", "website": "x"}).status_code == 422
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        answer = visitor.post(
            at, {"do": "delete", "form_token": token(visitor.get(at))}, headers=headers
        )
        assert answer.status_code == 403
    assert visitor.fill(at, {"do": "dance"}).status_code == 400
    assert visitor.fill("/watch/new", {"website": "x"}).status_code == 422
    assert count(visitor, Watchlist) == 1
    assert names(visitor.get(at)) == [NAME]


def test_companies_come_and_go(visitor: Visitor) -> None:
    secret = made(visitor)
    page = do(visitor, secret, "follow", query="카카오")
    assert names(page) == [NAME, "카카오"]
    assert names(do(visitor, secret, "follow", query="카카오")) == [NAME, "카카오"]
    page = do(visitor, secret, "unfollow", company=COMPANY)
    assert names(page) == ["카카오"]
    assert "뺐습니다" in words(page)
    page = do(visitor, secret, "follow", query="그런회사는없습니다요")
    assert page.status_code == 422
    assert "그런회사는없습니다요" in words(page)
    assert names(page) == ["카카오"]
    assert do(visitor, secret, "follow", company="dart:99999999").status_code == 422


def test_a_name_that_fits_several_shows_them_to_choose(visitor: Visitor) -> None:
    secret = made(visitor)
    page = do(visitor, secret, "follow", query="한국")
    assert page.status_code == 422
    assert "어느 회사입니까?" in words(page)
    chosen = re.findall(
        r'name="company" value="([^"]+)"><button type="submit" class="quiet">', page.text
    )[0]
    assert len(names(do(visitor, secret, "follow", company=chosen))) == 2
    form = visitor.fill("/watch/new", {"query": f"{NAME}\n한국"})
    assert form.status_code == 422
    assert f'name="pick.{COMPANY}" value="1" checked' in form.text
    assert re.search(r'name="pick\.[^"]+" value="1">', form.text)
    assert count(visitor, Watchlist) == 1


def test_a_list_and_its_webhooks_have_a_limit(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchlists, "MOST_COMPANIES", 1)
    monkeypatch.setattr(watchlists, "MOST_HOOKS", 1)
    secret = made(visitor)
    assert do(visitor, secret, "follow", query="카카오").status_code == 422
    assert visitor.fill("/watch/new", {"query": f"{NAME}\n카카오"}).status_code == 422
    assert (count(visitor, Follow), count(visitor, Watchlist)) == (1, 1)
    assert (
        do(
            visitor, secret, "add_hook", out=True, url="http://127.0.0.1:1/", kind="json"
        ).status_code
        == 201
    )
    assert (
        do(
            visitor, secret, "add_hook", out=True, url="http://127.0.0.1:2/", kind="json"
        ).status_code
        == 422
    )
    assert count(visitor, Webhook) == 1


def test_a_new_link_ends_the_old_one_at_once_and_the_feed_only_if_asked(visitor: Visitor) -> None:
    secret = made(visitor)
    feed = f"/watch/feed/{watchlists.feed_secret(secret)}.atom"
    shown = visitor.get(f"/watch/{secret}").text
    assert feed in shown
    # Whoever had the old link had the feed's too: both are replaced unless one says otherwise.
    assert 'name="feed" value="1" checked' in shown
    answer = do(visitor, secret, "rotate")
    (fresh,) = set(re.findall(rf"/watch/({SECRET})", answer.text))
    assert visitor.get(f"/watch/{secret}").status_code == 404
    page = visitor.get(f"/watch/{fresh}")
    assert names(page) == [NAME]
    assert secret not in answer.text
    assert "/watch/feed/" not in page.text
    assert visitor.get(feed).status_code == 200
    answer = do(visitor, fresh, "rotate", feed="1")
    (last,) = set(re.findall(rf"/watch/({SECRET})", answer.text))
    assert visitor.get(feed).status_code == 404
    assert visitor.get(f"/watch/feed/{watchlists.feed_secret(last)}.atom").status_code == 200


def test_everything_is_deleted(visitor: Visitor) -> None:
    secret = made(visitor)
    database = visitor.service.database
    do(visitor, secret, "add_hook", out=True, url="http://127.0.0.1:1/", kind="slack")
    judged(database, 1, {"cash": "good"}, COMPANY)
    judged(database, 2, {"cash": "danger"}, COMPANY)
    assert count(visitor, Delivery) > 0
    page = do(visitor, secret, "delete")
    assert "지웠습니다" in words(page)
    assert visitor.get(f"/watch/{secret}").status_code == 404
    for table in (Watchlist, Follow, Webhook, Delivery):
        assert count(visitor, table) == 0


def test_the_feed_shows_changes_and_answers_304(visitor: Visitor) -> None:
    secret = made(visitor)
    database = visitor.service.database
    judged(database, 1, {"cash": "good", "debt": "danger"}, COMPANY)
    judged(database, 2, {"cash": "watch", "debt": "danger"}, COMPANY)
    feed = f"/watch/feed/{watchlists.feed_secret(secret)}.atom"
    answer = visitor.get(feed)
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["x-robots-tag"] == PRIVATE["x-robots-tag"]
    assert len(etree.fromstring(answer.content).findall("{*}entry")) == 1
    again = visitor.get(feed, headers={"If-None-Match": f'"x", W/{answer.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    judged(database, 3, {"cash": "good", "debt": "danger"}, COMPANY)
    assert visitor.get(feed, headers={"If-None-Match": answer.headers["etag"]}).status_code == 200
    # It reads, and nothing else.
    assert visitor.get(f"/watch/{watchlists.feed_secret(secret)}").status_code == 404


def test_a_webhook_is_added_tested_and_removed(visitor: Visitor) -> None:
    secret = made(visitor)
    with receiving() as receiver:
        page = do(visitor, secret, "add_hook", out=True, url=receiver.url, kind="json")
        assert page.status_code == 201
        with visitor.service.database.session() as session:
            hook = session.scalars(select(Webhook)).one()
        assert hook.secret in page.text
        shown = visitor.get(f"/watch/{secret}").text
        assert hook.secret not in shown
        assert receiver.url not in shown
        assert "받았습니다" in words(do(visitor, secret, "try_hook", out=True, hook=hook.id))
        receiver.answer = lambda _handler, _count: 404
        page = do(visitor, secret, "try_hook", out=True, hook=hook.id)
        assert page.status_code == 502
        assert "404" in words(page)
    assert "연결할 수 없습니다" in words(do(visitor, secret, "try_hook", out=True, hook=hook.id))
    do(visitor, secret, "remove_hook", hook=hook.id)
    assert count(visitor, Webhook) == 0


def test_one_list_does_not_touch_anothers_webhook(visitor: Visitor) -> None:
    ours, theirs = made(visitor), made(visitor)
    with receiving() as receiver:
        do(visitor, theirs, "add_hook", out=True, url=receiver.url, kind="json")
        with visitor.service.database.session() as session:
            hook = session.scalars(select(Webhook)).one()
        do(visitor, ours, "try_hook", out=True, hook=hook.id)
        do(visitor, ours, "remove_hook", hook=hook.id)
        assert receiver.taken == []
    assert count(visitor, Webhook) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/",
        "https://10.0.0.1/",
        "https://localhost./",
        "ftp://example.com/",
        "https://a:b@example.com/",
    ],
)
@pytest.mark.usefixtures("home")
def test_a_webhook_into_our_network_is_refused(url: str) -> None:
    with visiting() as visitor:
        secret = made(visitor)
        page = do(visitor, secret, "add_hook", out=True, url=url, kind="json")
        assert page.status_code == 422
        assert "이 주소로는 보내지 않습니다" in words(page)
        assert count(visitor, Webhook) == 0


@pytest.mark.usefixtures("home")
def test_an_address_is_confirmed_by_a_press_and_ended_by_one_click() -> None:
    with (
        mailbox() as box,
        visiting(smtp_url=box.url.get_secret_value(), base_url="http://127.0.0.1:8000") as visitor,
    ):
        secret = made(visitor, email="someone@example.com", lang="en")
        (asked,) = box.taken
        assert asked["To"] == "someone@example.com"
        body = asked.get_body(("plain",))
        assert body
        link = re.findall(
            rf"http://127\.0\.0\.1:8000(/en/watch/confirm/{SECRET})", body.get_content()
        )[0]
        assert secret not in asked.as_string()
        # A program that looks into mails opens the link: nothing happens.
        assert "Confirm" in words(visitor.get(link))
        with visitor.service.database.session() as session:
            assert session.scalars(select(Watchlist.confirmed_at)).one() is None
        assert "기다립니다" in words(visitor.get(f"/watch/{secret}"))
        assert visitor.post(link, {}).status_code == 200
        assert visitor.post(link, {}).status_code == 404
        assert "보냅니다" in words(visitor.get(f"/watch/{secret}"))
        assert "이미 확인한" in words(
            do(visitor, secret, "address", out=True, email="someone@example.com")
        )
        with visitor.service.database.session() as session:
            key = session.scalars(select(Watchlist.unsubscribe_key)).one()
        stop = f"/en/watch/stop/{key}"
        assert "Press the button" in words(visitor.get(stop))
        # RFC 8058: no cookie, no token, no origin; and as often as it likes.
        visitor.client.cookies.clear()
        for _ in range(2):
            assert visitor.post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 200
        with visitor.service.database.session() as session:
            row = session.scalars(select(Watchlist)).one()
            assert (row.email, row.confirmed_at) == (None, None)
        assert "The address is deleted" in words(visitor.get(stop))


@pytest.mark.usefixtures("home")
def test_another_address_has_to_be_confirmed_anew() -> None:
    with mailbox() as box, visiting(smtp_url=box.url.get_secret_value()) as visitor:
        secret = made(visitor)
        confirmed_address(visitor.service.database, secret, "first@example.com")
        page = do(visitor, secret, "address", out=True, email="second@example.com")
        assert "확인 메일을 보냈습니다" in words(page)
        assert box.recipients == ["second@example.com"]
        assert "second@example.com의 확인을 기다립니다" in words(page)
        assert "지웠습니다" in words(do(visitor, secret, "drop_address"))
        assert do(visitor, secret, "address", out=True, email="a@b@c").status_code == 422


@pytest.mark.usefixtures("home")
def test_nobody_is_flooded_with_requests_to_confirm() -> None:
    with mailbox() as box, visiting(smtp_url=box.url.get_secret_value()) as visitor:
        for number in range(6):
            secret = made(visitor)
            page = do(
                visitor,
                secret,
                "address",
                out=True,
                email="Victim@example.com" if number % 2 else "victim@example.com",
            )
            assert page.status_code == (200 if number < 3 else 422)
        assert len(box.taken) == 3


@pytest.mark.usefixtures("home")
def test_one_list_cannot_write_to_many_addresses() -> None:
    with (
        mailbox() as box,
        visiting(smtp_url=box.url.get_secret_value(), form_rate_limit="4/hour") as visitor,
    ):
        secret = made(visitor)
        statuses = [
            do(visitor, secret, "address", out=True, email=f"a{n}@example.com").status_code
            for n in range(6)
        ]
        assert statuses == [200] * 3 + [429] * 3
        assert len(box.taken) == 3
        # What writes to nobody goes on.
        assert names(do(visitor, secret, "follow", query="카카오")) == [NAME, "카카오"]


def test_without_a_mail_server_the_page_says_so(visitor: Visitor) -> None:
    form = visitor.get("/watch/new")
    assert "전자우편을 보내지 않습니다" in words(form)
    assert 'name="email"' not in form.text
    secret = made(visitor)
    assert 'name="email"' not in visitor.get(f"/watch/{secret}").text
    assert do(visitor, secret, "address", out=True, email="a@example.com").status_code == 422


@pytest.mark.usefixtures("home")
def test_a_mail_server_that_is_away_loses_no_list() -> None:
    with visiting(smtp_url="smtp://127.0.0.1:1") as visitor:
        answer = visitor.fill("/watch/new", {"query": NAME, "email": "someone@example.com"})
        assert answer.status_code == 201
        assert "보내지 못했습니다" in words(answer)
        (secret,) = set(re.findall(rf"/watch/({SECRET})", answer.text))
        # However often: nobody was written to, so that nothing counts, and nothing is waited for.
        for _ in range(4):
            page = do(visitor, secret, "address", out=True, email="someone@example.com")
            assert page.status_code == 422
            assert "보내지 못했습니다" in words(page)
        assert "기다립니다" not in words(visitor.get(f"/watch/{secret}"))


def test_a_character_that_no_database_keeps_harms_nothing(state_url: str) -> None:
    with visiting(state_url) as visitor:
        secret = made(visitor)
        for what, field in (("unfollow", "company"), ("remove_hook", "hook")):
            assert do(visitor, secret, what, **{field: "a\0b"}).status_code == 200
        assert visitor.get("/watch/stop/" + "%00" * 43).status_code == 404
        assert names(visitor.get(f"/watch/{secret}")) == [NAME]


def test_the_service_itself_forgets_who_did_not_answer(visitor: Visitor) -> None:
    database = visitor.service.database
    for answers in (True, False):
        confirm = addresses.ask_address(database, made(visitor), f"{answers}@example.com")
        assert confirm
        if answers:
            addresses.confirm_address(database, confirm)
    with database.session() as session:
        waiting = Watchlist.confirm_until.is_not(None)
        session.execute(update(Watchlist).where(waiting).values(confirm_until=now()))
    (tidy,) = [chore for chore in chores(visitor.service) if chore.name == "tidy"]
    tidy.do()
    with database.session() as session:
        assert set(session.scalars(select(Watchlist.email))) == {"True@example.com", None}


def test_a_hostile_name_is_text(visitor: Visitor) -> None:
    hostile = "<script>alert(1)</script>"
    answer = visitor.fill("/watch/new", {"query": hostile})
    assert answer.status_code == 422
    assert hostile not in answer.text
    secret = made(visitor)
    page = do(visitor, secret, "follow", query=hostile)
    assert hostile not in page.text
    assert hostile not in visitor.get(f"/watch/{secret}?done={hostile}").text


def test_no_secret_is_logged(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = made(visitor)
    caplog.set_level(logging.DEBUG)
    visitor.get(f"/watch/{secret}")
    do(visitor, secret, "follow", query="카카오")

    def broken(*_: object) -> None:
        raise RuntimeError

    visitor.client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    monkeypatch.setattr(watchlists, "find", broken)
    assert visitor.get(f"/watch/{secret}").status_code == 500
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx")]
    assert any("/watch/{secret}" in message for message in ours)
    assert not any(secret in message for message in ours)


def test_levels_follow_the_language_and_alerts_the_list(visitor: Visitor) -> None:
    secret = made(visitor)
    database = visitor.service.database
    assert "저장했습니다" in words(do(visitor, secret, "language", lang="en"))
    judged(database, 1, {"cash": "good", "debt": "danger"}, COMPANY)
    judged(database, 2, {"cash": "watch", "debt": "danger"}, COMPANY)
    feed = visitor.get(f"/watch/feed/{watchlists.feed_secret(secret)}.atom").text
    assert "cash-en good → watch" in feed
    assert count(visitor, Change) == 1
