"""Notes that programs which make sites would read otherwise: built by the real ones with their usual settings, and read back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import pytest
from lxml import html

from tests.posts.conftest import make_export
from tests.posts.notebooks import href, page, write_export
from tests.posts.test_posts_sites import run

if TYPE_CHECKING:
    from pathlib import Path

#: Titles and tags that YAML's readers would take for numbers, truth, symbols or structure.
SCALARS: Final = ("1,000", "1e3", "0o17", "12e34", "y", "no", "~", ":foo", ":)", "2024-01-01", "null", "<<", "=", "0x1F", "1:30", "- a", "a: b # c", "'x", '"y', "1_000", "---", "...", "? z", "%w", "@q", "`r", "{a", "[b", "&c", "*d", "!e", "|", ">", "a\\nb")  # fmt: skip
SHOWN: Final = '{"title": {{ page.title | jsonify }}, "tags": {{ page.tags | jsonify }}, "series": {{ page.series | jsonify }}}'  # fmt: skip
TODAY: Final = "날짜: 2024년 4월 13일\n"
#: Attached files that begin as a page of Jekyll's does.
ATTACHED: Final = {
    "config.yaml": "---\nname: {{ 1 | plus: 1 }}\n---\nrest\n",
    "notes.txt": "---\na: b\n---\n{% no_such_tag %}\n",
    "memo.htm": "---  \r\ntitle: x\r\n---\r\n{{ site.title }}\r\n",
    "old.mdown": "---\na: b\n---\n{% raw %}\n",
    "plain.txt": "----\nno front matter\n",
}
WORDS: Final = f"""# 글

{TODAY}
웃음 ^^ 과 2^10, --with-forecast 와 a -- b --- c, 와\\![링크](https://example.com/a)!

## C#

## Issue #

## F# ##

<details>
<summary>&amp;#123; 와 {{{{ x }}}} 와 \\\\^ 와 --lang [글로]({href(page("어제"))}) [파일로](plain.txt)</summary>

숨은 글

</details>

[앞날의 글]({href(page("앞날"))})과 [어제의 글]({href(page("어제"))}).

{" ".join(f"[{name}]({name})" for name in ATTACHED)}
"""


def notebook(folder: Path) -> Path:
    files: dict[str, str | bytes] = {
        page("글"): WORDS,
        page("앞날"): "# 앞날\n\n날짜: 2999년 1월 1일\n\n글\n",
        page("어제"): "# 어제\n\n날짜: 2024년 4월 12일\n\n글\n",
        **ATTACHED,
    }
    rows = ["이름,날짜,태그,시리즈"]
    for number, scalar in enumerate(SCALARS):
        name = f"값 {number:02}"
        tag = scalar.replace(",", "")
        files[f"표/{page(name)}"] = (
            f"# {scalar}\n\n{TODAY}태그: {tag}, 다른\n시리즈: {scalar}\n\n값 글\n"
        )
        rows.append(f'{name},2024년 4월 13일,"{tag}, 다른",x')
    files["표_all.csv"] = "\ufeff" + "\r\n".join(rows)
    return write_export(folder / "Export.zip", files)


def build_jekyll(folder: Path) -> Path:
    (folder / "_layouts").mkdir()
    (folder / "_layouts/post.html").write_text(f'<html><head><script type="application/json">{SHOWN}</script></head><body><main>{{{{ content }}}}</main></body></html>', encoding="utf-8")  # fmt: skip
    (folder / "_config.yml").write_text("title: t\n", encoding="utf-8")
    run(["jekyll", "build", "--strict_front_matter"], folder)
    return folder / "_site"


def build_hugo(folder: Path) -> Path:
    (folder / "layouts/_default").mkdir(parents=True)
    said = '{"title": {{ .Title | jsonify | safeJS }}, "tags": {{ .Params.tags | jsonify | safeJS }}, "series": {{ .Params.series | jsonify | safeJS }}}'
    (folder / "layouts/_default/single.html").write_text(f'<html><head><script type="application/json">{said}</script></head><body><main>{{{{ .Content }}}}</main></body></html>', encoding="utf-8")  # fmt: skip
    run(["hugo"], folder)
    return folder / "public"


@pytest.fixture(scope="module", params=["jekyll", "hugo"])
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """A site of the notebook above, with settings as they come."""
    place: str = request.param
    folder = tmp_path_factory.mktemp(place)
    if place == "hugo":
        (folder / "config.toml").write_text('title = "t"\ndisableKinds = ["taxonomy", "term", "home", "section", "RSS"]\n[markup.goldmark.renderer]\nunsafe = true\n', encoding="utf-8")  # fmt: skip
    report = make_export(notebook(folder), place, folder)
    site = {"jekyll": build_jekyll, "hugo": build_hugo}[place](folder)
    pages = [html.document_fromstring(file.read_text(encoding="utf-8")) for file in site.rglob("*.html")]  # fmt: skip
    return {"report": report, "site": site, "pages": pages}


def the_page(built: dict[str, Any]) -> Any:
    return next(page for page in built["pages"] if "웃음" in page.text_content())


def test_titles_tags_and_series_are_the_words_that_they_were(built: dict[str, Any]) -> None:
    told = [json.loads(page.findtext(".//script")) for page in built["pages"] if "값 글" in page.text_content()]  # fmt: skip
    assert sorted(about["title"] for about in told) == sorted(SCALARS)
    for about in told:
        assert about["tags"] == [about["title"].replace(",", ""), "다른"]


def test_words_are_shown_as_they_were_written(built: dict[str, Any]) -> None:
    shown = the_page(built)
    assert "웃음 ^^ 과 2^10, --with-forecast 와 a -- b --- c, 와!링크!" in shown.text_content()
    assert [h.text_content() for h in shown.iter("h2")] == ["C#", "Issue #", "F# ##"]
    assert [a.get("href") for a in shown.iter("a") if a.text == "링크"] == ["https://example.com/a"]
    assert not list(shown.iter("img"))
    (summary,) = shown.iter("summary")
    assert summary.text == "&#123; 와 {{ x }} 와 \\^ 와 --lang "
    goals = [unquote(a.get("href")) for a in summary.iter("a")]
    assert "어제" in goals[0]
    assert goals[1].endswith("-plain.txt")


def test_a_link_to_a_post_of_a_day_to_come_does_not_end_the_build(built: dict[str, Any]) -> None:
    shown = the_page(built)
    assert "앞날의 글과 어제의 글." in shown.text_content()
    assert [a.text for a in shown.iter("a") if a.text.endswith("의 글")] == ["어제의 글"]
    told = next(post for post in built["report"].posts if post.title == "글")
    assert [note.detail for note in told.notes if note.reason == "page_unaddressed"] == [page("앞날")]  # fmt: skip


def test_attached_files_are_not_read_as_pages(built: dict[str, Any]) -> None:
    for name, content in ATTACHED.items():
        stem, _, ending = name.partition(".")
        (file,) = built["site"].rglob(f"*-{stem}.{ending}*")
        assert file.read_bytes().lstrip(b"\n") == content.encode()
