"""Pension workplaces by name: a company's months whole or not at all, and the same company as in the monthly file."""

from __future__ import annotations

import csv
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import httpx
import pytest

from paycanary.errors import KeyRefusedError, QuotaError, UnreachableError
from paycanary.filings import nps as loader
from paycanary.sources import nps_api, nps_plan
from paycanary.sources.names import create_macros
from paycanary.sources.subject import Subject
from tests.live import Desk
from tests.nps_files import workplace, write_month
from tests.stage import create_stage
from tests.standins.data_go_kr import KEY, Row, nps_operations, refusing, service
from tests.standins.server import HTML_PAGE, cut

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.standins.data_go_kr import Portal
    from tests.standins.server import StandIn

SUBJECT = Subject("삼양식품", business_number="2098112345")
HEADS = "SELECT company_id, workplace, period_end, headcount, joiners, leavers FROM stage_headcounts ORDER BY period_end, workplace"


def month_of(
    month: str,
    name: str = "삼양식품(주)",
    number: str = "209811",
    *,
    heads: object = 100,
    joined: object = 3,
    left: object = 2,
    form: str = "1",
    billed: object = 45_000_000,
) -> Row:
    """A workplace's month (YYYYMM) in the service's own fields, all three operations together."""
    return {
        "dataCrtYm": month, "seq": f"{month}{abs(hash((name, number))) % 10**9}", "wkplNm": name, "bzowrRgstNo": f"{number}****",
        "wkplRoadNmDtlAddr": "서울특별시 성북구 어느로", "wkplJnngStcd": "1", "wkplStylDvcd": form, "ldongAddrMgplDgCd": "11",
        "wkplIntpCd": "154700", "vldtVlKrnNm": "라면 제조업", "adptDt": "19880101", "scsnDt": "", "jnngpCnt": heads,
        "crrmmNtcAmt": billed, "nwAcqzrCnt": joined, "lssJnngpCnt": left,
    }  # fmt: skip


def months(count: int, newest: str = "202610") -> list[str]:
    """So many months back from the newest, newest first."""
    start = int(newest[:4]) * 12 + int(newest[4:]) - 1
    return [f"{n // 12}{n % 12 + 1:02}" for n in range(start, start - count, -1)]


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

    def start(
        rows: list[Row], limit: int = 10_000, constant: tuple[int, int] | None = None
    ) -> tuple[StandIn, Portal]:
        stand_in, portal = service(nps_operations(rows, constant=constant), limit=limit)
        running.append(stand_in.__enter__())
        monkeypatch.setenv("PAYCANARY_NPS_URL", stand_in.url)
        return stand_in, portal

    yield start
    for stand_in in running:
        stand_in.__exit__()


# --- what is fetched -----------------------------------------------------------------------------


def test_a_year_of_a_cold_company_comes_side_by_side(desk: Desk, opened: Any) -> None:
    rows = [month_of(m, heads=100 + n, joined=n % 4) for n, m in enumerate(months(30))]
    stand_in, portal = opened(rows)
    stand_in.gather(4, lambda request: "Detail" in request.path)
    nps_plan.about_company(desk.collector(), SUBJECT)
    assert stand_in.most_in_flight == 4
    assert portal.calls == {"getBassInfoSearchV2": 1, "getDetailInfoSearchV2": 13, "getPdAcctoSttusInfoSearchV2": 13}  # fmt: skip
    staged = desk.stage("nps", loader.load)
    assert staged.rows("SELECT min(period_end), max(period_end), count(*), sum(joiners) FROM stage_headcounts") == [
        (date(2025, 10, 31), date(2026, 10, 31), 13, sum(n % 4 for n in range(13)))
    ]  # fmt: skip


def test_parameters_are_written_as_the_service_knows_them(desk: Desk, opened: Any) -> None:
    stand_in, _ = opened([month_of("202610")])
    asked = {"serviceKey": KEY, "dataType": "json"}
    # What it does not know it ignores without a word, so a wrong client would find nothing.
    wrong = httpx.get(f"{stand_in.url}/getBassInfoSearchV2", params={**asked, "wkpl_nm": "삼양식품"})  # fmt: skip
    assert wrong.json()["response"]["body"]["totalCount"] == 0
    nps_plan.about_company(desk.collector(), SUBJECT)
    search, *others = stand_in.asked()[1:]
    assert (search["wkplNm"], search["bzowrRgstNo"], search["dataType"]) == ("삼양식품", "209811", "json")  # fmt: skip
    assert sorted(set(o) & {"seq", "dataCrtYm"} == {"seq", "dataCrtYm"} for o in others) == [False, True]  # fmt: skip


