"""The monthly file of all pension workplaces, downloaded as a person would: from the portal's page, without a key.

Source: https://www.data.go.kr/data/15083277/fileData.do. The page names the newest file (``uddi:...``),
``selectHistAndCsvData.do`` the months before it, ``selectFileDataDownload.do`` turns one into a file number,
``check-limit.json`` says whether the portal wants to see a person first, and ``fileDownload.do`` sends about 100 MB.
A file distributed in a month holds the month before.
"""

from __future__ import annotations

import codecs
import csv
import os
import re
import time
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import InputFileError, KeyRefusedError, LakeError
from paycanary.sources import nps, nps_api
from paycanary.sources.nps_parts import damaged, find_parts, opened, wrong_encoding
from paycanary.sources.web.calls import Answer, Call
from paycanary.sources.web.client import Web

if TYPE_CHECKING:
    from pathlib import Path

    from paycanary.errors import Lang
    from paycanary.sources.nps_parts import Part
    from paycanary.sources.web.calls import Row
    from paycanary.sources.web.collector import Collector

NAME: Final = "nps"
HISTORY: Final = "file_history"
FILE: Final = "month_file"
_DATA_SET: Final = "15083277"
_PAGE: Final = f"data/{_DATA_SET}/fileData.do"
_BASE: Final = "https://www.data.go.kr"
_HISTORY_AGE: Final = timedelta(hours=12)
_MOST_BYTES: Final = 1 << 30
_BLOCK: Final = 1 << 20
_PER_SECOND: Final = 3
#: Files that are wanted: a year back, both ends counted.
_MONTHS: Final = 13
_STALE_SECONDS: Final = 86_400.0
_UDDI: Final = re.compile(r"uddi:[0-9a-fA-F-]{36}(?:_[0-9]+)?")
_DAY: Final = re.compile(r"(20[0-9]{2})(0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])")
_MONTH: Final = re.compile(r"(20[0-9]{2})년\s*(1[0-2]|0?[1-9])월")
_BY_HAND: Final[dict[Lang, str]] = {
    "ko": f"{_BASE}/{_PAGE} 에서 파일을 직접 받아 `paycanary refresh nps --from 파일` 로 넣으세요.",
    "en": f"Download the file by hand at {_BASE}/{_PAGE} and run `paycanary refresh nps --from FILE`.",
}


