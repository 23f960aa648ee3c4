"""What a made country is asked for: refused with a reason where it cannot be made, and one run a folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pyarrow")

from benchmarks.country.__main__ import main
from benchmarks.country.write import Wanted, write_country
from tests.country.test_country import digests, made

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("--workplaces -5", "--workplaces -5"),
        ("--workplaces 0", "--workplaces 0"),
        ("--seed -1", "--seed -1"),
        ("--months 0", "--months 0: 1 to 127"),
        ("--months 500", "--months 500: 1 to 127"),
        ("--first 2015-01", "2015-12"),
        ("--first 2015-1", "'2015-1' is no month"),
        ("--first 2027-06", "income_ceiling"),
        ("--planted -1", "--planted -1"),
        ("--planted 24 --workplaces 5000", "fewer --planted"),
        ("--corrected 2030-01", "--corrected 2030-01: give months that are written, 2023-01 to 2023-03"),
        ("--late-title 2022-12", "--late-title 2022-12"),
        # Two months in one file: the second would be written over the first.
        ("--late-title 2023-01", "would bear the name of 2023-02's"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: str, told: str
) -> None:
    """As a usage error with its reason, before anything is written."""
    folder = tmp_path / "made"
    with pytest.raises(SystemExit) as ended:
        main([str(folder), *asked.split()])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
    assert not folder.exists()


def test_a_folder_holds_one_run(tmp_path: Path) -> None:
    """Months of another run would pass for this one's, whose planted.json does not know them."""
    wanted = Wanted(1000, 3, date(2023, 1, 1), 5)
    files = made(tmp_path, wanted)
    before = digests(files)
    for other in (replace(wanted, months=2), replace(wanted, seed=6), replace(wanted, planted=1), replace(wanted, first=date(2023, 2, 1))):  # fmt: skip
        with pytest.raises(ValueError, match="not of this run"):
            write_country(tmp_path, other)
    # The same run again, as after one that was killed.
    files[-1].unlink()
    assert digests(made(tmp_path, wanted)) == before
    (tmp_path / "else.csv").touch()
    with pytest.raises(ValueError, match=r"else\.csv"):
        write_country(tmp_path, wanted)
    with pytest.raises(ValueError, match="is a file"):
        write_country(files[0], wanted)
