"""Figures of real companies, found through the command line on the whole of the real data, each as of its day.

Every figure is looked for on the day of its filing, and is not there the day before.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Run

HANWHA_OCEAN, HMM, SAMBU, SAMSUNG = "042660", "011200", "001470", "005930"
Key = tuple[str, str]


def ask(market: Run, company: str, day: date | str) -> dict[str, Any]:
    verdict: dict[str, Any] = market.json("check", company, "--as-of", day)
    return verdict


def figures(verdict: dict[str, Any]) -> dict[Key, dict[str, Any]]:
    """Concept and period -> figure, over all findings."""
    return {
        (figure["concept"], figure["period_end"]): figure
        for finding in verdict["findings"]
        for figure in finding["figures"]
    }


def finding(verdict: dict[str, Any], signal: str) -> dict[str, Any] | None:
    return next((f for f in verdict["findings"] if f["signal"] == signal), None)


def day_before(day: str) -> date:
    return date.fromisoformat(day) - timedelta(days=1)


@pytest.mark.parametrize(
    ("year", "received", "loss"),
    [
        # the reports on 2015 and 2016 are amendments, received together
        (2015, "2017-10-19", -2_209_243_774_876),
        (2016, "2017-10-19", -2_789_487_511_318),
        (2019, "2020-03-30", -46_485_191_069),
        (2021, "2022-03-14", -1_699_829_429_734),
        (2022, "2023-03-13", -1_744_778_447_657),
    ],
)
def test_hanwha_oceans_net_losses(market: Run, year: int, received: str, loss: int) -> None:
    key = ("net_income", f"{year}-12-31")
    there = figures(ask(market, HANWHA_OCEAN, received))[key]
    assert there["value"] == loss
    assert there["published_on"] == received
    assert there["filing_id"].startswith(received.replace("-", ""))
    assert key not in figures(ask(market, HANWHA_OCEAN, day_before(received)))


@pytest.mark.parametrize(
    ("year", "received", "profit"),
    [(2023, "2024-03-28", 160_043_854_483), (2024, "2025-03-14", 528_212_898_147), (2025, "2026-03-17", 1_245_921_538_208)],
)  # fmt: skip
def test_hanwha_oceans_recovery(market: Run, year: int, received: str, profit: int) -> None:
    verdict = ask(market, HANWHA_OCEAN, received)
    key = ("net_income", f"{year}-12-31")
    assert figures(verdict)[key]["value"] == profit
    assert finding(verdict, "net_loss_streak")["level"] == "good"  # type: ignore[index]
    assert key not in figures(ask(market, HANWHA_OCEAN, day_before(received)))


def known_balance(home: Path, company: str, end: str, day: str) -> dict[str, float]:
    """Equity and share capital at a year's end in the newest version known on a day, read from the lake itself."""
    from paycanary.lake.reader import open_reader  # noqa: PLC0415

    con = open_reader(home / "lake").connect()
    rows = con.execute(
        "SELECT concept, max_by(value, published_on) FROM facts WHERE company_id = ? AND basis = 'CFS' AND months = 0 "
        "AND period_end = ? AND published_on <= ? AND concept IN ('equity', 'share_capital') GROUP BY concept",
        [company, end, day],
    ).fetchall()
    con.close()
    return dict(rows)


def test_hanwha_oceans_equity_stood_below_its_share_capital_at_the_end_of_2015(
    market_home: Path,
) -> None:
    """Share capital was filed under a non-standard account id. The restated equity came with an amended interim report of 2017-05-11.

    Read from the lake: newer balance sheets were known by then, and a verdict shows the newest.
    """
    restated = known_balance(market_home, "dart:00111704", "2015-12-31", "2017-05-11")
    assert restated["equity"] == pytest.approx(0.62e12, rel=0.01)
    assert restated["share_capital"] == pytest.approx(1.37e12, rel=0.01)
    before = known_balance(market_home, "dart:00111704", "2015-12-31", "2017-05-10")
    assert before["equity"] == pytest.approx(0.436e12, rel=0.01)  # as the interim reports had it


def test_the_first_balance_sheets_of_hanwha_ocean_show_the_impairment(market: Run) -> None:
    """The half-year report of 2016 was the first of its filings here: equity was below zero then."""
    verdict = ask(market, HANWHA_OCEAN, "2016-08-16")
    equity = figures(verdict)["equity", "2016-06-30"]
    assert equity["value"] < 0
    assert finding(verdict, "full_impairment")["level"] == "danger"  # type: ignore[index]
    assert verdict["level"] == "danger"
    assert ask(market, HANWHA_OCEAN, "2016-08-15")["findings"] == []


