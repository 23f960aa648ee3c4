"""Small made OpenDART answers as Parquet: three companies that do not exist, with everything that the real layout has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import duckdb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Row = dict[str, str | None]

_COMMON: Final = (
    "stock_code",
    "report",
    "rcept_no",
    "corp_cls",
    "corp_code",
    "corp_name",
    "stlm_dt",
)
#: Columns of each endpoint as collected, also those that paycanary does not read.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "accnutAdtorNmNdAdtOpinion": (*_COMMON, "bsns_year", "adtor", "adt_opinion", "adt_reprt_spcmnt_matter", "emphs_matter", "core_adt_matter"),
    "alotMatter": (*_COMMON, "se", "thstrm", "frmtrm", "lwfr", "stock_knd"),
    "cprndNrdmpBlce": (*_COMMON, "sm", "remndr_exprtn1", "remndr_exprtn2", "yy1_below", "yy10_excess"),
    "empSttus": (*_COMMON, "sexdstn", "fo_bbm", "rgllbr_co", "cnttk_co", "sm", "avrg_cnwk_sdytrn", "fyer_salary_totamt", "jan_salary_am", "rm"),
    "irdsSttus": (*_COMMON, "isu_dcrs_de", "isu_dcrs_stle", "isu_dcrs_stock_knd", "isu_dcrs_qy", "isu_dcrs_mstvdv_fval_amount", "isu_dcrs_mstvdv_amount"),
    "mrhlSttus": (*_COMMON, "se", "shrholdr_co", "stock_tot_co", "hold_stock_rate"),
    "fnlttSinglAcntAll": (
        "rcept_no", "reprt_code", "bsns_year", "corp_code", "sj_div", "sj_nm", "account_id", "account_nm", "account_detail", "thstrm_nm",
        "thstrm_amount", "frmtrm_nm", "frmtrm_amount", "ord", "currency", "thstrm_add_amount", "frmtrm_q_nm", "frmtrm_q_amount",
        "frmtrm_add_amount", "fs_div", "bfefrmtrm_nm", "bfefrmtrm_amount", "stock_code", "corp_name", "reprt_nm", "fs_nm", "collect_status",
    ),
}  # fmt: skip
STATEMENTS: Final = "fnlttSinglAcntAll"


@dataclass(frozen=True)
class Company:
    """A company that does not exist. ``equity`` is that of the last year, in won; a troubled one loses money."""

    corp_code: str
    stock_code: str
    name: str
    is_troubled: bool = False

    def receipt(self, year: int) -> str:
        """Receipt number of the annual report about a year: filed on 15 March of the next."""
        return f"{year + 1}0315{self.corp_code[-6:]}"


SOUND: Final = Company("99000010", "990010", "가나전자")
TROUBLED: Final = Company("99000020", "990020", "다라건설", is_troubled=True)
SMALL: Final = Company("99000030", "990030", "마바소프트")
COMPANIES: Final = (SOUND, TROUBLED, SMALL)
YEARS: Final = (2021, 2022, 2023, 2024)
HEADS: Final = 120
CAPITAL: Final = 10_000_000_000


def write_rows(
    path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str | None]]
) -> Path:
    """Write rows as Parquet, every column text; a value that a row lacks is NULL."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        cells = ", ".join(f"unnest(?::VARCHAR[]) AS {column}" for column in columns)
        con.execute(
            f"CREATE TABLE made AS SELECT {cells}", [[row.get(c) for row in rows] for c in columns]
        )
        quoted = str(path).replace("'", "''")
        con.execute(f"COPY made TO '{quoted}' (FORMAT parquet)")
    return path


def write_market(
    folder: Path,
    companies: Sequence[Company] = COMPANIES,
    years: Sequence[int] = YEARS,
    extra: Mapping[str, Sequence[Row]] | None = None,
) -> Path:
    """Write the periodic-report endpoints below ``folder``; ``extra`` rows are added by endpoint."""
    rows: dict[str, list[Row]] = {kind: [] for kind in COLUMNS if kind != STATEMENTS}
    for company in companies:
        for year in years:
            for kind, made in _annual(company, year).items():
                rows[kind] += [{**_common(company, year), **row} for row in made]
    for kind, added in (extra or {}).items():
        rows[kind] += added
    for kind, made in rows.items():
        write_rows(folder / "market" / f"{kind}.parquet", COLUMNS[kind], made)
    return folder


def write_statements(
    folder: Path, companies: Sequence[Company] = COMPANIES, years: Sequence[int] = YEARS
) -> Path:
    """Write a file of annual statements for each company below ``folder``."""
    for company in companies:
        rows = [row for year in years for row in _statements(company, year)]
        write_rows(
            folder / "statements" / f"{company.stock_code}.parquet", COLUMNS[STATEMENTS], rows
        )
    return folder


def write_opendart(
    folder: Path, companies: Sequence[Company] = COMPANIES, years: Sequence[int] = YEARS
) -> Path:
    """Both."""
    return write_statements(write_market(folder, companies, years), companies, years)


def broken_rows(company: Company = SOUND, year: int = 2024) -> dict[str, list[Row]]:
    """A row for each of three faults, for `write_market`'s ``extra``: no receipt number, no such day, no number."""
    common = _common(company, year)
    return {
        "empSttus": [{**common, "rcept_no": None, "fo_bbm": "본사", "sm": "1"}],
        "mrhlSttus": [{**common, "stlm_dt": "2024-13-45", "se": "소액주주", "shrholdr_co": "1"}],
        "alotMatter": [{**common, "se": "(연결)당기순이익(백만원)", "thstrm": "많음"}],
    }


