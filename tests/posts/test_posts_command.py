"""`paycanary notion post` as people call it: what it says, in both languages, and how it ends where something is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from paycanary import documents
from paycanary.posts.api import page_id
from paycanary.posts.notebook import Entry
from paycanary.posts.plan import Names, plan
from paycanary.posts.report import said
from tests.command import Run, one_line
from tests.posts.notebooks import number, page, png, write_export

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_it_says_what_was_written_and_what_was_not(
    run: Run, notebook: Path, tmp_path: Path
) -> None:
    command = ("notion", "post", notebook, "--to", "hugo", "-o", tmp_path / "site")
    korean = run.ok(*command, "--series", "시리즈", "--order-by", "순서", "--lang", "ko")
    assert "페이지 3개: 새로 씀 3" in korean
    assert "그림이나 파일이 내보내기에 없음 (1)" in korean
    english = run.ok(*command, "--series", "시리즈", "--order-by", "순서", "--lang", "en")
    assert "3 pages: unchanged 3" in english
    assert "a picture or file is not in the export (1)" in english
    told = (tmp_path / "site/report.md").read_text(encoding="utf-8")
    assert "| 1 | Reading Statements | 2024-04-01 |" in told
    assert "line 93: a picture or file is not in the export: 면접 준비 노트" in told


def test_a_report_of_somebody_elses_is_left_alone(run: Run, notebook: Path, tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text("my own report", encoding="utf-8")
    said = run.ok("notion", "post", notebook, "--to", "hugo", "-o", tmp_path)
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == "my own report"
    assert str(tmp_path / ".paycanary/report.md") in said
    assert "Reading Statements" in (tmp_path / ".paycanary/report.md").read_text(encoding="utf-8")


def test_its_document_fits_the_published_schema(run: Run, notebook: Path, tmp_path: Path) -> None:
    report = run.json("notion", "post", notebook, "--to", "velog", "-o", tmp_path / "posts")
    schema = documents.schema()
    assert schema["x-commands"]["notion post"].endswith("/PostsReport")
    Draft202012Validator({**schema, "$ref": schema["x-commands"]["notion post"]}).validate(report)
    assert report["posts"][0]["file"].endswith("post.md")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_bad_exports_are_told_in_one_line(run: Run, tmp_path: Path, notebook: Path, lang: str) -> None:  # fmt: skip
    def fails(export: object, *more: object, code: int = 5) -> str:
        command = (
            "notion",
            "post",
            export,
            "--to",
            "velog",
            "-o",
            tmp_path / "out",
            "--lang",
            lang,
        )
        return one_line(run(*command, *more), code)

    whole = notebook.read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole[: len(whole) // 2])
    other = tmp_path / "other.zip"
    write_export(other, {"readme.txt": "nothing of Notion's"})
    tables = write_export(tmp_path / "tables.zip", {f"표 {number('표')}_all.csv": "이름\r\n가\r\n"})
    assert {"ko": "끊겼거나", "en": "cut short"}[lang] in fails(cut)
    assert {"ko": "노션 내보내기가 아닙니다", "en": "no Notion export"}[lang] in fails(other)
    assert {"ko": "없거나", "en": "is not there"}[lang] in fails(tmp_path / "none.zip")
    assert {"ko": "글이 될 페이지가 없습니다", "en": "no page that could become a post"}[lang] in fails(tables)  # fmt: skip
    assert {"ko": "있는 속성: ", "en": "There are: "}[lang] + "날짜" in fails(notebook, "--series", "Serie", code=2)  # fmt: skip
    for wrong in ("someone.tistory.com", "https://", "https://some one", "https://a.example/?x=1", 'https://a.example/"><script>'):  # fmt: skip
        assert "--site" in fails(notebook, "--site", wrong, code=2)
    assert not (tmp_path / "out").exists()


def test_a_broken_picture_and_a_page_without_a_date_do_not_stop_the_rest(run: Run, tmp_path: Path) -> None:  # fmt: skip
    title = "날짜 없는 글"
    files: dict[str, str | bytes] = {
        page(title): f"# {title}\n\n![그림](bad.svg) ![둘](good.png) ![셋](odd.webp)\n",
        page("이상한 날짜"): "# 이상한 날짜\n\n날짜: 언젠가\n\n글\n",
        page("앞날"): "# 앞날\n\n날짜: 2999년 1월 1일\n\n글\n",
        "bad.svg": b"<svg", "good.png": png(), "odd.webp": b"RIFF nothing", "page.html": "<script>",
    }  # fmt: skip
    files[page(title)] = f"{files[page(title)]!s}\n[page.html](page.html)\n"
    export = write_export(tmp_path / "Export.zip", files)
    report = run.json("notion", "post", export, "--to", "naver", "-o", tmp_path / "posts")
    assert report["counts"] == {"written": 3}
    reasons = {
        post["title"]: {note["reason"] for note in post["notes"]} for post in report["posts"]
    }
    assert {"picture_broken", "date_missing", "file_renamed"} <= reasons[title]
    assert reasons["이상한 날짜"] == {"date_unread"}
    assert reasons["앞날"] == {"date_future"}
    names = {path.suffix for path in (tmp_path / "posts/날짜-없는-글").iterdir()}
    assert names == {".html", ".png", ".txt"}


def test_lines_that_only_look_like_properties_stay_words(run: Run, tmp_path: Path) -> None:
    export = write_export(
        tmp_path / "Export.zip",
        {
            page("메모"): "# 메모\n\n주의: 이것은 글이다\n\n둘째 문단\n",
            page("행"): "# 행\n\n날짜: 2024년 4월 1일\n상태: 끝\n\n글\n",
        },
    )
    run.ok("notion", "post", export, "--to", "velog", "-o", tmp_path / "posts")
    assert (tmp_path / "posts/메모/post.md").read_text(encoding="utf-8") == "주의: 이것은 글이다\n\n둘째 문단\n"  # fmt: skip
    assert (tmp_path / "posts/행/post.md").read_text(encoding="utf-8") == "글\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://www.notion.so/someone/My-Notes-0123456789abcdef0123456789abcdef?pvs=4", "0123456789abcdef0123456789abcdef"),
        ("https://someone.notion.site/%EB%AA%A9%EB%A1%9D-0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
        ("https://www.notion.so/someone/Home?p=0123456789abcdef0123456789abcdef&pm=s", "0123456789abcdef0123456789abcdef"),
        ("01234567-89ab-cdef-0123-456789abcdef", "0123456789abcdef0123456789abcdef"),
        ("Export-01234567-89ab-cdef-0123-456789abcdef.zip", None),
        ("notes", None),
        ("https://example.com/", None),
    ],
)  # fmt: skip
def test_a_page_is_known_by_its_address(text: str, found: str | None) -> None:
    assert page_id(text) == found


@pytest.mark.parametrize(
    ("values", "order"),
    [
        ({"가": "2024년 4월 13일 오후 3:00", "나": "2024년 4월 13일 오전 9:00", "다": "2024년 4월 12일", "라": ""}, "다나가라"),
        ({"가": "10장", "나": "9장", "다": "1장", "라": ""}, "다나가라"),
        ({"가": "0.5", "나": "12", "다": "3", "라": "b"}, "가다나라"),
    ],
)  # fmt: skip
def test_posts_stand_by_time_or_number(values: dict[str, str], order: str) -> None:
    entries = [Entry(number(title), title, title, {"때": value}, "") for title, value in values.items()]  # fmt: skip
    assert "".join(planned.post.title for planned in plan(entries, Names(order_by="때"), {})) == order  # fmt: skip


def test_every_note_has_words_in_both_languages() -> None:
    assert said("ko")["notes"].keys() == said("en")["notes"].keys()
    assert said("ko").keys() == said("en").keys()
    source = "".join(path.read_text(encoding="utf-8") for path in sources())
    assert [reason for reason in said("en")["notes"] if f'"{reason}"' not in source] == []


def sources() -> Iterator[Path]:
    from paycanary import posts  # noqa: PLC0415

    yield from Path(str(posts.__file__)).parent.glob("*.py")