def test_branches_belong_to_the_company_by_its_number_and_strangers_do_not(
    desk: Desk, opened: Any
) -> None:
    rows = [
        month_of("202610"),
        month_of("202610", "삼양식품(주)익산공장", heads=40),
        month_of("202610", "삼양식품(주)/일용/원주공장 신축공사", heads=7),
        month_of("202610", "삼양식품대리점(주)", "777777", heads=5),
        month_of("202610", "(주)새삼양식품", heads=6),
    ]
    opened(rows)
    nps_plan.about_company(desk.collector(), Subject("삼양식품(주)"))
    staged = desk.stage("nps", loader.load)
    assert [(w, h) for _, w, _, h, *_ in staged.rows(HEADS)] == [("삼양식품(주)", 100), ("삼양식품(주)익산공장", 40)]  # fmt: skip


def test_companies_of_one_name_stay_apart(desk: Desk, opened: Any) -> None:
    opened([month_of("202610"), month_of("202610", number="333333", heads=9)])
    nps_plan.about_company(desk.collector(), Subject("삼양식품"))
    staged = desk.stage("nps", loader.load)
    assert staged.rows("SELECT count(DISTINCT company_id), sum(headcount) FROM stage_headcounts") == [(2, 109)]  # fmt: skip


def test_persons_workplaces_are_dropped_as_they_come_in(desk: Desk, opened: Any) -> None:
    opened([month_of("202610"), month_of("202610", "삼양식품이름아님의원", form="2")])
    nps_plan.about_company(desk.collector(), SUBJECT)
    desk.stage("nps", loader.load)
    kept = desk.bytes_kept()
    assert "삼양식품(주)".encode() in kept
    assert not any(word.encode() in kept for word in ("이름아님", "어느로", KEY))


def test_many_workplaces_are_followed_over_fewer_months_but_in_whole(
    desk: Desk, opened: Any
) -> None:
    rows = [month_of(m, f"삼양식품(주){n}공장", heads=n) for m in months(13) for n in range(1, 21)]
    _, portal = opened(rows)
    nps_plan.about_company(desk.collector(), SUBJECT)
    assert portal.calls["getDetailInfoSearchV2"] == 40
    staged = desk.stage("nps", loader.load)
    assert staged.rows("SELECT period_end, sum(headcount) FROM stage_headcounts GROUP BY 1 ORDER BY 1") == [
        (date(2026, 9, 30), 210), (date(2026, 10, 31), 210),
    ]  # fmt: skip


def test_nobody_of_that_name_is_asked_about_once(desk: Desk, opened: Any) -> None:
    stand_in, _ = opened([month_of("202610")])
    for _ in range(2):
        nps_plan.about_company(desk.collector(), Subject("없는회사"))
    assert len(stand_in.requests) == 1
    staged = desk.stage("nps", loader.load)
    assert staged.rows(HEADS) == []


# --- the same company as in the file -------------------------------------------------------------


def test_a_workplace_is_the_same_whether_it_came_by_name_or_in_the_file(
    desk: Desk, opened: Any, tmp_path: Path
) -> None:
    columns = "company_id, kind, workplace, period_end, headcount, joiners, leavers, billed, income_per_head, is_income_capped, status, is_site, industry, region, filing_id"
    opened([month_of("202204"), month_of("202204", "삼양식품(주)익산공장", heads=40, billed=12_000_000)])  # fmt: skip
    nps_plan.about_company(desk.collector(), SUBJECT)
    by_name = desk.stage("nps", loader.load).rows(f"SELECT {columns} FROM stage_headcounts ORDER BY workplace")  # fmt: skip
    made = tmp_path / "by_hand"
    made.mkdir()
    entries = [
        workplace("삼양식품(주)", "209811", heads=100, billed=45_000_000, joined=3, left=2, province="11", industry="라면 제조업"),
        workplace("삼양식품(주)익산공장", "209811", heads=40, billed=12_000_000, joined=3, left=2, province="11", industry="라면 제조업"),
    ]  # fmt: skip
    write_month(made, entries=entries)
    with duckdb.connect() as con:
        create_stage(con)
        loader.load(con, made)
        in_file = con.execute(f"SELECT {columns} FROM stage_headcounts ORDER BY workplace").fetchall()  # fmt: skip
    assert by_name == in_file


