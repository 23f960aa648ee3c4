"""The lake: what a snapshot names is what Delta Lake holds, nothing is lost going back, and damage is told."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import duckdb
import pytest
from deltalake import DeltaTable

from paycanary.errors import LakeError
from paycanary.lake import snapshots, writer
from paycanary.lake.batches import refresh
from paycanary.lake.home import lake_path
from paycanary.lake.reader import blamed_on_store, open_reader, open_sample
from paycanary.lake.tables import TABLES
from paycanary.lake.writer import rollback
from tests.command import contents, digest, leftovers, one_line
from tests.nps_files import write_month
from tests.opendart_files import SMALL, SOUND, TROUBLED, YEARS, Company, broken_rows, write_opendart
from tests.opendart_files import write_market as write_reports

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.command import Run

DELISTED = """Symbol,Name,Market,SecuGroup,Kind,ListingDate,DelistingDate,Reason,Industry
990010,가나전자,KOSDAQ,주권,보통주,2001-03-02,2025-06-30,감사의견 거절,전자부품
990090,사아물산,KOSPI,주권,보통주,1990-03-02,2010-06-30,피흡수합병,도매
990095,사아물산우,KOSPI,주권,1우선주,1990-03-02,2010-06-30,피흡수합병,도매
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small input for each register, by its name; ``dart_more`` adds a company, ``dart_broken`` three bad rows."""
    folder = tmp_path_factory.mktemp("made")
    delisted = folder / "delisted.csv"
    delisted.write_text(DELISTED, encoding="utf-8")
    (folder / "nps").mkdir()
    return {
        "krx": delisted,
        "nps": write_month(folder / "nps"),
        "dart": write_opendart(folder / "dart", [SOUND, TROUBLED]),
        "dart_more": write_opendart(folder / "more", [SMALL]),
        "dart_broken": write_reports(folder / "broken", [SOUND], extra=broken_rows()),
    }


def take_in(root: Path, made: dict[str, Path], *names: str) -> None:
    for name in names:
        refresh(root, name.split("_")[0], made[name])


def all_snapshots(root: Path) -> list[snapshots.Snapshot]:
    found, is_all = snapshots.readable(root / "snapshots")
    assert is_all
    return found


def assert_delta_agrees(root: Path) -> None:
    """Every table of every snapshot, opened by Delta Lake at its version, has the snapshot's files and rows."""
    for snapshot in all_snapshots(root):
        expected = contents(root, snapshot)
        for name, state in snapshot.tables.items():
            table = DeltaTable(root / "tables" / name, version=state.version)
            files = {uri.rsplit("/", 1)[-1] for uri in table.file_uris()}
            assert files == {file.rsplit("/", 1)[-1] for file in state.files}, (snapshot.id, name)
            with duckdb.connect() as con:
                con.register("read_by_delta", table.to_pyarrow_table())
                assert digest(con, "read_by_delta") == expected[name], (snapshot.id, name)
            assert expected[name][0] == state.rows


# --- what is stored ------------------------------------------------------------------------------