@pytest.mark.parametrize(
    ("year", "received", "percent"),
    [(2017, "2018-09-07", 42.8), (2018, "2019-04-01", 34.1), (2019, "2020-03-30", 31.5)],
)
def test_hmms_partial_capital_impairment(
    market_home: Path, market: Run, year: int, received: str, percent: float
) -> None:
    rows = known_balance(market_home, "dart:00164645", f"{year}-12-31", received)
    impairment = (rows["share_capital"] - rows["equity"]) / rows["share_capital"] * 100
    assert impairment == pytest.approx(percent, abs=0.1)
    if (
        year > 2017
    ):  # the report on 2017 is an amendment that came after the half-year report of 2018
        verdict = ask(market, HMM, received)
        assert finding(verdict, "capital_impairment")["measure"] == pytest.approx(percent, abs=0.1)  # type: ignore[index]
        assert finding(verdict, "capital_impairment")["level"] == "watch"  # type: ignore[index]
        assert ("equity", f"{year}-12-31") not in figures(ask(market, HMM, day_before(received)))


@pytest.mark.parametrize(
    "day", ["2021-03-31", "2022-03-31", "2023-03-31", "2024-04-30", "2025-04-30", "2026-04-30"]
)
def test_hmm_has_no_impairment_since(market: Run, day: str) -> None:
    found = finding(ask(market, HMM, day), "capital_impairment")
    assert found is not None
    assert (found["level"], found["measure"]) == ("good", 0)


def test_sambus_headcount_and_net_losses(market: Run) -> None:
    found = figures(ask(market, SAMBU, "2026-06-30"))
    assert found["headcount", "2023-09-30"]["value"] == 454
    assert found["headcount", "2025-12-31"]["value"] == 176
    assert found["headcount", "2025-12-31"]["published_on"] == "2026-04-07"
    for year, billions in ((2022, 90), (2023, 110), (2024, 128)):
        assert found["net_income", f"{year}-12-31"]["value"] == pytest.approx(
            -billions * 1e9, rel=0.02
        )
    assert ("headcount", "2025-12-31") not in figures(ask(market, SAMBU, "2026-04-06"))


def test_sambus_audit_warning_shows_its_receipt_number(market: Run) -> None:
    verdict = ask(market, SAMBU, "2026-06-30")
    opinion = finding(verdict, "audit_opinion")
    assert opinion is not None
    assert opinion["level"] == "danger"
    (figure,) = opinion["figures"]
    assert (figure["value"], figure["filing_id"]) == ("disclaimer", "20260407002515")
    assert figure["url"].endswith("20260407002515")
    text = market.ok("check", SAMBU, "--as-of", "2026-06-30", "--lang", "ko")
    assert "의견거절" in text
    assert "20260407002515" in text


def test_samsungs_headcount(market: Run) -> None:
    key = ("headcount", "2024-12-31")
    there = figures(ask(market, SAMSUNG, "2025-03-11"))[key]
    assert there["value"] == 129_480
    assert key not in figures(ask(market, SAMSUNG, "2025-03-10"))


def test_the_whole_of_the_data_was_read_and_counted(market_home: Path) -> None:
    totals = {"read": 0, "accepted": 0, "skipped": 0, "rejected": 0}
    for source in ("krx", "dart", "nps"):
        report = json.loads((market_home / f"{source}.json").read_text(encoding="utf-8"))
        for file in report["files"]:
            assert file["read"] == file["accepted"] + file["skipped"] + file["rejected"], file
            assert file["rejected"] == sum(file["reasons"].values()), file
            for name in totals:
                totals[name] += file[name]
    assert totals["read"] > 1_500_000
    assert totals["rejected"] * 100 < totals["read"]


def test_taking_the_same_data_in_again_adds_nothing(
    market_home: Path, market: Run, shared_data: Path, tmp_path: Path
) -> None:
    import shutil  # noqa: PLC0415

    from tests.command import Run as Command  # noqa: PLC0415

    copy = tmp_path / "copy"
    shutil.copytree(market_home / "lake", copy / "lake")
    report = Command(copy).json("refresh", "dart", "--from", shared_data / "korea" / "opendart")
    assert set(report["added"].values()) == {0}
    assert market.json("status")["tables"] == Command(copy).json("status")["tables"]
