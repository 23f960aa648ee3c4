"""The monthly file of all pension workplaces, from the portal's pages: whole or not at all, the newest first, nothing twice."""

from __future__ import annotations

import io
import os
import time
import tracemalloc
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from paycanary.errors import (
    AnswerError,
    KeyRefusedError,
    LakeError,
    SourceError,
    UnreachableError,
)
from paycanary.filings import nps as loader
from paycanary.progress import Silent
from paycanary.sources import nps_api, nps_download, nps_plan
from paycanary.sources.web.calls import Answer, Call
from tests.live import Desk
from tests.nps_files import ERAS, month_text, workplace, write_month
from tests.stage import create_stage
from tests.standins.nps_download import FilePages, MonthFile, service
from tests.standins.server import HTML_PAGE, as_json, cut, drip, endless, http_error, instead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.standins.server import Fault, StandIn


def distributed(day: str, era: str = "clean", encoding: str = "cp949") -> MonthFile:
    """A file as it came out on a day (YYYYMMDD): it holds the month before."""
    year, month = int(day[:4]), int(day[4:6])
    held = f"{year - (month == 1)}-{(month - 2) % 12 + 1:02}"
    return MonthFile(day, month_text(held, era).encode(encoding))


FILES = [distributed(f"2026{month:02}20") for month in (11, 10, 9)]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYCANARY_RETRY_SECONDS", "0.001")
    monkeypatch.setattr(nps_download, "_PER_SECOND", 1000)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    running: list[StandIn] = []

    def start(files: list[MonthFile], captcha_after: int | None = None) -> tuple[StandIn, FilePages]:  # fmt: skip
        stand_in, pages = service(files, captcha_after=captcha_after)
        running.append(stand_in.__enter__())
        monkeypatch.setenv("PAYCANARY_NPS_FILE_URL", stand_in.url)
        return stand_in, pages

    yield start
    for stand_in in running:
        stand_in.__exit__()


def everything(desk: Desk, since: date | None = None) -> None:
    nps_plan.everything(desk.collector(), since)


def left_over(desk: Desk) -> list[str]:
    """Unfinished files in the inbox."""
    return [p.name for p in (desk.inbox.folder / "files").iterdir() if p.name.startswith(".")]


def is_file(request: Any) -> bool:
    return bool(request.path == "/cmm/cmm/fileDownload.do")


# --- what is fetched -----------------------------------------------------------------------------


