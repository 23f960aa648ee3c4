"""A table of an export, judged: the same verdicts as everywhere, what is unknown said as such, a CSV that Notion takes in."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING, Any

import pexpect
import pytest
from jsonschema import Draft202012Validator

from paycanary.documents import schema
from paycanary.lake.reader import open_reader
from paycanary.signals import known
from paycanary.verdict import Session
from tests.command import PAYCANARY, Run, one_line
from tests.notion import exports
from tests.notion.exports import Export, english, korean

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Here

DAY = ("--as-of", "2026-06-30")
ROWS = [
    ["🏢 삼부토건", "지원", "2024년 4월 13일", "=HYPERLINK(1)"],
    ["㈜카카오", "면접", "2024년 5월 2일 오후 3:00 → 오후 4:00", "두 번째, 면접"],
    ["없는회사일이삼", "탈락", "", ""],
    ["카카우", "탈락", "", "-"],
    ["", "메모", "", ""],
]


@pytest.fixture(scope="module")
def checked(sample: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One run over a Korean workspace: its document, the CSV it wrote, and the export."""
    folder = tmp_path_factory.mktemp("checked")
    export = korean(ROWS)
    export.files["../" + "evil " + "0" * 32 + ".md"] = b"# Evil"
    output = folder / "out.csv"
    report = sample.json("notion", "check", export.zip(folder), "-o", output, *DAY, "--lang", "ko")
    raw = output.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    lines = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    return {"report": report, "lines": lines, "columns": list(lines[0])}


def test_each_row_is_judged_or_says_why_not(checked: dict[str, Any], sample_here: Here) -> None:
    report = checked["report"]
    assert (report["table"], report["column"]) == ("지원 현황", "회사")
    assert [row["state"] for row in report["rows"]] == ["judged", "judged", "not_found", "unsure", "no_name"]  # fmt: skip
    assert report["states"] == {"judged": 2, "no_name": 1, "not_found": 1, "unsure": 1}
    assert report["levels"]["danger"] == 1
    assert sum(report["levels"].values()) == 5
    assert [(file["reason"], file["says"][:5]) for file in report["refused"]] == [
        ("unsafe_name", "파일 이름")
    ]
    Draft202012Validator({**schema(), "$ref": schema()["x-commands"]["notion check"]}).validate(
        report
    )
    for row in report["rows"]:
        assert (row["verdict"] is None) == bool(row["reason"])
        assert row["page_id"]
    alone = sample_here.json("check", "삼부토건", *DAY, "--lang", "ko")
    first = report["rows"][0]["verdict"]
    assert first["sentence"] == alone["sentence"]
    assert first["level"] == alone["level"]
    assert first["data_until"] == alone["data_until"]
    assert first["company_id"] == alone["company"]["id"]
    assert first["probability"] is None
    assert first["forecast_sentence"] is None
    cited = {f["filing_id"] for finding in alone["findings"] for f in finding["figures"]}
    assert cited <= {filing["filing_id"] for filing in first["filings"]}
    assert [c["name"] for c in report["rows"][3]["candidates"]] == ["카카오"]


def test_the_csv_is_what_notion_takes_in(checked: dict[str, Any]) -> None:
    first, second, third, fourth, _ = checked["lines"]
    assert checked["columns"][:4] == ["회사", "상태", "지원일", "메모"]
    assert (first["회사"], first["메모"]) == ("🏢 삼부토건", "'=HYPERLINK(1)")
    assert first["지원일"] == "2024-04-13"
    assert second["지원일"] == "2024-05-02T15:00 → 2024-05-02T16:00"
    assert first["paycanary 판정"] == "위험"
    assert first["paycanary 기준일"] == "2026-06-30"
    assert date.fromisoformat(first["paycanary 자료 날짜"]) <= date(2026, 6, 30)
    assert float(first["paycanary 12개월 인원 변화(%)"]) < 0
    assert "−" not in first["paycanary 12개월 인원 변화(%)"]
    assert "https://dart.fss.or.kr/dsaf001/main.do?rcpNo=20260407002515" in first["paycanary 출처"]
    assert first["paycanary 버틸 개월"] == ""
    assert "현금으로 버틸 기간: " in first["paycanary 설명"]
    assert third["paycanary 판정"] == fourth["paycanary 판정"] == "모름"
    assert "카카오" in fourth["paycanary 한 문장"]
    assert not any("확률" in column for column in checked["columns"])
    assert len({line["paycanary 노션 페이지 번호"] for line in checked["lines"]}) == 5


