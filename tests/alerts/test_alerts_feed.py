"""The Atom feed as a reader takes it: valid, and each change once by its id."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from lxml import etree

from paycanary.alerts import watchlists
from paycanary.alerts.feed import feed
from paycanary.state.tables import Change
from tests.alerts.receivers import followed, judged

if TYPE_CHECKING:
    from paycanary.state.database import Database

ATOM = "{http://www.w3.org/2005/Atom}"
ADDRESS = "https://paycanary.example/watch/feed/x.atom"
BASE = "https://paycanary.example"
#: RFC 4287 as far as a reader trips over it: what must stand once, and where.
RULES = {
    "feed": ("id", "title", "updated", "author"),
    "entry": ("id", "title", "updated", "content"),
}


def read(database: Database, secret: str) -> tuple[etree._Element, str]:
    found = watchlists.find(database, secret)
    assert found
    document, tag = feed(database, found.watchlist, ADDRESS, BASE)
    return etree.fromstring(document), tag


def texts(root: etree._Element, path: str) -> list[str]:
    return [element.text or "" for element in root.iterfind(path.replace("{}", ATOM))]


def test_an_empty_feed_is_a_feed(database: Database) -> None:
    root, _ = read(database, followed(database))
    assert root.tag == f"{ATOM}feed"
    for name in RULES["feed"]:
        assert len(root.findall(ATOM + name)) == 1
    assert datetime.fromisoformat(texts(root, "{}updated")[0]).tzinfo


def test_each_change_is_one_entry_with_before_after_and_source(database: Database) -> None:
    secret = followed(database)
    judged(database, 1, {"cash": "good", "debt": "danger"})
    judged(database, 2, {"cash": "watch", "debt": "danger"})
    root, _ = read(database, secret)
    (entry,) = root.findall(f"{ATOM}entry")
    for name in RULES["entry"]:
        assert len(entry.findall(ATOM + name)) == 1
    assert texts(root, "{}entry/{}id")[0].startswith("urn:paycanary:change:")
    assert texts(root, "{}entry/{}title") == ["가나다전자: cash-ko 양호 → 주의"]
    content = texts(root, "{}entry/{}content")[0]
    for told in ("cash good ko", "cash watch ko", "20260301000001", "2026-03-01"):
        assert told in content
    links = {link.get("rel"): link.get("href") for link in entry.iterfind(f"{ATOM}link")}
    assert links == {
        "alternate": "https://paycanary.example/companies/dart:00000001",
        "via": "https://dart.fss.or.kr/dsaf001/main.do?rcpNo=20260301000001",
    }


def test_ids_stay_and_the_tag_changes_with_the_entries_only(database: Database) -> None:
    secret = followed(database)
    judged(database, 1, {"cash": "good", "debt": "danger"})
    judged(database, 2, {"cash": "watch", "debt": "danger"})
    first, tag = read(database, secret)
    judged(database, 3, {"cash": "watch", "debt": "danger"})
    again, same = read(database, secret)
    assert same == tag
    judged(database, 4, {"cash": "unknown", "debt": "danger"})
    now, other = read(database, secret)
    assert other != tag
    assert (
        texts(first, "{}entry/{}id")
        == texts(again, "{}entry/{}id")
        == texts(now, "{}entry/{}id")[1:]
    )


def test_a_list_reads_its_own_changes_only(database: Database) -> None:
    ours, theirs = followed(database), followed(database, "dart:2")
    judged(database, 1, {"cash": "good", "debt": "danger"}, "dart:2")
    with database.session() as session:
        assert session.query(Change).count() == 0
    watchlists.unfollow(database, ours, "dart:2")
    judged(database, 2, {"cash": "watch", "debt": "danger"}, "dart:2")
    assert len(read(database, theirs)[0].findall(f"{ATOM}entry")) == 1
    assert read(database, ours)[0].findall(f"{ATOM}entry") == []


def test_a_hostile_name_stays_text(database: Database) -> None:
    secret = followed(database)
    hostile = "]]><script>alert('1')</script>&\x0b\ufffe\u202e\"</title>"
    judged(database, 1, {"cash": "good", "debt": "danger"}, name=hostile)
    judged(database, 2, {"cash": "watch", "debt": "danger"}, name=hostile)
    root, _ = read(database, secret)
    assert root.xpath("//*[local-name()='script']") == []
    assert texts(root, "{}entry/{}title")[0].startswith("]]><script>alert('1')</script>&")
    assert "<script" not in texts(root, "{}entry/{}content")[0]
