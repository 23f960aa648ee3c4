"""Which column, which company, which day a cell means; never guessed."""

from __future__ import annotations

import pytest

from paycanary.errors import InputFileError, UsageError
from paycanary.lake.reader import open_reader
from paycanary.lake.search import Index
from paycanary.notion.columns import choices, fitting, unclear
from paycanary.notion.companies import Finder, names_in, readings
from paycanary.notion.dates import iso, iso_column
from paycanary.notion.pages import Table
from paycanary.notion.table_csv import guarded

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Finder:
    """Over the built-in sample."""
    return Finder(Index(open_reader(tmp_path_factory.mktemp("empty")).connect()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024년 4월 13일", "2024-04-13"),
        ("2024년 4월 13일 오후 3:00", "2024-04-13T15:00"),
        ("2024년 4월 13일 오전 12:05 (GMT+9)", "2024-04-13T00:05+09:00"),
        ("April 13, 2024", "2024-04-13"),
        ("@April 13, 2024 3:00 PM (UTC)", "2024-04-13T15:00Z"),
        ("Apr 1, 2024", "2024-04-01"),
        ("13 April 2024", "2024-04-13"),
        ("13 de abril de 2024", "2024-04-13"),
        ("5 de enero de 2024 15:30", "2024-01-05T15:30"),
        ("1 août 2024", "2024-08-01"),
        ("13. Mai 2024", "2024-05-13"),
        ("2024年4月13日", "2024-04-13"),
        ("2024-04-13", "2024-04-13"),
        ("2024-04-13T15:00:00+09:00", "2024-04-13T15:00+09:00"),
        ("2024/04/13", "2024-04-13"),
        ("April 13, 2024 → April 20, 2024", "2024-04-13 → 2024-04-20"),
        ("2024년 4월 13일 오후 3:00 → 오후 5:00", "2024-04-13T15:00 → 2024-04-13T17:00"),
        ("2024년 4월 13일 → 2024년 5월 1일", "2024-04-13 → 2024-05-01"),
        ("February 30, 2024", None),
        ("2024년 13월 1일", None),
        ("04/13/2024", None),
        ("카카오", None),
        ("2024", None),
        ("Room 12 2024", None),
        ("April 13, 2024 25:00", None),
        ("", None),
    ],
)
def test_days_are_read_in_every_workspace_language(text: str, expected: str | None) -> None:
    assert iso(text) == expected


def test_a_column_tells_which_number_is_the_month() -> None:
    assert iso_column(["04/13/2024", "", "05/01/2024"]) == ["2024-04-13", "", "2024-05-01"]
    assert iso_column(["13/04/2024", "05/01/2024"]) == ["2024-04-13", "2024-01-05"]
    assert iso_column(["04/05/2024", "05/01/2024"]) is None
    assert iso_column(["04/13/2024", "13/04/2024"]) is None
    assert iso_column(["2024년 4월 13일", "곧"]) is None
    assert iso_column(["", ""]) is None


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("카카오", ["카카오"]),
        ("  🏢 카카오  ", ["카카오"]),
        ("🇰🇷👩‍💻 ㈜카카오", ["㈜카카오"]),
        ("카카오 (https://www.notion.so/0123456789abcdef0123456789abcdef?pvs=21)", ["카카오"]),
        ("카카오 (../회사/카카오%200123456789abcdef0123456789abcdef.md)", ["카카오"]),
        ("(주)카카오 (https://www.notion.so/a), HMM (https://www.notion.so/b)", ["(주)카카오", "HMM"]),
        ("[카카오](https://www.notion.so/a)", ["카카오"]),
        ("카카오\nHMM", ["카카오", "HMM"]),
        ("카카오 (판교)", ["카카오 (판교)"]),
        ("", []),
        ("🏢", []),
        ("---", []),
    ],
)  # fmt: skip
def test_names_in_a_cell(cell: str, names: list[str]) -> None:
    assert names_in(cell) == names


