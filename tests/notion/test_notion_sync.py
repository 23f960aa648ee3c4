"""Verdicts written into a database over real HTTP: only our own properties, only what changes, whatever the service does."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.errors import PaycanaryError
from paycanary.notion.api import Notion, database_id
from paycanary.notion.sync import find_tables
from tests.command import Run, one_line
from tests.running import Here
from tests.standins.notion import TOKEN, Service, service
from tests.standins.server import HTML_PAGE, cut, http_error, instead

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = {"이름": "title", "회사": "rich_text", "상태": "select"}
NAMES = ["삼부토건", "(주)카카오", "없는회사일이삼", "🏢 HMM"]
DAY = ("--as-of", "2026-06-30")
LEVEL, AS_OF, SENTENCE = "paycanary 판정", "paycanary 기준일", "paycanary 한 문장"


def rows(names: list[str]) -> list[dict[str, Any]]:
    return [{"이름": f"지원 {i}", "회사": name, "상태": "지원"} for i, name in enumerate(names)]


@pytest.fixture
def notion() -> Iterator[Service]:
    with service() as running:
        yield running


@pytest.fixture
def run_in(sample_here: Here, notion: Service) -> Here:
    env = {"NOTION_TOKEN": TOKEN, "PAYCANARY_NOTION_URL": notion.url, "PAYCANARY_RETRY_SECONDS": "0.01", "LANG": "ko_KR.UTF-8"}  # fmt: skip
    return Here(sample_here.home, env)


def test_verdicts_are_written_once_and_nothing_else_is_touched(notion: Service, run_in: Here, sample_here: Here) -> None:  # fmt: skip
    number = notion.rules.database("구직", COLUMNS, rows(NAMES))
    before = {page: notion.rules.values(page) for page in notion.rules.of(number)}

    # The first as a process of its own: its ways out are the program's.
    dry = Run(run_in.home, run_in.env).json("notion", "sync", number, *DAY, "--dry-run")
    assert dry["outcomes"] == {"would_write": 4}
    assert notion.changes("pages") == notion.changes("data_sources") == []

    address = f"https://www.notion.so/someone/Jobs-{number.replace('-', '')}?v={'0' * 32}"
    report = run_in.json("notion", "sync", address, *DAY)
    assert report["outcomes"] == {"written": 4}
    assert report["column"] == "회사"
    assert report["states"] == {"judged": 3, "not_found": 1}
    assert len(report["created"]) == 10
    assert report["occupied"] == []
    pages = notion.rules.of(number)
    for page in pages:
        after = notion.rules.values(page)
        assert {name: after[name] for name in before[page]} == before[page]
    first, *_, third, _ = (notion.rules.values(page) for page in pages)
    expected = sample_here.json("check", "삼부토건", *DAY, "--lang", "ko")
    assert first[LEVEL] == "위험"
    assert first[SENTENCE] == expected["sentence"]
    assert first[AS_OF] == "2026-06-30"
    assert first["paycanary 자료 날짜"] == expected["data_until"]
    cited = {f["filing_id"] for finding in expected["findings"] for f in finding["figures"]}
    assert all(filing in first["paycanary 출처"] for filing in cited)
    assert first["paycanary 회사 번호"].startswith(expected["company"]["id"])
    assert "12개월 실패 확률" not in " ".join(first)
    assert third[LEVEL] == "모름"
    assert "없는회사일이삼" in third[SENTENCE]
    written = notion.changes("pages")
    assert {name for _, body in written for name in body["properties"]} == set(report["created"])

    again = run_in.json("notion", "sync", number, *DAY)
    assert again["outcomes"] == {"unchanged": 4}
    assert again["created"] == []
    assert notion.changes("pages") == written
    assert notion.rules.limited == 0


def test_a_summary_says_what_was_written(notion: Service, run_in: Here) -> None:
    number = notion.rules.database("구직", COLUMNS, rows(NAMES))
    out = run_in.ok("notion", "sync", number, *DAY)
    assert "씀 4" in out
    assert "찾지 못함 1" in out
    out = run_in.ok("notion", "sync", number, "--lang", "en", "--dry-run")
    assert "would be written 4" in out
    assert "Nothing was written to Notion." in out


def test_a_property_of_ours_with_another_type_is_left_alone(notion: Service, run_in: Here) -> None:
    number = notion.rules.database("구직", {**COLUMNS, LEVEL: "rich_text"}, [{**rows(NAMES)[0], LEVEL: "내가 쓴 글"}])  # fmt: skip
    report = run_in.json("notion", "sync", number, *DAY)
    assert report["occupied"] == [LEVEL]
    assert LEVEL not in report["created"]
    (page,) = notion.rules.of(number)
    assert notion.rules.values(page)[LEVEL] == "내가 쓴 글"
    assert notion.rules.values(page)[AS_OF] == "2026-06-30"
    (source,) = notion.rules.databases[number]["sources"]
    assert notion.rules.sources[source]["properties"][LEVEL]["type"] == "rich_text"


def test_a_killed_run_goes_on_where_it_stopped(notion: Service, run_in: Here) -> None:
    number = notion.rules.database("구직", COLUMNS, rows(NAMES * 3))
    process = run_in.start("notion", "sync", number, *DAY)
    deadline = time.monotonic() + 120
    while len(notion.changes("pages")) < 4:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    time.sleep(0.2)
    done = len(notion.changes("pages"))
    assert 4 <= done < 12
    report = run_in.json("notion", "sync", number, *DAY)
    assert report["outcomes"] == {"unchanged": done, "written": 12 - done}
    assert len({page for page, _ in notion.changes("pages")}) == len(notion.changes("pages")) == 12


def test_every_page_of_a_long_table_is_read(notion: Service, run_in: Here) -> None:
    number = notion.rules.database("구직", COLUMNS, rows(NAMES * 58)[:230])
    trashed = notion.rules.of(number)[7]
    notion.rules.pages[trashed]["in_trash"] = True
    report = run_in.json("notion", "sync", number, "--dry-run")
    assert len(report["rows"]) == 229
    assert len({row["page_id"] for row in report["rows"]}) == 229


def test_companies_in_properties_of_every_kind(notion: Service, run_in: Here) -> None:
    companies = notion.rules.database(
        "회사들", {"Name": "title"}, [{"Name": "카카오"}, {"Name": "HMM"}]
    )
    kakao, hmm = notion.rules.of(companies)
    kinds = {"title": "카카오 - 백엔드", "select": "카카오", "multi_select": ["카카오"], "relation": [kakao], "number": 35720, "formula": {"type": "string", "string": "카카오"}}  # fmt: skip
    for kind, value in kinds.items():
        column = {"title": "title", "Company": kind} if kind != "title" else {"Position": "title"}
        row = {"Position": value} if kind == "title" else {"title": "x", "Company": value}
        number = notion.rules.database("Jobs", column, [row])
        (told,) = run_in.json("notion", "sync", number, "--dry-run")["rows"]
        if kind == "number":  # a stock code that lost its zero is nobody's
            assert told["state"] != "judged"
        else:
            assert told["verdict"]["company"] == "카카오", kind
    number = notion.rules.database("Jobs", {"title": "title", "Company": "relation"}, [{"title": "x", "Company": [kakao, hmm]}])  # fmt: skip
    (told,) = run_in.json("notion", "sync", number, "--dry-run")["rows"]
    assert told["state"] == "several"


def test_several_tables_or_columns_are_asked_about(notion: Service, run_in: Here) -> None:
    number = notion.rules.database("구직", COLUMNS, rows(NAMES[:1]))
    notion.rules.table(number, "보관", {"이름": "title", "회사": "rich_text", "기업": "select"})
    said = one_line(run_in("notion", "sync", number), 2)
    assert "--table" in said
    assert "구직, 보관" in said
    said = one_line(run_in("notion", "sync", number, "--table", "보관"), 2)
    assert "--column" in said
    assert "회사, 기업" in said
    assert "구직, 보관" in one_line(run_in("notion", "sync", number, "--table", "없음"), 2)
    assert "이름, 회사, 기업" in one_line(run_in("notion", "sync", number, "--table", "보관", "--column", "없음"), 2)  # fmt: skip
    report = run_in.json("notion", "sync", number, "--table", "구직", "--dry-run")
    assert (report["database"], report["table"]) == ("구직", "구직")
    by_number = run_in.json(
        "notion", "sync", notion.rules.databases[number]["sources"][0], "--dry-run"
    )
    assert by_number["rows"] == report["rows"]


def test_refusals_say_what_to_do(notion: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    number = notion.rules.database("구직", COLUMNS, rows(NAMES[:1]))
    (page,) = notion.rules.of(number)
    (source,) = notion.rules.databases[number]["sources"]
    monkeypatch.setenv("PAYCANARY_NOTION_URL", notion.url)

    def find_and_change(asked: str) -> None:
        with Notion.from_environment() as client:
            find_tables(client, database_id(asked), None)
            client.add_properties(source, {"x": {"number": {}}}, {"ko": "표", "en": "the table"})

    def refused(told: str, asked: str = number, token: str = TOKEN, code: int = 8) -> None:
        monkeypatch.setenv("NOTION_TOKEN", token)
        with pytest.raises(PaycanaryError) as caught:
            find_and_change(asked)
        assert caught.value.exit_code == code
        for lang in ("ko", "en"):
            line = caught.value.line(lang)
            assert told in line
            assert not token or token not in line
            assert "{" not in line

    refused("NOTION_TOKEN", token="")
    refused("NOTION_TOKEN", token="two words", code=2)  # noqa: S106
    refused("401", token="expired-one")  # noqa: S106
    refused("400", asked=page)
    refused("404", asked="0" * 32)
    refused("someone/Jobs", asked="https://www.notion.so/someone/Jobs", code=2)
    notion.rules.unshared.add(number)
    refused("404")
    notion.rules.unshared.clear()
    notion.rules.can_update = False
    refused("403")
    monkeypatch.setenv("PAYCANARY_NOTION_URL", "notion")
    refused("PAYCANARY_NOTION_URL", code=2)


def test_passing_faults_are_waited_out(notion: Service, run_in: Here) -> None:
    number = notion.rules.database("구직", COLUMNS, rows(NAMES))
    for fault in (http_error(502), cut(), http_error(503), cut(after=10)):
        notion.fault(fault, times=1)
    notion.fault(
        http_error(429, {"Retry-After": "2"}), times=1, where=lambda r: "/pages/" in r.path
    )
    begun = time.monotonic()
    report = run_in.json("notion", "sync", number, *DAY)
    assert report["outcomes"] == {"written": 4}
    assert time.monotonic() - begun > 2


def test_a_row_that_fails_does_not_stop_the_rest(notion: Service, run_in: Here) -> None:
    number = notion.rules.database("구직", COLUMNS, rows(NAMES))
    first, second, *_ = notion.rules.of(number)
    notion.rules.refusing |= {first: "conflict_error", second: "object_not_found"}
    report = run_in.json("notion", "sync", number, *DAY)
    assert report["outcomes"] == {"failed": 2, "written": 2}
    faults = [row["fault"] for row in report["rows"] if row["outcome"] == "failed"]
    assert "409" in faults[0]
    assert "404" in faults[1]
    assert "지원 0" in faults[0]
    notion.rules.refusing.clear()
    assert run_in.json("notion", "sync", number, *DAY)["outcomes"] == {"unchanged": 2, "written": 2}


def test_a_token_that_expires_midway_stops_and_keeps_what_was_written(notion: Service, run_in: Here) -> None:  # fmt: skip
    number = notion.rules.database("구직", COLUMNS, rows(NAMES))
    third = notion.rules.of(number)[2]
    notion.rules.refusing[third] = "unauthorized"
    assert "401" in one_line(run_in("notion", "sync", number, *DAY), 8)
    notion.rules.refusing.clear()
    assert run_in.json("notion", "sync", number, *DAY)["outcomes"] == {"unchanged": 2, "written": 2}


def test_a_service_that_is_down_or_another_one_is_said(notion: Service, run_in: Here) -> None:
    number = notion.rules.database("구직", COLUMNS, rows(NAMES))
    notion.fault(http_error(503))
    assert "HTTP 503" in one_line(run_in("notion", "sync", number), 8)
    notion.mend()
    notion.fault(HTML_PAGE)
    assert "PAYCANARY_NOTION_URL" in one_line(run_in("notion", "sync", number), 8)
    notion.mend()
    notion.fault(http_error(503), where=lambda r: r.method == "PATCH" and "/pages/" in r.path)
    assert "HTTP 503" in one_line(run_in("notion", "sync", number, *DAY), 8)
    gone = {"PAYCANARY_NOTION_URL": "http://127.0.0.1:1"}
    assert "https://status.notion.so" in one_line(run_in("notion", "sync", number, env=gone), 8)


def test_the_token_stands_nowhere(notion: Service, run_in: Here, sample_here: Here) -> None:
    number = notion.rules.database("구직", COLUMNS, rows(NAMES[:1]))
    echo = f'{{"object":"error","status":400,"code":"validation_error","message":"Bearer {TOKEN}"}}'
    notion.fault(instead(echo.encode(), "application/json", 400), times=1)
    result = run_in("notion", "sync", number, "--json")
    assert result.returncode == 8
    assert TOKEN not in result.stdout + result.stderr
    run_in.ok("notion", "sync", number, *DAY)
    assert all(r.headers["authorization"] == f"Bearer {TOKEN}" for r in notion.requests)
    kept = [path for path in sample_here.home.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()] if sample_here.home.exists() else []  # fmt: skip
    assert kept == []
