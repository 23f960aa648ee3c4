"""Pages and tables of an export: properties, titles, which page is which row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paycanary.notion.archive import open_export
from paycanary.notion.pages import Table, read_page, read_pages, read_tables
from tests.notion.exports import Export, english, korean, notion_id

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.quick


def tables(export: Export, tmp_path: Path) -> list[Table]:
    with open_export(export.zip(tmp_path)) as archive:
        return read_tables(archive)


def ids(table: Table) -> list[str | None]:
    return [page.id if page else None for page in table.pages]


def test_a_page_is_title_properties_and_body() -> None:
    number = notion_id(1)
    text = "# 가나\\*전자\r\n\r\n상태: 지원\r\n메모: 첫 줄\r\n둘째 줄\r\n주소: https://a.example/b: c\r\n\r\n## 면접\r\n\r\n시간: 세 시\r\n"
    page = read_page(f"표/가나 {number}.md", text, ["상태", "메모", "주소"])
    assert (page.id, page.title) == (number, "가나*전자")
    assert page.properties == {
        "상태": "지원",
        "메모": "첫 줄\n둘째 줄",
        "주소": "https://a.example/b: c",
    }
    assert page.body == "## 면접\n\n시간: 세 시"
    assert not page.is_guessed


def test_words_of_a_page_are_not_taken_for_properties_where_the_table_tells() -> None:
    text = "# Notes\n\nRemember: call back.\n\nMore."
    told = read_page("Notes.md", text, ["Status"])
    assert (told.id, told.properties, told.body) == (None, {}, "Remember: call back.\n\nMore.")
    guessed = read_page("Notes.md", text)
    assert guessed.properties == {"Remember": "call back."}
    assert guessed.is_guessed
    assert f"{guessed.head}\n\n{guessed.body}" == told.body


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [("# Only a title", "Only a title", ""), ("No heading at all", "name", "No heading at all"), ("", "name", ""), ("#\n\nBody", "name", "Body"), ("\ufeff# Marked\n\nBody", "Marked", "Body")],
)  # fmt: skip
def test_pages_that_lack_something(text: str, title: str, body: str) -> None:
    page = read_page(f"name {notion_id(2)}.md", text)
    assert (page.title, page.properties, page.body) == (title, {}, body)


def test_pages_outside_tables_are_read_as_well(tmp_path: Path) -> None:
    with open_export(korean([["가나전자", "지원", "", ""]]).zip(tmp_path)) as archive:
        assert [page.title for page in read_pages(archive)] == ["취업 준비", "가나전자"]


def test_rows_are_joined_to_pages_whether_folders_bear_numbers_or_not(tmp_path: Path) -> None:
    rows = [["Gana", "Applied", "April 13, 2024"], ["Dara", "Offer", ""]]
    for export in (english(rows), english(rows)):
        export.has_folder_ids = not export.has_folder_ids
        (table,) = tables(export, tmp_path)
        assert [page.title if page else None for page in table.pages] == ["Gana", "Dara"]
        assert all(ids(table))
        assert table.unjoined == {}


def test_an_export_without_folders_is_joined_by_title(tmp_path: Path) -> None:
    export = Export()
    export.page("Something else", "Gana")
    expected = export.table("Jobs", ["Company", "Stage"], [["Gana", "A"], ["Dara", "B"]], is_flat=True)  # fmt: skip
    (table,) = tables(export, tmp_path)
    assert ids(table) == expected


def test_equal_titles_are_told_apart_by_properties_or_not_at_all(tmp_path: Path) -> None:
    export = Export()
    rows = [["Gana", "A", "1"], ["Gana", "B", "2"], ["Dara", "A", "1"], ["Dara", "A", "1"], ["", "C", "3"]]  # fmt: skip
    expected = export.table("Jobs", ["Company", "Stage", "No"], rows)
    (table,) = tables(export, tmp_path)
    assert ids(table) == [expected[0], expected[1], None, None, expected[4]]
    assert table.unjoined == {2: "several_pages", 3: "several_pages"}


def test_a_row_whose_page_is_not_exported_says_so(tmp_path: Path) -> None:
    export = Export()
    export.table("Jobs", ["Company"], [["Gana"], ["Dara"]])
    del export.files[next(path for path in export.files if "Dara" in path)]
    (table,) = tables(export, tmp_path)
    assert table.unjoined == {1: "no_page"}


def test_the_title_may_stand_in_any_column(tmp_path: Path) -> None:
    export = Export()
    expected = export.table("Jobs", ["Stage", "Company"], [["A", "Gana"], ["A", "Dara"]], title="Company")  # fmt: skip
    (table,) = tables(export, tmp_path)
    assert table.title_column == "Company"
    assert ids(table) == expected


def test_views_are_told_from_databases(tmp_path: Path) -> None:
    export = Export()
    export.table("Jobs", ["Company"], [["Gana"]])
    export.table("Only open ones", ["Company"], [["Gana"]], has_all=False, has_pages=False)
    read = {table.name: table for table in tables(export, tmp_path)}
    assert {name: table.is_view for name, table in read.items()} == {"Jobs": False, "Only open ones": True}  # fmt: skip
    assert read["Jobs"].path.endswith("_all.csv")


def test_cells_of_every_kind_survive(tmp_path: Path) -> None:
    export = Export()
    long = "글" * 200_000
    rows = [["Gana, Inc.", 'say "hi"\r\nsecond line'], ["Dara", long], ["Short"], ["Long", "x", "y"], []]  # fmt: skip
    export.table("Jobs", ["Company", "Note"], rows[:2], has_pages=False)
    path = next(path for path in export.files if path.endswith("_all.csv"))
    export.files[path] += b"Short\r\nLong,x,y\r\n\r\n"
    (table,) = tables(export, tmp_path)
    assert [row["Note"] for row in table.rows] == ['say "hi"\nsecond line', long, "", "x"]
    assert table.uneven == 2


def test_columns_of_one_name_stay_apart_and_empty_tables_are_refused(tmp_path: Path) -> None:
    export = Export()
    export.table("Jobs", ["Company", "Note", "Note"], [["Gana", "1", "2"]], has_pages=False)
    export.table("Empty", [], [], has_pages=False)
    with open_export(export.zip(tmp_path)) as archive:
        (table,) = read_tables(archive)
        assert table.rows == [{"Company": "Gana", "Note": "1", "Note (2)": "2"}]
        assert archive.reasons() == {"empty": 1}


def test_a_thousand_pages_are_joined(tmp_path: Path) -> None:
    export = Export()
    expected = export.table("Jobs", ["Company", "No"], [[f"Company {i}", str(i)] for i in range(1000)])  # fmt: skip
    (table,) = tables(export, tmp_path)
    assert ids(table) == expected
