"""What can be wrong with a list's page: maintenance, another layout, half a page, bombs. Nothing is stored from it then."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from paycanary.errors import AnswerError, KeyRefusedError, SourceError, UnreachableError
from paycanary.sources.lists import kind, moel, nhis, tax, tips
from paycanary.sources.subject import Subject
from paycanary.sources.web.calls import Call
from tests.list_lake import ROUND, Lists
from tests.standins import lists
from tests.standins.lists import PERSON, WORK24_KEY, moel_row, nhis_row, startup, tax_row
from tests.standins.server import EMPTY, HTML_PAGE, NOT_JSON, cut, endless, http_error, instead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from tests.standins.server import Fault

GANA = Subject("가나전자", stock_code="990010", business_number="1234567890")
REGISTERS = {"moel": moel, "tax": tax, "nhis": nhis, "tips": tips, "krx": kind}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lists]:
    with ExitStack() as stack:
        made = Lists(tmp_path, monkeypatch, stack)
        made.moel.rows = [moel_row(ROUND, "가나전자", "경기도", "50,000,000")]
        made.tax.rows = [tax_row(1, "2025", "(주)가나전자", "경기도", "1,000")]
        made.nhis.rows = [nhis_row(1, "(주)가나전자", "경기도", "1,000")]
        made.startups.rows = [startup("a1", "가나전자")]
        made.exchange.administered = [("1", "990020", "다라건설", "2026-03-20", "자본잠식")]
        made.exchange.delisted = [("1", "사아기업", "990090", "2025-06-30", "자본잠식", "")]
        yield made


def refused(world: Lists, register: ModuleType) -> SourceError:
    """The error of a reading, of which nothing of the list may be kept."""
    with pytest.raises(SourceError) as caught:
        world.everything(register)
    assert world.desk.inbox.find(register.NAME, Call("list")) is None
    line = caught.value.line("en")
    assert PERSON not in line + caught.value.line("ko")
    assert PERSON.encode() not in world.desk.bytes_kept()
    return caught.value


WHOLE = lists.page(lists.Site(), [moel_row(ROUND, "가나전자", "경기도", "1")] * 3, 3)
TRUNCATED = instead(WHOLE[: WHOLE.rindex(b"<td>")])
ENTITIES = instead(
    b'<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "' + b"x" * 1000 + b'">'
    + b"".join(f'<!ENTITY {c} "{"&" + chr(ord(c) - 1) + ";"}{"&" + chr(ord(c) - 1) + ";"}">'.encode() for c in "bcdefghijklmnop")
    + b'<!ENTITY f SYSTEM "file:///etc/passwd">]><html><body><table><tr><th>&p;&f;</th></tr></table></body></html>'
)  # fmt: skip
DEEP = instead(b"<table>" + b"<tr><td><table>" * 30_000 + b"</table>")
FAULTS: dict[str, Fault] = {
    "maintenance": HTML_PAGE,
    "nothing": EMPTY,
    "half_json": NOT_JSON,
    "truncated": TRUNCATED,
    "entities": ENTITIES,
    "deep": DEEP,
    "binary": instead(b"\xff\xfe\x00\x81</table>" * 50),
    "gone": http_error(404),
    "moved": http_error(302, {"Location": "https://example.com/"}),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["moel", "tips"])
def test_a_page_that_is_no_list_is_an_error_of_the_answer(world: Lists, name: str, fault: str) -> None:  # fmt: skip
    world.services[name].fault(FAULTS[fault])
    error = refused(world, REGISTERS[name])
    assert isinstance(error, AnswerError)
    assert error.source == name
    assert "passwd" not in str(error)
    assert "root:" not in str(error)


@pytest.mark.parametrize("name", ["tax", "nhis", "krx"])
def test_maintenance_is_an_error_of_every_list(world: Lists, name: str) -> None:
    world.services[name].fault(HTML_PAGE)
    assert isinstance(refused(world, REGISTERS[name]), AnswerError)


def test_an_answer_without_end_is_cut_off(world: Lists) -> None:
    world.services["moel"].fault(endless())
    assert "16 MiB" in refused(world, moel).line("en")


@pytest.mark.parametrize("fault", [cut(), cut(after=40), http_error(503)])
def test_a_broken_connection_is_tried_again_and_then_told(world: Lists, fault: Fault) -> None:
    world.services["tips"].fault(fault, times=1)
    world.everything(tips)
    world.desk.clock.pass_days(2)
    world.services["tips"].fault(fault)
    with pytest.raises(UnreachableError):
        world.everything(tips)


def test_a_changed_number_of_columns_is_said_and_nothing_kept(world: Lists) -> None:
    world.moel.head = (*lists.MOEL_HEAD[:4], "사업자번호", *lists.MOEL_HEAD[4:])
    world.moel.rows = [(*row[:4], "123-45-67890", *row[4:]) for row in world.moel.rows]
    error = refused(world, moel)
    assert "layout changed" in error.line("en")
    assert "짜임" in error.line("ko")


def test_columns_in_another_order_are_not_read(world: Lists) -> None:
    """The person's name would stand where the workplace's did."""
    head = list(lists.MOEL_HEAD)
    head[1], head[3] = head[3], head[1]
    world.moel.head = tuple(head)
    assert "layout changed" in refused(world, moel).line("en")


def test_a_row_with_a_cell_too_many_spoils_the_page(world: Lists) -> None:
    world.moel.rows = [world.moel.rows[0], (PERSON, *world.moel.rows[0])]
    world.moel.head = lists.MOEL_HEAD
    world.services["moel"].fault(instead(lists.page(world.moel, world.moel.rows, 2, columns=9)))
    assert "a row of 9 cells" in refused(world, moel).line("en")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "euc-kr"])
def test_a_page_is_read_in_either_encoding(world: Lists, encoding: str) -> None:
    world.moel.encoding = encoding
    world.everything(moel)
    stored = world.desk.inbox.find("moel", Call("list"))
    assert stored is not None
    assert [row["name"] for row in stored.rows] == ["가나전자"]


def test_an_empty_whole_list_is_not_believed(world: Lists) -> None:
    world.moel.rows = []
    assert "empty" in refused(world, moel).line("en")


@pytest.mark.parametrize("tells_total", [True, False])
def test_a_site_that_ignores_the_page_size_is_read_whole(world: Lists, tells_total: bool) -> None:  # fmt: skip # noqa: FBT001
    world.moel.rows = [moel_row(ROUND, f"가게{n}", "서울", "1") for n in range(15)]
    world.moel.ignores_size, world.moel.tells_total = True, tells_total
    world.everything(moel)
    stored = world.desk.inbox.find("moel", Call("list"))
    assert stored is not None
    assert len(stored.rows) == 15
    pages = [r.form["pageIndex"] for r in world.services["moel"].requests]
    assert pages == (["1", "2"] if tells_total else ["1", "2", "3"])


def test_a_site_that_shows_the_same_page_again_is_not_read_as_whole(world: Lists) -> None:
    world.moel.rows = [moel_row(ROUND, f"가게{n}", "서울", "1") for n in range(15)]
    world.moel.ignores_size, world.moel.tells_total, world.moel.repeats_last = True, False, True
    assert "repeats" in refused(world, moel).line("en")


def test_a_total_that_the_pages_do_not_add_up_to_is_an_error(world: Lists) -> None:
    world.moel.before = "<p>전체 5건</p>"
    assert "5" in refused(world, moel).line("en")


def test_one_changed_list_of_kind_keeps_the_others(world: Lists) -> None:
    world.services["krx"].fault(HTML_PAGE, where=lambda r: r.path.endswith("adminissue.do"))
    with pytest.raises(AnswerError, match="layout changed"):
        world.about(kind, GANA)
    assert world.desk.inbox.find("krx", Call("delcompany")) is not None
    assert world.desk.inbox.find("krx", Call("adminissue")) is None


def test_kind_is_asked_as_from_its_own_page(world: Lists) -> None:
    world.about(kind, GANA)
    assert all("kind.krx.co.kr" in r.headers["referer"] for r in world.services["krx"].requests)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b"",
        b"<jdgnList><lnkSucsYn>Y</lnkSucsYn></jdgnList>",
        b"<jdgnList><lnkSucsYn>Y</lnkSucsYn><judgReltYn>?</judgReltYn></jdgnList>",
        b"<jdgnList><lnkSucsYn>N</lnkSucsYn><errMsgCd>ERR9</errMsgCd><errMsg>x</errMsg></jdgnList>",
        b'<!DOCTYPE a [<!ENTITY x "Y">]><jdgnList><lnkSucsYn>Y</lnkSucsYn><judgReltYn>&x;</judgReltYn></jdgnList>',
        b"<jdgnList><lnkSucsYn>Y</lnkSucsYn><judgReltYn>N</judg",
    ],
)
def test_an_error_of_work24_is_never_not_listed(
    world: Lists, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setenv("PAYCANARY_WORK24_KEY", WORK24_KEY)
    world.services["work24"].fault(instead(body, "text/xml"))
    with pytest.raises(AnswerError) as caught:
        world.about(moel, GANA)
    assert not isinstance(caught.value, KeyRefusedError)
    assert WORK24_KEY not in str(caught.value)
    assert [a.endpoint for a in world.desk.inbox.answers("moel")] == ["search"]
