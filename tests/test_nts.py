"""The tax office's word on business numbers: a hundred a call, kept as dated notices."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from paycanary.errors import AnswerError, KeyRefusedError, QuotaError, SourceError, UnreachableError
from paycanary.filings import nts as loader
from paycanary.sources import nts
from paycanary.sources.subject import Subject
from paycanary.sources.web.calls import Call
from tests.live import Desk
from tests.standins.data_go_kr import KEY
from tests.standins.nts import row, service
from tests.standins.server import (
    EMPTY,
    HTML_PAGE,
    NOT_JSON,
    as_json,
    cut,
    http_error,
    instead,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.standins.server import Fault, StandIn

OPEN, SUSPENDED, CLOSED, UNKNOWN = "1018100001", "1018100002", "1018100003", "0000000000"
ROWS = [row(OPEN), row(SUSPENDED, "02"), row(CLOSED, "03", "20240331")]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYCANARY_DATA_GO_KR_KEY", KEY)
    monkeypatch.setenv("PAYCANARY_RETRY_SECONDS", "0.001")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def tax_office(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with service(ROWS) as stand_in:
        monkeypatch.setenv("PAYCANARY_NTS_URL", stand_in.url)
        yield stand_in


def ask(desk: Desk, *numbers: str) -> None:
    for number in numbers:
        nts.about_company(desk.collector(), Subject("가나기계", business_number=number))


def test_a_state_is_a_notice_of_the_day_of_asking(desk: Desk, tax_office: StandIn) -> None:
    ask(desk, OPEN, SUSPENDED, CLOSED, UNKNOWN)
    assert len(tax_office.requests) == 4
    staged = desk.stage("nts", loader.load)
    today = date(2026, 11, 25)
    assert staged.rows("SELECT company_id, kind, category, event_on, published_on FROM stage_notices ORDER BY ALL") == [
        (f"nts:{UNKNOWN}", "business_status", "unregistered", today, today),
        (f"nts:{OPEN}", "business_status", "continuing", today, today),
        (f"nts:{SUSPENDED}", "business_status", "suspended", today, today),
        (f"nts:{CLOSED}", "business_closure", "closed", date(2024, 3, 31), today),
        (f"nts:{CLOSED}", "business_status", "closed", today, today),
    ]  # fmt: skip
    # A number that is not registered is no company.
    assert [r[0] for r in staged.rows("SELECT business_number FROM stage_companies ORDER BY 1")] == [OPEN, SUSPENDED, CLOSED]  # fmt: skip
    assert KEY.encode() not in desk.bytes_kept()


def test_without_ten_digits_nobody_is_asked(desk: Desk, tax_office: StandIn) -> None:
    for number in ("101810", "", "10181000O1"):
        ask(desk, number)
    nts.about_company(desk.collector(), Subject("가나기계"))
    assert tax_office.requests == []


def test_everyone_ever_asked_about_is_asked_again_in_hundreds(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [f"{10_181_00000 + n:010d}" for n in range(250)]
    with service([row(n) for n in numbers]) as stand_in:
        monkeypatch.setenv("PAYCANARY_NTS_URL", stand_in.url)
        for start in range(0, 250, 50):
            desk.collector().get(nts.NtsApi(), Call("status", {"b_no": ",".join(numbers[start : start + 50])}))  # fmt: skip
        desk.clock.pass_days(8)
        before = len(stand_in.requests)
        nts.everything(desk.collector(), None)
        asked = [request.json["b_no"] for request in stand_in.requests[before:]]
        assert sorted(map(len, asked)) == [50, 100, 100]
        assert sorted(n for part in asked for n in part) == numbers
        nts.everything(desk.collector(), None)
        assert len(stand_in.requests) == before + 3
    staged = desk.stage("nts", loader.load)
    assert staged.rows("SELECT count(DISTINCT company_id) FROM stage_notices") == [(250,)]


def test_a_day_used_up_in_the_middle_goes_on_the_next_day(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [f"{10_181_00000 + n:010d}" for n in range(300)]
    with service([row(n) for n in numbers]) as stand_in:
        monkeypatch.setenv("PAYCANARY_NTS_URL", stand_in.url)
        desk.collector().get(nts.NtsApi(), Call("status", {"b_no": ",".join(numbers[:100])}))
        desk.collector().get(nts.NtsApi(), Call("status", {"b_no": ",".join(numbers[100:200])}))
        desk.collector().get(nts.NtsApi(), Call("status", {"b_no": ",".join(numbers[200:])}))
    desk.clock.pass_days(8)
    with service([row(n) for n in numbers], limit=1) as stand_in:
        monkeypatch.setenv("PAYCANARY_NTS_URL", stand_in.url)
        with pytest.raises(QuotaError):
            nts.everything(desk.collector(workers=1), None)
        assert len(stand_in.requests) == 2
        with pytest.raises(QuotaError):
            nts.everything(desk.collector(workers=1), None)
        assert len(stand_in.requests) == 2
    with service([row(n) for n in numbers]) as stand_in:
        monkeypatch.setenv("PAYCANARY_NTS_URL", stand_in.url)
        desk.clock.pass_days(1)
        nts.everything(desk.collector(), None)
        assert len(stand_in.requests) == 2


@pytest.mark.parametrize(
    ("fault", "kind", "tries"),
    [
        (lambda *_: as_json({"code": -4, "msg": "등록되지 않은 인증키 입니다."}, 401), KeyRefusedError, 1),
        (lambda *_: as_json({"code": -4, "msg": "등록되지 않은 인증키 입니다."}), KeyRefusedError, 1),
        (lambda *_: as_json({"code": -401, "msg": "인증키는 필수 항목 입니다."}, 401), KeyRefusedError, 1),
        (lambda *_: as_json({"code": -10, "msg": "일일 호출 한도를 초과하였습니다."}, 429), QuotaError, 1),
        (lambda *_: as_json({"code": -1, "msg": "시스템 에러"}, 500), UnreachableError, 4),
        (lambda *_: as_json({"status_code": "TOO_LARGE_REQUEST"}, 413), AnswerError, 1),
        (lambda *_: as_json({"status_code": "REQUEST_DATA_MALFORMED"}, 411), AnswerError, 1),
        (lambda *_: as_json({"code": -3, "msg": "등록되지 않은 서비스 입니다."}, 404), AnswerError, 1),
        (lambda *_: as_json({"status_code": "OK", "data": [row(SUSPENDED)]}), AnswerError, 1),
        (lambda *_: as_json({"status_code": "OK", "data": []}), AnswerError, 1),
        (lambda *_: as_json({"status_code": "OK", "data": "none"}), AnswerError, 1),
        (lambda *_: as_json([1]), AnswerError, 1),
        (instead(b"API token quota exceeded", "text/plain", 429), QuotaError, 1),
        (HTML_PAGE, AnswerError, 1),
        (NOT_JSON, AnswerError, 1),
        (EMPTY, AnswerError, 1),
        (http_error(401), KeyRefusedError, 1),
        (http_error(503), UnreachableError, 4),
        (cut(0), UnreachableError, 4),
        (cut(25), UnreachableError, 4),
    ],
)  # fmt: skip
def test_faults_are_told_apart(
    desk: Desk, tax_office: StandIn, fault: Fault, kind: type[SourceError], tries: int
) -> None:
    tax_office.fault(fault)
    with pytest.raises(SourceError) as caught:
        ask(desk, OPEN)
    assert type(caught.value) is kind
    assert len(tax_office.requests) == tries
    assert KEY not in caught.value.line("ko") + caught.value.line("en")
    assert list(desk.inbox.answers("nts")) == []


def test_an_undocumented_state_is_rejected_not_guessed(desk: Desk, tax_office: StandIn) -> None:
    strange = {**row(OPEN), "b_stt": "정리중", "b_stt_cd": "09"}
    tax_office.fault(lambda *_: as_json({"status_code": "OK", "data": [strange]}))
    ask(desk, OPEN)
    staged = desk.stage("nts", loader.load)
    assert staged.rows("SELECT reason FROM stage_rejected") == [("unknown_code",)]
    assert staged.rows("SELECT * FROM stage_notices") == []


def test_real_answers_are_read(desk: Desk, tax_office: StandIn, shared_data: Path) -> None:
    samples = shared_data / "korea" / "opendart" / "samples"
    answer = json.loads((samples / "nts_status_20260501_111911.json").read_text(encoding="utf-8"))
    refusal = json.loads((samples / "nts_status_20260501_110245.json").read_text(encoding="utf-8"))
    numbers = [entry["b_no"] for entry in answer["data"]]
    tax_office.fault(lambda *_: as_json(refusal), times=1)
    call = Call("status", {"b_no": ",".join(numbers)})
    with pytest.raises(KeyRefusedError):
        desk.collector().get(nts.NtsApi(), call)
    tax_office.fault(lambda *_: as_json(answer))
    desk.collector().get(nts.NtsApi(), call)
    staged = desk.stage("nts", loader.load)
    assert staged.rows("SELECT category, count(*) FROM stage_notices GROUP BY 1 ORDER BY 1") == [
        ("continuing", 3), ("unregistered", 1),
    ]  # fmt: skip
