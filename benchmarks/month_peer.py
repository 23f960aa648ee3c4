"""The peers of ``paycanary refresh nps`` for one whole pension month: a pandas script, a Polars script, and DuckDB that only reads and writes.

    python benchmarks/month_peer.py pandas|polars|duckdb JOB.json

``JOB.json``: ``file`` (cp949; UTF-8 for ``duckdb``), ``columns`` (of the 22, "" where one is not read), ``output`` (a folder),
``provinces`` by code, ``rate``, ``ceiling`` and ``share`` of the month, and the patterns of paycanary's rules for names (``clean``,
``label``, ``company``, ``key``, ``units``, ``site``; ``letters`` and ``plain`` to translate single letters).

Both scripts do the whole job the way an analyst would, column by column: decode, type, take names apart (each name once), say what is
wrong with a row, put rejected rows aside, work out the income a head, give ids, and write ``kept.parquet``, sorted, ``rejected.parquet``
and ``companies.parquet``. ``duckdb`` does none of it: it is the limit.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

DAYS = ["withdrawn_on", "enrolled_on"]
NUMBERS = ["headcount", "billed", "joiners", "leavers"]
TEXTS = ["month", "name", "business_number", "status", "form", "address", "province_code", "industry_code", "industry", *DAYS, *NUMBERS]  # fmt: skip
KEPT = [
    "company_id", "workplace", "headcount", "joiners", "leavers", "billed", "income_per_head", "is_income_capped", "status", "is_site",
    "industry_code", "industry", "region", "withdrawn_on", "enrolled_on", "prefix",
]  # fmt: skip
COMPANY = ["company_id", "name", "prefix", "industry", "region"]
MONTH = r"^(?:19[89][0-9]|20[0-9]{2})[-./]?(?:0[1-9]|1[0-2])$"
#: The register's first month.
FIRST = "201512"
NUMBER = r"^[0-9][0-9,]*(?:\.0+)?$"
NO_INDUSTRY = "BIZ_NO미존재사업장"
MOST = 2_000_000_000
YEARS = (1988, 2100)
#: What stands for no day.
NEVER = ("0001-01-01", "9999-12-31")


def company_id(prefix: str, key: str) -> str:
    return "nps:" + hashlib.md5(f"{prefix}|{key}".encode(), usedforsecurity=False).hexdigest()[:12]


# --- pandas --------------------------------------------------------------------------------------


def replaced(names: Any, rules: list[list[str]]) -> Any:
    for pattern, to, flag in rules:
        names = names.str.replace(pattern, to, n=-1 if flag else 1, regex=True)
    return names


def names_by_pandas(published: Any, job: dict[str, Any]) -> Any:
    """A row a name: company, workplace, key, whether a site."""
    import pandas as pd  # noqa: PLC0415

    names = pd.DataFrame({"published": published.dropna().unique()})
    letters = str.maketrans(*[*job["letters"]])
    clean = replaced(names["published"].str.normalize("NFC").str.replace("㈜", "(주)", regex=False).str.translate(letters), job["clean"]).str.strip(" ")  # fmt: skip
    names["workplace"] = replaced(names["published"].str.strip(" "), job["label"])
    company = replaced(clean, job["company"])
    names["name"] = company.str.translate(str.maketrans("⟨⟩∕", "()/", "|")).str.strip(" ")
    unit = pd.Series([c[len(n) :] for c, n in zip(clean, names["name"], strict=True)], dtype=clean.dtype)  # fmt: skip
    names["is_site"] = replaced(unit, job["units"]).str.contains(job["site"], regex=True)
    key = replaced(names["name"].str.normalize("NFC").str.translate(str.maketrans(*job["plain"])).str.lower(), job["key"])  # fmt: skip
    plain = names["name"].str.replace(r"[^\p{L}\p{N}]", "", regex=True)
    names["key"] = key.where(key != "", plain.where(plain != "", None))
    return names


def by_pandas(job: dict[str, Any]) -> None:
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    columns = [name or f"skip{place}" for place, name in enumerate(job["columns"])]
    rows = pd.read_csv(job["file"], encoding="cp949", header=0, names=columns, usecols=TEXTS, dtype=str, keep_default_na=False, na_values=[""])  # fmt: skip
    rows = rows.rename_axis("row_number").reset_index()
    rows["row_number"] += 1
    for column in TEXTS:
        if column != "name":
            rows[column] = rows[column].str.strip(" ")
    form = rows["form"].fillna("")
    rows = rows[~form.str.fullmatch("[02-9]")].copy()
    bad = ~rows["form"].fillna("").str.fullmatch("[0-9]")
    digits = rows["business_number"].str.replace("[^0-9]", "", regex=True)
    rows["prefix"] = digits.str.slice(0, 6).where(digits.str.len() >= 6, None)  # noqa: PLR2004
    rows["status"] = rows["status"].map({"1": "registered", "2": "withdrawn"})
    for column in NUMBERS:
        number = pd.to_numeric(rows[column].where(rows[column].str.fullmatch(NUMBER).fillna(value=False)).str.replace(",", "", regex=False))  # fmt: skip
        bad |= number.isna() & (rows[column].fillna("") != "")
        rows[column] = number
    bad |= rows["headcount"].isna() | (rows["headcount"] > MOST)
    bad_day = ~rows["month"].fillna("").str.contains(MONTH)
    for column in DAYS:
        day = pd.to_datetime(rows[column].str.replace("[^0-9]", "", regex=True), format="%Y%m%d", errors="coerce")  # fmt: skip
        day = day.where(day.dt.year.between(*YEARS))
        bad_day |= day.isna() & (rows[column].fillna("") != "") & ~rows[column].isin(NEVER)
        rows[column] = day.dt.date
    rows["industry"] = rows["industry"].str.replace(r"\s+", " ", regex=True).replace({"": None, NO_INDUSTRY: None})  # fmt: skip
    rows["industry_code"] = rows["industry_code"].replace({"": None})
    rows["region"] = rows["province_code"].str.slice(0, 2).map(job["provinces"]).fillna(rows["address"].str.split(" ", n=1).str[0])  # fmt: skip
    published = rows["month"].str.replace("[^0-9]", "", regex=True).between(FIRST, job["newest"])
    names = names_by_pandas(rows["name"], job)
    rows = rows.rename(columns={"name": "published"}).merge(names, on="published", how="left")
    bad, bad_day = bad.to_numpy(), bad_day.to_numpy()
    rows["reason"] = np.select(
        [
            rows["key"].isna(),
            bad_day,
            ~published.to_numpy(),
            bad,
            rows["prefix"].isna(),
            rows["status"].isna(),
            rows["headcount"] + rows["leavers"] < rows["joiners"],
        ],
        [
            "no_company",
            "bad_date",
            "unpublished_month",
            "bad_number",
            "no_business_number",
            "unknown_code",
            "impossible_count",
        ],
        "",
    )
    ids = rows[["prefix", "key"]].drop_duplicates()
    ids["company_id"] = [company_id(p, k) for p, k in zip(ids["prefix"].fillna(""), ids["key"].fillna(""), strict=True)]  # fmt: skip
    rows = rows.merge(ids, on=["prefix", "key"], how="left")
    income = rows["billed"] / rows["headcount"].where(rows["headcount"] != 0) / job["rate"]
    income = income.where(rows["billed"] > 0)
    rows["income_per_head"] = np.floor(income + 0.5)
    rows["is_income_capped"] = (income >= job["share"] * job["ceiling"]).astype("boolean").where(income.notna())  # fmt: skip
    good = rows[rows["reason"] == ""]
    rows.loc[good.index[good.duplicated(KEPT)], "reason"] = "repeated_row"
    kept = rows[rows["reason"] == ""]
    output = Path(job["output"])
    kept[KEPT].sort_values(["company_id", "workplace"]).to_parquet(output / "kept.parquet", index=False, compression="zstd")  # fmt: skip
    rows.loc[rows["reason"] != "", ["row_number", "reason"]].to_parquet(output / "rejected.parquet", index=False)  # fmt: skip
    companies = kept.sort_values(["is_site", "headcount", "workplace"], ascending=[True, False, False]).drop_duplicates("company_id")  # fmt: skip
    companies[COMPANY].sort_values("company_id").to_parquet(output / "companies.parquet", index=False, compression="zstd")  # fmt: skip


# --- Polars --------------------------------------------------------------------------------------


def replaced_in(names: Any, rules: list[list[str]]) -> Any:
    for pattern, to, flag in rules:
        # What paycanary's engine takes for a word are Latin letters.
        words = pattern.replace(r"\b", r"(?-u:\b)")
        group = to.replace(r"\1", "${1}")
        names = names.str.replace_all(words, group) if flag else names.str.replace(words, group)
    return names


def translated(names: Any, old: str, new: str) -> Any:
    return names.str.replace_many(list(old), [*new, *[""] * (len(old) - len(new))])


def names_by_polars(published: Any, job: dict[str, Any]) -> Any:
    """A row a name: company, workplace, key, whether a site."""
    import polars as pl  # noqa: PLC0415

    col = pl.col
    clean = translated(col("published").str.normalize("NFC").str.replace_all("㈜", "(주)", literal=True), *job["letters"])  # fmt: skip
    key = translated(col("name").str.normalize("NFC"), *job["plain"]).str.to_lowercase()
    plain = col("name").str.replace_all(r"[^\p{L}\p{N}]", "")
    return (
        published.drop_nulls().unique().to_frame("published")
        .with_columns(clean=replaced_in(clean, job["clean"]).str.strip_chars(" "), workplace=replaced_in(col("published").str.strip_chars(" "), job["label"]))
        .with_columns(name=translated(replaced_in(col("clean"), job["company"]), "⟨⟩∕|", "()/").str.strip_chars(" "))
        .with_columns(
            is_site=replaced_in(col("clean").str.slice(col("name").str.len_chars()), job["units"]).str.contains(job["site"]),
            key=replaced_in(key, job["key"]),
        )
        .with_columns(key=pl.when(col("key") != "").then("key").otherwise(pl.when(plain != "").then(plain)))
    )  # fmt: skip


def by_polars(job: dict[str, Any]) -> None:
    import polars as pl  # noqa: PLC0415

    col = pl.col
    columns = [name or f"skip{place}" for place, name in enumerate(job["columns"])]
    rows = pl.read_csv(
        job["file"], encoding="cp949", infer_schema=False, new_columns=columns, row_index_name="row_number", row_index_offset=1,
    )  # fmt: skip
    rows = rows.select("row_number", "name", *(col(c).str.strip_chars(" \r") for c in TEXTS if c != "name"))  # fmt: skip
    rows = rows.filter(~col("form").fill_null("").str.contains("^[02-9]$"))
    digits = col("business_number").str.replace_all("[^0-9]", "")
    numbers = {c: pl.when(col(c).str.contains(NUMBER)).then(col(c).str.replace_all(",", "", literal=True)).cast(pl.Float64) for c in NUMBERS}  # fmt: skip
    days = {c: col(c).str.replace_all("[^0-9]", "").str.to_date("%Y%m%d", strict=False) for c in DAYS}  # fmt: skip
    days = {c: pl.when(d.dt.year().is_between(*YEARS)).then(d) for c, d in days.items()}
    bad_number = pl.any_horizontal(~col("form").fill_null("").str.contains("^[0-9]$"), *(n.is_null() & (col(c).fill_null("") != "") for c, n in numbers.items()))  # fmt: skip
    industry = col("industry").str.replace_all(r"\s+", " ")
    rows = rows.with_columns(
        bad_number=bad_number,
        bad_day=pl.any_horizontal(~col("month").fill_null("").str.contains(MONTH), *(d.is_null() & (col(c).fill_null("") != "") & ~col(c).is_in(NEVER) for c, d in days.items())),
        prefix=pl.when(digits.str.len_chars() >= 6).then(digits.str.slice(0, 6)),  # noqa: PLR2004
        status=col("status").replace_strict({"1": "registered", "2": "withdrawn"}, default=None),
        industry=pl.when(~industry.is_in(["", NO_INDUSTRY])).then(industry),
        industry_code=pl.when(col("industry_code") != "").then("industry_code"),
        region=col("province_code").str.slice(0, 2).replace_strict(job["provinces"], default=None).fill_null(col("address").str.split(" ").list.first()),
        **numbers, **days,
    )  # fmt: skip
    rows = rows.rename({"name": "published"}).join(names_by_polars(rows["name"], job), on="published", how="left")  # fmt: skip
    ids = rows.select("prefix", "key").unique()
    ids = ids.with_columns(company_id=pl.Series([company_id(p or "", k or "") for p, k in ids.iter_rows()], dtype=pl.String))  # fmt: skip
    income = pl.when(col("billed") > 0, col("headcount") != 0).then(col("billed") / col("headcount") / job["rate"])  # fmt: skip
    rows = rows.join(ids, on=["prefix", "key"], how="left", nulls_equal=True).with_columns(
        reason=pl.when(col("key").is_null()).then(pl.lit("no_company")).when("bad_day").then(pl.lit("bad_date"))
        .when(~col("month").str.replace_all("[^0-9]", "").is_between(pl.lit(FIRST), pl.lit(job["newest"]))).then(pl.lit("unpublished_month"))
        .when(col("headcount").is_null() | (col("headcount") > MOST) | col("bad_number")).then(pl.lit("bad_number"))
        .when(col("prefix").is_null()).then(pl.lit("no_business_number")).when(col("status").is_null()).then(pl.lit("unknown_code"))
        .when(col("headcount") + col("leavers") < col("joiners")).then(pl.lit("impossible_count")),
        income_per_head=(income + 0.5).floor(), is_income_capped=income >= job["share"] * job["ceiling"],
    )  # fmt: skip
    good = rows.filter(col("reason").is_null())
    repeated = ~pl.struct(KEPT).is_first_distinct()
    kept = good.filter(~repeated)
    rejected = pl.concat([rows.filter(col("reason").is_not_null()), good.filter(repeated).with_columns(reason=pl.lit("repeated_row"))])  # fmt: skip
    output = Path(job["output"])
    kept.select(KEPT).sort("company_id", "workplace").write_parquet(output / "kept.parquet", compression="zstd")  # fmt: skip
    rejected.select("row_number", "reason").write_parquet(output / "rejected.parquet")
    companies = kept.sort("is_site", "headcount", "workplace", descending=[False, True, True]).unique("company_id", keep="first")  # fmt: skip
    companies.select(COMPANY).sort("company_id").write_parquet(output / "companies.parquet", compression="zstd")  # fmt: skip


# --- the limit -----------------------------------------------------------------------------------


def by_duckdb(job: dict[str, Any]) -> None:
    import duckdb  # noqa: PLC0415

    duckdb.execute(f"COPY (FROM read_csv('{job['file']}')) TO '{job['output']}/all.parquet' (FORMAT parquet, COMPRESSION zstd)")  # fmt: skip


def main() -> None:
    which, file = sys.argv[1:]
    job = json.loads(Path(file).read_text(encoding="utf-8"))
    {"pandas": by_pandas, "polars": by_polars, "duckdb": by_duckdb}[which](job)


if __name__ == "__main__":
    main()
