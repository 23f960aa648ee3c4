"""Exports are read as they are, whatever program packed them; nothing hostile gets through."""

from __future__ import annotations

import io
import re
import tracemalloc
import unicodedata
import zipfile
from typing import TYPE_CHECKING

import pytest

from paycanary.errors import InputFileError
from paycanary.notion.archive import Limits, open_export
from paycanary.notion.pages import read_pages, read_tables
from tests.notion import exports
from tests.notion.exports import Export, declaring, korean, notion_id, renamed, zipped

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.quick

ROWS = [["가나전자", "지원", "2024년 4월 13일", ""], ["다라소프트", "면접", "2024년 5월 2일", "두 번째, 면접"]]  # fmt: skip


def refused(path: Path) -> InputFileError:
    with pytest.raises(InputFileError) as caught:
        open_export(path)
    assert caught.value.exit_code == 5
    for lang in ("ko", "en"):
        assert path.name in caught.value.line(lang)
    return caught.value


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("is_nfd", [True, False])
@pytest.mark.parametrize("has_flag", [True, False])
def test_both_generations_of_zips_in_a_zip_are_read(
    tmp_path: Path, *, is_new: bool, parts: int, is_nfd: bool, has_flag: bool
) -> None:
    export = korean(ROWS)
    path = export.zip(tmp_path, parts, is_new=is_new, is_nfd=is_nfd, has_flag=has_flag, is_mac=True)
    with open_export(path) as archive:
        assert set(archive.members) == set(export.files)
        assert all(archive.read(name) == raw for name, raw in export.files.items())
        assert archive.refused == []
        (table,) = read_tables(archive)
    assert table.name == "지원 현황"
    assert table.columns == ["회사", "상태", "지원일", "메모"]
    assert [row["메모"] for row in table.rows] == ["", "두 번째, 면접"]
    assert [page.title for page in table.pages if page] == ["가나전자", "다라소프트"]


def test_plain_zips_parts_and_folders_are_read_too(tmp_path: Path) -> None:
    export = korean(ROWS)
    bare = export.bare(tmp_path / "a page.zip")
    folder = export.unpacked(tmp_path / "unpacked")
    first, *_ = export.parts(tmp_path, 3)
    for path in (bare, folder, first):
        with open_export(path) as archive:
            assert set(archive.members) == set(export.files)
            assert archive.refused == []


def test_a_folder_named_by_macos_is_read_in_nfc(tmp_path: Path) -> None:
    export = korean(ROWS)
    decomposed = Export({unicodedata.normalize("NFD", path): raw for path, raw in export.files.items()})  # fmt: skip
    with open_export(decomposed.unpacked(tmp_path / "unpacked")) as archive:
        assert set(archive.members) == set(export.files)


def test_names_in_korean_windows_encoding_are_repaired(tmp_path: Path) -> None:
    name = f"지원 현황 {notion_id(1)}_all.csv"
    placeholder = "x" * len(name.encode("cp949"))
    raw = zipped({placeholder: b"A,B\r\n1,2\r\n"}).replace(placeholder.encode(), name.encode("cp949"))  # fmt: skip
    path = tmp_path / "windows.zip"
    path.write_bytes(raw)
    with open_export(path) as archive:
        assert list(archive.members) == [name]


def test_a_part_that_is_missing_is_said(tmp_path: Path) -> None:
    first, second, third = korean(ROWS).parts(tmp_path, 3)
    second.unlink()
    for path in (first, third):
        with open_export(path) as archive:
            assert [(r.path, r.reason) for r in archive.refused] == [(second.name, "missing_part")]
    outer = tmp_path / "outer.zip"
    outer.write_bytes(zipped({p.name: p.read_bytes() for p in (first, third)}))
    with open_export(outer) as archive:
        assert [(r.path, r.reason) for r in archive.refused] == [("outer.zip: Part-2", "missing_part")]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "../../evil {id}.md", "/etc/evil {id}.md", "a\\..\\evil {id}.md", "C:/evil {id}.md", "c:evil {id}.md",
        "a/../../evil {id}.md", "evil\x1b[2J {id}.md", "evil\n {id}.md", "evil\x00 {id}.md",
    ],
)  # fmt: skip
def test_a_hostile_name_is_refused_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    hostile = name.format(id=notion_id(1))
    placeholder = "p" * len(hostile)
    good = f"good {notion_id(2)}.md"
    raw = renamed(zipped({placeholder: b"# Evil", good: b"# Good"}), placeholder, hostile)
    path = tmp_path / "hostile.zip"
    path.write_bytes(raw)
    before = sorted(tmp_path.rglob("*"))
    with open_export(path) as archive:
        assert list(archive.members) == [good]
        assert archive.reasons() == {"unsafe_name": 1}
        assert [page.title for page in read_pages(archive)] == ["Good"]
    assert sorted(tmp_path.rglob("*")) == before


def test_long_korean_paths_are_read_and_endless_ones_refused(tmp_path: Path) -> None:
    long = "/".join("가" * 40 for _ in range(5)) + f"/나 {notion_id(1)}.md"
    endless = "/".join("x" * 250 for _ in range(17)) + f"/y {notion_id(2)}.md"
    assert len(long.encode()) > 600
    path = Export({long: b"# Long", endless: b"# Endless"}).bare(tmp_path / "long.zip")
    with open_export(path) as archive:
        assert archive.read(long) == b"# Long"
        assert [r.reason for r in archive.refused] == ["long_name"]