def test_the_months_that_are_missing_come_newest_first_and_without_a_key(
    desk: Desk, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAYCANARY_DATA_GO_KR_KEY", raising=False)
    _, pages = opened(FILES)
    everything(desk)
    assert pages.sent == ["20261120", "20261020", "20260920"]
    staged = desk.stage("nps", loader.load)
    assert staged.rows("SELECT DISTINCT period_end, published_on FROM stage_headcounts ORDER BY 1") == [
        (date(2026, 8, 31), date(2026, 9, 30)),
        (date(2026, 9, 30), date(2026, 10, 31)),
        (date(2026, 10, 31), date(2026, 11, 25)),  # before the month's end, but we had it
    ]  # fmt: skip
    assert "홍길동".encode("cp949") not in b"".join(str(r).encode("cp949") for r in staged.rows("FROM stage_headcounts"))  # fmt: skip


def test_nothing_is_fetched_twice_and_a_new_month_alone(desk: Desk, opened: Any) -> None:
    stand_in, pages = opened(FILES[1:])
    everything(desk)
    everything(desk)
    assert pages.sent == ["20261020", "20260920"]
    asked = len(stand_in.requests)
    desk.stage("nps", loader.load)
    desk.clock.pass_days(60)  # the inbox has forgotten the files by now, not that it had them
    desk.inbox.taken([])
    _, pages = opened(FILES)
    everything(desk)
    assert pages.sent == ["20261120"]
    assert asked == 3 + 2 * 3


def test_months_that_the_lake_holds_already_are_left(desk: Desk, opened: Any) -> None:
    _, pages = opened(FILES)
    everything(desk, since=date(2026, 10, 31))
    assert pages.sent == ["20261120"]


def test_a_year_back_is_enough(desk: Desk, opened: Any) -> None:
    days = [f"{2026 - (n > 10)}{(10 - n) % 12 + 1:02}20" for n in range(20)]
    _, pages = opened([distributed(day) for day in days])
    everything(desk)
    assert pages.sent == days[:13]
    everything(desk)
    assert pages.sent == days[:13]


def test_a_company_asked_about_before_hides_no_month(desk: Desk, opened: Any) -> None:
    asked = Call(nps_api.MONTH, {"dataCrtYm": "202610", "workplaces": "[]"})
    desk.inbox.save("nps", asked, Answer([]))
    _, pages = opened(FILES)
    # The day on which that company's newest month was fetched: the lake knows of no other.
    everything(desk, since=date(2026, 11, 25))
    assert pages.sent == ["20261120", "20261020", "20260920"]


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("encoding", ["cp949", "utf-8-sig"])
def test_every_header_and_encoding_that_the_register_used_is_taken(
    desk: Desk, opened: Any, era: str, encoding: str
) -> None:
    opened([distributed("20261120", era, encoding), FILES[1]])
    everything(desk)
    assert desk.stage("nps", loader.load).rows("SELECT count(DISTINCT period_end) FROM stage_headcounts") == [(2,)]  # fmt: skip


def test_a_zip_is_taken_too(desk: Desk, opened: Any) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("내역.csv", FILES[0].body)
    opened([MonthFile("20261120", packed.getvalue()), FILES[1]])
    everything(desk)
    staged = desk.stage("nps", loader.load)
    assert {s.file[-12:] for s in staged.summaries} == {"20261120.zip", "20261020.csv"}


# --- a person is wanted --------------------------------------------------------------------------


def test_a_captcha_says_how_to_go_on_by_hand_and_keeps_what_came(desk: Desk, opened: Any) -> None:
    _, pages = opened(FILES, captcha_after=1)
    with pytest.raises(KeyRefusedError) as caught:
        everything(desk)
    for lang in ("ko", "en"):
        assert "--from" in caught.value.line(lang)
        assert "https://www.data.go.kr/data/15083277/fileData.do" in caught.value.line(lang)
    assert pages.sent == ["20261120"]
    assert desk.stage("nps", loader.load).rows("SELECT count(DISTINCT period_end) FROM stage_headcounts") == [(1,)]  # fmt: skip
    pages.captcha_after = None
    everything(desk)
    assert pages.sent == ["20261120", "20261020", "20260920"]
    assert left_over(desk) == []


# --- large files, cut off ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large() -> MonthFile:
    """Some 40 MB, half of a real month."""
    head, *rows = month_text("2026-10").encode("cp949").splitlines(keepends=True)
    return MonthFile("20261120", head + b"".join(rows) * 70_000)


def test_a_large_file_goes_to_disk_without_being_held(
    desk: Desk, opened: Any, large: MonthFile
) -> None:
    stand_in, _ = opened([large, FILES[1]])
    stand_in.fault(drip(200_000_000), where=is_file)  # so that the stand-in makes no copy of it
    tracemalloc.start()
    everything(desk, since=date(2026, 10, 31))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    (kept,) = (desk.inbox.folder / "files").iterdir()
    assert kept.stat().st_size == len(large.body) > 40_000_000
    assert peak < len(large.body) * 0.7


def test_a_download_cut_in_the_middle_begins_anew(
    desk: Desk, opened: Any, large: MonthFile
) -> None:
    stand_in, pages = opened([large, FILES[1]])
    stand_in.fault(cut(25_000_000), times=2, where=is_file)
    everything(desk, since=date(2026, 10, 31))
    (kept,) = (desk.inbox.folder / "files").iterdir()
    assert kept.read_bytes() == large.body
    assert len(pages.sent) == 3


def test_a_download_that_never_gets_through_leaves_no_half_file(
    desk: Desk, opened: Any, large: MonthFile
) -> None:
    stand_in, _ = opened([large, FILES[1]])
    stand_in.fault(cut(1_000_000), where=is_file)
    with pytest.raises(UnreachableError):
        everything(desk)
    assert list((desk.inbox.folder / "files").iterdir()) == []
    stand_in.mend()
    everything(desk, since=date(2026, 10, 31))
    (kept,) = (desk.inbox.folder / "files").iterdir()
    assert kept.stat().st_size == len(large.body)


def test_what_a_killed_run_left_is_swept_after_a_day(desk: Desk, opened: Any) -> None:
    opened(FILES[1:])
    folder = desk.inbox.folder / "files"
    for name, age in ((".month-1-1.part", 2 * 86_400), (".month-2-2.part", 60)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (time.time() - age,) * 2)
    everything(desk)
    assert left_over(desk) == [".month-2-2.part"]


# --- what is no month ----------------------------------------------------------------------------

GOOD = month_text("2026-10")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "first line"),
        ("<!doctype html><title>점검</title>".encode(), "columns"),
        (GOOD.replace(",", ";").encode("cp949"), "columns"),
        (GOOD.replace("가입자수", "인원").encode("cp949"), "missing column"),
        (GOOD.encode("utf-16"), "neither cp949 nor utf-8"),
        (GOOD.encode("cp949") + "익산공장".encode(), "neither cp949 nor utf-8"),
        (GOOD.encode("cp949")[:-30], "cut off"),
        (GOOD.encode("cp949")[:-4], "cut off"),
        (b"PK\x03\x04 half a zip", "zip|damaged|broken"),
        ("회사,주소\n가나,서울\n".encode("cp949"), "columns"),
    ],
)
def test_a_file_that_is_no_month_is_not_kept(
    desk: Desk, opened: Any, body: bytes, said: str
) -> None:
    opened([MonthFile("20261120", body), FILES[1]])
    with pytest.raises(AnswerError, match=f"(?i){said}"):
        everything(desk)
    assert list((desk.inbox.folder / "files").iterdir()) == []
    assert [a.endpoint for a in desk.inbox.answers("nps")] == ["file_history"]


