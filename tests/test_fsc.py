"""The Financial Services Commission's statements and outlines: asked for, kept, and staged as facts."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.errors import AnswerError, InputFileError, KeyRefusedError, QuotaError
from paycanary.filings import fsc as loader
from paycanary.sources import fsc
from paycanary.sources.subject import Subject
from tests.live import Desk
from tests.standins.data_go_kr import KEY, Row, fsc_operations, refusing, service
from tests.standins.server import HTML_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.standins.data_go_kr import Portal
    from tests.standins.server import StandIn

CRNO = "1101110000001"
BZNO = "1018100001"


def outline(**fields: str) -> Row:
    """An outline as the service writes it; the representative is nobody."""
    return {
        "crno": CRNO, "corpNm": "(주)가나기계", "corpEnsnNm": "GANA MACHINERY", "enpPbanCmpyNm": "가나기계", "enpRprFnm": "이름아님",
        "corpRegMrktDcdNm": "코스닥", "bzno": BZNO, "enpBsadr": "경기도 안산시 단원구 어느길 1", "sicNm": "기계 제조업", "enpStacMm": "12",
        "enpEmpeCnt": "31", "fssCorpUnqNo": "00999999", "fstOpegDt": "20260101", "lastOpegDt": "20260911", **fields,
    }  # fmt: skip


def summary(year: int = 2025, basis: str = "110", **fields: str) -> Row:
    name = {"110": "연결요약재무제표", "120": "별도요약재무제표"}.get(basis, "NA")
    return {
        "basDt": f"{year}1231", "crno": CRNO, "bizYear": str(year), "fnclDcd": basis, "fnclDcdNm": name, "curCd": "KRW",
        "enpSaleAmt": "1000000", "enpBzopPft": "-20000", "iclsPalClcAmt": "-25000", "enpCrtmNpf": "-30000", "enpTastAmt": "500000",
        "enpTdbtAmt": "420000", "enpTcptAmt": "80000", "enpCptlAmt": "100000", "fnclDebtRto": "525", **fields,
    }  # fmt: skip


def account(id_: str, name: str, amount: str, prior: str = "0", before: str = "0", **fields: str) -> Row:  # fmt: skip
    return {
        "basDt": "20251231", "crno": CRNO, "bizYear": "2025", "fnclDcd": "FS_ifrs-full_SeparateMember",
        "fnclDcdNm": "별도재무제표 [member]", "curCd": "KRW", "acitId": id_, "acitNm": name, "thqrAcitAmt": "0",
        "crtmAcitAmt": amount, "lsqtAcitAmt": "0", "pvtrAcitAmt": prior, "bpvtrAcitAmt": before, **fields,
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
    """Open a stand-in with these rows."""
    running: list[StandIn] = []

    def start(
        *rows: list[Row], limit: int = 10_000, knows_bzno: bool = True
    ) -> tuple[StandIn, Portal]:
        stand_in, portal = service(fsc_operations(*rows, knows_bzno=knows_bzno), limit=limit)
        running.append(stand_in.__enter__())
        monkeypatch.setenv("PAYCANARY_FSC_URL", stand_in.url)
        return stand_in, portal

    yield start
    for stand_in in running:
        stand_in.__exit__()


KNOWN = Subject("가나기계", corporation_number=CRNO)


# --- who is it? ----------------------------------------------------------------------------------


def test_a_name_that_one_company_bears_gives_its_numbers(desk: Desk, opened: Any) -> None:
    opened([], [], [], [outline(lastOpegDt="20260310", bzno=""), outline()])
    found = fsc.identify(desk.collector(), Subject("주식회사 가나기계"))
    assert (found.corporation_number, found.business_number, found.corp_code, found.fiscal_month) == (
        CRNO, BZNO, "00999999", 12,
    )  # fmt: skip


def test_of_several_of_one_name_none_is_chosen_without_a_number(desk: Desk, opened: Any) -> None:
    other = outline(crno="1101110000002", bzno="2018100002", fssCorpUnqNo="", corpNm="가나기계(주)")
    opened([], [], [], [outline(), other])
    subject = Subject("가나기계")
    assert fsc.identify(desk.collector(), subject) == subject
    by_prefix = fsc.identify(desk.collector(), Subject("가나기계", business_number="201810"))
    assert by_prefix.corporation_number == "1101110000002"
    by_code = fsc.identify(desk.collector(), Subject("가나기계", corp_code="00999999"))
    assert by_code.corporation_number == CRNO


def test_a_name_that_only_begins_the_same_is_another(desk: Desk, opened: Any) -> None:
    opened([], [], [], [outline(corpNm="(주)가나기계산업", enpPbanCmpyNm="")])
    assert fsc.identify(desk.collector(), Subject("가나기계")).corporation_number is None


def test_a_number_that_contradicts_is_not_the_same_company(desk: Desk, opened: Any) -> None:
    opened([], [], [], [outline()])
    subject = Subject("가나기계", business_number="999999")
    assert fsc.identify(desk.collector(), subject) == subject


def test_a_known_number_is_asked_for_rather_than_the_name(desk: Desk, opened: Any) -> None:
    stand_in, _ = opened([], [], [], [outline(corpNm="옛이름(주)", enpPbanCmpyNm=""), outline(crno="1101110000002", bzno="")])  # fmt: skip
    assert fsc.identify(desk.collector(), KNOWN).business_number == BZNO
    assert fsc.identify(desk.collector(), Subject("새이름", business_number=BZNO)).corporation_number == CRNO  # fmt: skip
    assert not any("corpNm" in asked for asked in stand_in.asked())


def test_a_service_that_ignores_the_business_number_is_asked_by_name(
    desk: Desk, opened: Any
) -> None:
    other = outline(crno="1101110000002", bzno="2018100002", corpNm="다라상사(주)", enpPbanCmpyNm="")  # fmt: skip
    opened([], [], [], [outline(), other], knows_bzno=False)
    found = fsc.identify(desk.collector(), Subject("가나기계", business_number=BZNO))
    assert found.corporation_number == CRNO


def test_statements_are_not_asked_for_without_a_corporation_number(desk: Desk, opened: Any) -> None:
    stand_in, _ = opened()
    fsc.about_company(desk.collector(), Subject("가나기계"))
    assert stand_in.requests == []


# --- facts ---------------------------------------------------------------------------------------


def test_a_companys_statements_become_facts(desk: Desk, opened: Any) -> None:
    stand_in, _ = opened([summary(2025), summary(2025, "120", enpSaleAmt="900000"), summary(2024)], [], [], [outline()])  # fmt: skip
    collector = desk.collector()
    fsc.about_company(collector, KNOWN)
    assert {a["bizYear"] for a in stand_in.asked() if "bizYear" in a} == {"2022", "2023", "2024", "2025"}  # fmt: skip
    assert collector.tallies["fsc"].asked == 13
    staged = desk.stage("fsc", loader.load)
    figures = staged.rows(
        "SELECT concept, value, months FROM stage_facts WHERE period_end = '2025-12-31' AND basis = 'CFS' ORDER BY ALL"
    )
    assert figures == [
        ("equity", 80_000, 0), ("net_income", -30_000, 12), ("operating_profit", -20_000, 12), ("revenue", 1_000_000, 12),
        ("share_capital", 100_000, 0), ("total_assets", 500_000, 0), ("total_liabilities", 420_000, 0),
    ]  # fmt: skip
    assert staged.rows("SELECT value FROM stage_facts WHERE concept = 'revenue' AND basis = 'OFS'") == [(900_000,)]  # fmt: skip
    assert staged.rows("SELECT DISTINCT unit, lag, source, published_on FROM stage_facts") == [("KRW", 0, "fsc", date(2026, 11, 25))]  # fmt: skip
    assert staged.rows("SELECT company_id, form, period_end, filing_id FROM stage_filings ORDER BY 3") == [
        (f"fsc:{CRNO}", "annual", date(2024, 12, 31), f"fsc:{CRNO}:2024"),
        (f"fsc:{CRNO}", "annual", date(2025, 12, 31), f"fsc:{CRNO}:2025"),
    ]  # fmt: skip


def test_a_zero_is_what_was_not_stated(desk: Desk, opened: Any) -> None:
    opened([summary(enpSaleAmt="0", enpBzopPft="", enpCrtmNpf="-", enpCptlAmt="0")], [], [], [])
    fsc.about_company(desk.collector(), KNOWN)
    staged = desk.stage("fsc", loader.load)
    concepts = {row[0] for row in staged.rows("SELECT concept FROM stage_facts")}
    assert concepts == {"total_assets", "total_liabilities", "equity"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"fnclDcd": "999", "fnclDcdNm": "NA"}, "unknown_basis"),
        ({"enpTcptAmt": "500000"}, "does_not_add_up"),
        ({"basDt": "20251016"}, "bad_date"),
        ({"basDt": ""}, "bad_date"),
        ({"enpSaleAmt": "많음"}, "bad_number"),
    ],
)
def test_rows_that_cannot_be_meant_are_rejected_with_the_reason(
    desk: Desk, opened: Any, fields: dict[str, str], reason: str
) -> None:
    opened([summary(2025, **fields), summary(2024)], [], [], [])
    fsc.about_company(desk.collector(), KNOWN)
    staged = desk.stage("fsc", loader.load)
    assert staged.rows("SELECT reason, source FROM stage_rejected") == [(reason, "fsc")]
    assert staged.rows("SELECT DISTINCT year(period_end) FROM stage_facts") == [(2024,)]


def test_accounts_bring_two_years_before_and_only_concepts_of_ours(desk: Desk, opened: Any) -> None:
    balances = [
        account("ifrs-full_CurrentAssets", "유동자산", "300", "200", "100"),
        account("-표준계정코드 미사용-", "I. 유동부채", "150", "0", "-"),
        account("ifrs-full_Inventories", "재고자산", "50"),
        account("ifrs-full_CurrentAssets", "유동자산", "900", fnclDcd="FS_ifrs-full_ConsolidatedMember", fnclDcdNm="연결재무제표 [member]"),
    ]  # fmt: skip
    incomes = [
        account("dart_OperatingIncomeLoss", "영업이익(손실)", "-7", "5", fnclDcd="PL_ifrs-full_SeparateMember"),
        account("entity_Other", "매출액", "77", fnclDcd="PL_ifrs-full_SeparateMember"),
    ]  # fmt: skip
    opened([], balances, incomes, [])
    fsc.about_company(desk.collector(), KNOWN)
    staged = desk.stage("fsc", loader.load)
    found = staged.rows("SELECT concept, basis, year(period_end), months, lag, value FROM stage_facts ORDER BY ALL")  # fmt: skip
    assert found == [
        ("current_assets", "CFS", 2025, 0, 0, 900), ("current_assets", "OFS", 2023, 0, 2, 100),
        ("current_assets", "OFS", 2024, 0, 1, 200), ("current_assets", "OFS", 2025, 0, 0, 300),
        ("current_liabilities", "OFS", 2025, 0, 0, 150), ("operating_profit", "OFS", 2024, 12, 1, 5),
        ("operating_profit", "OFS", 2025, 12, 0, -7), ("revenue", "OFS", 2025, 12, 0, 77),
    ]  # fmt: skip
    assert staged.rows("SELECT corporation_number, name FROM stage_companies") == [(CRNO, None)]


def test_the_newest_outline_says_what_a_company_is(desk: Desk, opened: Any) -> None:
    opened([], [], [], [outline(), outline(corpNm="옛이름(주)", lastOpegDt="20200517")])
    fsc.about_company(desk.collector(), KNOWN)
    staged = desk.stage("fsc", loader.load)
    assert staged.rows("SELECT company_id, name, corp_code, corporation_number, business_number, market, industry, region, fiscal_month FROM stage_companies") == [
        (f"fsc:{CRNO}", "(주)가나기계", "00999999", CRNO, BZNO, "KOSDAQ", "기계 제조업", "경기도", 12)
    ]  # fmt: skip
    assert {row[0] for row in staged.rows("SELECT name FROM stage_names")} == {"(주)가나기계", "가나기계", "GANA MACHINERY"}  # fmt: skip


def test_no_persons_name_and_no_address_is_kept_anywhere(desk: Desk, opened: Any) -> None:
    opened([summary()], [], [], [outline()])
    fsc.about_company(desk.collector(), fsc.identify(desk.collector(), Subject("가나기계")))
    desk.stage("fsc", loader.load)
    kept = desk.bytes_kept()
    assert "가나기계".encode() in kept
    for secret in ("이름아님", "단원구", KEY):
        assert secret.encode() not in kept


# --- asking again, and what goes wrong -----------------------------------------------------------


def test_what_was_asked_is_asked_again_only_when_it_is_old(desk: Desk, opened: Any) -> None:
    stand_in, _ = opened([summary()], [], [], [outline()])
    fsc.about_company(desk.collector(), KNOWN)
    asked = len(stand_in.requests)
    fsc.about_company(desk.collector(), KNOWN)
    fsc.everything(desk.collector(), None)
    assert len(stand_in.requests) == asked
    desk.clock.pass_days(31)
    fsc.everything(desk.collector(), None)
    # The outline and the newest two years of three statements.
    assert len(stand_in.requests) == asked + 1 + 2 * 3


def test_a_quota_reached_in_the_middle_goes_on_the_next_day(desk: Desk, opened: Any) -> None:
    stand_in, portal = opened([summary(year) for year in range(2022, 2026)], [], [], [outline()], limit=2)  # fmt: skip
    with pytest.raises(QuotaError) as caught:
        fsc.about_company(desk.collector(), KNOWN)
    assert caught.value.resumes_on == date(2026, 11, 26)
    kept = len(list(desk.inbox.answers("fsc")))
    assert 0 < kept < 13
    before = len(stand_in.requests)
    with pytest.raises(QuotaError):
        fsc.about_company(desk.collector(workers=1), KNOWN)
    assert (
        len(stand_in.requests) - before <= 4
    )  # what the service refused is not asked again that day
    while kept < 13:
        desk.clock.pass_days(1)
        portal.new_day()
        with suppress(QuotaError):
            fsc.about_company(desk.collector(), KNOWN)
        assert len(list(desk.inbox.answers("fsc"))) > kept
        kept = len(list(desk.inbox.answers("fsc")))
    facts = desk.stage("fsc", loader.load).rows("SELECT count(DISTINCT period_end) FROM stage_facts")  # fmt: skip
    assert facts == [(4,)]


def test_rows_of_another_company_are_no_answer(desk: Desk, opened: Any) -> None:
    stand_in, portal = opened([summary()], [], [], [outline()])
    portal.operations["getSummFinaStat_V2"].known = ("bizYear",)
    portal.operations["getSummFinaStat_V2"].rows.append(summary(crno="1101110000009"))
    collector = desk.collector()
    fsc.about_company(collector, KNOWN)
    failed = [error for _, error in collector.tallies["fsc"].failures]
    assert len(failed) == 1
    assert type(failed[0]) is AnswerError
    assert len(stand_in.asked()) == 13


def test_a_service_that_was_not_applied_for_ends_the_round_and_names_itself(
    desk: Desk, opened: Any
) -> None:
    stand_in, _ = opened([summary()], [], [], [outline()])
    stand_in.fault(refusing("20"), where=lambda request: "FinaStat" in request.path)
    with pytest.raises(KeyRefusedError, match="15043459"):
        fsc.about_company(desk.collector(), KNOWN)
    assert desk.stage("fsc", loader.load).rows("SELECT count(*) FROM stage_companies") == [(1,)]


def test_a_page_in_place_of_one_answer_costs_only_that_answer(desk: Desk, opened: Any) -> None:
    stand_in, _ = opened([summary(2025), summary(2024)], [], [], [outline()])
    stand_in.fault(HTML_PAGE, where=lambda request: request.params.get("bizYear") == "2025" and "Summ" in request.path)  # fmt: skip
    collector = desk.collector()
    fsc.about_company(collector, KNOWN)
    assert collector.tallies["fsc"].failed == 1
    years = desk.stage("fsc", loader.load).rows("SELECT DISTINCT year(period_end) FROM stage_facts")
    assert years == [(2024,)]


def test_answers_come_in_parallel(desk: Desk, opened: Any) -> None:
    stand_in, _ = opened([summary()], [], [], [outline()])
    stand_in.gather(4)
    fsc.about_company(desk.collector(workers=4), KNOWN)
    assert stand_in.most_in_flight == 4


def test_a_folder_without_answers_is_refused(desk: Desk) -> None:
    with pytest.raises(InputFileError):
        desk.stage("fsc", loader.load)
