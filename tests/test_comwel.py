"""Employment insurance by business number: a sum of workers, and no belief in answers about others."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.errors import AnswerError, KeyRefusedError, QuotaError
from paycanary.filings import comwel as loader
from paycanary.sources import comwel
from paycanary.sources.subject import Subject
from tests.live import Desk
from tests.standins.data_go_kr import KEY, Row, comwel_operations, refusing, service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.standins.server import StandIn

CORPORATION, PERSON = "1018100001", "1010100001"


def workplace(number: str = CORPORATION, name: str = "(주)가나기계", workers: object = 30, flag: str = "2") -> Row:  # fmt: skip
    return {
        "addr": "경기 안산시 어느길 1", "gyEopjongCd": "29111", "gyEopjongNm": "기계 제조업  ", "opaBoheomFg": flag, "post": "15000",
        "saeopFg": "1", "saeopjaDrno": number, "saeopjangNm": name, "sangsiInwonCnt": str(workers), "seongripDt": "19950701",
    }  # fmt: skip


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYCANARY_DATA_GO_KR_KEY", KEY)
    monkeypatch.setenv("PAYCANARY_RETRY_SECONDS", "0.001")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    running: list[StandIn] = []

    def start(rows: list[Row], limit: int = 10_000, **settings: bool) -> tuple[StandIn, Any]:
        stand_in, portal = service(comwel_operations(rows, **settings), limit=limit)
        running.append(stand_in.__enter__())
        monkeypatch.setenv("PAYCANARY_COMWEL_URL", stand_in.url)
        return stand_in, portal

    yield start
    for stand_in in running:
        stand_in.__exit__()


def about(desk: Desk, number: str = CORPORATION) -> None:
    comwel.about_company(desk.collector(), Subject("가나기계", business_number=number))


@pytest.mark.parametrize("speaks_json", [True, False])
def test_workers_of_all_workplaces_are_one_figure(
    desk: Desk, opened: Any, *, speaks_json: bool
) -> None:
    rows = [workplace(), workplace(name="(주)가나기계 공장", workers="1,241"), workplace(flag="1"), workplace("2018100002", workers=9)]  # fmt: skip
    stand_in, _ = opened(rows, speaks_json=speaks_json)
    about(desk)
    assert stand_in.asked()[0]["opaBoheomFg"] == "2"
    staged = desk.stage("comwel", loader.load)
    assert staged.rows("SELECT company_id, concept, value, unit, basis, months, period_end, published_on FROM stage_facts") == [
        (f"comwel:{CORPORATION}", "insured_workers", 1271, "persons", None, 0, date(2026, 11, 25), date(2026, 11, 25))
    ]  # fmt: skip
    assert staged.rows("SELECT name, business_number, industry FROM stage_companies") == [("(주)가나기계 공장", CORPORATION, "기계 제조업")]  # fmt: skip


def test_a_business_without_a_workplace_is_not_a_business_of_nobody(
    desk: Desk, opened: Any
) -> None:
    opened([workplace("2018100002")])
    about(desk)
    staged = desk.stage("comwel", loader.load)
    assert staged.rows("SELECT count(*) FROM stage_facts") == [(0,)]
    assert [(s.read, s.skipped) for s in staged.summaries] == [(1, 1)]


def test_a_workplace_of_nobody_is_a_count_of_0(desk: Desk, opened: Any) -> None:
    opened([workplace(workers=0)])
    about(desk)
    assert desk.stage("comwel", loader.load).rows("SELECT value FROM stage_facts") == [(0,)]


@pytest.mark.parametrize("workers", ["", "-", "서른", "-3"])
def test_a_count_that_cannot_be_read_leaves_no_sum(desk: Desk, opened: Any, workers: str) -> None:
    opened([workplace(), workplace(workers=workers)])
    about(desk)
    staged = desk.stage("comwel", loader.load)
    assert staged.rows("SELECT reason FROM stage_rejected") == [("bad_number",)]
    assert staged.rows("SELECT count(*) FROM stage_facts") == [(0,)]


@pytest.mark.parametrize("rows", [[workplace(), workplace("2018100002")], [workplace("2018100002")]])  # fmt: skip
def test_an_answer_about_others_is_no_answer(desk: Desk, opened: Any, rows: list[Row]) -> None:
    opened(rows, knows_number=False)
    with pytest.raises(AnswerError, match="other business numbers"):
        about(desk)
    assert list(desk.inbox.answers("comwel")) == []


def test_the_whole_register_in_place_of_one_business_is_not_fetched(
    desk: Desk, opened: Any
) -> None:
    stand_in, _ = opened([workplace(f"{n:010d}") for n in range(6000)], knows_number=False)
    with pytest.raises(AnswerError, match="6000 rows"):
        about(desk)
    assert len(stand_in.requests) == 1


def test_an_answer_about_the_other_insurance_is_no_answer(desk: Desk, opened: Any) -> None:
    _, portal = opened([workplace(), workplace(flag="1")])
    portal.operations["getGySjBoheomBsshItem"].known = ("v_saeopjaDrno",)
    with pytest.raises(AnswerError, match="other insurance"):
        about(desk)


def test_a_persons_shop_is_kept_without_its_name(desk: Desk, opened: Any) -> None:
    opened([workplace(PERSON, "이름아님의원", 4)])
    about(desk, PERSON)
    staged = desk.stage("comwel", loader.load)
    assert staged.rows("SELECT name, business_number FROM stage_companies") == [(None, PERSON)]
    kept = desk.bytes_kept()
    assert not any(word.encode() in kept for word in ("이름아님", "어느길", KEY))


def test_without_ten_digits_nobody_is_asked(desk: Desk, opened: Any) -> None:
    stand_in, _ = opened([workplace()])
    about(desk, "101810")
    comwel.about_company(desk.collector(), Subject("가나기계"))
    assert stand_in.requests == []


def test_companies_asked_before_are_asked_again_when_old(desk: Desk, opened: Any) -> None:
    stand_in, _ = opened([workplace(), workplace("2018100002")])
    about(desk)
    about(desk, "2018100002")
    comwel.everything(desk.collector(), None)
    assert len(stand_in.requests) == 2
    desk.clock.pass_days(21)
    comwel.everything(desk.collector(), None)
    assert len(stand_in.requests) == 4


def test_refusals_and_a_used_up_day_are_told(desk: Desk, opened: Any) -> None:
    stand_in, _ = opened([workplace()], limit=1)
    stand_in.fault(refusing("20"), times=1)
    with pytest.raises(KeyRefusedError, match="15059256"):
        about(desk)
    with pytest.raises(QuotaError):
        about(desk, "2018100002")