def test_every_row_says_where_it_comes_from(home: Path, made: dict[str, Path]) -> None:
    root = home / "lake"
    take_in(root, made, "krx", "nps", "dart", "dart_broken")
    with open_reader(root).connect() as con:
        # Whole pension months, far larger than what is made here: test_pension_months.py.
        months = ("workplace_months", "workplace_history", "pension_readings", "history_readings", "workplace_names", "pension_moves", "pension_renames", "peer_groups", "company_months")  # fmt: skip
        for name, table in TABLES.items():
            if name in months:
                continue
            rows, ids, unsure = con.execute(
                f"SELECT count(*), count(DISTINCT row_id), count(*) FILTER (source IS NULL OR fetched_at IS NULL OR row_id IS NULL "
                f"OR row_id < 0 {'' if name == 'rejected' else 'OR filing_id IS NULL OR published_on IS NULL'}) FROM {name}"
            ).fetchall()[0]
            assert rows > 0, name
            assert ids == rows, name
            assert unsure == 0, name
            types = con.execute(
                f"SELECT column_name, column_type FROM (DESCRIBE {name})"
            ).fetchall()
            assert [
                (c, t.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")) for c, t in types
            ] == [(c.name, c.type) for c in table.columns]


def test_delta_lake_reads_the_same_at_every_version(home: Path, made: dict[str, Path]) -> None:
    root = home / "lake"
    take_in(root, made, "krx", "dart", "nps", "dart_broken", "dart_more", "dart_more")
    assert [s.id for s in all_snapshots(root)] == [1, 2, 3, 4, 5, 6]
    assert_delta_agrees(root)
    assert leftovers(root) == []


def test_delta_lake_agrees_after_going_back_and_on(home: Path, made: dict[str, Path]) -> None:
    """A table that the older state lacks must not bring its old rows along when it is written anew."""
    root = home / "lake"
    take_in(root, made, "krx", "dart")
    rollback(root)  # back to krx alone, without facts
    take_in(root, made, "dart_more")
    rollback(root, 2)
    take_in(root, made, "nps")
    rollback(root, 0)
    take_in(root, made, "krx", "dart_broken")
    assert_delta_agrees(root)
    with open_reader(root).connect() as con:
        rows = con.execute("SELECT DISTINCT company_id FROM facts").fetchall()
    assert rows == [(f"dart:{SOUND.corp_code}",)]
    assert leftovers(root) == []


# --- going back ----------------------------------------------------------------------------------


def test_rollback_and_back_again(home: Path, run: Run, made: dict[str, Path]) -> None:
    root = home / "lake"
    take_in(root, made, "krx", "dart", "dart_more")
    states = {s.id: contents(root, s) for s in all_snapshots(root)}
    report = run.json("rollback")
    assert (report["id"], report["kind"]) == (4, "rollback")
    assert contents(root) == states[2]
    run.ok("rollback")  # undoes the rollback
    assert contents(root) == states[3]
    assert "1" in run.ok("rollback", "--to", 1, "--lang", "ko")
    assert contents(root) == states[1]
    assert run.json("status")["tables"] == {name: rows for name, (rows, _) in states[1].items()}
    run.ok("rollback", "--to", 3)
    assert contents(root) == states[3]
    kinds = [s["kind"] for s in run.json("status")["snapshots"]]
    assert kinds == ["rollback"] * 4 + ["refresh"] * 3
    assert_delta_agrees(root)


def test_rollback_of_the_first_refresh(home: Path, run: Run, made: dict[str, Path]) -> None:
    root = home / "lake"
    take_in(root, made, "krx")
    before = contents(root)
    run.ok("rollback")
    assert all_snapshots(root)[-1].tables == {}
    run.ok("rollback")
    assert contents(root) == before


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_rollback_to_nowhere(home: Path, run: Run, made: dict[str, Path], lang: str) -> None:
    assert "refresh" in one_line(run("rollback", "--lang", lang), 6)
    take_in(home / "lake", made, "krx")
    before = contents(home / "lake")
    for number in (7, -3):
        assert str(number) in one_line(run("rollback", "--to", number, "--lang", lang), 6)
    assert contents(home / "lake") == before
    assert run.problem("rollback", "--to", 7)["error"] == "store"


# --- as of a day ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "newest"), [("2025-03-14", 2023), ("2025-03-15", 2024)])
def test_nothing_is_known_before_its_filing(
    home: Path, run: Run, made: dict[str, Path], day: str, newest: int
) -> None:
    take_in(home / "lake", made, "dart")
    verdict = run.json("check", TROUBLED.stock_code, "--as-of", day)
    figures = [figure for finding in verdict["findings"] for figure in finding["figures"]]
    assert max(figure["published_on"] for figure in figures) <= day
    assert max(figure["period_end"] for figure in figures) == f"{newest}-12-31"
    assert max(figure["filing_id"] for figure in figures) == TROUBLED.receipt(newest)
    assert verdict["data_until"] == f"{newest + 1}-03-15"


def test_before_the_first_filing_nothing_is_known(
    home: Path, run: Run, made: dict[str, Path]
) -> None:
    take_in(home / "lake", made, "dart")
    verdict = run.json("check", SOUND.corp_code, "--as-of", f"{YEARS[0]}-12-31")
    assert verdict["level"] == "unknown"
    assert [f for f in verdict["findings"] if f["figures"]] == []


# --- readers -------------------------------------------------------------------------------------


def test_a_reader_keeps_its_snapshot(
    home: Path, made: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MAX_FILES", 1)  # every refresh rewrites every table
    root = home / "lake"
    take_in(root, made, "krx", "dart")
    opened = open_reader(root)
    expected = contents(root)
    with opened.connect() as con:
        before = {name: digest(con, name) for name in opened.snapshot.tables}
        take_in(root, made, "dart_more", "nps")
        rollback(root, 1)
        take_in(root, made, "dart_broken")
        assert before == expected
        assert {name: digest(con, name) for name in opened.snapshot.tables} == expected
    with opened.connect() as con:  # also one that connects only now
        assert {name: digest(con, name) for name in opened.snapshot.tables} == expected


def test_a_home_of_any_name(tmp_path: Path, made: dict[str, Path], run: Run) -> None:
    own = type(run)(tmp_path / "it's [my] home* ? 집")
    own.ok("refresh", "krx", "--from", made["krx"])
    own.ok("refresh", "dart", "--from", made["dart"])
    again = own.json("refresh", "dart", "--from", made["dart"])
    assert set(again["added"].values()) == {0}
    assert own.json("check", SOUND.name)["company"]["corp_code"] == SOUND.corp_code
    own.ok("rollback")


def test_the_home_follows_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAYCANARY_HOME", str(tmp_path))
    assert lake_path() == tmp_path / "lake"
    monkeypatch.delenv("PAYCANARY_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert lake_path().is_relative_to(tmp_path)
    assert "paycanary" in lake_path().parts


# --- many small refreshes ------------------------------------------------------------------------


def test_many_files_become_one(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_FILES", 3)
    root = home / "lake"
    companies = [Company(f"9900{i:04}", f"99{i:04}", f"회사{i}") for i in range(1, 6)]
    reports = []
    for i, company in enumerate(companies):
        reports.append(refresh(root, "dart", write_opendart(tmp_path / str(i), [company])))
    first = reports[0].added
    for report in reports:
        assert report.added == first
    # Nothing new at the limit: nothing is counted as new either.
    for _ in range(2):
        again = refresh(root, "dart", tmp_path / "0")
        assert set(again.added.values()) == {0}
    found = all_snapshots(root)
    for snapshot in found:
        assert max(len(state.files) for state in snapshot.tables.values()) <= 3
    assert contents(root) == contents(root, found[len(companies) - 1])

    monkeypatch.undo()
    plain = tmp_path / "plain"
    for i in range(len(companies)):
        refresh(plain, "dart", tmp_path / str(i))
    assert max(len(s.files) for s in all_snapshots(plain)[-1].tables.values()) == len(companies)
    assert contents(plain) == contents(root)
    assert_delta_agrees(root)
    assert leftovers(root) == []


# --- damage --------------------------------------------------------------------------------------


def newest_file(root: Path, table: str) -> Path:
    return root / all_snapshots(root)[-1].tables[table].files[-1]


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def overwritten(path: Path) -> None:
    size = path.stat().st_size
    path.write_bytes(b"PAR1" + b"\xff" * (size - 8) + b"PAR1")


def deleted(path: Path) -> None:
    path.unlink()


@pytest.fixture(scope="module")
def three_refreshes(made: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("three") / "lake"
    take_in(root, made, "krx", "dart", "dart_more")
    return root


@pytest.mark.parametrize(
    ("harm", "table"),
    [
        (deleted, "companies"),
        (deleted, "facts"),
        (cut_short, "facts"),
        (emptied, "companies"),
        (overwritten, "facts"),
    ],
)
def test_a_damaged_file_is_told_and_there_is_a_way_back(
    home: Path,
    run: Run,
    made: dict[str, Path],
    three_refreshes: Path,
    harm: Callable[[Path], None],
    table: str,
) -> None:
    root = home / "lake"
    shutil.copytree(three_refreshes, root)
    before = contents(root, all_snapshots(root)[1])
    harm(newest_file(root, table))
    for lang, command in (
        ("ko", ("check", SOUND.corp_code)),
        ("en", ("refresh", "dart", "--from", str(made["dart"]))),
    ):
        line = one_line(run(*command, "--lang", lang), 6)
        assert str(root) in line
        assert "`paycanary rollback --to 2`" in line
    assert run.problem("check", SOUND.corp_code)["error"] == "store"
    run.ok("rollback", "--to", 2)
    assert contents(root) == before
    assert run.json("check", SOUND.corp_code)["company"]["name"] == SOUND.name
    assert refresh(root, "dart", made["dart_more"]).added["facts"] > 0
    assert leftovers(root) == []


def test_a_store_without_an_intact_state(home: Path, run: Run, made: dict[str, Path]) -> None:
    root = home / "lake"
    take_in(root, made, "dart")
    deleted(newest_file(root, "facts"))
    line = one_line(run("check", SOUND.corp_code, "--lang", "en"), 6)
    assert f"Delete the folder {root}" in line
    with pytest.raises(LakeError) as caught:
        refresh(root, "dart", made["dart_more"])
    assert caught.value.exit_code == 6
    assert len(all_snapshots(root)) == 1


def test_what_memory_does_not_hold_goes_where_temporary_files_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    for folder in (here, temporary):
        folder.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    con = open_sample().connect()
    con.execute("SET memory_limit = '60MB'")
    con.execute("CREATE TABLE large AS SELECT i, hash(i) AS h FROM range(4000000) t(i)")
    assert [p.name[:10] for p in temporary.iterdir()] == ["paycanary-"]
    con.close()
    assert [*here.iterdir(), *temporary.iterdir()] == []


def test_memory_that_does_not_suffice_is_not_blamed_on_the_store(
    home: Path, made: dict[str, Path]
) -> None:
    take_in(home / "lake", made, "dart")
    con = duckdb.connect(config={"memory_limit": "2MB", "max_temp_directory_size": "0MB"})
    with pytest.raises(duckdb.OutOfMemoryException) as met:
        con.execute("SELECT list(i) FROM range(9000000) t(i)")
    for error in (met.value, MemoryError()):
        told = blamed_on_store(error)
        assert told is not None
        assert "memory" in told.what["en"]
        assert "elete" not in told.todo["en"]
        assert "refresh" not in told.todo["ko"]
    # Another query's mistake, on a store that is whole, is nobody's but its own.
    assert blamed_on_store(duckdb.BinderException("no such column")) is None


def test_a_lost_table_is_never_left_out_in_silence(
    home: Path, run: Run, made: dict[str, Path]
) -> None:
    root = home / "lake"
    take_in(root, made, "krx", "dart")
    for path in sorted((root / "tables" / "facts").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (root / "tables" / "facts").rmdir()
    line = one_line(run("refresh", "krx", "--from", made["krx"], "--lang", "en"), 6)
    assert "rollback --to 1" in line
    assert len(all_snapshots(root)) == 2


@pytest.mark.parametrize("text", ["", '{"id": 2', "[]", json.dumps({"id": 2})])
def test_a_damaged_record(home: Path, run: Run, made: dict[str, Path], text: str) -> None:
    root = home / "lake"
    take_in(root, made, "krx", "dart")
    first = contents(root, all_snapshots(root)[0])
    (root / "snapshots" / "00000002.json").write_text(text, encoding="utf-8")
    line = one_line(run("status", "--lang", "en"), 6)
    assert "00000002.json" in line
    assert "rollback" in line
    one_line(run("refresh", "krx", "--from", made["krx"], "--lang", "ko"), 6)
    run.ok("rollback")
    assert contents(root) == first
    assert run.json("status")["snapshot"] == 3
    assert refresh(root, "dart", made["dart_more"]).added["facts"] > 0