class NpsFiles:
    """The portal's file pages. ``folder`` is where a file lies until the inbox takes it over."""

    source = NAME
    daily_limit: int | None = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _web(self) -> Web:
        return Web(
            NAME,
            _BASE,
            per_second=_PER_SECOND,
            setting="nps_file",
            timeout=60.0,
            # The portal answers only what calls itself a browser.
            headers={
                "User-Agent": "Mozilla/5.0 (compatible; paycanary)",
                "Referer": f"{_BASE}/{_PAGE}",
                "X-Requested-With": "XMLHttpRequest",
            },
        )

    def bucket(self, call: Call) -> str:
        """No quota is stated."""
        return call.endpoint

    def ask(self, call: Call) -> Answer:
        """The list of files, newest first (``publicDataDetailPk``, ``title``, ``distributed`` as YYYY-MM), or one file.

        Raises:
            SourceError: KeyRefusedError where the portal wants to see a person; AnswerError for anything that is not the list
                or not a whole month of workplaces.
            LakeError: the disk is full or cannot be written.
        """
        return Answer(self._history()) if call.endpoint == HISTORY else self._file(call)

    def _history(self) -> list[Row]:
        page = self._web.send("GET", _PAGE)
        newest = _UDDI.search(page.body.decode("utf-8", errors="replace"))
        if newest is None:
            raise self._web.broken(f"no file on its page: {self._web.glimpse(page)}")
        rows = [self._newest(newest[0])]
        reply = self._web.send(
            "POST",
            "tcs/dss/selectHistAndCsvData.do",
            form={"publicDataPk": _DATA_SET, "publicDataDetailPk": newest[0]},
        )
        earlier = _listed(reply.body)
        if not earlier:
            raise self._web.broken(f"no list of earlier months: {self._web.glimpse(reply)}")
        rows += [row for row in earlier if row["publicDataDetailPk"] != newest[0]]
        return sorted(rows, key=lambda row: row["distributed"] or "", reverse=True)

    def _newest(self, uddi: str) -> Row:
        title = _title_in(self._number(uddi))
        if (row := _row(uddi, title)) is None:
            raise self._web.broken("the newest file bears no date")
        return row

    def _number(self, uddi: str) -> dict[str, Any]:
        reply = self._web.send(
            "POST",
            "tcs/dss/selectFileDataDownload.do",
            form={
                "publicDataPk": _DATA_SET, "publicDataDetailPk": uddi, "atchFileId": "", "fileDetailSn": "1",
                "publicDataTyCode": "PR0051",
            },
        )  # fmt: skip
        document = self._web.json(reply)
        if not isinstance(document, dict) or not document.get("atchFileId"):
            raise self._web.broken("no file number")
        return document

    def _file(self, call: Call) -> Answer:
        number = self._number(call.params["publicDataDetailPk"])
        asked = {"atchFileId": str(number["atchFileId"]), "fileDetailSn": str(number.get("fileDetailSn") or "1")}  # fmt: skip
        self._require_no_captcha(asked)
        unfinished = self._folder / f".month-{os.getpid()}-{time.monotonic_ns()}.part"
        try:
            self._sweep()
            size = self._web.download("cmm/cmm/fileDownload.do", unfinished, params=asked, max_bytes=_MOST_BYTES)  # fmt: skip
            suffix, months = self._checked(unfinished)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise _not_stored(self._folder, error) from error
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        title = call.params["title"]
        row: Row = {"title": title, "size": str(size), "months": str(months)}
        return Answer([row], f"{_safe(title)}{suffix}", unfinished)

    def _require_no_captcha(self, asked: dict[str, str]) -> None:
        limit = self._web.json(self._web.send("POST", "cmm/cmm/check-limit.json", form=asked))
        if isinstance(limit, dict) and limit.get("needCaptcha") not in (None, False, "", "N", "false"):  # fmt: skip
            raise KeyRefusedError(
                NAME,
                {
                    "ko": f"{NAME}: 공공데이터포털이 자동 입력 방지 문자를 요구해 파일을 받지 못했습니다.",
                    "en": f"{NAME}: the portal asks for a captcha before it sends the file.",
                },
                _BY_HAND,
            )

    def _checked(self, path: Path) -> tuple[str, int]:
        """Ending of the file and how many tables it holds, once every byte of it can be read as a month of workplaces."""
        with path.open("rb") as stream:
            suffix = ".zip" if stream.read(2) == b"PK" else ".csv"
        named = path.with_suffix(suffix)
        path.rename(named)
        try:
            parts = find_parts(named)
            for part in parts:
                nps.check(part)
                _require_whole(part)
        except InputFileError as error:
            why = error.what["en"].replace(named.name, "the file").rstrip(".")
            raise self._web.broken(why[:200]) from None
        finally:
            named.rename(path)
        return suffix, len(parts)

    def _sweep(self) -> None:
        """Remove what a killed run left behind."""
        for left in self._folder.glob(".month-*"):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                left.unlink(missing_ok=True)


def fetch_new(c: Collector, since: date | None, api: NpsFiles | None = None) -> None:
    """Fetch the months of the past year that are missing, the newest first.

    Args:
        c: asked through.
        since: newest publication that the lake holds: it may have been given whole months by hand. Once single companies were
            asked about it says nothing about whole months and is left aside.
        api: the pages.

    Raises:
        SourceError: why it ended early; files that came until then are in the inbox.
    """
    api = api or NpsFiles(c.inbox.folder / "files")
    wanted = missing(c, since, api)
    c.progress.step(FILE, total=len(wanted))
    for row in wanted:
        names = ("publicDataDetailPk", "title")
        c.file(api, Call(FILE, {name: row[name] or "" for name in names}))
        c.progress.advance()


