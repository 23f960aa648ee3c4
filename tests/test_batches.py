"""Several pension files at once: one that cannot be taken in is named, and keeps no other out."""

from __future__ import annotations

import gzip
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from nps_files import month_text

from paycanary.errors import DiskFullError, InputFileError, UsageError
from paycanary.lake import asof, batches, snapshots
from paycanary.lake.batches import refresh
from paycanary.lake.reader import open_reader
from paycanary.lake.refresh import Part, refresh_parts
from tests.test_pension_months import COMPANIES, LATE, MONTHS, entries, heads, history, take, write
from tests.test_pension_readings import KEPT, LEAST, cut, shown
from tests.test_refresh import delisted

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
    assert all(name in said for name in (": 2024-02-cut.csv: ", ": 2024-05.csv.gz: ", "15083277"))
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


@pytest.mark.parametrize(
    "lost",
    [
        ("2024-01",),
        ("2024-01", "2024-02"),
        ("2024-03",),
        ("2024-01", "2024-02", "2024-03", "2024-04"),
    ],
)
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
    assert [r.file for r in summary.refused] == ["b/month.csv"]
    assert "Not taken in (b/month.csv): month.csv: " in shown(summary, "en")


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
    assert json.loads(ended.stderr)["error"] == "input_file"
    ended = run("refresh", "nps", "--from", str(path), "--accept-fewer-rows", "--lang", "ko")
    assert (ended.returncode, f"2024-02: 저장된 사업장이 {LEAST - 1}개로" in ended.stdout.replace("\n", "")) == (0, True)  # fmt: skip
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
    assert "nps --from FILE alone" in ended.stderr


def as_zip(folder: Path, month: str) -> Path:
    plain = write(folder, month)
    path = folder / f"{month}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, plain.name)
    plain.unlink()
    return path


@pytest.mark.parametrize("kind", ["zip that was cut", "empty zip", "empty", "cut in its titles", "early in a gzip", "other letters"])  # fmt: skip
def test_a_broken_download_keeps_no_other_out_however_it_is_broken(tmp_path: Path, kind: str) -> None:  # fmt: skip
    root, folder = tmp_path / "lake", tmp_path / "months"
    for month in MONTHS[:3]:
        write(folder, month)
    if kind == "zip that was cut":
        broken = as_zip(folder, "2024-04")
        broken.write_bytes(broken.read_bytes()[:-100])
    elif kind == "early in a gzip":
        broken = folder / "2024-04.csv.gz"
        broken.write_bytes(
            gzip.compress(month_text("2024-04", entries=entries("2024-04")).encode("cp949"))[:40]
        )
    else:
        broken = folder / ("2024-04.zip" if kind == "empty zip" else "2024-04.csv")
        titles = month_text("2024-04", entries=[]).encode("cp949")
        broken.write_bytes({"cut in its titles": titles[:100], "other letters": "이름,값\r\n가,1\r\n".encode("utf-16")}.get(kind, b""))  # fmt: skip
    summary = take(root, folder)
    assert [r.file for r in summary.refused] == [broken.name]
    assert [m.month for m in summary.months] == MONTHS[:3]
    with pytest.raises(InputFileError, match=broken.name):
        take(root, broken)


