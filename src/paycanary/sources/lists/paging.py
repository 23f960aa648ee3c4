"""A list of many pages, read whole or not at all.

Pages are kept in the inbox as they come, so a reading that broke off goes on where it stopped. Only when all of them are there
and fit together does the list itself go in, as one answer of endpoint ``list``: a loader that sees it knows that nothing is missing,
and that what it lacks was no longer listed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from paycanary.errors import AnswerError
from paycanary.sources.lists.tables import LayoutError
from paycanary.sources.web.calls import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.errors import Lang
    from paycanary.sources.lists.tables import Page
    from paycanary.sources.web.calls import Api, Row
    from paycanary.sources.web.client import Web
    from paycanary.sources.web.collector import Collector

#: Rows on a page, where the site lets us choose.
PAGE_SIZE: Final = 100
#: Pages of one reading: older ones no longer fit to newer ones, for entries are deleted in between.
_SAME_READING: Final = timedelta(hours=1)
#: A list is not asked anew within this time, and a search neither.
FRESH: Final = timedelta(hours=20)
_MOST_PAGES: Final = 3000
_LATER: Final[dict[Lang, str]] = {
    "ko": "이 목록에서는 아무것도 저장하지 않았습니다. 새 판이 나오면 paycanary 를 올리고, 그때까지는 해당 누리집에서 직접 확인하세요.",
    "en": "Nothing was stored from this list. Update paycanary when a new version is out; until then look at the site itself.",
}


class ListApi:
    """What the clients of all lists share: one connection to ``site``, a call a second, no quota that anyone states."""

    source: str
    site: str
    daily_limit: int | None = None

    @cached_property
    def _web(self) -> Web:
        from paycanary.sources.web.client import Web  # noqa: PLC0415 - heavy

        return Web(self.source, self.site, per_second=1)

    def bucket(self, call: Call) -> str:  # noqa: ARG002 - no quota is stated
        """One for all."""
        return self.source


@dataclass(slots=True)
class _Whole:
    """All pages of a list as one answer."""

    source: str
    rows: Callable[[], list[Row]]
    daily_limit: int | None = None

    def bucket(self, call: Call) -> str:
        """A bucket of its own: nothing is asked."""
        return call.endpoint

    def ask(self, call: Call) -> Answer:  # noqa: ARG002 - there is one list only
        """Read what is missing and put it together."""
        return Answer(self.rows())


def take_whole(c: Collector, api: Api) -> list[Row]:
    """The whole list, in the inbox as endpoint ``list``. ``api`` reads a page as endpoint ``page``, parameter ``page`` from 1.

    Raises:
        SourceError: a page is missing, or the pages do not fit together even at a second reading; the list of before stays.
    """
    return c.get(_Whole(api.source, lambda: _read(c, api)), Call("list", max_age=FRESH))


def search(c: Collector, api: Api, name: str) -> None:
    """Look for a name, unless it is none, or the whole list was read so lately that this would tell nothing new.

    Raises:
        SourceError: see `Api.ask`.
    """
    is_name = any(letter.isalpha() for letter in name)
    if is_name and c.inbox.find(api.source, Call("list", max_age=FRESH)) is None:
        c.get(api, Call("search", {"name": name}, max_age=FRESH))


def as_answer(call: Call, page: Page) -> Answer:
    """A page as an answer. One of the whole list leads with a row that tells how many entries all pages hold."""
    if call.endpoint == "page":
        return Answer([{"total": None if page.total is None else str(page.total)}, *page.rows])
    return Answer(page.rows)


def changed(source: str, error: LayoutError) -> AnswerError:
    """The error for a page that is no longer laid out as it was."""
    return AnswerError(
        source,
        {
            "ko": f"{source}: 페이지의 짜임이 알던 것과 다릅니다({error}).",
            "en": f"{source}: the page's layout changed ({error}).",
        },
        _LATER,
    )


def _read(c: Collector, api: Api) -> list[Row]:
    try:
        return _once(c, api, _SAME_READING)
    except LayoutError:
        # An entry was deleted while we read, or pages of an earlier try are among them: once more, all anew.
        try:
            return _once(c, api, timedelta(0))
        except LayoutError as error:
            raise changed(api.source, error) from None


def _once(c: Collector, api: Api, max_age: timedelta) -> list[Row]:
    total: str | None = None
    rows: list[Row] = []
    before = ""
    for number in range(1, _MOST_PAGES + 1):
        head, *page = c.get(api, Call("page", {"page": str(number)}, max_age=max_age))
        if number == 1:
            total = head["total"]
            c.progress.step(api.source, total=int(total) // PAGE_SIZE + 1 if total else None)
        c.progress.advance()
        if head["total"] != total:
            raise LayoutError(f"page {number} tells of {head['total']} entries, page 1 of {total}")
        same = json.dumps(page, ensure_ascii=False, sort_keys=True)
        if page and same == before:
            raise LayoutError(f"page {number} repeats the page before it")
        before = same
        rows += page
        # Where no total is told only a page without entries is an end: a site that ignores the page size shows short pages.
        if not page or (total is not None and len(rows) >= int(total)):
            break
    if not rows:
        # None of these lists has ever been empty: a site that shows none is out of order.
        raise LayoutError("the list is empty")
    if total is not None and int(total) != len(rows):
        raise LayoutError(f"{len(rows)} entries on all pages, not the {total} that are told")
    return rows
