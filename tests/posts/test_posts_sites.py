"""What is written for Jekyll and Hugo, built by the real programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import pytest
from lxml import html

from paycanary.posts.plan import Names
from tests.posts.conftest import make_export
from tests.posts.notebooks import page, write_export
from tests.posts.test_posts_runs import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.posts.conftest import Make

CODE: Final = '    return "{{ page.title }} {% raw %} {{< figure >}}"  # ```` 안쪽 울타리'
LAYOUT: Final = '<!doctype html><html><head><meta charset="utf-8"><title>TITLE</title></head><body><main>CONTENT</main></body></html>'  # fmt: skip
UNSAFE: Final = "[markup.goldmark.renderer]\nunsafe = true\n"


def run(command: list[str], folder: Path) -> str:
    if shutil.which(command[0]) is None:
        if sys.platform == "darwin":
            pytest.skip(f"no {command[0]}: brew install hugo, gem install jekyll")
        pytest.fail(f"no {command[0]}: run scripts/install-test-servers.sh")
    result = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
        env={**os.environ, "LANG": "C.UTF-8"},
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def build_jekyll(folder: Path) -> Path:
    """The site in a folder, with a layout of its own; below a path, as GitHub's project pages are."""
    (folder / "_layouts").mkdir(exist_ok=True)
    (folder / "_layouts/post.html").write_text(LAYOUT.replace("TITLE", "{{ page.title | escape }}").replace("CONTENT", "{{ content }}"), encoding="utf-8")  # fmt: skip
    (folder / "_config.yml").write_text("title: t\nbaseurl: /sub\nfuture: true\nliquid: {error_mode: strict}\n")  # fmt: skip
    said = run(["jekyll", "build", "--strict_front_matter"], folder)
    assert "Liquid Warning" not in said
    return folder / "_site"


def build_hugo(folder: Path, more: str = "") -> Path:
    """The same with Hugo, whose settings lie in `config.toml`."""
    (folder / "layouts/_default").mkdir(parents=True, exist_ok=True)
    (folder / "layouts/_default/single.html").write_text(LAYOUT.replace("TITLE", "{{ .Title }}").replace("CONTENT", "{{ .Content }}"), encoding="utf-8")  # fmt: skip
    settings(folder, more)
    run(["hugo", "--buildFuture"], folder)
    return folder / "public"


def settings(folder: Path, more: str = "") -> None:
    folder.mkdir(exist_ok=True)
    text = f'baseURL = "https://example.org/sub/"\ntitle = "t"\ndisableKinds = ["taxonomy", "term", "home", "section", "RSS"]\n{more}'
    (folder / "config.toml").write_text(text, encoding="utf-8")


def shown(site: Path, name: str) -> html.HtmlElement:
    (file,) = [path for path in site.rglob("*.html") if name in path.as_posix()]
    return html.document_fromstring(file.read_text(encoding="utf-8"))


def check_whole(document: html.HtmlElement) -> None:
    """Everything of the page with every kind of block is there, as words and as elements."""
    text = document.text_content()
    assert document.findtext(".//title") == "면접 준비 노트: 모든 블록"
    assert [(h.tag, h.text_content()) for h in document.iter("h2", "h3")] == [("h2", "둘째 제목 [괄호]"), ("h3", "셋째 제목")]  # fmt: skip
    assert "연봉 3~5% 인상, 4~6시 면접, 가격은 $5 에서 $10 사이" in text
    codes = [pre.text_content() for pre in document.iter("pre")]
    assert any(CODE in code for code in codes)
    assert any("```\n{{" in code and "< 닫히지 않은" in code for code in codes)
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in document.iter("tr")]
    assert rows == [["회사", "매출", "메모"], ["가나전자", "1,200억", "첫 줄 둘째 줄"], ["다라소프트", "", "a | b"]]  # fmt: skip
    boxes = [box.get("checked") is not None for box in document.iter("input")]
    assert boxes == [True, False]
    assert "각주의 내용" in text
    assert not list(document.iter("script"))
    last = next(p.text_content() for p in document.iter("p") if p.text_content().startswith("Hello"))  # fmt: skip
    plain = last.translate(str.maketrans("“”", '""'))
    assert '{{ site.title }} {% include x %} {{< figure src="x" >}} <script>document.title = "ran"</script> b [x](javascript:alert(1)) {: .c} :colon | bar' in plain  # fmt: skip
    assert [li.text_content().strip() for li in document.findall(".//ol/li/ol/li")] == ["둘의 하나"]


def leads(site: Path, address: str, base: Path) -> Path:
    """The file that a link within a built site leads to."""
    path = unquote(address)
    goal = site / path.removeprefix("/sub/") if path.startswith("/sub/") else base.parent / path
    return goal / "index.html" if goal.is_dir() else goal


