"""The command: which files it writes under which names, what it refuses, and that the same question gives the same bytes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import yaml

from tests.command import one_line
from tests.report import shown

if TYPE_CHECKING:
    from tests.command import Run
    from tests.stored import Stored

NAME: Final = "(주)대한특장"
DAY: Final = "2026-10-31"
LIBRARIES: Final = ("vl_convert", "typst", "jinja2", "markupsafe", "pylopdf_fonts_ko")


def files_in(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}  # fmt: skip


@pytest.mark.parametrize("form", ["md", "html", "pdf", "png", "tistory"])
def test_the_same_question_gives_the_same_bytes(sample: Run, tmp_path: Path, form: str) -> None:
    made = []
    for place in ("one", "two"):
        folder = tmp_path / place
        folder.mkdir()
        told = sample.ok("report", "HMM", "--as-of", "2026-06-30", "--lang", "ko", "--format", form, "-o", folder)  # fmt: skip
        made.append(files_in(folder))
        assert {Path(line).relative_to(folder).as_posix() for line in told.splitlines()} == set(made[-1])  # fmt: skip
    assert made[0] == made[1]
    assert made[0]


def test_files_are_named_by_company_and_day_here(sample: Run, tmp_path: Path) -> None:
    told = sample.ok("report", "HMM", "--as-of", "2026-06-30", "--lang", "en", cwd=tmp_path, env={"PYTHONPATH": absolute()})  # fmt: skip
    stem = "hmm-2026-06-30"
    names = [f"{stem}.md", *(f"{stem}.{chart}.svg" for chart in ("accounts", "cash", "people", "money"))]  # fmt: skip
    assert told.splitlines() == names
    assert set(files_in(tmp_path)) == set(names)


def absolute() -> str:
    """The environment's folders of modules, also from another folder."""
    return os.pathsep.join(str(Path(p).resolve()) for p in os.environ.get("PYTHONPATH", "").split(os.pathsep))  # fmt: skip


def test_a_post_lies_where_jekyll_looks(sample: Run, tmp_path: Path) -> None:
    arguments = (
        "report",
        "HMM",
        "--as-of",
        "2026-06-30",
        "--lang",
        "ko",
        "--format",
        "jekyll",
        "-o",
    )
    sample.ok(*arguments, tmp_path)
    post = tmp_path / "_posts" / "2026-06-30-hmm.md"
    front = yaml.safe_load(post.read_text("utf-8").split("---\n")[1])
    assert front["title"] == "HMM: 2026-06-30 기준 공개 자료"
    linked = re.findall(r"\{\{ '(/assets/[^']+)' \| relative_url \}\}", post.read_text("utf-8"))
    assert len(linked) == 4
    assert all((tmp_path / path.removeprefix("/")).is_file() for path in linked)

    sample.ok(*arguments, tmp_path / "_posts" / "2026-07-01-mine.md")
    assert (tmp_path / "assets" / "2026-07-01-mine" / "2026-07-01-mine.cash.svg").is_file()
    assert "mine.md: Jekyll does not read" in one_line(sample(*arguments, tmp_path / "mine.md", "--lang", "en"), 2)  # fmt: skip


def test_standard_output_holds_the_file_alone(sample: Run) -> None:
    told = shown.read("md", sample.ok("report", "HMM", "--lang", "en", "-o", "-").encode())
    assert "Sales and profit" in told.text
    assert any(row[0] == "2025-12" and "10.89tn won" in row for row in told.rows)


def test_several_names_of_one_company_are_one_report(sample: Run, tmp_path: Path) -> None:
    told = sample.json("report", "HMM", "011200", "--lang", "en", "--format", "html", "-o", f"{tmp_path}/")  # fmt: skip
    assert Path(told["files"][0]).name.startswith("hmm-2")
    assert told["format"] == "html"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("없는회사없는회사",), 3, "없는회사없는회사"),
        (("HMM", "--as-of", "2026-02-30"), 2, "there is no such date"),
        (("HMM", "--as-of", "2999-01-01"), 2, "still to come"),
        (("HMM", "-o", "/nowhere/at/all.md"), 2, "cannot be written"),
        (("HMM", "-o", "{file}/below.md"), 2, "cannot be written"),
        (("HMM", "-o", "{long}.md"), 2, "cannot be written"),
        (("HMM", "--format", "jekyll", "-o", "{file}/site"), 2, "cannot be written"),
        (("HMM", "--criteria", "/nowhere.yaml"), 2, "/nowhere.yaml"),
        (("HMM", "삼부토건", "--retrospective"), 2, "one company"),
        (("HMM", "--retrospective", "--with-forecast"), 2, "no forecast"),
    ],
)
def test_what_cannot_be_written_is_said(sample: Run, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str) -> None:  # fmt: skip
    file = tmp_path / "file"
    file.write_text("kept")
    told = [a.format(file=file, long=tmp_path / ("x" * 250)) for a in arguments]
    assert said in one_line(sample("report", *told, "--lang", "en"), code)
    assert files_in(tmp_path) == {"file": b"kept"}


def test_an_ambiguous_name_is_refused_with_its_candidates(stored: Stored) -> None:
    problem = stored.run.problem("report", "겹친이름")
    assert problem["error"] == "ambiguous"
    assert len(problem["candidates"]) == 2


def test_a_day_before_all_data_is_told_as_unknown(sample: Run) -> None:
    told = shown.read("md", sample.ok("report", "HMM", "--as-of", "1999-01-01", "--lang", "en", "-o", "-").encode())  # fmt: skip
    assert "too little is public to judge" in told.text
    assert "no figures are public" in told.text


def test_a_file_that_is_there_is_replaced_whole(sample: Run, tmp_path: Path) -> None:
    file = tmp_path / "kept.html"
    file.write_text("before")
    (tmp_path / "link.html").hardlink_to(file)
    sample.ok("report", NAME, "--as-of", DAY, "--format", "html", "-o", file)
    assert file.read_text("utf-8").endswith("</html>\n") or file.read_text("utf-8").endswith("</html>")  # fmt: skip
    assert (tmp_path / "link.html").read_text() == "before"
    assert set(files_in(tmp_path)) == {"kept.html", "link.html"}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the extra ``report`` is not installed."""
    folder = tmp_path_factory.mktemp("bare")
    for name in LIBRARIES:
        (folder / f"{name}.py").write_text(f"raise ModuleNotFoundError('no', name='{name}')\n")
    return {"PYTHONPATH": os.pathsep.join((str(folder), absolute()))}


def test_without_the_extra_markdown_has_tables(sample: Run, tmp_path: Path, bare: dict[str, str]) -> None:  # fmt: skip
    result = sample("report", "HMM", "--lang", "en", "-o", tmp_path / "a.md", env=bare)
    assert result.returncode == 0, result.stderr
    assert "Tables were written in place of charts." in result.stderr
    assert "pip install 'paycanary[report]'" in result.stderr
    assert set(files_in(tmp_path)) == {"a.md"}
    assert any("10.89tn won" in row for row in shown.read("md", (tmp_path / "a.md").read_bytes()).rows)  # fmt: skip


@pytest.mark.parametrize("form", ["html", "pdf", "png", "tistory"])
def test_without_the_extra_the_others_say_how_to_install(sample: Run, tmp_path: Path, bare: dict[str, str], form: str) -> None:  # fmt: skip
    told = one_line(sample("report", "HMM", "--lang", "en", "--format", form, "-o", f"{tmp_path}/", env=bare), 2)  # fmt: skip
    assert "pip install 'paycanary[report]'" in told
    assert files_in(tmp_path) == {}
