"""A run may be killed, repeated, given a changed notebook or a folder that others write to; names may be hostile."""

from __future__ import annotations

import json
import signal
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.posts.plan import Names
from tests.posts.conftest import make_export
from tests.posts.notebooks import everything, href, number, page, png, thousand, write_export

if TYPE_CHECKING:
    from tests.command import Run
    from tests.posts.conftest import Make


def written(folder: Path) -> dict[str, bytes]:
    """Every file of posts, without what a run keeps for itself."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".paycanary" not in path.parts and "report.md" not in path.name
    }


def changed(tmp_path: Path, **files: str | bytes | None) -> Path:
    """The small notebook with other files, by the title of their page."""
    made = everything()
    for title, content in files.items():
        name = page(title.replace("_", " "))
        if content is None:
            del made[name]
        else:
            made[name] = content
    return write_export(tmp_path / f"Export-{time.monotonic_ns()}.zip", made)


@pytest.mark.parametrize("place", ["tistory", "velog", "jekyll", "hugo", "naver"])
def test_a_second_run_touches_nothing(make: Make, tmp_path: Path, place: str) -> None:
    first = make(place)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / place).rglob("*") if path.is_file() and ".paycanary" not in path.parts}  # fmt: skip
    second = make(place)
    assert second.counts == {"unchanged": 3}
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert [post.notes for post in second.posts] == [post.notes for post in first.posts]


def test_only_what_has_changed_is_written(make: Make, tmp_path: Path) -> None:
    make("velog")
    other = changed(tmp_path, Reading_Statements="# Reading Statements\n\n날짜: April 1, 2024\n시리즈: 이직 일지\n순서: 1\n\nOther English.\n")  # fmt: skip
    report = make_export(other, "velog", tmp_path / "velog", names=Names(series="시리즈", order_by="순서"))  # fmt: skip
    assert {post.title: post.state for post in report.posts}["Reading Statements"] == "written"
    assert report.counts == {"written": 1, "unchanged": 2}


def test_a_new_title_keeps_the_address_and_a_new_day_moves_the_file(make: Make, tmp_path: Path) -> None:  # fmt: skip
    make("jekyll")
    assert (tmp_path / "jekyll/_posts/2024-04-20-다음-글.md").exists()
    other = changed(tmp_path, 다음_글="# 새 제목\n\n날짜: 2024년 5월 2일\n순서: 10\n\n글\n")
    report = make_export(other, "jekyll", tmp_path / "jekyll", names=Names(series="시리즈", order_by="순서"))  # fmt: skip
    assert (tmp_path / "jekyll/_posts/2024-05-02-다음-글.md").exists()
    assert not (tmp_path / "jekyll/_posts/2024-04-20-다음-글.md").exists()
    # Who links to it is written again, since Jekyll's link names the day.
    assert report.counts == {"written": 2, "unchanged": 1}


def test_a_picture_that_changed_takes_the_place_of_the_old_one(make: Make, tmp_path: Path) -> None:
    make("hugo")
    folder = tmp_path / "hugo/content/posts/면접-준비-노트-모든-블록"
    (before,) = folder.glob("*화면*")
    files = everything()
    title = "면접 준비 노트"
    files[f"{title} {number(title)}/화면 그림.png"] = png(colour=(1, 2, 3))
    make_export(write_export(tmp_path / "b.zip", files), "hugo", tmp_path / "hugo", names=Names(series="시리즈", order_by="순서"))  # fmt: skip
    (after,) = folder.glob("*화면*")
    assert after != before
    assert after.read_bytes() == png(colour=(1, 2, 3))


def test_what_somebody_changed_is_left_alone_unless_asked(make: Make, tmp_path: Path) -> None:
    make("velog")
    mine = tmp_path / "velog/다음-글/post.md"
    mine.write_text("내가 고친 글\n", encoding="utf-8")
    assert make("velog").counts == {"unchanged": 3}
    other = changed(
        tmp_path,
        다음_글="# 다음 글\n\n날짜: 2024년 4월 20일\n시리즈: 이직 일지\n순서: 10\n\n새 글\n",
    )
    names = Names(series="시리즈", order_by="순서")
    report = make_export(other, "velog", tmp_path / "velog", names=names)
    assert {post.title: post.state for post in report.posts}["다음 글"] == "kept"
    assert mine.read_text(encoding="utf-8") == "내가 고친 글\n"
    report = make_export(other, "velog", tmp_path / "velog", names=names, overwrite=True)
    assert {post.title: post.state for post in report.posts}["다음 글"] == "written"
    assert mine.read_text(encoding="utf-8") == "새 글\n"


def test_asked_to_overwrite_it_writes_what_somebody_changed_though_the_page_did_not(make: Make, tmp_path: Path) -> None:  # fmt: skip
    make("velog")
    mine = tmp_path / "velog/다음-글/post.md"
    before = mine.read_bytes()
    mine.write_text("내가 고친 글\n", encoding="utf-8")
    assert make("velog", overwrite=True).counts == {"written": 1, "unchanged": 2}
    assert mine.read_bytes() == before


def test_links_lead_to_where_a_post_stands_that_was_left_alone(make: Make, tmp_path: Path) -> None:
    make("jekyll")
    mine = tmp_path / "jekyll/_posts/2024-04-20-다음-글.md"
    mine.write_text("내가 고친 글\n", encoding="utf-8")
    other = changed(tmp_path, 다음_글="# 다음 글\n\n날짜: 2024년 5월 2일\n순서: 10\n\n새 글\n")
    names = Names(series="시리즈", order_by="순서")
    report = make_export(other, "jekyll", tmp_path / "jekyll", names=names)
    assert report.counts == {"kept": 1, "unchanged": 2}
    linking = tmp_path / "jekyll/_posts/2024-04-13-면접-준비-노트-모든-블록.md"
    assert "{% post_url 2024-04-20-다음-글 %}" in linking.read_text(encoding="utf-8")
    make_export(other, "jekyll", tmp_path / "jekyll", names=names, overwrite=True)
    assert "{% post_url 2024-05-02-다음-글 %}" in linking.read_text(encoding="utf-8")


def test_a_file_that_stood_there_before_is_left_alone(make: Make, tmp_path: Path) -> None:
    own = tmp_path / "jekyll/_posts/2024-04-20-다음-글.md"
    own.parent.mkdir(parents=True)
    own.write_text("---\ntitle: 전부터 있던 글\n---\n", encoding="utf-8")
    report = make("jekyll")
    assert {post.title: post.state for post in report.posts}["다음 글"] == "kept"
    assert "전부터 있던 글" in own.read_text(encoding="utf-8")


def test_a_folder_where_a_post_should_stand_stops_no_other(make: Make, tmp_path: Path) -> None:
    (tmp_path / "hugo/content/posts/다음-글/index.md").mkdir(parents=True)
    report = make("hugo")
    assert report.counts == {"written": 2, "failed": 1}
    first = next(post for post in report.posts if post.title.startswith("면접"))
    assert "page_unaddressed" in {note.reason for note in first.notes}


def test_a_page_that_went_away_leaves_its_post_and_is_told(make: Make, tmp_path: Path) -> None:
    make("hugo")
    report = make_export(changed(tmp_path, 다음_글=None), "hugo", tmp_path / "hugo", names=Names(series="시리즈", order_by="순서"))  # fmt: skip
    assert report.left == ["content/posts/다음-글/index.md"]
    assert (tmp_path / "hugo" / report.left[0]).exists()
    first = next(post for post in report.posts if post.title.startswith("면접"))
    assert "page_missing" in {note.reason for note in first.notes}


def test_a_folder_of_another_place_is_refused(make: Make, run: Run, notebook: Path, tmp_path: Path) -> None:  # fmt: skip
    make("hugo")
    before = written(tmp_path / "hugo")
    result = run("notion", "post", notebook, "--to", "jekyll", "-o", tmp_path / "hugo")
    assert result.returncode == 2
    assert "holds posts for hugo" in result.stderr
    assert written(tmp_path / "hugo") == before


def test_hundreds_of_pages_killed_again_and_again_end_as_if_never_killed(run: Run, tmp_path: Path) -> None:  # fmt: skip
    export = write_export(tmp_path / "Export.zip", thousand(300))
    command = ("notion", "post", export, "--to", "hugo", "--order-by", "순서")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    run.ok(*command, "-o", whole)
    expected = written(whole)
    assert len(expected) == 600
    for most in (1, 60, 150, 280):
        process = run.start(*command, "-o", killed)
        while process.poll() is None and len(list(killed.glob("content/posts/*/index.md"))) < most:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        for name, content in written(killed).items():
            assert expected[name] == content, name  # whole, or not there
    report = run.json(*command, "-o", killed)
    assert report["counts"]["unchanged"] >= 150
    assert sum(report["counts"].values()) == 300
    assert written(killed) == expected
    assert run.json(*command, "-o", killed)["counts"] == {"unchanged": 300}
    assert [post["title"] for post in report["posts"]][:2] == ["노트 0299", "노트 0298"]


HOSTILE: dict[str, str] = {
    "../../../탈출": "# ../../../탈출\n\n글\n",
    "'; rm -rf": "# title: \"'; rm -rf\n\n글\n",
    "ab": "# a: b # c {{ site.x }} {% raw %}\n\n글\n",
    "<script>": "# <script>alert(1)</script>\n\n글\n",
    "--- yaml": "# ---\n\n글\n",
    "con": "# CON\n\n글\n",
    "nul": "# \u202e역순\x07 제목\n\n글\n",
    "같은 제목": "# 같은 제목\n\n하나\n",
    "다른 파일": "# 같은 제목\n\n둘\n",
    "빈 제목": "#\n\n글\n",
    "이모지": "# 🎉🎉\n\n글\n",
    "긴": f"# {'가나다라' * 100}\n\n글\n",
}


@pytest.mark.parametrize("place", ["tistory", "velog", "jekyll", "hugo", "naver"])
def test_hostile_names_stay_inside_and_apart(tmp_path: Path, place: str) -> None:
    files: dict[str, str | bytes] = {}
    for name, text in HOSTILE.items():
        stem = "".join(c for c in name if c not in "/.") or "x"
        files[page(stem)] = text
    deep = "/".join(["아주 긴 폴더 이름 " * 4] * 4)
    nfd = unicodedata.normalize("NFD", "한글 그림.png")
    files[f"{deep}/{page('깊은 글')}"] = f"# 깊은 글\n\n![그림]({href('../' * 9 + 'etc/passwd')}) ![x]({href(nfd)}) ![](/etc/passwd) ![](file:///etc/passwd) ![](..\\..\\x.png)\n"  # fmt: skip
    files[f"{deep}/{nfd}"] = png()
    export = write_export(tmp_path / "Export.zip", files)
    folder = tmp_path / "out" / place
    folder.mkdir(parents=True)
    report = make_export(export, place, folder)
    assert report.counts == {"written": len(HOSTILE) + 1}
    paths = [post.file for post in report.posts]
    assert len({path.casefold() for path in paths}) == len(paths)
    assert {path.name for path in tmp_path.iterdir()} == {"Export.zip", "out"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {place}
    for post in report.posts:
        assert (folder / post.file).resolve().is_relative_to(folder.resolve())
        assert all(len(part.encode()) < 160 for part in Path(post.file).parts)
        assert post.file == unicodedata.normalize("NFC", post.file)
    # In a new folder every post gets the same name again.
    other = tmp_path / "out" / "again"
    other.mkdir()
    assert [post.file for post in make_export(export, place, other).posts] == paths
    deep_post = next(post for post in report.posts if post.title == "깊은 글")
    assert (folder / deep_post.file).parent.joinpath("x").exists() is False
    pictures = list(folder.rglob("*한글-그림.png"))
    assert [path.read_bytes() for path in pictures] == [png()]
    assert not list(folder.rglob("*passwd*"))


def test_a_manifest_of_somebody_else_cannot_point_out_of_the_folder(make: Make, tmp_path: Path) -> None:  # fmt: skip
    make("velog")
    victim = tmp_path / "victim.md"
    victim.write_text("남의 글", encoding="utf-8")
    journal = tmp_path / "velog/.paycanary/posts.jsonl"
    lines: list[dict[str, Any]] = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]  # fmt: skip
    for line in lines[1:]:
        line.update(file="../victim.md", digest="", mark="")
    journal.write_text("\n".join(json.dumps(line) for line in lines) + '\n[]\n{"half', encoding="utf-8")  # fmt: skip
    report = make("velog", overwrite=True)
    assert sum(report.counts.values()) == 3
    assert victim.read_text(encoding="utf-8") == "남의 글"


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "../../victim"}, {"slug": ".."}, {"slug": "a\\b"}, {"slug": ""}, {"slug": 7}, {"day": "someday"}, {"day": None}, {"file": None}, {"file": "/etc/passwd"}, {"file": "a\0b"},
        {"assets": []}, {"assets": {"x": ["1", "../../victim.md"]}}, {"assets": {"x": ["1", ".."]}}, {"assets": {"x": 1}}, {"notes": [["page"]]}, {"notes": 1}, {"pages": []}, {"more": 1},
    ],
)  # fmt: skip
def test_a_line_of_the_manifest_that_no_run_wrote_changes_nothing_outside(make: Make, tmp_path: Path, wrong: dict[str, Any]) -> None:  # fmt: skip
    make("velog")
    whole = written(tmp_path / "velog")
    victim = tmp_path / "victim.md"
    victim.write_text("남의 글", encoding="utf-8")
    journal = tmp_path / "velog/.paycanary/posts.jsonl"
    lines: list[dict[str, Any]] = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]  # fmt: skip
    for line in lines[1:]:
        line.update(mark="", **wrong)
    journal.write_text("\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")
    report = make("velog", overwrite=True)
    assert set(report.counts) <= {"written", "unchanged"}
    assert written(tmp_path / "velog") == whole
    assert {path.name for path in tmp_path.iterdir()} == {"velog", "victim.md"}
    assert victim.read_text(encoding="utf-8") == "남의 글"