def test_two_declared_gigabytes_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    big, good = f"big {notion_id(1)}.md", f"good {notion_id(2)}.md"
    raw = zipped({big: bytes(4 << 20), good: b"# Good"})
    path = tmp_path / "bomb.zip"
    path.write_bytes(declaring(raw, 2 << 30, lambda number: number == 0))
    tracemalloc.start()
    with open_export(path) as archive:
        assert [(r.path, r.reason) for r in archive.refused] == [(big, "too_large")]
        assert archive.read(good) == b"# Good"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 << 20


def test_a_size_that_lies_is_stopped_while_it_is_read(tmp_path: Path) -> None:
    lying = f"lying {notion_id(1)}.md"
    path = tmp_path / "lying.zip"
    path.write_bytes(declaring(zipped({lying: bytes(64 << 20)}), 1000))
    with open_export(path) as archive:
        tracemalloc.start()
        with pytest.raises(InputFileError, match="damaged, or is not of the size"):
            archive.read(lying)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4 << 20
        assert list(read_pages(archive)) == []
        assert archive.reasons() == {"broken": 1}


def test_all_files_together_and_their_number_have_a_limit(tmp_path: Path) -> None:
    files = {f"{i} {notion_id(i)}.md": b"# Page" * 100 for i in range(10)}
    path = Export(files).bare(tmp_path / "many.zip")
    with open_export(path, Limits(total=2000)) as archive:
        assert len(archive.members) == 3
        assert archive.reasons() == {"too_large": 7}
    with open_export(path, Limits(members=4)) as archive:
        assert len(archive.members) == 4
        assert archive.reasons() == {"too_many": 6}


def test_an_endless_list_of_files_is_not_read(tmp_path: Path) -> None:
    path = Export({f"{i} {notion_id(i)}.md": b"# Page" for i in range(20)}).bare(tmp_path / "e.zip")
    with pytest.raises(InputFileError, match="list of files is too long"):
        open_export(path, Limits(members=1))


def test_zips_within_zips_end_somewhere(tmp_path: Path) -> None:
    raw = zipped({f"deep {notion_id(1)}.md": b"# Deep"})
    for _ in range(6):
        raw = zipped({f"Export-{exports.a_uuid(1)}-Part-1.zip": raw, f"page {notion_id(2)}.md": b"# Page"})  # fmt: skip
    path = tmp_path / "deep.zip"
    path.write_bytes(raw)
    with open_export(path) as archive:
        assert archive.reasons() == {"nested": 1}
        assert list(archive.members) == [f"page {notion_id(2)}.md"]


def test_a_zip_that_somebody_attached_to_a_page_stays_closed(tmp_path: Path) -> None:
    inner = zipped({f"hidden {notion_id(3)}.md": b"# Hidden"})
    export = korean(ROWS)
    export.files["취업 준비/portfolio.zip"] = inner
    with open_export(export.zip(tmp_path)) as archive:
        assert archive.read("취업 준비/portfolio.zip") == inner
        assert set(archive.members) == set(export.files)


def test_encrypted_files_and_links_are_refused(tmp_path: Path) -> None:
    secret, link, good = (f"{name} {notion_id(name)}.md" for name in ("secret", "link", "good"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        info = zipfile.ZipInfo(link)
        info.external_attr = 0o120777 << 16
        packed.writestr(info, b"/etc/hostname")
        packed.writestr(secret, b"# Secret")
        packed.writestr(good, b"# Good")
    raw = bytearray(out.getvalue())
    for place in exports.headers(bytes(raw)):
        is_local = raw[place : place + 4] == b"PK\x03\x04"
        name_at = place + (30 if is_local else 46)
        if raw[name_at:].startswith(secret.encode()):
            raw[place + (6 if is_local else 8)] |= 1
    path = tmp_path / "secret.zip"
    path.write_bytes(raw)
    with open_export(path) as archive:
        assert {(r.path, r.reason) for r in archive.refused} == {(secret, "encrypted"), (link, "link")}  # fmt: skip
        assert list(archive.members) == [good]


def test_a_zip_cut_anywhere_says_so(tmp_path: Path) -> None:
    whole = korean(ROWS).zip(tmp_path).read_bytes()
    path = tmp_path / "cut.zip"
    for length in (4, 30, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert re.search("cut short or damaged", refused(path).line("en")), length
    inner = zipped({f"page {notion_id(1)}.md": b"# Page" * 50})
    path.write_bytes(zipped({f"ExportBlock-{exports.a_uuid(2)}-Part-1.zip": inner[:100]}))
    assert "cut short or damaged" in refused(path).line("en")


def test_what_is_no_export_of_notion_says_so(tmp_path: Path) -> None:
    for name, raw, told in (
        ("text.zip", b"hello", "is no zip file"),
        ("empty.zip", b"", "is no zip file"),
        ("none.zip", zipped({}), "is no Notion export"),
        ("other.zip", zipped({"report.md": b"# Report", "table.csv": b"A\r\n1\r\n"}), "is no Notion export"),
        ("html.zip", zipped({f"Jobs {notion_id(1)}.html": b"<html></html>"}), "Markdown & CSV"),
    ):  # fmt: skip
        path = tmp_path / name
        path.write_bytes(raw)
        assert told in refused(path).line("en")
    (tmp_path / "folder").mkdir()
    assert "is no Notion export" in refused(tmp_path / "folder").line("en")
    assert "is not there" in refused(tmp_path / "gone.zip").line("en")