def test_readings_begin_with_the_name_as_it_stands() -> None:
    assert (
        readings("[지원] 카카오(판교) - 백엔드", is_title=True)[0] == "[지원] 카카오(판교) - 백엔드"
    )
    assert "카카오" in readings("[지원] 카카오(판교) - 백엔드", is_title=True)
    assert readings("카카오 - 백엔드", is_title=False) == ["카카오 - 백엔드"]


@pytest.mark.parametrize(
    ("cell", "is_title", "state", "company"),
    [
        ("카카오", False, "judged", "카카오"),
        ("🏢 ㈜카카오", False, "judged", "카카오"),
        ("주식회사 카카오", False, "judged", "카카오"),
        ("035720", False, "judged", "카카오"),
        ("Kakao", False, "judged", "카카오"),
        ("에이치엠엠", False, "judged", "HMM"),
        ("[서류 합격] 카카오 - 백엔드 개발자", True, "judged", "카카오"),
        ("카카오 | 신입", True, "judged", "카카오"),
        ("카카오 - 백엔드 개발자", False, "not_found", None),
        ("카카우", False, "unsure", None),
        ("삼부토", False, "unsure", None),
        ("없는회사일이삼", False, "not_found", None),
        ("가" * 300, False, "not_found", None),
        ("카카오\nHMM", False, "several", None),
        ("  ", False, "no_name", None),
    ],
)
def test_companies_are_found_or_said_not_to_be(
    finder: Finder, cell: str, *, is_title: bool, state: str, company: str | None
) -> None:
    match = finder.find(cell, is_title=is_title)
    assert match.state == state
    assert (match.hit.name if match.hit else None) == company
    if state == "unsure":
        assert match.candidates


def table(name: str, columns: list[str], number: str = "0" * 32, *, is_view: bool = False) -> Table:
    row = dict.fromkeys(columns, "x")
    return Table(name, number, f"{name} {number}_all.csv", columns, columns[0], [row], [None], {}, is_view)  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["이름", "회사", "상태"], ["회사"]),
        (["이름", "🏢 회사명"], ["🏢 회사명"]),
        (["Name", "COMPANY NAME"], ["COMPANY NAME"]),
        (["Position", "Target company"], ["Target company"]),
        (["이름", "회사 규모", "회사 위치"], ["이름"]),
        (["이름", "지원 회사"], ["지원 회사"]),
        (["회사", "모회사"], ["회사"]),
        (["이름", "회사", "기업"], ["회사", "기업"]),
        (["Nombre", "Empresa"], ["Empresa"]),
        (["이름", "paycanary 찾은 회사", "paycanary company"], ["이름"]),
        (["Name"], ["Name"]),
    ],
)
def test_the_column_is_found_by_its_name(columns: list[str], expected: list[str]) -> None:
    assert fitting(columns, columns[0])[0] == expected


def test_a_table_that_says_company_comes_before_one_that_does_not() -> None:
    tables = [
        table("할 일", ["이름"]),
        table("지원", ["이름", "회사"]),
        table("보기", ["회사"], is_view=True),
    ]
    (found,) = choices(tables, "e.zip")
    assert (found.table.name, found.column, found.is_title) == ("지원", "회사", False)
    (found,) = choices(tables, "e.zip", "할 일")
    assert (found.column, found.is_title) == ("이름", True)
    (found,) = choices(tables, "e.zip", column="이름", table="지원")
    assert found.is_title


def test_what_is_unclear_names_its_choices() -> None:
    twice = [table("지원", ["회사"], "1" * 32), table("지원", ["회사"], "2" * 32)]
    error = unclear(choices(twice, "e.zip"))
    for lang in ("ko", "en"):
        assert f"--table '{'1' * 32}' --column '회사'" in error.line(lang)
    assert len(choices(twice, "e.zip", "2" * 32)) == 1
    for option in ({"table": "없음"}, {"column": "없음"}):
        with pytest.raises(UsageError, match="there is none of that name"):
            choices(twice, "e.zip", **option)
    with pytest.raises(InputFileError, match="holds no table"):
        choices([], "e.zip")


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-1+2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "|calc"])  # fmt: skip
def test_no_cell_is_a_formula(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["-61.2", "+3", "-12%", "1,000", "카카오", "", "a=b", "2024-04-13"]
)
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == cell
