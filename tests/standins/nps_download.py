"""The portal's pages of the monthly pension file (www.data.go.kr), as clients that download it found them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tests.standins.server import Reply, Request, StandIn, as_json

DATA_SET: Final = "15083277"
_TITLE: Final = "국민연금공단_국민연금 가입 사업장 내역_{day}"


@dataclass(frozen=True)
class MonthFile:
    """A file as the portal lists it: ``day`` is YYYYMMDD, the day of distribution."""

    day: str
    body: bytes

    @property
    def uddi(self) -> str:
        return f"uddi:{int(self.day):08d}-2bce-421a-8ae6-e83f77d824ee"

    @property
    def title(self) -> str:
        return _TITLE.format(day=self.day)

    @property
    def number(self) -> str:
        return f"FILE_{int(self.day):015d}"


@dataclass
class FilePages:
    """``files``: the newest first. ``captcha_after``: files that are sent before the portal wants to see a person."""

    files: list[MonthFile]
    captcha_after: int | None = None
    sent: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        if "Mozilla" not in request.headers.get("user-agent", ""):
            return Reply(b"<html>WAF</html>", 403, "text/html")
        pages = {
            ("GET", f"/data/{DATA_SET}/fileData.do"): lambda: _html(self._page()),
            ("POST", "/tcs/dss/selectHistAndCsvData.do"): lambda: _html(self._history(request)),
            ("POST", "/tcs/dss/selectFileDataDownload.do"): lambda: self._number(request),
            ("POST", "/cmm/cmm/check-limit.json"): lambda: as_json({"needCaptcha": self._wants_person()}),
            ("GET", "/cmm/cmm/fileDownload.do"): lambda: self._file(request),
        }  # fmt: skip
        page = pages.get((request.method, request.path))
        return page() if page else Reply(b"<html>404</html>", 404, "text/html")

    def _page(self) -> str:
        newest = self.files[0]
        return (
            f"<!doctype html><title>{newest.title}</title>"
            f"<button onclick=\"fileDetailObj.fn_fileDataDown('{DATA_SET}', '{newest.uddi}', '', '1', '3')\">다운로드</button>"
        )

    def _history(self, request: Request) -> str:
        if request.form.get("publicDataPk") != DATA_SET:
            return "<div></div>"
        anchors = "".join(
            f'<li><a href="#" onclick="openFileDetailPopup(this)" data-public-pk="{file.uddi}" data-public-detail-sn="1"> {file.title} </a></li>'
            for file in self.files[1:]
        )
        return f'<div class="history"><ul>{anchors}</ul></div>'

    def _number(self, request: Request) -> Reply:
        for file in self.files:
            if file.uddi == request.form.get("publicDataDetailPk"):
                return as_json(
                    {
                        "status": True, "atchFileId": file.number, "fileDetailSn": "1",
                        "dataSetFileDetailInfo": {"dataNm": file.title},
                    }
                )  # fmt: skip
        return as_json({"status": False, "error": "no such file"})

    def _wants_person(self) -> bool:
        return self.captcha_after is not None and len(self.sent) >= self.captcha_after

    def _file(self, request: Request) -> Reply:
        for file in self.files:
            if file.number == request.params.get("atchFileId") and not self._wants_person():
                self.sent.append(file.day)
                return Reply(file.body, 200, "application/octet-stream")
        return _html("<!doctype html><title>자동 입력 방지</title>")


def _html(text: str) -> Reply:
    return Reply(text.encode(), 200, "text/html;charset=UTF-8")


def service(files: list[MonthFile], *, captcha_after: int | None = None) -> tuple[StandIn, FilePages]:  # fmt: skip
    """A stand-in to be entered, and the pages behind it."""
    pages = FilePages(files, captcha_after)
    return StandIn(pages.answer), pages