def test_real_workplaces_come_out_as_the_extract_has_them(
    desk: Desk, opened: Any, shared_data: Path
) -> None:
    extract = shared_data / "korea" / "nps" / "nps_2026_06_seoul_it.csv"
    with extract.open(encoding="utf-8-sig", newline="") as stream:
        real = list(csv.DictReader(stream))[:400]
    provinces = {"서울특별시": "11"}
    rows = [
        {
            **month_of("202606", r["workplace_name"], r["biz_reg_no_prefix"], heads=r["headcount"], billed=r["monthly_billed_amount"]),
            "seq": str(n), "wkplIntpCd": r["industry_code"], "vldtVlKrnNm": r["industry_name"],
            "ldongAddrMgplDgCd": provinces[r["sido"]],
        }
        for n, r in enumerate(real)
    ]  # fmt: skip
    opened(rows)
    for r in real[:25]:
        nps_plan.about_company(desk.collector(), Subject(r["workplace_name"], business_number=r["biz_reg_no_prefix"]))  # fmt: skip
    columns = "company_id, workplace, headcount, billed, income_per_head, is_income_capped, industry, region"  # fmt: skip
    fetched = desk.stage("nps", loader.load).rows(f"SELECT {columns} FROM stage_headcounts")
    with duckdb.connect() as con:
        create_macros(con)
        create_stage(con)
        loader.load(con, extract)
        known = set(con.execute(f"SELECT {columns} FROM stage_headcounts").fetchall())
    assert len(fetched) >= 25
    assert set(fetched) <= known


def test_a_month_that_came_as_a_whole_file_is_not_counted_twice(
    desk: Desk, opened: Any, tmp_path: Path
) -> None:
    opened([month_of("202204", heads=100), month_of("202203", heads=99)])
    nps_plan.about_company(desk.collector(), SUBJECT)
    exported = tmp_path / "both"
    desk.inbox.export("nps", exported)
    write_month(exported, month="2022-04")
    with duckdb.connect() as con:
        create_stage(con)
        summaries = loader.load(con, exported)
        found = con.execute("SELECT period_end, sum(headcount) FROM stage_headcounts WHERE workplace = '삼양식품(주)' GROUP BY 1 ORDER BY 1").fetchall()  # fmt: skip
    assert found == [(date(2022, 3, 31), 99), (date(2022, 4, 30), 100)]
    assert [(s.read, s.accepted) for s in summaries] == [(5, 4), (1, 1)]


def test_the_newest_month_is_known_from_the_day_it_was_fetched(desk: Desk, opened: Any) -> None:
    desk.clock.at = datetime(2026, 11, 20, 16, tzinfo=UTC)  # the 21st in Korea
    opened([month_of("202610"), month_of("202609")])
    nps_plan.about_company(desk.collector(), SUBJECT)
    staged = desk.stage("nps", loader.load)
    assert staged.rows("SELECT period_end, published_on FROM stage_headcounts ORDER BY 1") == [
        (date(2026, 9, 30), date(2026, 10, 31)),  # by the rule: the last day of the next month
        (date(2026, 10, 31), date(2026, 11, 21)),
    ]


# --- who came and went ---------------------------------------------------------------------------


def test_joiners_that_are_the_same_in_every_month_are_unknown(desk: Desk, opened: Any) -> None:
    rows = [month_of(m, heads=100 + n) for n, m in enumerate(months(4))]
    opened(rows, constant=(7, 5))
    nps_plan.about_company(desk.collector(), SUBJECT)
    staged = desk.stage("nps", loader.load)
    assert staged.rows("SELECT DISTINCT joiners, leavers, count(headcount) FROM stage_headcounts GROUP BY 1, 2") == [(None, None, 4)]  # fmt: skip


@pytest.mark.parametrize(
    ("heads", "flows", "constant"),
    [
        ([100, 100, 100], [(1, 1), (1, 1), (1, 1)], False),  # nothing moves: the same may be so
        ([100, 101, 102], [(2, 1), (2, 1), (2, 1)], True),
        ([100, 101, 102], [(2, 1), (2, 1), (3, 2)], False),
        ([100], [(2, 1)], False),
        ([], [], False),
    ],
)
def test_flows_are_doubted_only_where_the_count_contradicts_them(
    heads: list[int], flows: list[tuple[int, int]], *, constant: bool
) -> None:
    rows: list[dict[str, str | None]] = [
        {"jnngpCnt": str(h), "nwAcqzrCnt": str(j), "lssJnngpCnt": str(q)}
        for h, (j, q) in zip(heads, flows, strict=True)
    ]
    assert nps_api.is_constant(rows) is constant


