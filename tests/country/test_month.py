"""What is measured side by side does the same work: pandas and Polars keep and reject paycanary's rows of a month, and name its companies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from benchmarks import month, month_peer
from benchmarks.country.write import Wanted, write_country
from paycanary.lake.batches import refresh

if TYPE_CHECKING:
    from pathlib import Path

#: Columns of a row: month, name, business number, status, form, days of enrolment and withdrawal, heads, bill, joiners, leavers.
MONTH, NAME, NUMBER, STATUS, FORM, ENROLLED, LEFT, HEADS, BILL, JOINED, GONE = 0, 1, 2, 3, 12, 15, 17, 18, 19, 20, 21  # fmt: skip
#: What is wrong, or only odd, with a row, and what becomes of it.
ODD: dict[str, dict[int, str]] = {
    "bad_number": {HEADS: "열둘"},
    "bad_number too": {FORM: "법인"},
    "bad_date": {LEFT: "2026-13-40"},
    "bad_date too": {ENROLLED: "2026-02-30"},
    "unpublished_month": {MONTH: "2015-11"},
    "unpublished_month too": {MONTH: "2099-01"},
    "no_business_number": {NUMBER: ""},
    "no_business_number too": {NUMBER: "12345"},
    "unknown_code": {STATUS: "3"},
    "unknown_code too": {STATUS: ""},
    "impossible_count": {HEADS: "3", JOINED: "9", GONE: "1"},
    "no_company": {NAME: ""},
    "private": {FORM: "2"},
    "kept": {NAME: "가상한빛전자（주）안산공장", HEADS: '"1,211"', BILL: '"330,000,000"', ENROLLED: "0001-01-01"},
    "kept too": {NAME: "㈜가상한빛전자/일용/시흥현장", NUMBER: "123-45-6****", LEFT: "9999-12-31"},
    "kept as well": {NAME: '"가상에이텍(구:가상상사) Co.,Ltd.(김가나)"', BILL: "0"},
}  # fmt: skip


def spoiled(file: Path) -> None:
    """Add odd rows, each made of another row of the file, and one row twice."""
    lines = file.read_bytes().decode("cp949").split("\r\n")
    for place, changes in enumerate(ODD.values(), 1):
        cells = lines[place].split(",")
        for column, value in changes.items():
            cells[column] = value
        lines[place] = ",".join(cells)
    lines[100] = lines[101]
    file.write_bytes("\r\n".join(lines).encode("cp949"))


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, int]]:
    """A month's file, the lake that it was taken into, and what became of its rows."""
    folder = tmp_path_factory.mktemp("month")
    wanted = Wanted(3000, 1, month.date(2026, 4, 1), 3, planted=1)
    (file,) = write_country(folder, wanted)
    spoiled(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAYCANARY_WHOLE_MONTH_ROWS", "1000")
        summary = refresh(folder / "lake", "nps", file)
    return file, folder / "lake", summary.files[0].reasons


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_peer_does_the_same_work(
    name: str, taken_in: tuple[Path, Path, dict[str, int]], tmp_path: Path
) -> None:
    file, lake, reasons = taken_in
    assert reasons == {
        "bad_number": 2, "bad_date": 2, "unpublished_month": 2, "no_business_number": 2, "unknown_code": 2, "impossible_count": 1, "no_company": 1, "repeated_row": 1,
    }  # fmt: skip
    asked: dict[str, Any] = json.loads(json.dumps(month.job(file, month.month_of(file), tmp_path)))
    # What pandas 3, by which is measured, does on its own.
    with pd.option_context("future.infer_string", True):  # noqa: FBT003 - its own form
        {"pandas": month_peer.by_pandas, "polars": month_peer.by_polars}[name](asked)
    assert month.differing(lake, month.month_of(file), tmp_path) == {"kept": 0, "companies": 0, "rejected": 0}  # fmt: skip


def test_a_row_that_differs_is_seen(
    taken_in: tuple[Path, Path, dict[str, int]], tmp_path: Path
) -> None:
    file, lake, _ = taken_in
    month_peer.by_polars(month.job(file, month.month_of(file), tmp_path) | {"rate": 0.09})
    assert month.differing(lake, month.month_of(file), tmp_path)["kept"] > 1000
