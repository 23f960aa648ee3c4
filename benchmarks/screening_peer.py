"""The peers of ``paycanary screen`` over a country's pension months: a pandas script, and the aggregation that no screen goes without.

    python benchmarks/screening_peer.py pandas|duckdb JOB.json

``JOB.json``: ``files`` (Parquet of table ``workplace_months``), ``links`` and ``moves`` (Parquet of tables ``links`` and
``pension_moves``), ``as_of``, ``thresholds`` by signal, ``most_candidates`` with which a move counts, ``confidence`` from which a link
does, ``output``.

``pandas`` is written the way an analyst would, vectorised throughout, with paycanary's own rules of three signals that pension
months alone can answer; it writes their levels, a row a company. It does less: no corrected months, no other signal (paycanary
asks all), no verdict, no order. ``duckdb`` sums the same columns a company and month and judges nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

COLUMNS = ["company_id", "is_site", "period_end", "headcount", "joiners", "leavers", "billed", "income_per_head", "published_on"]  # fmt: skip
#: Months before the oldest of which a company's newest month says nothing of today.
MAX_AGE = 24


def months_of(job: dict[str, Any]) -> Any:
    """A row a company and month, newest first, with how many months ago it was."""
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    as_of = pd.Timestamp(job["as_of"])
    rows = pd.concat([pd.read_parquet(file, columns=COLUMNS) for file in job["files"]], ignore_index=True)  # fmt: skip
    rows = rows[~rows["is_site"] & (pd.to_datetime(rows["published_on"]) <= as_of)]
    links = pd.concat([pd.read_parquet(file, columns=["company_id", "canonical_id", "confidence"]) for file in job["links"]])  # fmt: skip
    links = links[links["confidence"] >= job["confidence"]].drop_duplicates(["company_id", "canonical_id"])  # fmt: skip
    rows = rows.merge(links[["company_id", "canonical_id"]], on="company_id")
    rows["weighted"] = rows["income_per_head"] * rows["headcount"]
    rows["with_income"] = rows["headcount"].where(rows["income_per_head"].notna())
    groups = rows.groupby(["canonical_id", "period_end"], sort=False)
    months = groups.agg(
        headcount=("headcount", "sum"), joiners=("joiners", "sum"), leavers=("leavers", "sum"), joiners_known=("joiners", "count"),
        leavers_known=("leavers", "count"), workplaces=("headcount", "size"), weighted=("weighted", "sum"), with_income=("with_income", "sum"),
    ).reset_index()  # fmt: skip
    for column in ("joiners", "leavers"):
        months[column] = months[column].where(months[f"{column}_known"] == months["workplaces"])
    months["income"] = months["weighted"] / months["with_income"].replace(0, np.nan)
    when = pd.to_datetime(months["period_end"])
    months["month"] = when.dt.year * 12 + when.dt.month
    months = months.sort_values(["canonical_id", "month"], ascending=[True, False], ignore_index=True)  # fmt: skip
    newest = months.groupby("canonical_id", sort=False)["month"].transform("first")
    months["ago"] = newest - months["month"]
    months = months.merge(moved_of(job, links), on=["canonical_id", "period_end"], how="left")
    moved = pd.to_numeric(months["moved"]).fillna(0)
    months["moved_since"] = moved.groupby(months["canonical_id"], sort=False).cumsum() - moved
    ended = pd.to_datetime(months.groupby("canonical_id", sort=False)["period_end"].transform("first"))  # fmt: skip
    return months[ended >= as_of - pd.DateOffset(months=MAX_AGE)].reset_index(drop=True)


def moved_of(job: dict[str, Any], links: Any) -> Any:
    """How many people perhaps moved to other companies, a row a company and month in which some did."""
    import pandas as pd  # noqa: PLC0415

    columns = ["company_id", "period_end", "leavers", "candidates", "published_on"]
    rows = pd.concat([pd.DataFrame(columns=columns), *(pd.read_parquet(file, columns=columns) for file in job["moves"])])  # fmt: skip
    rows = rows[(pd.to_datetime(rows["published_on"]) <= pd.Timestamp(job["as_of"])) & (rows["candidates"] <= job["most_candidates"])]  # fmt: skip
    rows = rows.merge(links[["company_id", "canonical_id"]], on="company_id")
    return rows.groupby(["canonical_id", "period_end"], sort=False).agg(moved=("leavers", "sum")).reset_index()  # fmt: skip


def headcount_change(months: Any, t: dict[str, float]) -> Any:
    """Company -> level."""
    import numpy as np  # noqa: PLC0415

    groups = months.groupby("canonical_id", sort=False)["headcount"]
    told = months.assign(newer=groups.shift(1), older=groups.shift(-1), now=groups.transform("first"))  # fmt: skip
    before = told["headcount"]
    told = told[
        (before > 0) & told["ago"].between(1, t["oldest_months"])
        & (told["older"].isna() | (before < t["spike_times"] * told["newer"]) | (before < t["spike_times"] * told["older"]))
    ].copy()  # fmt: skip
    told["change"] = 100 * (told["now"] - told["headcount"]) / told["headcount"]
    told["unexplained"] = told["change"] + 100 * told["moved_since"] / told["headcount"]
    year, old = told["ago"].between(11, 13), told["ago"] > t["window_months"]
    weak = (told["headcount"] < t["small_persons"]) | old
    nearest = told["ago"].where(told["ago"] >= 11).groupby(told["canonical_id"]).transform("min")  # noqa: PLR2004
    danger = ~weak & (
        told["unexplained"] <= np.where(year, t["danger_change"], t["danger_change_long"])
    )
    bound = np.where(year, t["watch_change"], np.where(old, t["danger_change_long"], t["watch_change_long"]))  # fmt: skip
    told["grade"] = np.where(danger, 2, np.where(told["change"] <= bound, 1, 0))
    told.loc[is_season(told, months, t), "grade"] = 0
    told = told[told["ago"] <= np.maximum(t["window_months"], nearest.fillna(0))]
    return told.groupby("canonical_id", sort=False)["grade"].max().map({2: "danger", 1: "watch", 0: "good"})  # fmt: skip


def is_season(told: Any, months: Any, t: dict[str, float]) -> Any:
    """Whether the season tells a row's fall."""
    fallen = told.loc[told["grade"] > 0, ["canonical_id", "ago", "now"]]
    heads = months.set_index(["canonical_id", "ago"])["headcount"]
    heads = heads[heads.index.get_level_values("canonical_id").isin(fallen["canonical_id"].unique())]  # fmt: skip

    def at(ago: Any) -> Any:
        keys = fallen[["canonical_id"]].assign(ago=ago)
        return keys.join(heads, on=["canonical_id", "ago"])["headcount"]

    peak, before, low = at(fallen["ago"] % 12), at(fallen["ago"] % 12 + 12), at(12)
    lost = before - low
    right = (
        (peak > fallen["now"]) & (low > 0) & (lost >= t["season_persons"]) & (100 * lost >= t["season_share"] * before)
        & (100 * peak >= t["season_back"] * before) & (2 * (peak - low) >= peak - fallen["now"]) & (2 * lost * peak >= (peak - fallen["now"]) * before)
    )  # fmt: skip
    return right[right].index