def heads(company: Company, year: int) -> int:
    """Employees at a year's end: a troubled company loses a fifth of them every year."""
    return round(HEADS * 0.8 ** (year - YEARS[0])) if company.is_troubled else HEADS


def net_income(company: Company, year: int) -> int:
    """Net income of a year in won, a whole number of millions."""
    return (-2_500 if company.is_troubled else 1_200 + year - YEARS[0]) * 1_000_000


def equity(company: Company, year: int) -> int:
    """Equity at a year's end: capital and reserves, and the net incomes since."""
    return CAPITAL + 2_000_000_000 + sum(net_income(company, y) for y in range(YEARS[0], year + 1))


def _common(company: Company, year: int) -> Row:
    return {
        "stock_code": company.stock_code, "report": "4분기", "rcept_no": company.receipt(year), "corp_cls": "K",
        "corp_code": company.corp_code, "corp_name": company.name, "stlm_dt": f"{year}-12-31",
    }  # fmt: skip


def _annual(company: Company, year: int) -> dict[str, list[Row]]:
    staff = heads(company, year)
    income = [f"{net_income(company, year - lag) // 1_000_000:,}" for lag in (0, 1, 2)]
    doubt = "계속기업으로서의 존속능력에 유의적 의문을 제기할 만한 중요한 불확실성이 존재합니다." if company.is_troubled and year == YEARS[-1] else "해당사항 없음"  # fmt: skip
    term = year - 2000
    return {
        "accnutAdtorNmNdAdtOpinion": [
            {"bsns_year": f"제{term - lag}기({name})", "adtor": "가온회계법인", "adt_opinion": "적정", "emphs_matter": doubt if lag == 0 else "-"}
            for lag, name in enumerate(("당기", "전기", "전전기"))
        ],
        "alotMatter": [
            {"se": "(연결)당기순이익(백만원)", "thstrm": income[0], "frmtrm": income[1], "lwfr": income[2]},
            {"se": "현금배당금총액(백만원)", "thstrm": "-", "frmtrm": "-", "lwfr": "-"},
        ],
        "cprndNrdmpBlce": [
            {"remndr_exprtn1": "미상환잔액", "remndr_exprtn2": "합계", "sm": "3,000,000,000", "yy1_below": "1,000,000,000"},
            {"remndr_exprtn1": "미상환잔액", "remndr_exprtn2": "공모", "sm": "-", "yy1_below": "-"},
        ],
        "empSttus": [
            {"fo_bbm": "본사", "sexdstn": "남", "sm": f"{staff - staff // 2:,}", "rgllbr_co": f"{staff - staff // 2:,}", "cnttk_co": "-",
             "fyer_salary_totamt": f"{(staff - staff // 2) * 50_000_000:,}", "jan_salary_am": "50,000,000"},
            {"fo_bbm": "본사", "sexdstn": "여", "sm": f"{staff // 2:,}", "rgllbr_co": f"{staff // 2:,}", "cnttk_co": "-",
             "fyer_salary_totamt": f"{staff // 2 * 50_000_000:,}", "jan_salary_am": "50,000,000"},
            {"fo_bbm": "성별합계", "sexdstn": "남", "sm": f"{staff:,}", "rgllbr_co": f"{staff:,}", "cnttk_co": "-"},
        ],
        "irdsSttus": [
            {"isu_dcrs_de": f"{year}.06.30", "isu_dcrs_stle": "유상증자(제3자배정)", "isu_dcrs_stock_knd": "보통주", "isu_dcrs_qy": "100,000",
             "isu_dcrs_mstvdv_fval_amount": "500", "isu_dcrs_mstvdv_amount": "2,000"}
            if company.is_troubled
            else {"isu_dcrs_de": "-", "isu_dcrs_stle": "-", "isu_dcrs_stock_knd": "-", "isu_dcrs_qy": "-"},
        ],
        "mrhlSttus": [
            {"se": "소액주주", "shrholdr_co": "12,345", "stock_tot_co": "20,000,000", "hold_stock_rate": "55.66%"}
        ],
    }  # fmt: skip


def _statements(company: Company, year: int) -> list[Row]:
    earned, worth = net_income(company, year), equity(company, year)
    accounts = (
        ("BS", "ifrs-full_Assets", "자산총계", worth + 8_000_000_000),
        ("BS", "ifrs-full_CurrentAssets", "유동자산", 6_000_000_000),
        ("BS", "ifrs-full_CashAndCashEquivalents", "현금및현금성자산", 2_000_000_000),
        ("BS", "ifrs-full_Liabilities", "부채총계", 8_000_000_000),
        ("BS", "ifrs-full_CurrentLiabilities", "유동부채", 4_000_000_000),
        ("BS", "ifrs-full_IssuedCapital", "자본금", CAPITAL),
        ("BS", "ifrs-full_Equity", "자본총계", worth),
        ("IS", "ifrs-full_Revenue", "매출액", 30_000_000_000),
        ("IS", "dart_OperatingIncomeLoss", "영업이익", earned * 2),
        ("IS", "ifrs-full_ProfitLoss", "당기순이익", earned),
        ("CF", "ifrs-full_CashFlowsFromUsedInOperatingActivities", "영업활동현금흐름", earned * 3),
        ("BS", "-표준계정코드 미사용-", "기타의무부자산", 1),
    )
    return [
        {
            "rcept_no": company.receipt(year), "reprt_code": "11011", "bsns_year": str(year), "corp_code": company.corp_code,
            "sj_div": statement, "account_id": account, "account_nm": title, "thstrm_amount": str(amount), "ord": str(i),
            "currency": "KRW", "fs_div": "CFS", "stock_code": company.stock_code, "corp_name": company.name, "collect_status": "collected",
        }
        for i, (statement, account, title, amount) in enumerate(accounts)
    ]  # fmt: skip