def test_many_companies_get_the_verdicts_that_each_gets_alone(tmp_path: Path) -> None:
    session = Session(open_reader(tmp_path))
    day = date(2026, 6, 30)
    ids = [row["id"] for row in session.screen(day)][::3]
    together = session.verdicts([*ids, ids[0]], day)
    assert list(together) == ids
    assert len(ids) > 10
    told = known.several(session.con, ids)
    assert told == {company: known.read(session.con, company) for company in ids}
    alone = Session(session.reader)
    assert together == {company: alone.verdict(company, day) for company in ids}


def test_words_of_the_summary_in_both_languages(sample_here: Here, tmp_path: Path) -> None:
    export = english([["Kakao", "Applied", "April 13, 2024"], ["Nowhere Ltd 99", "Offer", ""]])
    path, output = export.zip(tmp_path, is_mac=True, is_nfd=True), tmp_path / "out.csv"
    said = sample_here.ok("notion", "check", path, "-o", output, *DAY, "--lang", "en")
    for told in ("Applications · column 'Company' · 2 rows · as of 2026-06-30", "not found 1", f"Wrote {output}"):  # fmt: skip
        assert told in said
    (first, _) = csv.DictReader(io.StringIO(output.read_text("utf-8-sig"), newline=""))
    assert first["Applied"] == "2024-04-13"
    assert first["paycanary company"] == "카카오"
    said = sample_here.ok("notion", "check", path, *DAY, "--lang", "ko")
    assert "찾지 못함 1" in said
    assert "내장 표본" in said


def test_a_forecast_only_where_it_is_asked_for(sample_here: Here, tmp_path: Path) -> None:
    path, output = korean(ROWS[:2]).zip(tmp_path), tmp_path / "out.csv"
    report = sample_here.json("notion", "check", path, "-o", output, *DAY, "--with-forecast", "--lang", "en")  # fmt: skip
    hmm = sample_here.json("check", "카카오", *DAY, "--lang", "en")
    second = report["rows"][1]["verdict"]
    assert second["probability"] == (hmm["forecast"] or {}).get("probability")
    assert second["probability"] is not None
    assert "of all listed companies" in second["forecast_sentence"]
    _, line = csv.DictReader(io.StringIO(output.read_text("utf-8-sig"), newline=""))
    assert float(line["paycanary failing within 12 months (%)"]) == pytest.approx(100 * second["probability"], abs=0.01)  # fmt: skip
    assert float(line["paycanary all listed companies (%)"]) > 0


def test_titles_are_read_where_no_column_says_company(sample_here: Here, tmp_path: Path) -> None:
    export = Export()
    export.table("To apply", ["Position", "Stage"], [["[Open] 카카오 - Backend", "A"], ["Read a book", "B"]])  # fmt: skip
    report = sample_here.json("notion", "check", export.bare(tmp_path / "e.zip"), *DAY)
    assert report["column"] == "Position"
    assert [row["state"] for row in report["rows"]] == ["judged", "not_found"]


def test_an_earlier_runs_columns_are_replaced(sample_here: Here, tmp_path: Path) -> None:
    export = Export()
    export.table(
        "지원", ["회사", "paycanary 판정", "paycanary level"], [["카카오", "위험", "danger"]]
    )
    output = tmp_path / "out.csv"
    sample_here.ok("notion", "check", export.zip(tmp_path), "-o", output, *DAY, "--lang", "ko")
    header = next(csv.reader(io.StringIO(output.read_text("utf-8-sig"), newline="")))
    assert header.count("paycanary 판정") == 1
    assert "paycanary level" not in header


