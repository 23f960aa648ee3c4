"""Readings of a pension month: a file that was superseded stays so, and one that was cut short is refused."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

import pytest
from nps_files import month_text
from rich.console import Console

from paycanary import wording
from paycanary.errors import InputFileError, UsageError
from paycanary.lake import pension
from paycanary.report import tables
from paycanary.report.fetched import account
from tests.test_pension_months import COMPANIES, entries, history, rows, take, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paycanary.lake.refresh import RefreshSummary


@pytest.fixture(autouse=True)
def _small_country(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYCANARY_WHOLE_MONTH_ROWS", str(COMPANIES // 2))


def shown(summary: RefreshSummary, lang: str) -> str:
    """What the command prints."""
    console = Console(record=True, width=200)
    console.print(tables.refreshed(account(summary, lang), lang))  # type: ignore[arg-type]
    return console.export_text()


def test_a_reading_that_was_superseded_adds_nothing_and_does_not_come_back(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    files = {n: write(tmp_path / "both", "2024-01", entries("2024-01", more=m), f"{n}.csv") for n, m in (("a-first", 0), ("b-corrected", 4))}  # fmt: skip
    today, name = wording.today(), "가상나1산업(주)"
    first = take(root, tmp_path / "both")
    assert [(m.state, m.filing_id) for m in first.months] == [("new", "nps:2024-01"), ("corrected", "nps:2024-01.2")]  # fmt: skip
    before = rows(root)
    told = [("earlier", "nps:2024-01", "nps:2024-01.2"), ("same", "nps:2024-01.2", None)]
    for path, wanted in (
        (tmp_path / "both", told), (tmp_path / "both", told), (files["a-first"], told[:1]), (files["b-corrected"], told[1:]), (files["a-first"], told[:1]),
    ):  # fmt: skip
        again = take(root, path)
        assert [(m.state, m.filing_id, m.counts) for m in again.months] == wanted
        assert not any(again.added.values())
        assert rows(root) == before
        assert history(root, today, name) == {"2024-01": 20 + 1 + 1 + 4}
        assert history(root, date(2025, 1, 1), name) == {"2024-01": 20 + 1 + 1}
    # A third reading is one more; then neither of the two before it comes back.
    third = write(tmp_path / "third", "2024-01", entries("2024-01", more=6))
    assert [(m.state, m.filing_id) for m in take(root, third).months] == [("corrected", "nps:2024-01.3")]  # fmt: skip
    assert [(m.state, m.counts) for m in take(root, tmp_path / "both").months] == [("earlier", "nps:2024-01.3")] * 2  # fmt: skip
    assert history(root, today, name) == {"2024-01": 20 + 1 + 1 + 6}


def test_which_of_two_files_counts_is_the_one_that_came_last(tmp_path: Path) -> None:
    root, name = tmp_path / "lake", "가상나1산업(주)"
    corrected = write(tmp_path / "new", "2024-01", entries("2024-01", more=4))
    old = write(tmp_path, "2024-01")
    # Nothing in a file says which is the newer one: what comes later for the first time stands in the other's place, once.
    assert [m.state for m in (*take(root, corrected).months, *take(root, old).months)] == ["new", "corrected"]  # fmt: skip
    assert [m.state for m in (*take(root, corrected).months, *take(root, old).months)] == ["earlier", "same"]  # fmt: skip
    assert history(root, wording.today(), name) == {"2024-01": 22}


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_an_earlier_reading_is_told_with_the_one_that_counts(tmp_path: Path, lang: str) -> None:
    for more in (0, 4, 0):
        summary = take(tmp_path / "lake", write(tmp_path, "2024-01", entries("2024-01", more=more)))
    said = shown(summary, lang)
    assert "2024-01.csv" in said
    assert "nps:2024-01.2" in said
    assert {"ko": "이전 판", "en": "an earlier reading"}[lang] in said


def cut(folder: Path, month: str, kept: int, *, through: bool = False, more: int = 0) -> Path:
    """A month's file that ends after so many lines of workplaces, or, ``through``, just before the last sign of its last line."""
    path = write(folder, month, entries(month, more=more), f"{month}-cut.csv")
    text = path.read_bytes().decode("cp949").split("\r\n")[: kept + 1]
    path.write_bytes(
        ("\r\n".join(text)[:-1] if through else "\r\n".join([*text, ""])).encode("cp949")
    )
    return path