def check_links(site: Path, name: str) -> None:
    """Every picture, file and link to another post leads to a file of the site."""
    (file,) = [path for path in site.rglob("*.html") if name in path.as_posix()]
    document = html.document_fromstring(file.read_text(encoding="utf-8"))
    own = [e.get("src") for e in document.iter("img")] + [a.get("href") for a in document.iter("a")]
    inner = [a for a in own if not a.startswith(("http", "#"))]
    assert len(inner) >= 4
    assert [address for address in inner if not leads(site, address, file).is_file()] == []


def test_jekyll_builds_it_whole(make: Make, tmp_path: Path) -> None:
    make("jekyll")
    site = build_jekyll(tmp_path / "jekyll")
    document = shown(site, "모든-블록")
    check_whole(document)
    check_links(site, "모든-블록")
    assert document.find(".//details/summary").text_content() == "펼치는 제목"
    assert "숨은 내용" in document.find(".//details").text_content()
    assert r"\[\int_0^1 x_1^2 \, dx = \frac{1}{3}\]" in document.text_content()
    assert r"\(E=mc^2\)" in document.text_content()
    assert not list(site.rglob("*report*"))


@pytest.mark.parametrize("has_html", [False, True])
def test_hugo_builds_it_whole(make: Make, tmp_path: Path, has_html: bool) -> None:  # noqa: FBT001
    more = UNSAFE if has_html else ""
    settings(tmp_path / "hugo", more)
    report = make("hugo")
    site = build_hugo(tmp_path / "hugo", more)
    document = shown(site, "모든-블록")
    check_whole(document)
    check_links(site, "모든-블록")
    reasons = {note.reason for post in report.posts for note in post.notes}
    assert (document.find(".//details") is not None) is has_html
    assert ("toggle_opened" in reasons) is not has_html
    assert "굵게(bold)" in [e.text_content() for e in document.iter("strong")] or not has_html
    assert "펼치는 제목" in document.text_content()
    assert r"\[\int_0^1 x_1^2 \, dx = \frac{1}{3}\]" in document.text_content()


def test_a_changed_setting_of_the_site_writes_its_posts_again(make: Make, tmp_path: Path) -> None:
    settings(tmp_path / "hugo")
    make("hugo")
    assert make("hugo").counts == {"unchanged": 3}
    settings(tmp_path / "hugo", UNSAFE)
    report = make("hugo")
    assert {post.title: post.state for post in report.posts}[
        "면접 준비 노트: 모든 블록"
    ] == "written"


def test_hugo_math_goes_as_the_site_reads_it(make: Make, tmp_path: Path) -> None:
    settings(tmp_path / "hugo", '[markup.goldmark.extensions.passthrough]\nenable = true\n[markup.goldmark.extensions.passthrough.delimiters]\nblock = [["$$", "$$"]]\ninline = [["$", "$"]]\n')  # fmt: skip
    report = make("hugo")
    text = (tmp_path / "hugo" / report.posts[1].file).read_text(encoding="utf-8")
    assert "식 $E=mc^2$ 도" in text
    assert "$$\n\\int_0^1 x_1^2 \\, dx = \\frac{1}{3}\n$$" in text


@pytest.mark.parametrize(("place", "build"), [("jekyll", build_jekyll), ("hugo", build_hugo)])
def test_hostile_titles_and_words_build(tmp_path: Path, place: str, build: Callable[[Path], Path]) -> None:  # fmt: skip
    bad = "{{ x }} {% y %} {% endraw %} {{< z >}} {{% w %}} {{</* v */>}} {{< 열림 {{ {% {:.c} {::options /} *[HTML]: x"
    files: dict[str, str | bytes] = {
        page(f"쪽 {n}"): f"{text}\n{bad}\n\n`{bad}`\n\n```\n{bad}\n```\n\n- {bad}\n\n| {bad} |\n| --- |\n| `{bad}` |\n\n[{bad}](https://example.com/?q={{{{x}}}})\n\n$$\n{{{{x}}}}\n$$\n\n<details>\n<summary>{bad}</summary>\n\n글\n\n</details>\n"
        for n, text in enumerate(HOSTILE.values())
    }  # fmt: skip
    folder = tmp_path / place
    folder.mkdir()
    report = make_export(write_export(tmp_path / "Export.zip", files), place, folder, names=Names())
    assert report.counts == {"written": len(HOSTILE)}
    site = build(folder)
    built = [html.document_fromstring(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")]  # fmt: skip
    assert sorted(str(page.findtext(".//title")) for page in built) == sorted(post.title for post in report.posts)  # fmt: skip
    for document in built:
        code = next(pre.text_content() for pre in document.iter("pre"))
        assert code.strip().replace("\u2060", "") == bad
        assert not list(document.iter("script"))
        words = document.text_content().replace("\u2060", "")
        assert words.count("{% endraw %}") == words.count("{{ x }}") >= 6
