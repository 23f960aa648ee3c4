"""Real pension files, where they are at hand: counts, well-known companies, and what two months have in common."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from stage import create_stage

from paycanary.errors import InputFileError
from paycanary.filings import nps

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = (
    Path(os.environ.get("PAYCANARY_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
    / "korea"
    / "nps"
)
pytestmark = pytest.mark.skipif(
    not _FOLDER.is_dir(), reason=f"no real pension files in {_FOLDER} (set PAYCANARY_SHARED_DATA)"
)


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """All three files taken in at once; their summaries are in table ``summaries``."""
    pytest.importorskip("rdata", reason="pip install 'paycanary[rda]' reads the month of 2022-04")
    folder = tmp_path_factory.mktemp("nps")
    for path in _FOLDER.iterdir():
        if path.suffix == ".rda" or path.name.startswith("nps_2026_06"):
            (folder / path.name).symlink_to(path)
    with duckdb.connect() as connection:
        create_stage(connection)
        summaries = nps.load(connection, folder)
        connection.execute("CREATE TABLE summaries (file VARCHAR, read INT, accepted INT, skipped INT, rejected INT)")  # fmt: skip
        connection.executemany(
            "INSERT INTO summaries VALUES (?, ?, ?, ?, ?)",
            [[s.file, s.read, s.accepted, s.skipped, s.rejected] for s in summaries],
        )
        yield connection


def test_counts(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute("SELECT * FROM summaries ORDER BY file").fetchall() == [
        ("datatoys_nationalPension_2022-04.rda", 29975, 29974, 0, 1),  # the last row is cut off
        ("nps_2026_06_anchor_sample.csv", 4247, 4247, 0, 0),
        ("nps_2026_06_seoul_it.csv", 11313, 11313, 0, 0),
    ]
    assert con.execute("SELECT row_number, reason FROM stage_rejected").fetchall() == [(29975, "bad_number")]  # fmt: skip


def test_overlapping_files_give_equal_rows(con: duckdb.DuckDBPyConnection) -> None:
    ((rows, distinct),) = con.execute(
        "SELECT (SELECT count(*) FROM stage_headcounts WHERE filing_id = 'nps:2026-06'), "
        "(SELECT count(*) FROM (SELECT DISTINCT * FROM stage_headcounts WHERE filing_id = 'nps:2026-06'))"
    ).fetchall()
    assert rows == 4247 + 11313
    ((both,),) = con.execute(
        f"""SELECT count(*) FROM (SELECT * FROM read_csv('{_FOLDER}/nps_2026_06_anchor_sample.csv', all_varchar = true)
            INTERSECT SELECT * FROM read_csv('{_FOLDER}/nps_2026_06_seoul_it.csv', all_varchar = true))"""
    ).fetchall()
    assert rows - distinct == both > 0


def test_a_company_known_to_all(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute(
        "SELECT headcount, billed, income_per_head, is_income_capped, joiners, region FROM stage_headcounts "
        "WHERE workplace = '삼성전자(주)' AND filing_id = 'nps:2026-06'"
    ).fetchall() == [(125592, 74378264240.0, 6233909.0, False, None, "경기도")]


def test_branches_come_together(con: duckdb.DuckDBPyConnection) -> None:
    found = dict(
        con.execute(
            "SELECT name, count(DISTINCT workplace) FROM stage_headcounts JOIN stage_companies USING (company_id, filing_id) "
            "WHERE filing_id = 'nps:2026-06' GROUP BY name"
        ).fetchall()
    )
    assert found["한국전력공사"] >= 2
    assert found["(주)한화"] >= 10


def test_sites_are_few_and_marked(con: duckdb.DuckDBPyConnection) -> None:
    sites = {n for (n,) in con.execute("SELECT workplace FROM stage_headcounts WHERE is_site").fetchall()}  # fmt: skip
    labourers = {n for (n,) in con.execute("SELECT workplace FROM stage_headcounts WHERE regexp_matches(workplace, '/ ?(일용|상용)')").fetchall()}  # fmt: skip
    assert labourers <= sites
    assert 200 <= len(sites) <= 260


def test_the_same_company_in_both_months(con: duckdb.DuckDBPyConnection) -> None:
    ((both,),) = con.execute(
        "SELECT count(*) FROM (SELECT company_id FROM stage_headcounts GROUP BY company_id HAVING count(DISTINCT period_end) = 2)"
    ).fetchall()
    assert both > 1139  # workplaces of the very same name; companies meet under other spellings too


def test_a_damaged_r_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("rdata")
    whole = next(_FOLDER.glob("*.rda")).read_bytes()
    (tmp_path / "cut.rda").write_bytes(whole[:50_000])
    with duckdb.connect() as con:
        create_stage(con)
        with pytest.raises(InputFileError, match="damaged"):
            nps.load(con, tmp_path)


def test_another_table_is_refused() -> None:
    with duckdb.connect() as con:
        create_stage(con)
        with pytest.raises(InputFileError, match="not a pension workplace"):
            nps.load(con, _FOLDER / "wanted_company_nps_2015-2019_cp949.csv")


def test_a_made_country_is_as_large_and_shares_no_number(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """benchmarks/country: sizes as of the youngest workplaces in this copy, which lists the oldest first; prefixes that nobody has."""
    pytest.importorskip("pyarrow")
    from benchmarks.country.names import LAST_OFFICE  # noqa: PLC0415
    from benchmarks.country.write import Wanted, write_country  # noqa: PLC0415

    ((lowest,),) = con.execute("SELECT min(left(business_number, 3)) FROM stage_companies").fetchall()  # fmt: skip
    assert lowest > f"{LAST_OFFICE:03d}"
    listed = con.execute("SELECT workplace, headcount FROM stage_headcounts WHERE filing_id = 'nps:2022-04' ORDER BY rowid").fetchall()  # fmt: skip
    assert listed[0][0] == "우성기전(주)"
    real = sorted(heads for _, heads in listed[-13_300:] if heads > 0)
    month = [*write_country(tmp_path, Wanted(5000, 12, date(2021, 6, 1), 3))][-1]
    cells = [line.split(",") for line in month.read_text("cp949").splitlines()[1:]]
    ours = sorted(int(c[18]) for c in cells if c[18] != "0" and "/일용/" not in c[1])
    for share in (0.25, 0.5, 0.75, 0.9, 0.95):
        there, here = (values[int(len(values) * share)] for values in (real, ours))
        assert here == pytest.approx(there, rel=0.2, abs=1)
    there, here = (sum(h < 10 for h in values) / len(values) for values in (real, ours))
    assert here == pytest.approx(there, abs=0.05)
