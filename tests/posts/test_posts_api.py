"""A page through Notion's API over real HTTP: every kind of block, pages beneath, files whose addresses expire, refusals."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.command import Run, one_line
from tests.posts.notebooks import png
from tests.standins.notion import TOKEN
from tests.standins.notion_blocks import (
    bare,
    block,
    equation,
    hosted,
    mention,
    service,
    styled,
    words,
)
from tests.standins.server import http_error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.standins.server import StandIn

CHILD = str(uuid.UUID(int=7))


@pytest.fixture
def notion() -> Iterator[Any]:
    with service() as running:
        yield running


@pytest.fixture
def run_in(home: Path, notion: StandIn) -> Run:
    return Run(home, {"NOTION_TOKEN": TOKEN, "PAYCANARY_NOTION_URL": notion.url, "PAYCANARY_RETRY_SECONDS": "0.01"})  # fmt: skip


def every_block() -> list[dict[str, Any]]:
    """Every kind of block that the API documents."""
    row = lambda *cells: bare("table_row", cells=[words(cell) for cell in cells])  # noqa: E731
    return [
        block("paragraph", "글 ", styled("굵게(bold)", bold=True), "는 ", styled("링크", "https://example.com/"), " ", equation("x_1"), " ", mention(CHILD, "아래 쪽"), children=[block("paragraph", "들여 쓴 글")]),
        block("heading_1", "첫째"), block("heading_2", "둘째"), block("heading_3", "셋째", is_toggleable=True, children=[block("paragraph", "제목 토글의 안")]),
        block("bulleted_list_item", "하나", children=[block("numbered_list_item", "안의 하나"), block("numbered_list_item", "안의 둘")]),
        block("bulleted_list_item", "둘"), block("to_do", "한 일", checked=True), block("to_do", "할 일", checked=False),
        block("toggle", "펼치기", children=[block("paragraph", "숨은 글")]),
        block("quote", "인용"), block("callout", "알림", icon={"type": "emoji", "emoji": "💡"}, children=[block("paragraph", "둘째 줄")]),
        block("code", "print('안녕')", language="python", caption=words("코드 설명")), bare("equation", expression="E = mc^2"), bare("divider"),
        bare("column_list", [bare("column", [block("paragraph", "왼쪽")]), bare("column", [block("paragraph", "오른쪽")])]),
        bare("table", [row("회사", "매출"), row("가나전자", "1,200억")], table_width=2, has_column_header=True, has_row_header=False),
        bare("synced_block", [block("paragraph", "함께 쓰는 글")], synced_from=None),
        hosted("image", "shot.png", "화면"), bare("image", type="external", external={"url": "https://example.com/p.png"}, caption=[]),
        hosted("file", "resume.pdf", name="이력서.pdf"), hosted("pdf", "gone.pdf"), bare("video", type="external", external={"url": "https://example.com/v"}, caption=[]),
        bare("bookmark", url="https://example.com/bookmark", caption=[]), bare("embed", url="https://example.com/embed", caption=[]), bare("link_preview", url="https://example.com/preview"),
        bare("child_page", title="아래 쪽") | {"id": CHILD, "has_children": True}, bare("child_database", title="표"), bare("link_to_page", type="page_id", page_id=CHILD),
        bare("table_of_contents", color="default"), bare("breadcrumb"), block("template", "단추"), bare("unsupported"), bare("a_kind_to_come"),
    ]  # fmt: skip


def filled(notion: Any) -> str:
    notion.rules.files = {"shot.png": png(), "resume.pdf": b"%PDF-1.4"}
    notion.rules.note("아래 쪽", [block("paragraph", "아래의 글")], number=CHILD)
    tags = {"id": "t", "type": "multi_select", "multi_select": [{"name": "면접"}, {"name": "회사"}]}
    number: str = notion.rules.note("모든 블록", every_block(), {"태그": tags})
    return number


def small(notion: Any) -> str:
    """A page with a file that is there, one that is not, and a page beneath."""
    notion.rules.files = {"shot.png": png()}
    notion.rules.note("아래 쪽", [block("paragraph", "아래의 글")], number=CHILD)
    child = bare("child_page", title="아래 쪽") | {"id": CHILD, "has_children": True}
    number: str = notion.rules.note("작은 쪽", [block("paragraph", "글"), hosted("image", "shot.png"), hosted("pdf", "gone.pdf"), child])  # fmt: skip
    return number


def titled(report: Any, title: str) -> Any:
    (post,) = (post for post in report["posts"] if post["title"] == title)
    return post


def test_every_kind_of_block_is_written_or_told(notion: Any, run_in: Run, tmp_path: Path) -> None:
    number = filled(notion)
    address = f"https://www.notion.so/someone/Notes-{number.replace('-', '')}?pvs=4"
    report = run_in.json("notion", "post", address, "--to", "velog", "-o", tmp_path, "--subpages")
    assert report["counts"] == {"written": 2}
    post = next(post for post in report["posts"] if post["title"] == "모든 블록")
    assert post["tags"] == ["면접", "회사"]
    assert post["date"] == "2024-04-13"  # in Korea
    text = (tmp_path / post["file"]).read_text(encoding="utf-8")
    lines = text.split("\n")
    for line in (
        "글 <strong>굵게(bold)</strong>는 [링크](https://example.com/) $x_1$ [아래 쪽](%EC%95%84%EB%9E%98-%EC%AA%BD)",
        "들여 쓴 글", "# 첫째", "## 둘째", "<summary><strong>셋째</strong></summary>", "제목 토글의 안", "- 하나", "  1. 안의 하나", "  2. 안의 둘", "- 둘",
        "- [x] 한 일", "- [ ] 할 일", "<summary>펼치기</summary>", "숨은 글", "> 인용", "> 💡 알림", "> 둘째 줄", "```python", "print('안녕')", "코드 설명",
        "E = mc^2", "---", "왼쪽", "오른쪽", "| 회사 | 매출 |", "| 가나전자 | 1,200억 |", "함께 쓰는 글", "![](https://example.com/p.png)",
        "[https://example.com/bookmark](https://example.com/bookmark)", "[https://example.com/embed](https://example.com/embed)", "[https://example.com/preview](https://example.com/preview)",
    ):  # fmt: skip
        assert line in lines, line
    assert (
        text.count("[아래 쪽](%EC%95%84%EB%9E%98-%EC%AA%BD)") == 3
    )  # mentioned, beneath, and linked to
    told = [(note["reason"], note["detail"]) for note in post["notes"] if note["reason"] not in ("upload", "columns")]  # fmt: skip
    (gone,) = [detail for reason, detail in told if reason == "asset_gone"]
    assert gone.endswith("/gone.pdf")
    assert {(reason, detail) for reason, detail in told if reason != "asset_gone"} == {
        ("embed", "https://example.com/embed"), ("database", "표"), ("toc", "table_of_contents"), ("toc", "breadcrumb"), ("template", "template"),
        ("block_unsupported", "unsupported"), ("block_unsupported", "a_kind_to_come"),
    }  # fmt: skip
    assert all(note["place"] for note in post["notes"] if note["reason"] != "upload")
    folder = (tmp_path / post["file"]).parent
    assert {path.read_bytes() for path in folder.iterdir() if path.name != "post.md"} == {png(), b"%PDF-1.4"}  # fmt: skip


def test_a_second_run_writes_nothing_though_signatures_are_new(notion: Any, run_in: Run, tmp_path: Path) -> None:  # fmt: skip
    number = small(notion)
    command = ("notion", "post", number, "--to", "hugo", "-o", tmp_path)
    assert run_in.json(*command)["counts"] == {"written": 1}
    signed = notion.rules.signed
    again = run_in.json(*command)
    assert again["counts"] == {"unchanged": 1}
    assert notion.rules.signed > signed
    notion.rules.below[number][0]["paragraph"]["rich_text"] = words("고친 글")
    assert run_in.json(*command)["counts"] == {"written": 1}
    assert notion.rules.limited == 0


def test_a_long_page_comes_whole_at_three_requests_a_second(notion: Any, run_in: Run, tmp_path: Path) -> None:  # fmt: skip
    number = notion.rules.note("긴 쪽", [block("paragraph", f"줄 {n}") for n in range(750)])
    began = time.monotonic()
    report = run_in.json("notion", "post", number, "--to", "velog", "-o", tmp_path)
    assert time.monotonic() - began > 2  # nine requests
    text = (tmp_path / report["posts"][0]["file"]).read_text(encoding="utf-8")
    assert [line for line in text.split("\n") if line] == [f"줄 {n}" for n in range(750)]
    assert notion.rules.limited == 0


@pytest.mark.parametrize(
    ("lang", "expired", "unshared"),
    [("ko", "받지 않았습니다(401", "공유되어 있지 않습니다(404)"), ("en", "did not take NOTION_TOKEN (401)", "is not shared with the integration (404)")],
)  # fmt: skip
def test_refusals_are_told(notion: Any, run_in: Run, tmp_path: Path, lang: str, expired: str, unshared: str) -> None:  # fmt: skip
    number = small(notion)
    command = ("notion", "post", number, "--to", "velog", "-o", tmp_path / "posts", "--lang", lang)
    said = one_line(run_in(*command, env={"NOTION_TOKEN": "ntn_old"}), 8)
    assert expired in said
    assert "ntn_old" not in said
    assert "NOTION_TOKEN" in one_line(run_in(*command, env={"NOTION_TOKEN": ""}), 8)
    notion.rules.unshared.add(number)
    assert unshared in one_line(run_in(*command), 8)
    assert not (tmp_path / "posts").exists()


def test_a_page_beneath_that_is_not_shared_is_told_and_the_rest_goes_on(notion: Any, run_in: Run, tmp_path: Path) -> None:  # fmt: skip
    number = small(notion)
    notion.rules.unshared.add(CHILD)
    report = run_in.json("notion", "post", number, "--to", "jekyll", "-o", tmp_path, "--subpages")
    assert report["counts"] == {"written": 1}
    assert [(r["path"], r["reason"]) for r in report["refused"]] == [(CHILD.replace("-", ""), "page_unreadable")]  # fmt: skip
    assert any(note["reason"] == "page_missing" for note in report["posts"][0]["notes"])


def test_expired_files_do_not_stop_a_page_and_come_with_the_next_run(notion: Any, run_in: Run, tmp_path: Path) -> None:  # fmt: skip
    number = small(notion)
    notion.rules.expired.add("shot.png")
    command = ("notion", "post", number, "--to", "tistory", "-o", tmp_path)
    first = run_in.json(*command)
    gone = [n["detail"].rpartition("/")[2] for n in first["posts"][0]["notes"] if n["reason"] == "asset_gone"]  # fmt: skip
    assert sorted(gone) == ["gone.pdf", "shot.png"]
    notion.rules.expired.clear()
    second = run_in.json(*command)
    assert second["counts"] == {"written": 1}
    assert [n["detail"].rpartition("/")[2] for n in second["posts"][0]["notes"] if n["reason"] == "asset_gone"] == ["gone.pdf"]  # fmt: skip


def test_an_address_that_expired_while_pages_were_read_is_asked_for_again(notion: Any, run_in: Run, tmp_path: Path) -> None:  # fmt: skip
    number = notion.rules.note("쪽", [hosted("image", "shot.png"), hosted("pdf", "gone.pdf")])
    notion.rules.files = {"shot.png": png()}
    notion.rules.stale = 2
    (post,) = run_in.json("notion", "post", number, "--to", "velog", "-o", tmp_path)["posts"]
    assert [n["detail"].rpartition("/")[2] for n in post["notes"] if n["reason"] == "asset_gone"] == ["gone.pdf"]  # fmt: skip
    assert [path.read_bytes() for path in tmp_path.rglob("*.png")] == [png()]


def test_a_page_that_cannot_be_made_is_told_and_nobody_links_to_it(notion: Any, run_in: Run, tmp_path: Path) -> None:  # fmt: skip
    child = bare("child_page", title="깨진 쪽") | {"id": CHILD, "has_children": True}
    number = notion.rules.note("쪽", [block("paragraph", "글"), child])
    notion.rules.note("깨진 쪽", [bare("equation")], number=CHILD)
    command = ("notion", "post", number, "--to", "hugo", "-o", tmp_path, "--subpages")
    report = run_in.json(*command)
    assert report["counts"] == {"written": 1, "failed": 1}
    post = titled(report, "쪽")
    text = (tmp_path / post["file"]).read_text(encoding="utf-8")
    assert "깨진 쪽" in text
    assert "relref" not in text
    assert "page_unaddressed" in {note["reason"] for note in post["notes"]}
    notion.rules.note("깨진 쪽", [block("paragraph", "나은 글")], number=CHILD)
    assert run_in.json(*command)["counts"] == {"written": 2}
    text = (tmp_path / post["file"]).read_text(encoding="utf-8")
    assert '[깨진 쪽]({{< relref "/posts/깨진-쪽" >}})' in text
    # What it was stays linked to, while it cannot be made again.
    notion.rules.note("깨진 쪽", [bare("equation")], number=CHILD)
    assert run_in.json(*command)["counts"] == {"unchanged": 1, "failed": 1}


def test_what_stops_within_a_run_is_told_as_what_it_is(notion: Any, run_in: Run, tmp_path: Path) -> None:  # fmt: skip
    number = small(notion)
    command = ("notion", "post", number, "--to", "hugo", "-o", tmp_path, "--subpages")
    assert run_in.json(*command)["counts"] == {"written": 2}
    notion.rules.failing[CHILD] = "unauthorized"
    assert "(401" in one_line(run_in(*command, "--lang", "en"), 8)
    notion.rules.failing.clear()
    notion.fault(http_error(503), where=lambda r: f"pages/{CHILD.replace('-', '')}" in r.path.replace("-", ""))  # fmt: skip
    report = run_in.json(*command)
    assert [(r["path"], r["reason"]) for r in report["refused"]] == [(CHILD.replace("-", ""), "page_unanswered")]  # fmt: skip
    # Its post still stands, and is linked to as before.
    assert (report["counts"], report["left"]) == ({"unchanged": 1}, [])


def test_links_bear_the_names_of_pages_and_no_words_are_lost(notion: Any, run_in: Run, tmp_path: Path) -> None:  # fmt: skip
    notion.rules.note("아래 쪽", [block("paragraph", "아래의 글")], number=CHILD)
    child = bare("child_page", title="아래 쪽") | {"id": CHILD, "has_children": True}
    blocks = [
        child, bare("link_to_page", type="page_id", page_id=CHILD), bare("link_to_page", type="page_id", page_id=str(uuid.UUID(int=9))),
        bare("bookmark", url="ftp://example.com/x", caption=words("옛 자료")), bare("image", type="external", external={"url": "data:image/png;base64,AA"}, caption=words("그림 말")),
        block("numbered_list_item", "다섯", list_start_index=5), block("numbered_list_item", "여섯"),
        block("paragraph", styled("남의 글", "https://someone.notion.site/Guide-0123456789abcdef0123456789abcdef"), styled("우리 글", "https://www.notion.so/Ours-fedcba9876543210fedcba9876543210")),
    ]  # fmt: skip
    number = notion.rules.note("쪽", blocks)
    report = run_in.json("notion", "post", number, "--to", "velog", "-o", tmp_path, "--subpages")
    post = titled(report, "쪽")
    text = (tmp_path / post["file"]).read_text(encoding="utf-8")
    assert text.count("[아래 쪽](%EC%95%84%EB%9E%98-%EC%AA%BD)") == 2
    assert "옛 자료" in text
    assert "그림 말" in text
    assert "5. 다섯\n6. 여섯" in text
    assert (
        "[남의 글](https://someone.notion.site/Guide-0123456789abcdef0123456789abcdef)우리 글"
        in text
    )
    told = [note["reason"] for note in post["notes"]]
    assert sorted(told) == ["image_dropped", "link_dropped", "page_missing", "page_missing"]


def test_a_busy_notion_is_waited_for(notion: Any, run_in: Run, tmp_path: Path) -> None:
    number = notion.rules.note("쪽", [block("paragraph", "글")])
    notion.fault(http_error(429, {"Retry-After": "1"}), times=2)
    notion.fault(http_error(502), times=1)
    report = run_in.json("notion", "post", number, "--to", "velog", "-o", tmp_path)
    assert report["counts"] == {"written": 1}
    notion.fault(http_error(503))
    said = one_line(run_in("notion", "post", number, "--to", "velog", "-o", tmp_path), 8)
    assert "HTTP 503" in said
    assert "only posts that have changed are written again" in said
