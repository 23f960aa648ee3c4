"""Whole pension months: each comes in whole, in any order; a correction stands in its month's place from its day on."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from nps_files import month_text, workplace

from paycanary import wording
from paycanary.errors import InputFileError
from paycanary.lake import asof, batches, pension, snapshots, workplace_history
from paycanary.lake.batches import refresh
from paycanary.lake.reader import open_reader
from paycanary.lake.refresh import refresh_parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paycanary.lake.refresh import RefreshSummary

COMPANIES = 60
MONTHS = [f"2024-{month:02}" for month in range(1, 8)]
KILLS = 50


@pytest.fixture(autouse=True)
def _small_country(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYCANARY_WHOLE_MONTH_ROWS", str(COMPANIES // 2))


def entries(month: str, more: int = 0) -> list[dict[str, str]]:
    """Sixty corporations, one with a branch, and a sole proprietor; ``more`` people each in a correction."""
    number = int(month[-2:])
    made = [
        workplace(f"가상{'가나다라마바사아자차'[i % 10]}{i}산업(주)", f"{100000 + i}", heads=20 + i + number + more * (i % 2), joined=1 + more * (i % 2), left=0)
        for i in range(COMPANIES)
    ]  # fmt: skip
    made.append(workplace("가상가0산업(주)부산공장", "100000", heads=7, joined=0, left=0))
    made.append(workplace("홍길동치과의원", "101900", form="2", heads=12))
    return made


def fillers(count: int) -> list[dict[str, str]]:
    """Workplaces in which nothing happens, so that a month has as many rows as those beside it."""
    return [workplace(f"가상덧{i}(주)", f"70000{i}", joined=0, left=0) for i in range(count)]


def write(folder: Path, month: str, rows: Sequence[dict[str, str]] | None = None, name: str = "") -> Path:  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name or f"{month}.csv")
    path.write_bytes(month_text(month, entries=rows or entries(month)).encode("cp949"))
    return path


def take(root: Path, path: Path) -> RefreshSummary:
    summary = refresh(root, "nps", path)
    for file in summary.files:
        assert file.read == file.accepted + file.skipped + file.rejected
        assert sum(file.reasons.values()) == file.rejected
    return summary


def history(root: Path, as_of: date, workplace_name: str = "가상가0산업(주)") -> dict[str, int]:
    """Month -> people of a company as of a day."""
    con = open_reader(root).connect()
    ((company,),) = con.execute("SELECT DISTINCT company_id FROM all_headcounts WHERE workplace = ?", [workplace_name]).fetchall()  # fmt: skip
    found = {}
    for one in (company, None):
        asof.know(con, as_of, one)
        found[one] = con.execute(
            "SELECT strftime(period_end, '%Y-%m'), CAST(sum(headcount) AS INTEGER) FROM known_headcounts WHERE company_id = ? GROUP BY 1 ORDER BY 1",
            [company],
        ).fetchall()
    assert found[company] == found[None], "one company and everyone see the same"
    return dict(found[company])


def rows(root: Path) -> list[tuple[Any, ...]]:
    """Everything that the headcounts say, without when it was taken in."""
    con = open_reader(root).connect()
    return con.execute(
        "SELECT * EXCLUDE (fetched_at) FROM all_headcounts ORDER BY row_id"
    ).fetchall()


def heads(month: str, more: int = 0) -> int:
    return 20 + int(month[-2:]) + 7 + more


LATE = date(2026, 1, 1)


def test_a_month_comes_in_whole_and_once(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    summary = take(root, write(tmp_path, "2024-01"))
    (month,) = summary.months
    assert (month.state, month.month, month.workplaces, month.filing_id, month.published_on) == (
        "new", "2024-01", COMPANIES + 1, "nps:2024-01", "2024-02-29",
    )  # fmt: skip
    before = rows(root)
    assert len(before) == COMPANIES + 1
    shuffled = entries("2024-01")
    random.Random(1).shuffle(shuffled)  # noqa: S311
    again = take(root, write(tmp_path / "again", "2024-01", shuffled, "other.csv"))
    assert [m.state for m in again.months] == ["same"]
    assert not any(again.added.values())
    assert rows(root) == before


def test_months_come_in_any_order_and_many_at_once(tmp_path: Path) -> None:
    straight, mixed = tmp_path / "straight", tmp_path / "mixed"
    for month in MONTHS:
        take(straight, write(tmp_path / "months", month))
    for month in (*MONTHS[4:], *MONTHS[:2]):
        take(mixed, write(tmp_path / "months", month))
    summary = take(mixed, tmp_path / "months")
    assert sorted(m.month for m in summary.months if m.state == "new") == MONTHS[2:4]
    assert rows(mixed) == rows(straight)
    assert history(mixed, LATE) == {month: heads(month) for month in MONTHS}
    fresh = tmp_path / "fresh"
    take(fresh, tmp_path / "months")
    assert len(snapshots.history(fresh / "snapshots")) == 2, "seven months are two commits"
    assert rows(fresh) == rows(straight)


def test_a_correction_counts_from_the_day_it_came(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    for month in MONTHS[:2]:
        take(root, write(tmp_path, month))
    summary = take(root, write(tmp_path / "new", "2024-01", [*entries("2024-01", more=4)[1:], workplace("가상새로(주)", "200000")]))  # fmt: skip
    (month,) = summary.months
    today = wording.today()
    assert (month.state, month.filing_id, month.published_on) == ("corrected", "nps:2024-01.2", today.isoformat())  # fmt: skip
    # Half of the sixty changed, one is gone, one is new.
    assert (month.changed, month.gone) == (COMPANIES // 2 + 1, COMPANIES // 2 + 1)
    assert history(root, date(2025, 1, 1)) == {"2024-01": heads("2024-01"), "2024-02": heads("2024-02")}  # fmt: skip
    assert history(root, today) == {"2024-01": 7, "2024-02": heads("2024-02")}
    assert history(root, today, "가상나1산업(주)")["2024-01"] == 20 + 1 + 1 + 4
    assert [m.state for m in take(root, tmp_path / "new").months] == ["same"]


@pytest.mark.parametrize(
    ("moment", "day"),
    [("2026-03-04T14:59:59+00:00", date(2026, 3, 4)), ("2026-03-04T15:00:00+00:00", date(2026, 3, 5))],
)  # fmt: skip
def test_a_correction_has_the_day_that_it_is_in_korea(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, day: date
) -> None:
    root = tmp_path / "lake"
    take(root, write(tmp_path, "2024-01"))
    monkeypatch.setattr(snapshots, "now", lambda: moment)
    (month,) = take(root, write(tmp_path / "new", "2024-01", entries("2024-01", more=4))).months
    assert month.published_on == day.isoformat()
    name = "가상나1산업(주)"
    assert history(root, day - timedelta(days=1), name) == {"2024-01": 22}
    assert history(root, day, name) == {"2024-01": 26}


def test_a_company_is_found_in_its_bucket_and_in_the_months_since(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    for month in MONTHS[: workplace_history.MOST_BESIDE]:
        take(root, write(tmp_path, month))
    assert (
        "workplace_history" not in snapshots.load(snapshots.history(root / "snapshots")[-1]).tables
    )
    for month in MONTHS[workplace_history.MOST_BESIDE :]:
        take(root, write(tmp_path, month))
    newest = snapshots.load(snapshots.history(root / "snapshots")[-1])
    con = open_reader(root).connect()
    ((laid, buckets),) = con.execute("SELECT count(DISTINCT period_end), count(DISTINCT bucket) FROM workplace_history").fetchall()  # fmt: skip
    assert workplace_history.MOST_BESIDE < laid < len(MONTHS)
    assert buckets == len(newest.tables["workplace_history"].files) > 8
    assert history(root, LATE) == {month: heads(month) for month in MONTHS}
    # Of what is laid out, one company's question opens one file; the months in it are not opened.
    ((company,),) = con.execute("SELECT DISTINCT company_id FROM all_headcounts WHERE workplace = '가상가0산업(주)'").fetchall()  # fmt: skip
    sql = pension.of(con, LATE, [company], pension.superseded(con, LATE))
    plan = con.execute(f"EXPLAIN ANALYZE {sql}").fetchall()[0][1]
    assert sql.count("/workplace_history/bucket=") == 1
    assert f"Scanning Files: {len(MONTHS) - laid}/{len(MONTHS)}" in plan


def test_many_months_at_once_are_laid_out_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, folder = tmp_path / "lake", tmp_path / "months"
    for month in MONTHS:
        write(folder, month)
    monkeypatch.setattr("paycanary.lake.batches._BATCH", 2)
    laid: list[int] = []
    lay_out = workplace_history.lay_out

    def counted(con: Any, store: Any, stamp: str) -> bool:
        ((months,),) = con.execute("SELECT count(*) FROM pension_readings").fetchall()
        laid.append(months)
        return lay_out(con, store, stamp)

    monkeypatch.setattr(workplace_history, "lay_out", counted)
    take(root, folder)
    assert laid == [len(MONTHS)]
    con = open_reader(root).connect()
    assert con.execute("SELECT count(*) FROM history_readings").fetchall() == [(len(MONTHS),)]
    assert history(root, LATE) == {month: heads(month) for month in MONTHS}
    # Killed after its first commit, a refresh leaves months that are found one by one, until the next one.
    half = tmp_path / "half"
    months = tmp_path / "first"
    for month in MONTHS[:4]:
        write(months, month)
    (first, *_), *_ = batches._batches("nps", months)
    refresh_parts(half, [first])
    assert "workplace_history" not in open_reader(half).snapshot.tables
    assert history(half, LATE) == {month: heads(month) for month in MONTHS[:2]}


def test_the_rows_say_which_month_it_is(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    path = write(tmp_path, "2024-05", name="국민연금_20240131.csv")
    assert [m.month for m in take(root, path).months] == ["2024-05"]
    # Two whole months in one file, and a few rows of a third: those are an extract.
    stray = workplace("가상떠돌이(주)", "300000", heads=5)
    text = month_text("2024-01", entries=entries("2024-01"))
    for month, rows_of in (("2024-02", entries("2024-02")), ("2024-03", [stray])):
        text += month_text(month, entries=rows_of).split("\n", 1)[1]
    both = tmp_path / "both.csv"
    both.write_bytes(text.encode("cp949"))
    assert [m.month for m in take(root, both).months] == ["2024-01", "2024-02"]
    assert history(root, LATE, "가상떠돌이(주)") == {"2024-03": 5}
    assert set(history(root, LATE)) == {"2024-01", "2024-02", "2024-05"}


def test_rows_that_cannot_be_are_told_and_kept_apart(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    good = entries("2024-01")
    bad = [
        workplace("가상불가(주)", "400000", heads=5, joined=9, left=3),
        workplace("가상음수(주)", "400001", heads=-5),
        workplace("가상글자(주)", "400002", heads="많음"),
        good[3], good[3], good[5],
    ]  # fmt: skip
    summary = take(root, write(tmp_path, "2024-01", [*good, *bad]))
    (file,) = summary.files
    assert file.reasons == {"impossible_count": 1, "bad_number": 2, "repeated_row": 3}
    assert (file.read, file.accepted, file.skipped) == (len(good) + len(bad), COMPANIES + 1, 1)
    assert len(rows(root)) == COMPANIES + 1
    con = open_reader(root).connect()
    assert dict(con.execute("SELECT reason, count(*) FROM rejected GROUP BY 1").fetchall()) == file.reasons  # fmt: skip
    assert con.execute("SELECT count(*) FROM rejected WHERE raw LIKE '%가상%'").fetchall() == [(0,)]


def test_a_month_that_stands_twice_in_a_file_is_kept_once(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    twice = [*entries("2024-01"), *entries("2024-01")]
    summary = take(root, write(tmp_path, "2024-01", twice))
    assert summary.files[0].reasons == {"repeated_row": COMPANIES + 1}
    assert len(rows(root)) == COMPANIES + 1
    assert [m.state for m in take(root, write(tmp_path / "once", "2024-01")).months] == ["same"]


def test_a_move_between_companies_is_known_until_a_correction_takes_it_back(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    left = workplace("가상떠난(주)", "500000", heads=20, joined=0, left=30, province="11")
    took = workplace("가상받은(주)", "500001", heads=32, joined=31, left=0, province="11")
    others = [
        workplace("가상먼곳(주)", "500002", heads=32, joined=30, left=0, province="26"),
        workplace("가상많음(주)", "500004", heads=60, joined=34, left=0, province="11"),
        workplace("가상적음(주)", "500005", heads=60, joined=28, left=0, province="11"),
        workplace("가상큰곳(주)", "500006", heads=131, joined=30, left=0, province="11"),
        # So many workplaces begin elsewhere that the one that took them in is no matter of chance.
        *(workplace(f"가상새곳{i}(주)", f"51000{i}", heads=15, joined=15, left=0, province="28") for i in range(4)),
    ]  # fmt: skip
    take(root, write(tmp_path, "2024-01", [*entries("2024-01"), left, took, *others]))
    take(
        root, write(tmp_path / "new", "2024-01", [*entries("2024-01"), left, *others, *fillers(2)])
    )
    # Were all of the province and trade, as many would be there by chance.
    take(root, write(tmp_path, "2024-03", [*entries("2024-03"), left, took, *others[:-4]]))
    today = wording.today()
    con = open_reader(root).connect()
    told = "SELECT workplace, leavers, other_workplace, joiners, candidates, filing_id FROM known_pension_moves"
    for day, wanted in (
        (date(2024, 2, 28), []),
        (date(2025, 1, 1), [("가상떠난(주)", 30, "가상받은(주)", 31, 1, "nps:2024-01")]),
        (today, []),
    ):
        asof.know(con, day)
        assert con.execute(told).fetchall() == wanted
    # What was taken in before moves were looked for is looked through by the next refresh.
    stored = con.execute("SELECT count(*) FROM pension_moves").fetchall()
    take(root, write(tmp_path, "2024-02", [*entries("2024-02"), *fillers(8)]))
    con = open_reader(root).connect()
    assert con.execute("SELECT count(*) FROM pension_moves").fetchall() == stored


def _renames(root: Path) -> list[tuple[str, str]]:
    """Earlier and later workplace of every company that goes on under another name."""
    names = "(SELECT DISTINCT company_id, workplace FROM workplace_months)"
    return open_reader(root).connect().execute(
        f"SELECT a.workplace, b.workplace FROM pension_renames r JOIN {names} a ON a.company_id = r.company_id "
        f"JOIN {names} b ON b.company_id = r.other_id ORDER BY ALL"
    ).fetchall()  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (0, 2, 1), (1, 2, 0)])
def test_a_new_name_is_followed_over_a_month_without_a_row(tmp_path: Path, order: tuple[int, ...]) -> None:  # fmt: skip
    root = tmp_path / "lake"

    def one(name: str, number: int, heads: int, joined: int = 0, left: int = 0) -> dict[str, str]:
        return workplace(f"가상{name}(주)", f"60000{number}", heads=heads, joined=joined, left=left)

    months = [
        [one("옛하나", 1, 20), one("옛둘", 2, 20), one("옛셋", 3, 3), one("옛넷", 4, 20), one("옛다섯", 5, 20), one("여섯", 6, 20), one("일곱", 7, 20)],
        [one("새다섯", 5, 20), one("여섯", 6, 20)],
        # Two people fewer in the month between, as can be; three fewer would be more than a tenth, and of three people one is no matter.
        [one("새하나", 1, 19, joined=3, left=2), one("새둘", 2, 17), one("새셋", 3, 4), one("새넷", 4, 20), one("새넷의짝", 4, 20), one("새다섯", 5, 20),
         one("새여섯", 6, 20), one("일곱", 7, 20), one("새일곱", 7, 20)],
    ]  # fmt: skip
    for place in order:
        month = MONTHS[place]
        take(root, write(tmp_path, month, [*entries(month), *months[place]]))
    told = sorted([("가상여섯(주)", "가상새여섯(주)"), *((f"가상옛{n}(주)", f"가상새{n}(주)") for n in ("하나", "셋", "다섯"))])  # fmt: skip
    assert _renames(root) == told
    con = open_reader(root).connect()
    asof.know(con, date(2025, 1, 1))
    own = "SELECT month(period_end) FROM known_headcounts WHERE company_id IN (SELECT company_id FROM known_headcounts WHERE workplace = '가상새하나(주)') ORDER BY 1"
    assert con.execute(own).fetchall() == [(1,), (3,)]
    # What was found stays when nothing new comes in, and once.
    take(root, write(tmp_path, MONTHS[3], [*entries(MONTHS[3]), *fillers(8)]))
    assert _renames(root) == told


def test_two_months_without_a_row_or_one_that_is_not_held_break_the_thread(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    old, new = (workplace(f"가상{name}이름(주)", "600001", heads=20, joined=0, left=0) for name in "옛새")  # fmt: skip
    take(root, write(tmp_path, MONTHS[0], [*entries(MONTHS[0]), old]))
    take(root, write(tmp_path, MONTHS[2], [*entries(MONTHS[2]), new]))
    assert _renames(root) == []
    other = tmp_path / "other"
    for month, more in zip(MONTHS[:4], ([old], [], [], [new]), strict=True):
        take(other, write(tmp_path, month, [*entries(month), *more]))
    assert _renames(other) == []


def test_peers_are_those_of_the_readings_that_counted_on_the_day(tmp_path: Path) -> None:
    root = tmp_path / "lake"

    def peers(day: date, company: str | None = None) -> list[tuple[Any, ...]]:
        con = open_reader(root).connect()
        asof.know(con, day, company)
        return con.execute("SELECT * FROM known_peers ORDER BY ALL").fetchall()

    for month in (MONTHS[1], MONTHS[3], MONTHS[0]):  # in any order
        take(root, write(tmp_path, month))
    first, early = date(2024, 3, 31), date(2025, 1, 1)
    assert peers(date(2024, 2, 29)) == []  # one month alone has nothing to be compared with
    before = {day: peers(day) for day in (first, early)}
    assert {(str(row[-1]), row[0]) for row in before[first]} == {("2024-02-29", 1)}
    assert before[early] == []  # March is missing: no window ends in April with all its months
    take(root, write(tmp_path, MONTHS[2]))
    before[early] = peers(early)
    assert {(str(row[-1]), row[0]) for row in before[early]} == {
        ("2024-04-30", 1),
        ("2024-04-30", 3),
    }
    # In January's correction half of them have more people: since then, April is compared with other numbers.
    take(root, write(tmp_path / "new", "2024-01", entries("2024-01", more=9)))
    today = wording.today()
    assert {day: peers(day) for day in before} == before
    now = peers(today)
    assert [row for row in now if row[0] == 1] == [row for row in before[early] if row[0] == 1]
    assert now != before[early]
    con = open_reader(root).connect()
    ((company,),) = con.execute("SELECT DISTINCT company_id FROM all_headcounts WHERE workplace = '가상가0산업(주)'").fetchall()  # fmt: skip
    assert peers(today, company) == now


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_month_that_was_cut_short_replaces_nothing(tmp_path: Path, lang: str) -> None:
    root = tmp_path / "lake"
    take(root, write(tmp_path, "2024-01"))
    before = rows(root)
    cut = write(tmp_path / "cut", "2024-01")
    data = cut.read_bytes()
    cut.write_bytes(data[: len(data) * 7 // 10])
    with pytest.raises(InputFileError) as caught:
        take(root, cut)
    assert "2024-01" in caught.value.line(lang)  # type: ignore[arg-type]
    assert rows(root) == before


def test_going_back_takes_months_away_and_forward_brings_them_again(tmp_path: Path) -> None:
    from paycanary.lake import writer  # noqa: PLC0415

    root = tmp_path / "lake"
    for month in MONTHS[:5]:
        take(root, write(tmp_path / "months", month))
    whole = rows(root)
    writer.rollback(root, 2)
    assert history(root, LATE) == {month: heads(month) for month in MONTHS[:2]}
    summary = take(root, tmp_path / "months")
    assert {m.month: m.state for m in summary.months} == {m: "same" if m in MONTHS[:2] else "new" for m in MONTHS[:5]}  # fmt: skip
    assert rows(root) == whole
    assert history(root, LATE) == {month: heads(month) for month in MONTHS[:5]}


def _child(root: Path, path: Path) -> None:
    os.setsid()
    refresh(root, "nps", path)


def test_killed_at_any_moment_the_month_is_there_or_not(tmp_path: Path) -> None:
    """SIGKILL at fifty random moments of a month's take-in, most of them corrections: the old state or the new one, whole."""
    root = tmp_path / "lake"
    for month in MONTHS[:3]:
        take(root, write(tmp_path, month))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["paycanary.lake.refresh", "duckdb", "deltalake", "tests.test_pension_months"])  # fmt: skip
    dice = random.Random(20261127)  # noqa: S311
    killed, states, seconds = 0, {"old": 0, "new": 0}, 1.0
    for attempt in range(4 * KILLS):
        path = write(tmp_path / "next", MONTHS[attempt % 4], entries(MONTHS[attempt % 4], more=attempt + 1))  # fmt: skip
        before = rows(root)
        process = context.Process(target=_child, args=(root, path))
        began = time.monotonic()
        process.start()
        process.join(dice.uniform(0.0, 1.1) * seconds)
        if process.is_alive():
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            killed += 1
        else:
            assert process.exitcode == 0
            seconds = time.monotonic() - began
        after = rows(root)
        if after != before:
            wanted = [e for e in entries(MONTHS[attempt % 4], more=attempt + 1) if e["form"] == "1"]
            month = [row for row in after if f"{row[3]:%Y-%m}" == MONTHS[attempt % 4]]
            assert sorted((r[2], r[4]) for r in month) == sorted((e["name"], int(e["heads"])) for e in wanted)  # fmt: skip
        states["new" if after != before else "old"] += 1
        if killed == KILLS:
            break
        # What was cut off goes through when it is tried again; another month comes next.
        if attempt % 5 == 0:
            take(root, path)
    assert killed == KILLS
    assert states["old"] > 5