def test_nothing_in_an_export_speaks_to_the_terminal(sample_here: Here, tmp_path: Path) -> None:
    export = Export()
    export.table(
        "지원\x1b[31m", ["회사", "상태"], [["카카오\x1b]0;x\x07", "A"], ["[red]삼부토건", "B"]]
    )
    export.files = {path.replace("\x1b", ""): raw for path, raw in export.files.items()}
    path = export.bare(tmp_path / "e.zip")
    said = sample_here.ok("notion", "check", path, *DAY)
    assert "\x1b" not in said
    assert "[red]삼부토건" in said
    export.table("다른", ["회사\x1b[31m"], [["카카오"]])
    path = export.bare(tmp_path / "f.zip")
    said = one_line(sample_here("notion", "check", path, "--column", "nowhere"), 2)
    assert "회사 [31m" in said
    assert "\x1b" not in said


def two_tables() -> Export:
    export = Export()
    export.table("지원", ["회사", "상태"], [["카카오", "A"]])
    export.table("보관", ["회사", "상태"], [["삼부토건", "A"]])
    return export


def test_without_a_terminal_the_choices_are_named(sample_here: Here, tmp_path: Path) -> None:
    path = two_tables().zip(tmp_path)
    said = one_line(sample_here("notion", "check", path), 2)
    assert "--table '지원' --column '회사'" in said
    assert "--table '보관' --column '회사'" in said
    assert (
        sample_here.json("notion", "check", path, "--table", "보관")["rows"][0]["title"]
        == "삼부토건"
    )
    assert sample_here.problem("notion", "check", path, "--table", "없음")["exit_code"] == 2
    assert sample_here.problem("notion", "check", path, "--column", "없음")["exit_code"] == 2


def test_at_a_terminal_a_person_chooses(sample: Run, tmp_path: Path) -> None:
    path = two_tables().zip(tmp_path)
    environment = sample.environment({"TERM": "xterm", "COLUMNS": "150", "LANG": "C.UTF-8"})
    child = pexpect.spawn(PAYCANARY[0], [*PAYCANARY[1:], "notion", "check", str(path), *DAY], env=environment, encoding="utf-8", timeout=120, dimensions=(50, 150))  # fmt: skip
    child.expect("Choose a number")
    assert "보관" in (child.before or "")
    child.sendline("7")
    child.expect("Choose a number")
    child.sendline("1")
    child.expect("1 rows")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_what_cannot_be_read_ends_with_a_line(sample_here: Here, tmp_path: Path) -> None:
    whole = korean(ROWS).zip(tmp_path).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    assert "cut short" in one_line(sample_here("notion", "check", tmp_path / "cut.zip"), 5)
    page = Export()
    page.page("A page without a table", "Words.")
    assert "holds no table" in one_line(sample_here("notion", "check", page.bare(tmp_path / "page.zip")), 5)  # fmt: skip
    export = exports.korean(ROWS).zip(tmp_path)
    assert "still to come" in one_line(
        sample_here("notion", "check", export, "--as-of", "2999-01-01"), 2
    )
    assert "cannot be written" in one_line(sample_here("notion", "check", export, "-o", tmp_path / "no" / "out.csv"), 2)  # fmt: skip


def test_a_thousand_rows_are_judged(sample_here: Here, tmp_path: Path) -> None:
    names = ["카카오", "삼부토건", "HMM", "한화오션", "없는회사"]
    rows = [[f"{names[i % 5]}", "지원", "", str(i)] for i in range(1000)]
    report = sample_here.json("notion", "check", korean(rows).zip(tmp_path, parts=2), *DAY)
    assert report["states"] == {"judged": 800, "not_found": 200}
    assert all(row["page_id"] for row in report["rows"])
    assert {row["verdict"]["company"] for row in report["rows"] if row["verdict"]} == set(names[:4])
