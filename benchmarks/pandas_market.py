"""The peer of ``paycanary refresh dart``: the same six files read, cleaned and stored by a script in pandas.

    python benchmarks/pandas_market.py MARKET_DIR OUTPUT_DIR

Written the way an analyst would, vectorised throughout, with paycanary's own rules for reading the rows, so that both
give the same tables: net income of three years, bonds, small shareholders, opinions by class, heads by filing, and
share issues at their first sighting. It does less: no reasons for rejected rows, no digests, no duplicates found
across runs, no name index, no matching of registers, no atomic commit. Prints the number of rows of each table as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd

BLANK = [
    "",
    "-",
    "－",
    "–",
    "—",
    "―",
    "ㅡ",
    ".",
    "N/A",
    "해당없음",
    "해당사항없음",
    "해당사항 없음",
]
MONTHS = {"4분기": 12, "2분기": 6, "1분기": 3, "3분기": 9}
KEYS = ["corp_code", "rcept_no", "published_on", "period_end", "report"]
OPINIONS = {
    "disclaimer": "거절|표명하지",
    "adverse": "부적정",
    "qualified": "한정",
    "unqualified": "적정|공정하?게?(?:표시하고|표시$|$)|^공정|예외사항없음|위배.*발견되지|발견되지아니|발견되지않",
}
PRICED = ["전환권행사", "신주인수권행사", "주식매수선택권행사"]


def amount(text: pd.Series) -> pd.Series:
    """'1,234', '(1,234)', '△1,234', '1,234원' -> number."""
    text = text.str.strip()
    negative = text.str.match(r"^(?:\(.*\)$|[△▲−－])", na=False)
    bare = text.str.replace(r"(?:원|주|명|%|％)\s*$", "", regex=True).str.replace(
        r"[,\s()△▲−－]", "", regex=True
    )
    value = pd.to_numeric(bare, errors="coerce").astype("float64")
    return value.where(~negative, -value)


def is_blank(text: pd.Series) -> pd.Series:
    return text.isna() | text.str.strip().isin(BLANK)


def day(text: pd.Series) -> pd.Series:
    digits = text.str.replace(r"[^0-9]", "", regex=True)
    return pd.to_datetime(digits, format="%Y%m%d", errors="coerce")


def read(folder: Path, name: str) -> pd.DataFrame:
    frame = pd.read_parquet(folder / f"{name}.parquet")
    frame = frame[frame["rcept_no"].str.fullmatch(r"[0-9]{14}", na=False)].copy()
    frame["published_on"] = pd.to_datetime(
        frame["rcept_no"].str[:8], format="%Y%m%d", errors="coerce"
    )
    frame["period_end"] = day(frame["stlm_dt"])
    return frame[frame["period_end"].notna() & frame["published_on"].notna()]


def months_before(end: pd.Series, months: pd.Series) -> pd.Series:
    """Last day of the month so many months earlier."""
    moved = end.dt.to_period("M").astype("int64") - months.astype("int64")
    return pd.PeriodIndex.from_ordinals(moved, freq="M").to_timestamp(how="end").normalize()


def net_income(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame[
        frame["se"].str.contains("당기순이익", na=False) & frame["report"].isin(MONTHS)
    ].copy()
    rows["basis"] = None
    rows.loc[rows["se"].str.contains("별도"), "basis"] = "OFS"
    rows.loc[rows["se"].str.contains("연결"), "basis"] = "CFS"
    rows = rows[rows["basis"].notna()]
    parts = []
    for lag, column in enumerate(("thstrm", "frmtrm", "lwfr")):
        part = rows if lag == 0 else rows[rows["report"] == "4분기"]
        end = part["period_end"]
        if lag:
            end = months_before(end, pd.Series(12 * lag, index=part.index))
        parts.append(
            pd.DataFrame(
                {
                    "corp_code": part["corp_code"],
                    "rcept_no": part["rcept_no"],
                    "published_on": part["published_on"],
                    "concept": "net_income",
                    "basis": part["basis"],
                    "period_end": end,
                    "months": part["report"].map(MONTHS),
                    "value": amount(part[column]) * 1e6,
                    "unit": "KRW",
                    "lag": lag,
                }
            )
        )
    return pd.concat(parts).dropna(subset="value")


def balances(frame: pd.DataFrame, columns: dict[str, tuple[pd.Series, str]]) -> pd.DataFrame:
    """Facts on a day: concept -> values and unit."""
    keys = frame[["corp_code", "rcept_no", "published_on", "period_end"]]
    parts = [
        keys.assign(concept=name, months=0, value=value, unit=unit, lag=0)
        for name, (value, unit) in columns.items()
    ]
    return pd.concat(parts).dropna(subset="value")


def bonds(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame[frame["remndr_exprtn2"] == "합계"]
    return balances(
        rows,
        {
            "bonds_outstanding": (amount(rows["sm"]).fillna(0), "KRW"),
            "bonds_due_within_1y": (amount(rows["yy1_below"]).fillna(0), "KRW"),
        },
    )


def shareholders(frame: pd.DataFrame) -> pd.DataFrame:
    return balances(
        frame,
        {
            "minority_shareholders": (amount(frame["shrholdr_co"]), "persons"),
            "minority_share_ratio": (amount(frame["hold_stock_rate"]) / 100, "ratio"),
            "shares_outstanding": (amount(frame["stock_tot_co"]), "shares"),
        },
    )


def opinions(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame.copy()
    words = rows["adt_opinion"].fillna("").str.replace(r"\s", "", regex=True)
    term = rows["bsns_year"].fillna("").str.replace(r"\s", "", regex=True)
    number = pd.to_numeric(term.str.extract(r"제?([0-9]+)기")[0], errors="coerce")
    behind = number.groupby([rows["rcept_no"], rows["stlm_dt"]]).transform("max") - number
    year = pd.to_numeric(term.str.extract(r"(20[0-9]{2})")[0], errors="coerce")
    since = rows["period_end"].dt.year - year
    rows["lag"] = since.where(since.between(0, 2))
    rows.loc[behind.between(0, 2), "lag"] = behind
    rows.loc[term.str.contains("당|분기|반기|검토"), "lag"] = 0
    rows.loc[term.str.contains("전") & ~term.str.contains("당"), "lag"] = 1
    rows.loc[term.str.contains("전전"), "lag"] = 2
    rows["opinion"] = "none"
    for kind, pattern in reversed(OPINIONS.items()):
        rows.loc[words.str.contains(pattern), "opinion"] = kind
    special = rows["emphs_matter"].where(~is_blank(rows["emphs_matter"]), "")
    special += (
        rows["adt_reprt_spcmnt_matter"]
        .where(~is_blank(rows["adt_reprt_spcmnt_matter"]), "")
        .radd(" / ")
    )
    doubt = special.str.contains(r"계속기업[^.]{0,120}(?:불확실|의문|의심|존속)")
    denied = special.str.contains(
        r"계속기업[^.]{0,120}(?:불확실|의문|의심)[^.]{0,60}(?:존재하지|해소|없음|없습니다|않습니다|아니합니다|않음)"
    )
    rows["is_going_concern"] = doubt & ~denied
    rows = rows[rows["lag"].notna() & ((rows["opinion"] != "none") | rows["is_going_concern"])]
    months = rows["report"].map(MONTHS)
    back = (12 * rows["lag"]).where(rows["report"] == "4분기", months + 12 * (rows["lag"] - 1))
    moved = pd.Series(months_before(rows["period_end"], back.fillna(0)), index=rows.index)
    rows["fiscal_end"] = rows["period_end"].where((rows["lag"] == 0) | months.isna(), moved)
    rows["is_annual"] = (rows["report"] == "4분기") | (rows["lag"] > 0)
    rows["auditor"] = rows["adtor"].str.strip()
    columns = [*KEYS, "fiscal_end", "is_annual", "lag", "opinion", "adt_opinion", "auditor"]
    return rows[[*columns, "is_going_concern"]].drop_duplicates()


def headcounts(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame[
        ~(is_blank(frame["sm"]) & is_blank(frame["rgllbr_co"]) & is_blank(frame["cnttk_co"]))
    ].copy()
    rows["division"] = rows["fo_bbm"].fillna("").str.replace(r"[\s()]", "", regex=True)
    rows["regular"], rows["contract"] = amount(rows["rgllbr_co"]), amount(rows["cnttk_co"])
    either = (rows["regular"] + rows["contract"].fillna(0)).fillna(rows["contract"])
    rows["heads"] = amount(rows["sm"]).fillna(either)
    rows["payroll"] = amount(rows["fyer_salary_totamt"])
    sums = ["heads", "regular", "contract", "payroll"]
    parts = rows.groupby([*KEYS, "division"], as_index=False)[sums].sum(min_count=1)
    is_total = parts["division"].str.fullmatch(
        ".*(?:성별)?(?:합계|총계|소계|총합|누계|총원)"
    ) | parts["division"].isin(["계", "회사계", "전체계"])
    is_whole = parts["division"].str.fullmatch(
        "전체|전사|회사전체|전체사업|전사업부|전사업부문|전부문|전사사업부|전체사업부|회사|당사"
    )
    filing = [parts["rcept_no"], parts["period_end"]]
    part_heads = parts["heads"].where(~is_total, 0).groupby(filing).transform("sum")
    parts = parts.assign(is_total=is_total, part_heads=part_heads).sort_values(
        ["heads", "division"], ascending=[False, True]
    )
    is_largest = ~parts.duplicated(["rcept_no", "period_end"])
    counted = (is_largest & (parts["part_heads"] == 0)) | (
        (parts["part_heads"] != 0)
        & ~parts["is_total"]
        & ~(is_whole.reindex(parts.index) & (parts["heads"] * 2 == parts["part_heads"]))
    )
    found = parts[counted].groupby(KEYS, as_index=False)[sums].sum(min_count=1)
    found = found[found["heads"].notna()]
    a_year = found["payroll"] / found["heads"] * 12 / found["report"].map(MONTHS)
    scale = pd.Series(float("nan"), index=found.index)
    for low, high, factor in ((1, 1e3, 1e6), (1e3, 1e6, 1e3), (1e6, 1e10, 1)):
        scale[a_year.between(low, high)] = factor
    return found.assign(payroll=found["payroll"] * scale)


def capital_changes(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame.assign(changed_on=day(frame["isu_dcrs_de"]))
    rows = rows[rows["changed_on"].notna()]
    rows = rows.assign(
        par_value=amount(rows["isu_dcrs_mstvdv_fval_amount"]),
        price=amount(rows["isu_dcrs_mstvdv_amount"]),
        shares=amount(rows["isu_dcrs_qy"]),
    ).rename(columns={"isu_dcrs_stle": "form", "isu_dcrs_stock_knd": "stock_kind"})
    what = ["corp_code", "changed_on", "form", "stock_kind", "par_value", "price"]
    found = rows.groupby([*what, "rcept_no", "published_on"], dropna=False, as_index=False)[
        "shares"
    ].sum(min_count=1)
    found = found.sort_values(["published_on", "rcept_no"]).drop_duplicates([*what, "shares"])
    is_paid = found["form"].str.startswith("유상증자", na=False)
    proceeds = (found["shares"] * found["price"]).where(is_paid | found["form"].isin(PRICED))
    return found.assign(proceeds=proceeds)


def main() -> None:
    source, output = Path(sys.argv[1]), Path(sys.argv[2])
    output.mkdir(parents=True, exist_ok=True)
    names = ("alotMatter", "cprndNrdmpBlce", "mrhlSttus", "accnutAdtorNmNdAdtOpinion", "empSttus", "irdsSttus")  # fmt: skip
    raw = {name: read(source, name) for name in names}
    tables = {
        "facts": pd.concat(
            [
                net_income(raw["alotMatter"]),
                bonds(raw["cprndNrdmpBlce"]),
                shareholders(raw["mrhlSttus"]),
            ]
        ),
        "opinions": opinions(raw["accnutAdtorNmNdAdtOpinion"]),
        "headcounts": headcounts(raw["empSttus"]),
        "capital_changes": capital_changes(raw["irdsSttus"]),
        "filings": pd.concat([frame[KEYS] for frame in raw.values()]).drop_duplicates(),
        "companies": pd.concat([f[["corp_code", "corp_name", "stock_code", "rcept_no"]] for f in raw.values()])
        .sort_values("rcept_no")
        .drop_duplicates("corp_code", keep="last"),
    }  # fmt: skip
    for name, frame in tables.items():
        frame.to_parquet(output / f"{name}.parquet", compression="zstd", index=False)
    print(json.dumps({name: len(frame) for name, frame in tables.items()}))


if __name__ == "__main__":
    main()