def test_the_doubt_holds_when_a_new_month_comes_later(desk: Desk, opened: Any) -> None:
    old = [month_of(m, heads=100 + n) for n, m in enumerate(months(3, "202609"))]
    opened(old, constant=(7, 5))
    nps_plan.about_company(desk.collector(), SUBJECT)
    desk.stage("nps", loader.load)
    desk.clock.pass_days(30)
    stand_in, _ = opened([month_of("202610", heads=150), *old], constant=(7, 5))
    nps_plan.about_company(desk.collector(), SUBJECT)
    assert len(stand_in.requests) == 3  # the search, and the new month's two questions
    staged = desk.stage("nps", loader.load)
    assert staged.rows("SELECT period_end, headcount, joiners FROM stage_headcounts") == [(date(2026, 10, 31), 150, None)]  # fmt: skip


# --- what goes wrong -----------------------------------------------------------------------------


def test_a_month_of_which_one_workplace_fails_is_left_out_whole(desk: Desk, opened: Any) -> None:
    rows = [r for m in months(3) for r in (month_of(m, joined=int(m) % 7), month_of(m, "삼양식품(주)익산공장", heads=40))]  # fmt: skip
    stand_in, _ = opened(rows)
    broken = rows[3]["seq"]
    stand_in.fault(HTML_PAGE, where=lambda request: request.params.get("seq") == broken)
    collector = desk.collector()
    nps_plan.about_company(collector, SUBJECT)
    assert collector.tallies["nps"].failed == 1
    found = desk.stage("nps", loader.load).rows("SELECT period_end, sum(headcount) FROM stage_headcounts GROUP BY 1 ORDER BY 1")  # fmt: skip
    assert found == [(date(2026, 8, 31), 140), (date(2026, 10, 31), 140)]
    stand_in.mend()
    nps_plan.about_company(desk.collector(), SUBJECT)
    again = desk.stage("nps", loader.load).rows("SELECT period_end, sum(headcount) FROM stage_headcounts GROUP BY 1")  # fmt: skip
    assert again == [(date(2026, 9, 30), 140)]


def test_a_day_used_up_in_the_middle_goes_on_the_next_day_without_double_work(
    desk: Desk, opened: Any
) -> None:
    rows = [month_of(m, heads=100 + n, joined=n % 3) for n, m in enumerate(months(13))]
    stand_in, portal = opened(rows, limit=5)
    with pytest.raises(QuotaError) as caught:
        nps_plan.about_company(desk.collector(workers=1), SUBJECT)
    assert caught.value.resumes_on == date(2026, 11, 26)
    refused = len(stand_in.requests)
    with pytest.raises(QuotaError):
        nps_plan.about_company(desk.collector(workers=1), SUBJECT)
    assert len(stand_in.requests) == refused
    for _ in range(2):
        desk.clock.pass_days(0.9)
        portal.new_day()
        with suppress(QuotaError):
            nps_plan.about_company(desk.collector(workers=1), SUBJECT)
    asked = [r["seq"] for r in stand_in.asked("/getPdAcctoSttusInfoSearchV2")]
    assert len(asked) == len(set(asked)) == 13
    staged = desk.stage("nps", loader.load)
    assert staged.rows("SELECT count(*), count(joiners) FROM stage_headcounts") == [(13, 13)]


def test_a_refused_key_and_a_dead_line_are_told_and_keep_what_came(desk: Desk, opened: Any) -> None:
    rows = [month_of(m, joined=n) for n, m in enumerate(months(3))]
    stand_in, _ = opened(rows)
    stand_in.fault(refusing("30"), where=lambda request: request.path == "/getPdAcctoSttusInfoSearchV2")  # fmt: skip
    with pytest.raises(KeyRefusedError, match="3046071"):
        nps_plan.about_company(desk.collector(), SUBJECT)
    stand_in.mend()
    stand_in.fault(cut(0), where=lambda request: request.params.get("seq") == rows[2]["seq"])
    with pytest.raises(UnreachableError):
        nps_plan.about_company(desk.collector(workers=1), SUBJECT)
    staged = desk.stage("nps", loader.load)
    assert staged.rows("SELECT count(*), count(joiners) FROM stage_headcounts") == [(2, 2)]


def test_an_empty_detail_is_not_a_month_of_nobody(desk: Desk, opened: Any) -> None:
    _, portal = opened([month_of("202610"), month_of("202609")])
    del portal.operations["getDetailInfoSearchV2"].rows[0]
    collector = desk.collector()
    nps_plan.about_company(collector, SUBJECT)
    assert collector.tallies["nps"].failed == 1
    staged = desk.stage("nps", loader.load)
    assert staged.rows("SELECT period_end FROM stage_headcounts") == [(date(2026, 9, 30),)]
