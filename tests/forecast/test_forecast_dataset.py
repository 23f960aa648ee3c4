"""What counts as failing, what was known of a company on a day, and that nothing published later reaches it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycanary.errors import UsageError
from paycanary.forecast.dataset import build, known_until, month_ends
from paycanary.forecast.features import beside_sql, features, features_sql
from paycanary.lake.reader import open_reader, open_sample
from paycanary.lake.tables import TABLES
from paycanary.signals.engine import Engine
from tests.drawn import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.command import Run

#: Real reasons of delistings, and whether they are failures (``filings/sql/krx_delisting.sql``).
REASONS = {
    "감사의견 거절(감사범위 제한 및 계속기업 존속능력에 대한 불확실성)": True,
    "기업의 계속성 및 경영의 투명성 등을 종합적으로 고려하여 상장폐지기준에 해당한다고 결정": True,
    "자본전액잠식": True,
    "최종부도 발생": True,
    "파산선고에 따른 해산사유 발생": True,
    "사업보고서 법정제출기한('22.3.31限) 내 미제출": True,
    "최근 5사업연도 연속 영업손실 발생": True,
    "피흡수합병": False,
    "피흡수합병(스팩소멸합병)": False,
    "지주회사(최대주주등)의 완전자회사화 등": False,
    "포괄적 주식교환에 따른 상장폐지 신청('20.7.17)": False,
    "유가증권시장 상장(이전상장)": False,
    "신청에 의한 상장폐지": False,
    "상장예비심사 청구서 미제출로 관리종목 지정 후 1개월 이내 동 사유 미해소": False,
    "존속기간 만료": False,
}
#: Two companies that were audited, of which nothing else is known.
AUDITED = """
    company_id | period_end | opinion     | published
    a          | 2021-12-31 | unqualified | 2022-03-20
    b          | 2021-12-31 | unqualified | 2022-03-20
    z          | 2025-12-31 | unqualified | 2026-03-20
    """


@pytest.fixture
def lake() -> Iterator[Lake]:
    with duckdb.connect() as con:
        yield Lake(con)


def made(lake: Lake, tmp_path: Path, *days: str) -> list[dict[str, Any]]:
    """Rows of a data set of these days."""
    lake.link()
    path = tmp_path / "dataset.parquet"
    build(lake.con, [date.fromisoformat(day) for day in days], path)
    found = lake.con.execute(f"SELECT * FROM '{path}'")
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def outcomes(rows: list[dict[str, Any]], name: str = "failed_12m") -> dict[str, Any]:
    return {row["company_id"]: row[name] for row in rows}


# --- outcomes ------------------------------------------------------------------------------------


def test_a_company_fails_on_the_day_its_failure_is_public_and_then_leaves(
    lake: Lake, tmp_path: Path
) -> None:
    lake.add(opinions=AUDITED)
    lake.add(
        opinions="""
            company_id | period_end | opinion    | published
            a          | 2022-12-31 | disclaimer | 2023-03-22
            """
    )
    rows = made(lake, tmp_path, "2022-03-31", "2022-06-30", "2023-03-21", "2023-03-31")
    told = [(row["company_id"], f"{row['as_of']}", row["failed_12m"], row["failed_24m"]) for row in rows]  # fmt: skip
    assert told == [
        ("a", "2022-03-31", True, True),
        ("b", "2022-03-31", False, False),
        ("a", "2022-06-30", True, True),
        ("b", "2022-06-30", False, False),
        ("a", "2023-03-21", True, True),
        ("b", "2023-03-21", False, False),
        ("b", "2023-03-31", False, False),
    ]
    assert {row["failed_by"] for row in rows if row["company_id"] == "a"} == {"opinion"}


@pytest.mark.parametrize(
    ("row", "failed"),
    [
        ("adverse | true | 0", True),
        ("qualified | true | 0", False),
        # An interim review is a sign, not the failure.
        ("disclaimer | false | 0", False),
        # Seen first in a later report's column on the year before.
        ("disclaimer | true | 1", True),
    ],
)
def test_only_a_refused_full_year_is_a_failure(
    lake: Lake, tmp_path: Path, row: str, failed: object
) -> None:
    lake.add(opinions=AUDITED)
    lake.add(
        opinions=f"""
            company_id | period_end | opinion | is_annual | lag | published
            a          | 2022-12-31 | {row} | 2022-11-14
            """
    )
    assert outcomes(made(lake, tmp_path, "2022-06-30")) == {"a": failed, "b": False}


def test_a_later_clean_audit_does_not_undo_a_failure(lake: Lake, tmp_path: Path) -> None:
    lake.add(opinions=AUDITED)
    lake.add(
        opinions="""
            company_id | period_end | opinion     | published
            a          | 2022-12-31 | disclaimer  | 2023-03-22
            a          | 2022-12-31 | unqualified | 2023-09-30
            """
    )
    assert outcomes(made(lake, tmp_path, "2022-06-30"))["a"] is True
    assert "a" not in outcomes(made(lake, tmp_path, "2023-12-31"))


@pytest.mark.parametrize(
    ("kind", "category", "failed"),
    [
        ("delisting", "distress", True),
        *(("delisting", c, False) for c in ("merger", "transfer", "voluntary", "expiry", "other", "not_published")),
        ("default", "", True),
        ("dissolution", "", True),
        ("rehabilitation", "applied", True),
        ("rehabilitation", "ended", False),
        ("wage_arrears", "", False),
    ],
)  # fmt: skip
def test_which_notices_are_failures(lake: Lake, tmp_path: Path, kind: str, category: str, failed: object) -> None:  # fmt: skip
    lake.add(opinions=AUDITED)
    lake.add(
        notices=f"""
            company_id | kind   | category   | event_on   | published
            a          | {kind} | {category} | 2022-09-01 | 2022-09-03
            """
    )
    assert outcomes(made(lake, tmp_path, "2022-06-30")) == {"a": failed, "b": False}


def test_real_reasons_of_delistings_are_classed(run: Run, tmp_path: Path) -> None:
    rows = [f'990{n:02}0,회사{n},KOSDAQ,주권,보통주,2023-06-30,"{reason}"' for n, reason in enumerate(REASONS)]  # fmt: skip
    path = tmp_path / "krx.csv"
    path.write_text("\n".join(["Symbol,Name,Market,SecuGroup,Kind,DelistingDate,Reason", *rows, ""]), encoding="utf-8")  # fmt: skip
    run.ok("refresh", "krx", "--from", path)
    found = (
        open_reader(run.home / "lake")
        .connect()
        .execute("SELECT detail, category = 'distress' FROM notices")
    )
    assert dict(found.fetchall()) == REASONS


def test_months_that_are_not_over_have_no_outcome(lake: Lake, tmp_path: Path) -> None:
    lake.add(
        opinions="""
            company_id | period_end | opinion     | published
            a          | 2023-12-31 | unqualified | 2024-03-20
            b          | 2023-12-31 | unqualified | 2024-03-20
            a          | 2024-12-31 | disclaimer  | 2025-03-20
            """
    )
    assert known_until(lake.con) == date(2025, 3, 20)
    # Also not of the one that has failed already: its day would hold failures only.
    assert outcomes(made(lake, tmp_path, "2024-06-30")) == {"a": None, "b": None}
    assert outcomes(made(lake, tmp_path, "2024-03-20")) == {"a": True, "b": False}
    assert outcomes(made(lake, tmp_path, "2024-03-20"), "failed_24m") == {"a": None, "b": None}


def test_a_company_without_a_recent_audit_is_not_asked_about(lake: Lake, tmp_path: Path) -> None:
    lake.add(opinions=AUDITED)
    assert set(outcomes(made(lake, tmp_path, "2023-08-31"))) == {"a", "b"}
    assert made(lake, tmp_path, "2023-09-30") == []


def test_nothing_stored_is_told(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="refresh dart"):
        made(lake, tmp_path, "2022-06-30")


# --- days ----------------------------------------------------------------------------------------


def test_ends_of_months() -> None:
    ends = month_ends(date(2023, 8, 1), date(2024, 5, 31), 3)
    assert ends == [date(2023, 8, 31), date(2023, 11, 30), date(2024, 2, 29), date(2024, 5, 31)]
    with pytest.raises(UsageError, match="No month ends"):
        month_ends(date(2024, 2, 1), date(2024, 2, 28), 1)


# --- features ------------------------------------------------------------------------------------


def test_figures_become_features(lake: Lake, tmp_path: Path) -> None:
    lake.add(
        opinions="""
            company_id | period_end | opinion     | is_annual | is_going_concern | auditor    | published
            a          | 2021-12-31 | unqualified | true      | true             | 가회계법인 | 2022-03-20
            a          | 2020-12-31 | unqualified | true      | false            | 나회계법인 | 2021-03-20
            a          | 2022-03-31 | disclaimer  | false     | false            | 가회계법인 | 2022-05-16
            b          | 2021-12-31 | qualified   | true      | false            | 가회계법인 | 2022-03-20
            z          | 2025-12-31 | unqualified | true      | false            | 가회계법인 | 2026-03-20
            """,
        facts="""
            company_id | concept        | basis | months | period_end | value | published
            a          | net_income     | CFS   | 12     | 2021-12-31 | -300  | 2022-03-20
            a          | net_income     | CFS   | 12     | 2020-12-31 | 100   | 2022-03-20
            a          | net_income     | CFS   | 12     | 2019-12-31 | -50   | 2022-03-20
            a          | net_income     | OFS   | 12     | 2021-12-31 | -400  | 2022-03-20
            a          | net_income     | CFS   | 3      | 2022-03-31 | -20   | 2022-05-16
            a          | cash_dividends |       | 12     | 2020-12-31 | 5     | 2022-03-20
            a          | total_assets   | CFS   | 0      | 2021-12-31 | 1000  | 2022-03-20
            a          | total_liabilities | CFS | 0     | 2021-12-31 | 800   | 2022-03-20
            """,
        headcounts="""
            company_id | period_end | headcount | payroll | contract | published
            a          | 2021-12-31 | 40        | 100     | 10       | 2022-03-20
            a          | 2020-12-31 | 50        | 120     | 5        | 2021-03-20
            """,
        filings="""
            company_id | form   | period_end | published
            a          | annual | 2021-12-31 | 2022-03-20
            a          | annual | 2020-12-31 | 2021-03-20
            """,
        capital_changes="""
            company_id | changed_on | form                | shares | published
            a          | 2022-02-01 | 유상증자(제3자배정) | 30     | 2022-03-20
            a          | 2020-02-01 | 유상증자(제3자배정) | 30     | 2022-03-20
            """,
    )
    a, b = (row for row in made(lake, tmp_path, "2022-06-30"))
    told = {
        "net_income": -300, "net_income_per_head": -7.5, "prior_net_income_per_head": 2.5, "net_income_3y_per_head": -6.25,
        "separate_net_income_3y_per_head": -8.75, "net_losses_3y": 2, "interim_net_income_per_head": -2, "interim_net_loss": 1,
        "dividend_years_3y": 1, "liabilities_to_assets": 0.8, "liabilities_to_assets_1y": None, "headcount": 40,
        "headcount_to_year_before": 0.8, "fixed_term_share": 0.25, "pay_per_head": 2.5, "going_concern": 1, "qualified_opinion": 0,
        "interim_disclaimer": 1, "has_interim_review": 1, "audit_firms_4y": 2, "issues_12m": 1, "issues_36m": 2, "reductions_36m": 0,
    }  # fmt: skip
    assert {name: a[name] for name in told} == pytest.approx(told, nan_ok=True)
    assert a["altman_z"] is None
    # What is not known of the other one is unknown, not 0; an empty table of changes of capital is none.
    assert {n: b[n] for n in ("net_income", "net_losses_3y", "headcount", "going_concern", "qualified_opinion", "issues_36m")} == {
        "net_income": None, "net_losses_3y": None, "headcount": None, "going_concern": 0, "qualified_opinion": 1, "issues_36m": 0,
    }  # fmt: skip


def test_a_year_that_only_interim_reports_repeat_is_taken_where_nothing_better_is_known(
    lake: Lake, tmp_path: Path
) -> None:
    lake.add(
        opinions=AUDITED,
        facts="""
            company_id | concept                | basis | months | period_end | value | published
            a          | net_income_comparative | CFS   | 12     | 2021-12-31 | -900  | 2022-08-14
            b          | net_income_comparative | CFS   | 12     | 2021-12-31 | -900  | 2022-08-14
            b          | net_income             | CFS   | 12     | 2021-12-31 | 100   | 2022-03-20
            """,
    )
    told = {row["company_id"]: row["net_income"] for row in made(lake, tmp_path, "2022-09-30")}
    assert told == {"a": -900, "b": 100}


@pytest.mark.parametrize(
    ("facts", "headcount", "told"),
    [
        # Another currency is no amount in won.
        ("a | net_income | CFS | 12 | 2021-12-31 | -300 | USD | 2022-03-20", "40", (None, None)),
        # Nobody, and fewer than nobody, are no staff to divide by.
        ("a | net_income | CFS | 12 | 2021-12-31 | -300 | KRW | 2022-03-20", "0", (-300, None)),
        ("a | net_income | CFS | 12 | 2021-12-31 | -300 | KRW | 2022-03-20", "-5", (-300, None)),
        # A fiscal year of six months after a change of the year's end is no year.
        ("a | net_income | CFS | 6 | 2021-12-31 | -300 | KRW | 2022-03-20", "40", (None, None)),
    ],
)
def test_what_does_not_compare_is_unknown(lake: Lake, tmp_path: Path, facts: str, headcount: str, told: tuple[Any, Any]) -> None:  # fmt: skip
    lake.add(
        opinions=AUDITED,
        facts=f"""
            company_id | concept | basis | months | period_end | value | unit | published
            {facts}
            """,
        headcounts=f"""
            company_id | period_end | headcount | published
            a          | 2021-12-31 | {headcount} | 2022-03-20
            """,
    )
    a, _ = made(lake, tmp_path, "2022-06-30")
    assert (a["net_income"], a["net_income_per_head"]) == told


@pytest.fixture(scope="module")
def sample() -> Iterator[duckdb.DuckDBPyConnection]:
    """The sample's tables in memory."""
    con = open_sample().connect()
    for name in TABLES:
        con.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM memory.main.{name}")
    yield con
    con.close()


