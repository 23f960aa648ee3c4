"""What is asked of OpenDART, and what is not asked again: one company, the whole register, quotas, corrections, kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from paycanary.errors import AnswerError, QuotaError, UnreachableError
from paycanary.filings import opendart as loader
from paycanary.sources.dart import plan
from paycanary.sources.dart.fields import ENDPOINTS
from paycanary.sources.subject import Subject
from tests.live import Desk
from tests.standins import opendart
from tests.standins.server import NOT_JSON, StandIn, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LISTED, UNLISTED = "99000001", "98000001"
SUBJECT: Final = Subject("가나전자1", corp_code=LISTED)
AUDITED: Final = Subject("다라소프트1", corp_code=UNLISTED)
_LISTS: Final = ("/list.json",)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with opendart.service(opendart.made(3, unlisted=2)) as running:
        point_at(monkeypatch, running)
        yield running


def point_at(monkeypatch: pytest.MonkeyPatch, service: StandIn) -> None:
    monkeypatch.setenv("PAYCANARY_DART_URL", service.url)
    monkeypatch.setenv("PAYCANARY_DART_KEY", opendart.KEY)
    monkeypatch.setenv("PAYCANARY_RETRY_SECONDS", "0.01")


def rules(service: StandIn) -> opendart.OpenDart:
    found: opendart.OpenDart = service.rules  # type: ignore[attr-defined]
    return found


def since(service: StandIn, start: int = 0) -> list[tuple[str, ...]]:
    """Questions from the ``start``th on, as comparable texts without the key."""
    return [
        (r.path, *(f"{k}={v}" for k, v in sorted(r.params.items()) if k != "crtfc_key"))
        for r in service.requests[start:]
    ]


def endpoints(questions: list[tuple[str, ...]]) -> set[str]:
    return {path.strip("/").partition(".")[0] for path, *_ in questions}


# --- one company ---------------------------------------------------------------------------------


def test_official_numbers_are_filled_in(desk: Desk, service: StandIn) -> None:
    found = plan.identify(desk.collector(), SUBJECT)
    assert (found.corporation_number, found.business_number) == ("1301099000001", "1299000001")
    assert (found.stock_code, found.fiscal_month, found.is_listed) == ("990001", 12, True)
    nobody = Subject("이름뿐")
    assert plan.identify(desk.collector(), nobody) == nobody
    assert plan.identify(desk.collector(), Subject("없음", corp_code="00000000")).name == "없음"
    plan.about_company(desk.collector(), nobody)
    assert endpoints(since(service)) == {"company"}


def test_a_listed_company_takes_few_calls_and_none_the_second_time(
    desk: Desk, service: StandIn
) -> None:
    began = time.monotonic()
    plan.about_company(desk.collector(), SUBJECT)
    assert time.monotonic() - began < 15
    asked = since(service)
    assert len(asked) < 30
    assert endpoints(asked) == {"company", "list", "fnlttSinglAcntAll", *opendart.PERIODIC}
    assert len(set(asked)) == len(asked)
    plan.about_company(desk.collector(), SUBJECT)
    assert len(service.requests) == len(asked)
    desk.clock.pass_days(1)
    plan.about_company(desk.collector(), SUBJECT)
    assert endpoints(since(service, len(asked))) == {"list"}


def test_separate_statements_are_asked_where_there_are_no_consolidated_ones(
    desk: Desk, service: StandIn
) -> None:
    plan.about_company(desk.collector(), SUBJECT)
    asked = [p["fs_div"] for p in service.asked("/fnlttSinglAcntAll.json")]
    assert (asked.count("CFS"), asked.count("OFS")) == (3, 3)


def test_an_unlisted_company_is_known_by_its_audit_reports(desk: Desk, service: StandIn) -> None:
    plan.about_company(desk.collector(), AUDITED)
    assert endpoints(since(service)) == {"company", "list", "document"}
    asked = {p["rcept_no"] for p in service.asked("/document.xml")}
    assert asked == {"20240405000001", "20250405000001", "20260405000001"}
    kept = list(desk.inbox.answers("dart", "document"))
    assert {(s.params["corp_code"], s.params["corp_name"]) for s in kept} == {(UNLISTED, "다라소프트1")}  # fmt: skip
    assert {s.params["report_nm"] for s in kept} >= {"감사보고서 (2025.12)"}


def test_a_document_is_not_fetched_again_when_its_bytes_are_gone(
    desk: Desk, service: StandIn
) -> None:
    plan.about_company(desk.collector(), AUDITED)
    done = desk.inbox.export("dart", desk.folder / "out")
    desk.clock.pass_days(41)
    desk.inbox.taken(done)
    assert not list(desk.inbox.answers("dart", "document"))
    plan.about_company(desk.collector(), AUDITED)
    assert len(service.asked("/document.xml")) == 3


def test_a_correction_is_asked_about_anew(desk: Desk, service: StandIn) -> None:
    plan.about_company(desk.collector(), SUBJECT)
    desk.clock.pass_days(1)
    plan.about_company(desk.collector(), SUBJECT)
    start = len(service.requests)
    data = rules(service).data
    data.add_filing(LISTED, "A", "[기재정정]사업보고서 (2025.12)", "20260401000001")
    data.add_filing(LISTED, "A", "[첨부정정]사업보고서 (2024.12)", "20260402000001")
    desk.clock.pass_days(1)
    plan.about_company(desk.collector(), SUBJECT)
    anew = [q for q in since(service, start) if "reprt_code=11011" in q]
    assert {q for q in anew if "bsns_year=2025" in q and q[0] == "/empSttus.json"}
    assert not [q for q in anew if "bsns_year=2024" in q and q[0] == "/empSttus.json"]


def test_contents_that_are_not_ready_yet_are_asked_again_the_next_day(
    desk: Desk, service: StandIn
) -> None:
    held = rules(service).data.reports["empSttus"]
    late = held.pop((LISTED, "2025", "11011"))
    desk.clock.at = datetime(2026, 3, 16, tzinfo=UTC)
    plan.about_company(desk.collector(), SUBJECT)
    held[LISTED, "2025", "11011"] = late
    for _ in range(2):
        desk.clock.pass_days(1.1)
        plan.about_company(desk.collector(), SUBJECT)
    asked = [p for p in service.asked("/empSttus.json") if p["bsns_year"] == "2025"]
    assert len(asked) == 2


def test_contents_that_are_missing_for_two_weeks_are_not_filed(
    desk: Desk, service: StandIn
) -> None:
    desk.clock.at = datetime(2026, 3, 30, tzinfo=UTC)
    for _ in range(3):
        plan.about_company(desk.collector(), SUBJECT)
        desk.clock.pass_days(8)
    bonds = [p for p in service.asked("/cprndNrdmpBlce.json") if p["bsns_year"] == "2025"]
    assert len(bonds) == 1


@pytest.mark.parametrize("called", ["2024", "2025"])
def test_a_year_that_ends_in_march_is_found_under_either_calendar_year(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, called: str
) -> None:
    data = opendart.Data()
    data.add_company(LISTED, "가나전자1", "990001", acc_mt="03")
    data.add_filing(LISTED, "A", "사업보고서 (2025.03)", "20250627000001")
    data.add_filing(LISTED, "A", "분기보고서 (2025.06)", "20250814000001")
    opendart.add_report(data, LISTED, called, "11011", "20250627000001", "2025-03-31")
    opendart.add_report(data, LISTED, str(int(called) + 1), "11013", "20250814000001", "2025-06-30")
    with opendart.service(data) as service:
        point_at(monkeypatch, service)
        plan.about_company(desk.collector(), SUBJECT)
    staged = desk.stage("dart", loader.load)
    ends = staged.rows("SELECT DISTINCT form, CAST(period_end AS VARCHAR) FROM stage_filings ORDER BY ALL")  # fmt: skip
    assert ends == [("annual", "2025-03-31"), ("annual_first", "2025-03-31"), ("quarter_1", "2025-06-30")]  # fmt: skip
    assert staged.rows("SELECT CAST(period_end AS VARCHAR), headcount FROM stage_headcounts ORDER BY ALL") == [("2025-03-31", 100), ("2025-06-30", 100)]  # fmt: skip
    assert ("2025-06-30", 3, 300_000_000.0) in staged.rows("SELECT CAST(period_end AS VARCHAR), months, value FROM stage_facts WHERE concept = 'revenue'")  # fmt: skip


def test_a_material_fact_is_read_where_its_title_is_listed(desk: Desk, service: StandIn) -> None:
    data = rules(service).data
    data.add_filing(LISTED, "B", "주요사항보고서(회생절차개시신청)", "20180301000001")
    data.events["ctrcvsBgrq"] = [
        {"rcept_no": "20180301000001", "corp_code": LISTED, "corp_name": "가나전자1", "apcnt": opendart.NOBODY, "cpct": "서울회생법원", "rq_rs": f"채권자 {opendart.NOBODY}이 신청", "rqd": "2018년 02월 28일", "ft_ctp_sc": opendart.NOBODY}
    ]  # fmt: skip
    plan.about_company(desk.collector(), SUBJECT)
    assert service.asked("/ctrcvsBgrq.json") == [
        {"crtfc_key": opendart.KEY, "corp_code": LISTED, "bgn_de": "20180301", "end_de": "20180301"}
    ]
    assert service.asked("/dfOcr.json") == []
    staged = desk.stage("dart", loader.load)
    assert staged.rows("SELECT kind, category, CAST(event_on AS VARCHAR), detail, CAST(published_on AS VARCHAR) FROM stage_notices") == [
        ("rehabilitation", "applied", "2018-02-28", "회생절차 개시신청, 서울회생법원", "2018-03-01")
    ]  # fmt: skip


def test_the_end_of_proceedings_is_looked_for_as_long_as_an_application_is_danger(
    desk: Desk, service: StandIn
) -> None:
    rules(service).data.add_filing(LISTED, "I", "회생절차종결결정", "20211220900001")
    plan.about_company(desk.collector(), SUBJECT)
    begins = {p["pblntf_ty"]: p["bgn_de"] for p in service.asked("/list.json")}
    assert begins == {"A": "20230101", "B": "20150101", "E": "20211101", "F": "20230101", "I": "20211101"}  # fmt: skip
    staged = desk.stage("dart", loader.load)
    assert staged.rows("SELECT category, CAST(event_on AS VARCHAR) FROM stage_notices") == [("ended", "2021-12-20")]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("채권자 {0}이 신청", "채권자 ○○○이 신청"),
        ("신청인: {0}", "신청인: ○○○"),
        ("대표이사({0})의 구속", "대표이사(○○○)의 구속"),
        ("최대주주 {0}, {0} 및 {0} 외 3인의 횡령", "최대주주 ○○○, ○○○ 및 ○○○ 외 3인의 횡령"),
        ("{0} 대표이사의 사임", "○○○ 대표이사의 사임"),
        ("{0}(전 이사)의 배임", "○○○(전 이사)의 배임"),
        ("감사 이 름 아 의 고소", "감사 ○○○ 고소"),
        ("대표이사 Nobody Nowhere 사임", "대표이사 ○○○ 사임"),
        ("이사회 결의에 따른 합병", "이사회 결의에 따른 합병"),
        ("주주총회의 해산 결의", "주주총회의 해산 결의"),
        ("감사의견 거절", "감사의견 거절"),
        ("채권자 신청에 의한 파산", "채권자 신청에 의한 파산"),
        ("채권자 주식회사 가나의 신청", "채권자 주식회사 가나의 신청"),
        ("예금부족", "예금부족"),
    ],
)
def test_people_in_free_text_are_masked_before_anything_is_kept(
    desk: Desk, service: StandIn, said: str, kept: str
) -> None:
    texts = {
        "dfOcr": ("부도발생", ("df_cn", "df_rs")), "bsnSp": ("영업정지", ("bsnsp_rm", "bsnsp_rs", "bsnsp_cn")),
        "ctrcvsBgrq": ("회생절차개시신청", ("rq_rs", "apcnt")), "dsRsOcr": ("해산사유발생", ("ds_rs",)),
        "bnkMngtPcbg": ("채권은행등의관리절차개시", ("mngt_rs",)), "bnkMngtPcsp": ("채권은행등의관리절차중단", ("sp_rs",)),
        "lwstLg": ("소송등의제기", ("icnm", "ac_ap", "rq_cn")),
    }  # fmt: skip
    data = rules(service).data
    for number, (endpoint, (title, fields)) in enumerate(texts.items(), 1):
        receipt = f"2025030100000{number}"
        data.add_filing(LISTED, "B", f"주요사항보고서({title})", receipt)
        words = dict.fromkeys(fields, said.format(opendart.NOBODY))
        data.events[endpoint] = [{"rcept_no": receipt, "corp_code": LISTED, "corp_name": "가나전자1", "sl_vs": "100", **words}]  # fmt: skip
    plan.about_company(desk.collector(), SUBJECT)
    staged = desk.stage("dart", loader.load)
    held = desk.bytes_kept() + repr(staged.rows("SELECT * FROM stage_notices")).encode()
    for name in (opendart.NOBODY, "이 름 아", "Nobody"):
        assert name.encode() not in held
    details = dict(staged.rows("SELECT DISTINCT kind, detail FROM stage_notices WHERE category IS DISTINCT FROM 'ended'"))  # fmt: skip
    assert set(details) == {"default", "business_suspension", "rehabilitation", "dissolution", "creditor_management", "litigation"}  # fmt: skip
    for kind in ("default", "dissolution", "creditor_management"):
        assert details[kind] == kept
    assert details["business_suspension"] == f"{kept}: {kept}"


# --- the whole register --------------------------------------------------------------------------


def whole(desk: Desk) -> None:
    plan.everything(desk.collector(), None)
    desk.inbox.finish_round("dart")


def test_a_first_round_asks_the_market_and_every_company_that_filed(
    desk: Desk, service: StandIn
) -> None:
    whole(desk)
    many = service.asked("/fnlttMultiAcnt.json")
    assert {p["bsns_year"] for p in many} == {"2023", "2024", "2025"}
    assert {p["corp_code"] for p in many if p["bsns_year"] == "2023"} == {"99000001,99000002,99000003"}  # fmt: skip
    assert len(service.asked("/corpCode.xml")) == 1
    assert {p["corp_code"] for p in service.asked("/empSttus.json")} == {"99000001", "99000002", "99000003"}  # fmt: skip
    assert {p["rcept_no"] for p in service.asked("/document.xml")} == {"20260405000001", "20260405000002"}  # fmt: skip
    spans = sorted((p["bgn_de"], p["end_de"]) for p in service.asked("/list.json") if p["pblntf_ty"] == "A")  # fmt: skip
    assert spans == [
        ("20251001", "20251231"), ("20260101", "20260331"), ("20260401", "20260630"), ("20260701", "20260930"),
        ("20261001", "20261031"), ("20261101", "20261125"),
    ]  # fmt: skip


def test_a_whole_round_learns_of_extended_terms_and_ended_proceedings(
    desk: Desk, service: StandIn
) -> None:
    data = rules(service).data
    data.add_filing(LISTED, "E", "사업보고서제출기한연장신고서", "20260331700001")
    data.add_filing(LISTED, "I", "회생절차종결결정", "20260501900001")
    whole(desk)
    staged = desk.stage("dart", loader.load)
    assert staged.rows("SELECT filing_id FROM stage_filings WHERE form = 'extension'") == [("20260331700001",)]  # fmt: skip
    assert staged.rows("SELECT category, filing_id FROM stage_notices") == [("ended", "20260501900001")]  # fmt: skip


def test_more_than_a_hundred_companies_are_asked_in_several_calls(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = opendart.made(0)
    for number in range(250):
        data.add_company(f"{99_000_000 + number:08}", f"가나{number}", f"{990_000 + number:06}")
    with opendart.service(data) as service:
        point_at(monkeypatch, service)
        whole(desk)
        sizes = [p["corp_code"].count(",") + 1 for p in service.asked("/fnlttMultiAcnt.json")]
    assert sorted(sizes) == [50, 50, 50, 100, 100, 100, 100, 100, 100]


def test_a_later_round_asks_only_about_what_was_filed_since(desk: Desk, service: StandIn) -> None:
    whole(desk)
    start = len(service.requests)
    desk.clock.pass_days(2)
    data = rules(service).data
    data.add_filing("99000002", "A", "분기보고서 (2026.09)", "20261126000002")
    opendart.add_report(data, "99000002", "2026", "11014", "20261126000002", "2026-09-30")
    plan.everything(desk.collector(), desk.clock.at.date())
    later = since(service, start)
    assert endpoints(later) == {"list", "fnlttSinglAcntAll", "fnlttMultiAcnt", *opendart.PERIODIC}
    assert all("corp_code=99000002" in q for q in later if q[0] not in _LISTS)
    assert {p["bgn_de"] for p in service.asked("/list.json")[-5:]} == {"20261118"}
    assert {p["pblntf_ty"] for p in service.asked("/list.json")[-5:]} == {"A", "B", "E", "F", "I"}


def test_several_pages_of_filings_are_all_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    data = opendart.made(130, years=(2025,))
    data.reports.clear()
    with opendart.service(data) as service:
        point_at(monkeypatch, service)
        service.fault(cut(), where=lambda r: r.path == "/company.json")
        with pytest.raises(UnreachableError):
            whole(desk)
        asked = [p["page_no"] for p in service.asked("/list.json") if p["pblntf_ty"] == "A" and p["bgn_de"] == "20260101"]  # fmt: skip
    assert asked == ["1", "2"]


def test_a_page_of_filings_that_cannot_be_read_ends_the_round(desk: Desk, service: StandIn) -> None:
    """Otherwise the round would count as finished and what stood there would never be missed."""
    bad = {"times": 1, "where": lambda r: r.params.get("bgn_de") == "20260101"}
    service.fault(NOT_JSON, **bad)  # type: ignore[arg-type]
    with pytest.raises(AnswerError):
        plan.everything(desk.collector(), None)
    start = len(service.requests)
    plan.everything(desk.collector(), None)
    assert len([q for q in since(service, start) if q[0] == "/list.json"]) == 1


# --- quotas, outages, clocks ---------------------------------------------------------------------


def _sent(endpoint: str, params: dict[str, str]) -> tuple[str, ...]:
    """A question without the key and without what is not sent."""
    known = (*ENDPOINTS[endpoint].required, *ENDPOINTS[endpoint].optional)
    return (endpoint, *(f"{name}={params[name]}" for name in sorted(known) if name in params))


def resumed(desk: Desk, service: StandIn, stop: Callable[[], None], go: Callable[[], None], kind: type[Exception]) -> None:  # fmt: skip
    """Stop in the middle, go on, and ask nothing twice but the filings of the running month."""
    stop()
    with pytest.raises(kind):
        plan.everything(desk.collector(), None)
    start = len(service.requests)
    answered = {_sent(a.endpoint, a.params) for a in desk.inbox.answers("dart")}
    assert len(answered) > 20
    go()
    plan.everything(desk.collector(), None)
    again = [_sent(r.path.strip("/").partition(".")[0], r.params) for r in service.requests[start:]]
    assert [q for q in again if q in answered and q[0] != "list"] == []
    first = len(service.requests)
    plan.everything(desk.collector(), None)
    assert len(service.requests) == first


def test_a_quota_used_up_in_the_middle_goes_on_the_next_day(desk: Desk, service: StandIn) -> None:
    def stop() -> None:
        rules(service).daily = 50

    def go() -> None:
        count = len(service.requests)
        with pytest.raises(QuotaError) as caught:
            plan.everything(desk.collector(), None)
        assert caught.value.resumes_on.isoformat() == "2026-11-26"
        assert (
            len(service.requests) == count
        )  # nothing is sent on a day that is known to be used up
        rules(service).daily = None
        desk.clock.pass_days(1)

    resumed(desk, service, stop, go, QuotaError)


def test_maintenance_in_the_middle_goes_on_later(desk: Desk, service: StandIn) -> None:
    def stop() -> None:
        def closed(*_: Any) -> Any:
            return opendart.said("company", "800")

        service.fault(closed, where=lambda r: r.path == "/empSttus.json")

    resumed(desk, service, stop, service.mend, UnreachableError)


def test_a_batch_leaves_calls_for_single_companies(desk: Desk, service: StandIn) -> None:
    day = desk.inbox.today().isoformat()
    desk.inbox._db.execute("INSERT INTO calls VALUES ('dart', 'all', ?, 18000, 0)", (day,))
    with pytest.raises(QuotaError):
        plan.everything(desk.collector(), None)
    assert service.requests == []
    plan.about_company(desk.collector(), SUBJECT)
    assert service.requests
    desk.inbox._db.execute("UPDATE calls SET count = 20000")
    with pytest.raises(QuotaError):
        plan.about_company(desk.collector(), AUDITED)


def test_a_clock_set_back_makes_nothing_stand_that_should_be_asked(
    desk: Desk, service: StandIn
) -> None:
    plan.about_company(desk.collector(), SUBJECT)
    start = len(service.requests)
    desk.clock.at -= timedelta(days=400)
    plan.about_company(desk.collector(), SUBJECT)
    assert "company" in endpoints(since(service, start))
    assert "empSttus" not in endpoints(since(service, start))


def test_one_bad_answer_costs_itself(desk: Desk, service: StandIn) -> None:
    service.fault(NOT_JSON, times=1, where=lambda r: r.path == "/empSttus.json")
    collector = desk.collector()
    plan.about_company(collector, SUBJECT)
    assert collector.tally("dart").failed == 1
    start = len(service.requests)
    plan.about_company(desk.collector(), SUBJECT)
    assert endpoints(since(service, start)) == {"empSttus"}


def test_nothing_that_is_kept_holds_the_key_or_a_person(desk: Desk, service: StandIn) -> None:
    plan.identify(desk.collector(), SUBJECT)
    plan.about_company(desk.collector(), SUBJECT)
    plan.about_company(desk.collector(), AUDITED)
    desk.stage("dart", loader.load)
    kept = desk.bytes_kept()
    assert "가나전자1".encode() in kept
    assert opendart.KEY.encode() not in kept
    assert opendart.NOBODY.encode() not in kept
    assert service.requests


# --- a killed process ----------------------------------------------------------------------------

_PROGRAM: Final = """
import sys
from pathlib import Path
from paycanary.sources.dart import plan
from paycanary.sources.web.collector import Collector
from paycanary.sources.web.inbox import Inbox
inbox = Inbox(Path(sys.argv[1]))
plan.everything(Collector(inbox), None)
inbox.finish_round("dart")
"""


def test_a_killed_batch_asks_nothing_twice_but_what_was_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process is killed as a machine that loses power would, three times; calls in flight may be lost with it."""
    # Recent filings by the real clock, which the process goes by.
    year = time.gmtime().tm_year
    data = opendart.made(12, years=(year - 2, year - 1))
    with opendart.service(data) as service:
        point_at(monkeypatch, service)
        for calls in (20, 60, 90):
            process = subprocess.Popen([sys.executable, "-c", _PROGRAM, str(tmp_path)], stderr=subprocess.PIPE, env=dict(os.environ))  # fmt: skip
            limit = time.monotonic() + 60
            while len(service.requests) < calls and time.monotonic() < limit:
                assert process.poll() is None
                time.sleep(0.005)
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
        done = subprocess.run([sys.executable, "-c", _PROGRAM, str(tmp_path)], capture_output=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        asked = since(service)
        again = len(asked) - len(set(asked))
        # The filings of this month are looked through again only after hours.
        assert again <= 3 * 5
        assert len({q for q in asked if q[0] == "/empSttus.json"}) == 12
        assert opendart.KEY not in done.stdout.decode() + done.stderr.decode()
