"""Several pension files at once: one that cannot be taken in is named, and keeps no other out."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from nps_files import month_text

from paycanary.errors import InputFileError
from paycanary.lake import snapshots
from paycanary.lake.batches import refresh
from tests.test_pension_months import COMPANIES, LATE, MONTHS, entries, heads, history, take, write
from tests.test_pension_readings import KEPT, LEAST, cut, shown

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Run


@pytest.fixture(autouse=True)
def _small_country(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYCANARY_WHOLE_MONTH_ROWS", str(COMPANIES // 2))


def damaged(folder: Path, month: str) -> Path:
    """A packed month that lost its end."""
    plain = write(folder, month)
    path = plain.with_suffix(".csv.gz")
    path.write_bytes(gzip.compress(plain.read_bytes())[:-200])
    plain.unlink()
    return path


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_file_that_cannot_be_taken_in_keeps_no_other_out(tmp_path: Path, lang: str) -> None:
    root, folder = tmp_path / "lake", tmp_path / "months"
    for month in MONTHS:
        write(folder, month)
    (folder / "2024-02.csv").unlink()
    cut(folder, "2024-02", LEAST - 1)
    (folder / "2024-05.csv").unlink()
    damaged(folder, "2024-05")
    summary = take(root, folder)
    whole = {month: heads(month) for month in MONTHS if month not in ("2024-02", "2024-05")}
    assert history(root, LATE) == whole
    assert [r.file for r in summary.refused] == ["2024-02-cut.csv", "2024-05.csv.gz"]
    assert len(snapshots.history(root / "snapshots")) == 2, "six and one"
    said = shown(summary, lang)
    assert all(name in said for name in ("2024-02-cut.csv: ", "2024-05.csv.gz: ", "15083277"))
    assert not any("cut" in f.file or f.file.endswith("gz") for f in summary.files)
    # Whole files in their place come in, and nothing else does.
    cut_file, gone = folder / "2024-02-cut.csv", folder / "2024-05.csv.gz"
    cut_file.unlink()
    gone.unlink()
    for month in ("2024-02", "2024-05"):
        write(folder, month)
    again = take(root, folder)
    assert sorted(m.month for m in again.months if m.is_stored) == ["2024-02", "2024-05"]
    assert history(root, LATE) == {month: heads(month) for month in MONTHS}


@pytest.mark.parametrize("lost", [("2024-01",), ("2024-01", "2024-02"), ("2024-03",)])
def test_which_file_is_read_first_says_nothing_of_it(tmp_path: Path, lost: tuple[str, ...]) -> None:
    root, folder = tmp_path / "lake", tmp_path / "months"
    for month in MONTHS:
        (cut(folder, month, LEAST - 1) if month in lost else write(folder, month))
    for month in lost:
        (folder / f"{month}.csv").unlink(missing_ok=True)
    summary = take(root, folder)
    assert sorted(r.file for r in summary.refused) == [f"{month}-cut.csv" for month in lost]
    assert history(root, LATE) == {m: heads(m) for m in MONTHS if m not in lost}
    assert not summary.short_months
    # What was cut is a first reading where the whole file comes later in the same folder too: no correction of the day.
    for month in lost:
        write(folder, month, name=f"{month}-whole.csv")
    again = take(root, folder)
    assert [(m.month, m.filing_id) for m in again.months if m.is_stored] == [(m, f"nps:{m}") for m in lost]  # fmt: skip


def test_where_no_file_can_be_taken_in_all_are_named_and_nothing_is_stored(tmp_path: Path) -> None:
    root, folder = tmp_path / "lake", tmp_path / "months"
    damaged(folder, "2024-01")
    damaged(folder, "2024-02")
    with pytest.raises(InputFileError) as caught:
        take(root, folder)
    for lang in ("ko", "en"):
        assert all(name in caught.value.line(lang) for name in ("2024-01.csv.gz", "2024-02.csv.gz"))  # type: ignore[arg-type]
    assert not list((root / "snapshots").glob("*.json"))
    # A month that came before the file that is refused leaves nothing behind, even until the next refresh.
    take(root, write(tmp_path, "2024-03"))
    before = sorted(root.rglob("*.parquet"))
    both = (
        month_text("2024-04", entries=entries("2024-04"))
        + month_text("2024-05", entries=entries("2024-05")[: LEAST - 1]).split("\n", 1)[1]
    )
    two = tmp_path / "two.csv"
    two.write_bytes(both.encode("cp949"))
    with pytest.raises(InputFileError, match="2024-05"):
        take(root, two)
    assert sorted(root.rglob("*.parquet")) == before


def test_files_with_one_name_in_two_folders_are_told_apart(tmp_path: Path) -> None:
    root, folder = tmp_path / "lake", tmp_path / "months"
    write(folder / "a", "2024-01", name="month.csv")
    cut(folder / "b", "2024-02", LEAST - 1).rename(folder / "b" / "month.csv")
    write(folder / "c", "2024-03", name="month.csv")
    summary = take(root, folder)
    assert [m.month for m in summary.months] == ["2024-01", "2024-03"]
    assert len(summary.refused) == 1


def test_a_month_that_has_fewer_rows_comes_in_when_asked_to(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    take(root, write(tmp_path, "2024-01"))
    fewer = cut(tmp_path, "2024-02", LEAST - 1)
    with pytest.raises(InputFileError, match="--accept-fewer-rows"):
        take(root, fewer)
    (month,) = refresh(root, "nps", fewer, accepts_fewer=True).months
    assert (month.state, month.workplaces) == ("new", LEAST - 1)
    # So does a reading that lacks rows of the stored one, and a stored month that is far too large no longer bars its neighbours.
    (month,) = refresh(root, "nps", cut(tmp_path, "2024-01", KEPT - 10), accepts_fewer=True).months
    assert (month.state, month.changed, month.gone) == ("corrected", 0, 10)


def test_the_command_names_what_it_refused_and_ends_like_one_that_failed(run: Run, tmp_path: Path) -> None:  # fmt: skip
    run.env["PAYCANARY_WHOLE_MONTH_ROWS"] = str(COMPANIES // 2)
    folder = tmp_path / "months"
    for month in MONTHS[:3]:
        write(folder, month)
    (folder / "2024-02.csv").unlink()
    path = cut(folder, "2024-02", LEAST - 1)
    ended = run("refresh", "nps", "--from", str(folder), "--json")
    report = json.loads(ended.stdout)
    assert ended.returncode == 5
    assert [m["month"] for m in report["months"]] == ["2024-01", "2024-03"]
    assert [r["file"] for r in report["refused"]] == [path.name]
    assert "--accept-fewer-rows" in report["refused"][0]["message"]
    ended = run("refresh", "nps", "--from", str(path), "--accept-fewer-rows", "--lang", "ko")
    assert (ended.returncode, f"2024-02: 저장된 사업장이 {LEAST - 1}개인데" in ended.stdout.replace("\n", "")) == (0, True)  # fmt: skip
    assert f"{KEPT}" in ended.stdout
    status = json.loads(run("status", "--json").stdout)
    assert [m["month"] for m in status["short_months"]] == ["2024-02"]
    assert f"2024-02: {LEAST - 1} workplaces are stored" in run("status", "--lang", "en").stdout


@pytest.mark.parametrize(
    "asked", [("nps",), ("dart", "--from", "."), ("nps", "--company", "가나다")]
)
def test_fewer_rows_are_accepted_of_pension_files_alone(run: Run, asked: tuple[str, ...]) -> None:
    ended = run("refresh", *asked, "--accept-fewer-rows", "--lang", "en")
    assert ended.returncode == 2
    assert "pension files alone" in ended.stderr