def refusal(root: Path, path: Path) -> InputFileError:
    """Why a file is refused; nothing of it is stored."""
    before = rows(root)
    with pytest.raises(InputFileError) as caught:
        take(root, path)
    assert rows(root) == before
    assert "15083277" in caught.value.line("ko")
    return caught.value


#: Workplaces of a month that are kept, and how many of them are a tenth less, rounded up: the least that a month beside it may have.
KEPT = COMPANIES + 1
LEAST = -(-KEPT * 9 // 10)


@pytest.mark.parametrize(
    ("stored", "month", "beside"),
    [
        (["2024-03"], "2024-04", "2024-03"),
        (["2024-03"], "2024-02", "2024-03"),
        (["2024-03"], "2025-03", "2024-03"),
        (["2024-03"], "2023-03", "2024-03"),
        (["2023-11", "2024-03", "2024-09"], "2024-05", "2024-03"),
    ],
)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_first_reading_is_held_against_the_nearest_month(
    tmp_path: Path, stored: Sequence[str], month: str, beside: str, lang: str
) -> None:
    root = tmp_path / "lake"
    for one in stored:
        take(root, write(tmp_path, one))
    said = refusal(root, cut(tmp_path, month, LEAST - 1)).line(lang)  # type: ignore[arg-type]
    for told in (f"{month}-cut.csv", month, beside, str(LEAST - 1), str(KEPT)):
        assert told in said
    assert [m.state for m in take(root, cut(tmp_path, month, LEAST)).months] == ["new"]


def test_of_two_months_as_near_the_larger_one_counts(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    take(root, cut(tmp_path, "2024-01", LEAST))
    take(root, write(tmp_path, "2024-03"))
    assert f"2024-03, has {KEPT}" in refusal(root, cut(tmp_path, "2024-02", LEAST - 1)).line("en")


def test_a_month_is_held_against_others_of_the_same_folder_and_their_newest_readings(tmp_path: Path) -> None:  # fmt: skip
    root, folder = tmp_path / "lake", tmp_path / "months"
    write(folder, "2024-01")
    cut(folder, "2024-02", LEAST - 1)
    assert [r.file for r in take(root, folder).refused] == ["2024-02-cut.csv"]
    assert set(history(root, date(2026, 1, 1))) == {"2024-01"}
    root = tmp_path / "other"
    take(root, cut(tmp_path, "2024-01", LEAST - 1))
    assert [m.state for m in take(root, write(tmp_path, "2024-01")).months] == ["corrected"]
    assert "2024-01" in refusal(root, folder / "2024-02-cut.csv").line("en")


def test_without_a_month_within_a_year_nothing_tells_that_a_file_was_cut(tmp_path: Path) -> None:
    """The first month of a store, and the one after it where the first was cut too: the next one that was not brings both to light."""
    root = tmp_path / "lake"
    for month in ("2024-03", "2025-04", "2023-02"):
        assert [m.state for m in take(root, cut(tmp_path, month, LEAST - 1)).months] == ["new"]
    summary = take(root, cut(tmp_path, "2024-04", LEAST - 1))
    assert ([m.state for m in summary.months], summary.short_months) == (["new"], [])
    summary = take(root, write(tmp_path, "2024-05"))
    told = [(m.month, m.workplaces, m.beside, m.beside_workplaces) for m in summary.short_months]
    assert told == [(m, LEAST - 1, "2024-05", KEPT) for m in ("2024-03", "2024-04", "2025-04")]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("through", [False, True])
def test_a_correction_that_only_lacks_rows_is_a_file_that_was_cut(
    tmp_path: Path, lang: str, *, through: bool
) -> None:
    root = tmp_path / "lake"
    take(root, write(tmp_path, "2024-01"))
    gone = 3
    # The branch and the sole proprietor come last.
    path = cut(tmp_path, "2024-01", KEPT - gone + through, through=through)
    said = refusal(root, path).line(lang)  # type: ignore[arg-type]
    for told in ("2024-01-cut.csv", "2024-01", str(gone), str(KEPT)):
        assert told in said


def test_a_correction_with_other_rows_in_place_of_those_that_are_gone_is_one(tmp_path: Path) -> None:  # fmt: skip
    root = tmp_path / "lake"
    take(root, write(tmp_path, "2024-01"))
    (month,) = take(root, cut(tmp_path, "2024-01", KEPT - 3, more=4)).months
    assert (month.state, month.gone - month.changed) == ("corrected", 3)


def test_a_correction_that_lacks_a_hundredth_of_its_rows_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "lake"
    monkeypatch.setattr("paycanary.lake.pension_readings._GONE", 1 / KEPT)
    take(root, write(tmp_path, "2024-01"))
    (month,) = take(root, cut(tmp_path, "2024-01", KEPT - 1)).months
    assert (month.state, month.changed, month.gone) == ("corrected", 0, 1)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_file_that_is_no_whole_month_is_told(tmp_path: Path, lang: str) -> None:
    root = tmp_path / "lake"
    least = COMPANIES // 2
    one_less = write(tmp_path, "2024-02", entries("2024-02")[: least - 1], "short.csv")
    summary = take(root, one_less)
    assert [asdict(e) for e in summary.extracts] == [{"file": "short.csv", "workplaces": least - 1, "least": least, "read": least - 1}]  # fmt: skip
    assert not summary.months
    (said,) = [line for line in shown(summary, lang).splitlines() if line.startswith("short.csv:")]
    assert f"{least - 1} " in said.replace(",", " ")
    assert str(least) in said
    # A whole month is none, nor is its header alone a month.
    assert not take(root, write(tmp_path, "2024-01")).extracts
    empty = write(tmp_path, "2024-03", name="empty.csv")
    empty.write_bytes(empty.read_bytes().split(b"\r\n")[0] + b"\r\n")
    summary = take(root, empty)
    assert [(e.file, e.read) for e in summary.extracts] == [("empty.csv", 0)]
    assert any(line.startswith("empty.csv:") for line in shown(summary, lang).splitlines())


def test_rows_beside_a_whole_month_and_each_of_many_files_are_told(tmp_path: Path) -> None:
    both = month_text("2024-01", entries=entries("2024-01"))
    both += month_text("2024-03", entries=entries("2024-03")[:2]).split("\n", 1)[1]
    folder = tmp_path / "months"
    folder.mkdir()
    (folder / "a.csv").write_bytes(both.encode("cp949"))
    for number in range(7):  # more than one commit
        write(folder, "2024-02", entries("2024-02")[number : number + 1], f"b{number}.csv")
    summary = take(tmp_path / "lake", folder)
    assert [(e.file, e.workplaces) for e in summary.extracts] == [("a.csv", 2), *((f"b{n}.csv", 1) for n in range(7))]  # fmt: skip
    assert [m.month for m in summary.months] == ["2024-01"]


@pytest.mark.parametrize("value", ["abc", "0", "-1", "1.5", "1e5", "1_000", "٣", "9" * 5000])
def test_a_least_that_is_no_number_of_workplaces_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("PAYCANARY_WHOLE_MONTH_ROWS", value)
    with pytest.raises(UsageError) as caught:
        take(tmp_path / "lake", write(tmp_path, "2024-01"))
    for lang in ("ko", "en"):
        said = caught.value.line(lang)  # type: ignore[arg-type]
        assert "PAYCANARY_WHOLE_MONTH_ROWS" in said
        assert "300,000" in said
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize(("value", "least"), [("", 300_000), (" ", 300_000), ("1", 1), ("20000", 20_000)])  # fmt: skip
def test_the_least_is_what_is_set_or_that_of_the_country(
    monkeypatch: pytest.MonkeyPatch, value: str, least: int
) -> None:
    monkeypatch.setenv("PAYCANARY_WHOLE_MONTH_ROWS", value)
    assert pension.least_rows() == least
