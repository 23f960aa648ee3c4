"""The job ``refresh_company``: what ``paycanary refresh --company`` does, with patience for others who write."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import NotFoundError
from paycanary.lake import live
from paycanary.lake.home import inbox_path, lake_path
from paycanary.lake.reader import open_reader
from paycanary.report.fetched import document, judged
from paycanary.sources.registers import REGISTERS
from paycanary.sources.web.inbox import Inbox
from paycanary.verdict import Session

if TYPE_CHECKING:
    from paycanary.documents.fetched import Fetch
    from paycanary.errors import Lang
    from paycanary.jobs.board import Board
    from paycanary.lake.live import Fetched

KIND: Final = "refresh_company"
#: The step in which a job waits for another refresh.
STORE_BUSY: Final = "store_busy"
_LANGS: Final[tuple[Lang, ...]] = ("ko", "en")
#: Errors whose words name files of the server.
_ABOUT_FILES: Final = ("input_file", "other_table")
_log = logging.getLogger(__name__)


def refresh_company(company: str, board: Board, store_seconds: float) -> dict[str, Any]:
    """Ask all registers about a company that is stored, and judge it.

    Args:
        company: its canonical id.
        board: told how far it is.
        store_seconds: how long to wait for another refresh.

    Returns:
        A `Fetch` for each language.

    Raises:
        NotFoundError: the company is not stored any more.
        LakeError: the store cannot be written.
    """
    if Session(open_reader()).canonical(company) is None:
        # Only who is known is asked about: what a visitor types goes to no register.
        raise NotFoundError(
            {"ko": "그 회사는 이제 저장되어 있지 않습니다.", "en": "That company is not stored any more."},
            {"ko": "이름으로 다시 찾아 보세요.", "en": "Search by name again."},
        )  # fmt: skip
    inbox = Inbox(inbox_path())
    try:
        fetched = _fetch(inbox, company, board, store_seconds)
        day = inbox.today()
    finally:
        inbox.close()
    board.step("judge")
    session = Session(open_reader())
    return {
        lang: _public(document(fetched, judged(session, fetched, day, lang), lang), lang)
        for lang in _LANGS
    }


def _fetch(inbox: Inbox, company: str, board: Board, store_seconds: float) -> Fetched:
    """Fetch; while another refresh holds the store, wait. What was answered is not asked for twice."""

    def once() -> Fetched:
        board.step("fetch")
        return live.fetch_company(lake_path(), inbox, company, list(REGISTERS), board)

    return live.patiently(once, store_seconds, lambda seconds: board.wait(STORE_BUSY, seconds))


def _public(fetch: Fetch, lang: Lang) -> dict[str, Any]:
    """The fetch without paths of the server."""
    unread = {
        "ko": "받은 파일을 읽지 못했습니다.",
        "en": "A file that was fetched could not be read.",
    }
    for asked in fetch.sources:
        if asked.error in _ABOUT_FILES:
            _log.warning("%s: %s", asked.source, asked.message)
    sources = [
        a.model_copy(update={"message": unread[lang]}) if a.error in _ABOUT_FILES else a
        for a in fetch.sources
    ]
    refresh = fetch.refresh
    if refresh is not None:
        refresh = refresh.model_copy(update={"path": refresh.source})
    return fetch.model_copy(update={"sources": sources, "refresh": refresh}).model_dump(mode="json")