def test_a_month_of_which_half_came_is_no_extract(tmp_path: Path) -> None:
    """Its companies lack workplaces, and would seem to have lost people."""
    root, folder = tmp_path / "lake", tmp_path / "months"
    half = cut(folder, "2024-02", COMPANIES // 2 - 5)
    for month in ("2024-01", "2024-03"):
        write(folder, month)
    assert [r.file for r in take(root, folder).refused] == [half.name]
    with pytest.raises(InputFileError, match="2024-02"):
        take(root, half)
    # A handful of workplaces somebody picked.
    few = write(tmp_path, "2024-02", entries("2024-02")[:6], "few.csv")
    assert [e.workplaces for e in take(root, few).extracts] == [6]
    assert history(root, LATE)["2024-02"] == heads("2024-02") - 7


@pytest.mark.parametrize("order", ["one commit", "extract first", "month first"])
def test_a_company_in_an_extract_of_a_month_that_is_held_whole_counts_once(tmp_path: Path, order: str) -> None:  # fmt: skip
    root, folder = tmp_path / "lake", tmp_path / "months"
    write(folder, "2024-01")
    months = [write(folder, "2024-02"), write(folder, "2024-02", entries("2024-02", more=3)[:5], "few.csv")]  # fmt: skip
    if order == "one commit":
        take(root, folder)
    else:
        for path in months if order == "month first" else reversed(months):
            take(root, path)
        take(root, folder)
    for name in ("가상가0산업(주)", "가상나1산업(주)"):
        people = 20 + 2 + (7 if "가0" in name else 1)
        assert history(root, LATE, name)["2024-02"] == people
        con = open_reader(root).connect()
        ((company,),) = con.execute("SELECT DISTINCT company_id FROM companies WHERE name = ?", [name]).fetchall()  # fmt: skip
        assert con.execute("SELECT sum(headcount) FROM all_headcounts WHERE company_id = ? AND period_end = DATE '2024-02-29'", [company]).fetchall() == [(people,)]  # fmt: skip
        for one in (company, None):
            asof.know(con, LATE, one)
            known = "SELECT sum(headcount) FROM known_months WHERE company_id = ? AND period_end = DATE '2024-02-29'"
            assert con.execute(known, [company]).fetchall() == [(people,)]


def test_what_came_in_as_whole_gives_way_to_the_whole_file(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    for month in MONTHS[:2]:
        write(tmp_path / "months", month)
    take(root, tmp_path / "months")
    few = cut(tmp_path, "2024-02", LEAST - 1)
    refresh(root, "nps", few, accepts_fewer=True)
    assert len(history(root, LATE)) == len(MONTHS[:2])
    (month,) = take(root, tmp_path / "months" / "2024-02.csv").months
    assert (month.state, month.filing_id) == ("corrected", "nps:2024-02.3")
    assert history(root, LATE)["2024-02"] == heads("2024-02")
    # Both again: the whole one stays.
    few.rename(tmp_path / "months" / few.name)
    assert [m.state for m in take(root, tmp_path / "months").months] == ["same", "earlier", "same"]


def test_a_register_whose_second_month_is_refused_leaves_none_of_its_first(tmp_path: Path) -> None:
    root, folder = tmp_path / "lake", tmp_path / "months"
    write(folder, "2024-01")
    damaged(folder, "2024-02")
    listing = delisted(tmp_path / "krx.csv", "900010")
    summary, failed = refresh_parts(root, [Part("nps", folder), Part("krx", listing)])
    assert list(failed) == ["nps"]
    assert not summary.months
    assert not list(root.rglob("workplace_months/**/*.parquet"))
    assert {t for t, state in open_reader(root).snapshot.tables.items() if state.rows and "month" in t} == set()  # fmt: skip
    con = open_reader(root).connect()
    assert con.execute("SELECT count(*) FROM all_headcounts").fetchall() == [(0,)]


def test_fewer_rows_are_accepted_of_one_file_at_a_time(tmp_path: Path) -> None:
    for month in MONTHS[:2]:
        write(tmp_path / "months", month)
    with pytest.raises(UsageError, match="one file"):
        refresh(tmp_path / "lake", "nps", tmp_path / "months", accepts_fewer=True)
    assert not (tmp_path / "lake").exists()


def test_an_error_tells_what_was_stored_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, folder = tmp_path / "lake", tmp_path / "months"
    for month in MONTHS:
        write(folder, month)
    real, calls = batches.refresh_parts, []

    def full(*given: Any, **named: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise DiskFullError({"ko": "가득.", "en": "Full."}, {"ko": "비우세요.", "en": "Free it."})  # fmt: skip
        return real(*given, **named)

    monkeypatch.setattr(batches, "refresh_parts", full)
    with pytest.raises(DiskFullError) as caught:
        take(root, folder)
    assert "6 pension months were stored (snapshot 1)" in caught.value.line("en")
    assert "6달을 저장했습니다(기록 1번)" in caught.value.line("ko")
    monkeypatch.undo()
    monkeypatch.setenv("PAYCANARY_WHOLE_MONTH_ROWS", str(COMPANIES // 2))
    assert [m.state for m in take(root, folder).months] == ["same"] * 6 + ["new"]


def test_short_months_are_told_also_by_a_refresh_that_brings_none(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    take(root, write(tmp_path, "2024-01"))
    refresh(root, "nps", cut(tmp_path, "2024-02", LEAST - 1), accepts_fewer=True)
    few = write(tmp_path, "2023-12", entries("2023-12")[:3], "few.csv")
    assert [m.month for m in take(root, few).short_months] == ["2024-02"]