def leaver_rate(months: Any, t: dict[str, float]) -> Any:
    """Company -> level."""
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    told = months[(months["ago"] < t["window_months"]) & months["joiners"].notna() & months["leavers"].notna()]  # fmt: skip
    moved = pd.to_numeric(told["moved"]).fillna(0)
    told = told.assign(went=(told["leavers"] - moved).clip(lower=0))
    sums = told.groupby("canonical_id", sort=False).agg(
        heads=("headcount", "sum"), mean=("headcount", "mean"), joined=("joiners", "sum"), left=("went", "sum"), count=("ago", "size"),
    )  # fmt: skip
    sums = sums[(sums["count"] >= t["least_months"]) & (sums["heads"] > 0)]
    bound = np.where(sums["mean"] < t["large_persons"], t["watch_rate"], t["watch_rate_large"])
    high = (sums["joined"] < sums["left"]) & (100 * sums["left"] / sums["heads"] >= bound)
    return high.map({True: "watch", False: "good"})


def pension_pay(months: Any, t: dict[str, float]) -> Any:
    """Company -> level."""
    import numpy as np  # noqa: PLC0415

    now = months[(months["ago"] == 0) & (months["income"] > 0)].set_index("canonical_id")["income"]
    told = months[(months["income"] > 0) & months["ago"].between(11, 13)].copy()
    told["far"] = (told["ago"] - 12).abs()
    told = told.sort_values(["far", "ago"]).drop_duplicates("canonical_id").set_index("canonical_id")  # fmt: skip
    told = told.join(now.rename("now"), how="inner")
    odd = (told["now"] >= told["income"] * t["implausible_times"]) | (told["income"] >= told["now"] * t["implausible_times"])  # fmt: skip
    fell = 100 * (told["now"] - told["income"]) / told["income"] <= t["watch_change"]
    told["level"] = np.where(odd, "unknown", np.where(fell, "watch", "good"))
    return told["level"]


SIGNALS = {
    "headcount_change": headcount_change,
    "leaver_rate": leaver_rate,
    "pension_pay": pension_pay,
}


def by_pandas(job: dict[str, Any]) -> None:
    import pandas as pd  # noqa: PLC0415

    months = months_of(job)
    levels = {name: ask(months, job["thresholds"][name]) for name, ask in SIGNALS.items()}
    found = pd.DataFrame(levels).fillna("unknown").rename_axis("id").reset_index()
    found.to_parquet(job["output"], index=False, compression="zstd")


def by_duckdb(job: dict[str, Any]) -> None:
    import duckdb  # noqa: PLC0415

    duckdb.execute(
        "COPY (SELECT company_id, period_end, sum(headcount) AS headcount, sum(joiners) AS joiners, sum(leavers) AS leavers, sum(billed) AS billed, "
        "avg(income_per_head) AS income_per_head FROM read_parquet($files) WHERE NOT is_site AND published_on <= CAST($day AS DATE) "
        f"GROUP BY ALL) TO '{job['output']}' (FORMAT parquet, COMPRESSION zstd)",
        {"files": job["files"], "day": job["as_of"]},
    )


def main() -> None:
    which, file = sys.argv[1:]
    job = json.loads(Path(file).read_text(encoding="utf-8"))
    {"pandas": by_pandas, "duckdb": by_duckdb}[which](job)


if __name__ == "__main__":
    main()
