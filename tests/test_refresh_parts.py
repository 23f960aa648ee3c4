"""Several registers by one snapshot: one that cannot be read costs only itself, and a verdict says what could not be asked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from paycanary.errors import InputFileError
from paycanary.lake import snapshots
from paycanary.lake.batches import refresh
from paycanary.lake.reader import open_reader
from paycanary.lake.refresh import Part, refresh_parts
from paycanary.verdict import Session, unreached
from tests.command import contents
from tests.opendart_files import write_market
from tests.test_refresh import delisted

if TYPE_CHECKING:
    from pathlib import Path


def test_several_registers_are_one_snapshot_equal_to_one_after_the_other(tmp_path: Path) -> None:
    write_market(tmp_path / "dart")
    listing = delisted(tmp_path / "krx.csv", "900010")
    summary, failed = refresh_parts(
        tmp_path / "one", [Part("dart", tmp_path / "dart"), Part("krx", listing)]
    )
    assert not failed
    assert (summary.source, summary.snapshot) == ("dart+krx", 1)
    assert [p.stem for p in snapshots.history(tmp_path / "one" / "snapshots")] == ["00000001"]
    refresh(tmp_path / "two", "dart", tmp_path / "dart")
    refresh(tmp_path / "two", "krx", listing)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_register_that_cannot_be_read_is_left_out_whole(tmp_path: Path) -> None:
    write_market(tmp_path / "dart")
    (tmp_path / "dart" / "corpCode.zip").write_bytes(b"PK cut")
    listing = delisted(tmp_path / "krx.csv", "900010")
    summary, failed = refresh_parts(
        tmp_path / "lake", [Part("dart", tmp_path / "dart"), Part("krx", listing)]
    )
    assert list(failed) == ["dart"]
    assert "corpCode.zip" in str(failed["dart"])
    assert {file.file for file in summary.files} == {"krx.csv"}
    reader = open_reader(tmp_path / "lake")
    sources = reader.connect().execute("SELECT DISTINCT source FROM companies").fetchall()
    assert sources == [("krx",)]


def test_where_no_register_can_be_read_nothing_is_stored(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("nothing,known\n1,2\n", encoding="utf-8")
    _, failed = refresh_parts(tmp_path / "lake", [Part("krx", tmp_path / "bad.csv")])
    assert isinstance(failed["krx"], InputFileError)
    assert snapshots.history(tmp_path / "lake" / "snapshots") == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_a_lost_register_would_have_told_is_unknown_for_that_reason(
    tmp_path: Path, lang: str
) -> None:
    refresh(tmp_path / "lake", "krx", delisted(tmp_path / "krx.csv", "900010"))
    session = Session(open_reader(tmp_path / "lake"))
    plain = session.verdict("krx:900010", date(2026, 1, 1), lang)  # type: ignore[arg-type]
    told = unreached(plain, {"dart": "dart: cannot be reached (time-out)."})
    by_name = {u.what: u for u in told.unknown}
    assert by_name["net_loss_streak"].reason == "not_reachable"
    assert by_name["net_loss_streak"].explanation.endswith("dart: cannot be reached (time-out).")
    assert by_name["mass_exit"].reason != "not_reachable"
    assert told.findings == plain.findings
    assert unreached(plain, {}) == plain