def _told(con: duckdb.DuckDBPyConnection, day: date) -> list[tuple[Any, ...]]:
    Engine(con).prepare(day)
    con.execute(f"CREATE OR REPLACE TEMP TABLE told AS {beside_sql()}")
    return [
        *con.execute(f"{features_sql()} ORDER BY company_id").fetchall(),
        *con.execute("SELECT * FROM told ORDER BY ALL").fetchall(),
    ]


@settings(max_examples=6, deadline=None)
@given(day=st.dates(date(2017, 6, 1), date(2026, 3, 31)), seed=st.integers(0, 1000))
def test_what_is_published_later_changes_no_feature(
    sample: duckdb.DuckDBPyConnection, day: date, seed: int
) -> None:
    known = _told(sample, day)
    later = f"published_on > DATE '{day}'"
    for how in ("taken away", "shuffled"):
        sample.execute("BEGIN")
        for name, item in TABLES.items():
            # Links are worked out anew from all rows by every refresh, and say who is who, not how anyone does.
            if name == "links":
                continue
            if how == "shuffled":
                # The later rows stay, each with the company of another one.
                columns = ", ".join(c.name for c in item.columns if c.name != "company_id")
                sample.execute(
                    f"CREATE OR REPLACE TEMP TABLE mixed AS SELECT a.company_id, {columns} FROM "
                    f"(SELECT company_id, row_number() OVER (ORDER BY hash(row_id, {seed})) AS n FROM {name} WHERE {later}) a JOIN "
                    f"(SELECT * EXCLUDE (company_id), row_number() OVER (ORDER BY row_id) AS n FROM {name} WHERE {later}) b USING (n)"
                )
            sample.execute(f"DELETE FROM {name} WHERE {later}")
            if how == "shuffled":
                sample.execute(f"INSERT INTO {name} BY NAME SELECT * FROM mixed")
        assert _told(sample, day) == known, how
        sample.execute("ROLLBACK")
    assert len(known) > 5


def test_every_feature_has_a_direction_and_a_column() -> None:
    assert {f.direction for f in features().values()} == {-1, 0, 1}
    for feature in features().values():
        assert f" {feature.name}," in features_sql().replace(" FROM", ", FROM")


# --- the command ---------------------------------------------------------------------------------


def test_the_command_writes_the_sample(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "made.parquet"
    told = run.json("forecast", "dataset", "--out", path, "--from", "2022-06-30", "--to", "2022-12-31")  # fmt: skip
    assert told["days"] == ["2022-06-30", "2022-12-31"]
    ((rows, companies),) = duckdb.execute(f"SELECT count(*), count(DISTINCT company_id) FROM '{path}'").fetchall()  # fmt: skip
    assert (told["rows"], told["companies"]) == (rows, companies)
    assert rows > 50
    for lang, word in (("ko", "회사"), ("en", "companies")):
        assert word in run.ok("forecast", "dataset", "--out", path, "--from", "2022-06-30", "--to", "2022-06-30", "--lang", lang)  # fmt: skip