@pytest.mark.parametrize(
    ("path", "fault", "kind"),
    [
        ("/cmm/cmm/fileDownload.do", HTML_PAGE, AnswerError),
        ("/cmm/cmm/fileDownload.do", http_error(500), UnreachableError),
        ("/cmm/cmm/fileDownload.do", http_error(403), KeyRefusedError),
        ("/cmm/cmm/fileDownload.do", http_error(302, {"Location": "/login"}), AnswerError),
        ("/cmm/cmm/fileDownload.do", endless(), AnswerError),
        ("/cmm/cmm/check-limit.json", HTML_PAGE, AnswerError),
        ("/tcs/dss/selectFileDataDownload.do", HTML_PAGE, AnswerError),
        ("/tcs/dss/selectFileDataDownload.do", lambda *_: as_json({"status": False}), AnswerError),
        ("/tcs/dss/selectFileDataDownload.do", lambda *_: as_json([]), AnswerError),
        ("/tcs/dss/selectFileDataDownload.do", lambda *_: as_json({"atchFileId": "F"}), AnswerError),
        ("/tcs/dss/selectHistAndCsvData.do", HTML_PAGE, AnswerError),
        ("/tcs/dss/selectHistAndCsvData.do", instead(b"", "text/html"), AnswerError),
        ("/data/15083277/fileData.do", HTML_PAGE, AnswerError),
        ("/data/15083277/fileData.do", cut(0), UnreachableError),
    ],
)  # fmt: skip
def test_pages_that_went_wrong_are_told(
    desk: Desk,
    opened: Any,
    path: str,
    fault: Fault,
    kind: type[SourceError],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nps_download, "_MOST_BYTES", 1 << 22)
    stand_in, _ = opened(FILES)
    stand_in.fault(fault, where=lambda request: request.path == path)
    with pytest.raises(SourceError) as caught:
        everything(desk)
    assert type(caught.value) is kind
    assert list((desk.inbox.folder / "files").iterdir()) == []


def test_a_disk_that_cannot_be_written_is_the_stores_trouble(
    desk: Desk, opened: Any, tmp_path: Path
) -> None:
    opened(FILES)
    api = nps_download.NpsFiles(tmp_path / "gone" / "files")
    with pytest.raises(LakeError, match="could not be stored"):
        nps_download.fetch_new(desk.collector(), None, api)


# --- the loader's own files ----------------------------------------------------------------------


def test_a_months_text_lies_in_the_stores_place_while_it_is_read(tmp_path: Path) -> None:
    spill, made = tmp_path / "lake" / ".spill", tmp_path / "made"
    made.mkdir()
    seen: list[list[str]] = []

    class Watch(Silent):
        def advance(self, amount: int = 1) -> None:  # noqa: ARG002 - as `Progress` has it
            seen.append([p.name for p in spill.iterdir()])

    write_month(made, entries=[workplace()])
    with duckdb.connect(config={"temp_directory": str(spill)}) as con:
        create_stage(con)
        loader.load(con, made, Watch())
    assert [[name[:10] for name in names] for names in seen] == [["paycanary-"]]
    assert not spill.exists() or list(spill.iterdir()) == []