def missing(c: Collector, since: date | None, api: NpsFiles | None = None) -> list[Row]:
    """The months of the past year that are out and were not fetched, the newest first; arguments as of `fetch_new`.

    Raises:
        SourceError: the list of months could not be asked for.
    """
    api = api or NpsFiles(c.inbox.folder / "files")
    listed = c.get(api, Call(HISTORY, {}, _HISTORY_AGE))
    had = {params["publicDataDetailPk"] for params, _ in c.inbox.requests(NAME, FILE)}
    if c.inbox.requests(NAME, nps_api.MONTH):
        since = None
    return [
        row
        for row in listed[:_MONTHS]
        if row["publicDataDetailPk"] not in had and (since is None or _is_after(row["distributed"] or "", since))
    ]  # fmt: skip


def _is_after(distributed: str, since: date) -> bool:
    """Whether a file distributed in a month (YYYY-MM) tells more than what was published by ``since``."""
    return distributed > f"{since:%Y-%m}"


def _listed(body: bytes) -> list[Row]:
    """Files named on the page of earlier ones: whatever element bears a ``uddi:`` and shows a date."""
    from lxml import etree, html  # noqa: PLC0415 - only where files are listed

    try:
        root = html.fromstring(body.decode("utf-8", errors="replace"))
    except (etree.LxmlError, ValueError):
        return []
    found: dict[str, Row] = {}
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        held = _UDDI.search(" ".join(str(value) for value in element.attrib.values()))
        if held and (row := _row(held[0], " ".join(str(text) for text in element.itertext()))):
            found.setdefault(held[0], row)
    return list(found.values())


def _row(uddi: str, title: str) -> Row | None:
    """A listed file; None where its title bears no date."""
    title = " ".join(title.split())
    dated = _DAY.search(title) or _MONTH.search(title)
    if dated is None:
        return None
    return {"publicDataDetailPk": uddi, "title": title[:100], "distributed": f"{dated[1]}-{int(dated[2]):02}"}  # fmt: skip


def _title_in(document: dict[str, Any]) -> str:
    """The name under which a file is kept: it stands in one of two places."""
    for part, name in (("dataSetFileDetailInfo", "dataNm"), ("fileDataRegistVO", "dataNm"), ("fileDataRegistVO", "orginlFileNm")):  # fmt: skip
        inner = document.get(part)
        text = str(inner.get(name) or "") if isinstance(inner, dict) else ""
        if _DAY.search(text) or _MONTH.search(text):
            return text.removesuffix(".csv").removesuffix(".zip")
    return ""


def _require_whole(part: Part) -> None:
    """Read all of it in the encoding of its titles, to a last row that has all its fields.

    Raises:
        InputFileError: the encoding changes on the way, or the last row is cut off.
    """
    for encoding in ("utf-8", "cp949"):
        decoder = codecs.getincrementaldecoder(encoding)()
        tail = ""
        try:
            with opened(part) as stream:
                while block := stream.read(_BLOCK):
                    tail = (tail + decoder.decode(block))[-_BLOCK:]
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        if _has_all_fields(tail):
            return
        raise damaged(part.label, "its last row is cut off")
    raise wrong_encoding(part.label)


def _has_all_fields(tail: str) -> bool:
    last = tail.rstrip().rsplit("\n", 1)[-1]
    fields = next(csv.reader([last]), [])
    is_ended = tail.endswith("\n") or (bool(fields) and fields[-1].strip().isdigit())
    return is_ended and len(fields) == len(nps.MONTHLY)


def _not_stored(folder: Path, error: OSError) -> LakeError:
    return LakeError(
        {
            "ko": f"{folder}: 월별 파일을 저장하지 못했습니다({error.strerror}).",
            "en": f"{folder}: the month's file could not be stored ({error.strerror}).",
        },
        {
            "ko": "공간을 비우고 다시 실행하면 이어서 받습니다.",
            "en": "Free some space and run it again: it goes on where it stopped.",
        },
    )


def _safe(title: str) -> str:
    return re.sub(r"[^\w.-]+", "_", title).strip("._") or "month"
