"""One copy of the service: what its doors need, opened once and closed in order."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final, Literal

from paycanary.corrections.published import Published
from paycanary.service import redis_address
from paycanary.service.answers import Answers
from paycanary.service.housekeeping import Housekeeping, chores
from paycanary.service.limiter import Limiter
from paycanary.service.market import Market
from paycanary.service.refreshing import Refreshing
from paycanary.signals.custom import BUILT_IN, Criteria
from paycanary.state.database import Database, database_url

if TYPE_CHECKING:
    from datetime import date

    from paycanary.errors import Lang
    from paycanary.models import Verdict
    from paycanary.service.settings import Settings
    from paycanary.service.shared import Shared

Ail = Literal["redis", "database", "snapshot"]
#: What works differently while something is away.
AILS: Final[dict[Ail, dict[Lang, str]]] = {
    "redis": {
        "ko": "Redis 에 닿지 않습니다. 답은 그대로이고, 요청 횟수와 보관한 답은 서버마다 따로 셉니다. 새로 받기는 잠시 되지 않습니다.",
        "en": "Redis cannot be reached. Answers are the same; each server counts requests and keeps answers for itself. Refreshing a company has to wait.",
    },
    "database": {
        "ko": "서비스의 데이터베이스에 닿지 않습니다. 회사에 관한 답은 그대로이고, 관심 목록·알림·정정 신고는 잠시 되지 않습니다.",
        "en": "The service's database cannot be reached. Answers about companies go on; watchlists, alerts and reports of errors have to wait.",
    },
    "snapshot": {
        "ko": "가장 새로 받은 자료를 읽을 수 없어 그 앞의 자료로 답합니다.",
        "en": "The newest data cannot be read, so the data before it answers.",
    },
}
log = logging.getLogger("paycanary.service")
#: Seconds between two looks whether an answer may have changed.
_TICK: Final = 0.25


class Service:
    """Opened when a process starts to serve, closed when it stops; doors find it as ``request.app.state.service``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        named = settings.database_url
        self.database = Database(named.get_secret_value() if named else database_url())
        self.market = Market(settings.warm_rows)
        self.published = Published(self.database)
        self.refreshing = Refreshing(settings, self.database)
        self._housekeeping = Housekeeping(
            self.database, chores(self) if settings.housekeeping else []
        )
        self._housekeeping.start()
        self._shared = _shared(settings)
        self.answers = Answers(settings.cache_bytes, self._shared)
        self.limiter = Limiter(settings, self._shared)
        self._version = self._look()
        self._closing = threading.Event()
        self._watching = threading.Thread(target=self._watch, name="version", daemon=True)
        self._watching.start()

    def verdict(
        self, company: str, as_of: date | None = None, lang: Lang = "ko", criteria: Criteria = BUILT_IN
    ) -> Verdict:  # fmt: skip
        """The verdict that every network door gives, on a canonical company id; as of today by default."""
        return self.published.attach(self.market.edition().verdict(company, as_of, lang, criteria))

    def version(self) -> str:
        """Changes whenever an answer may: part of every cache key and ETag. Costs nothing, so that every request may ask."""
        return self._version

    def ails(self) -> str:
        """Codes of `AILS` that hold now, separated by blanks."""
        away = (
            ("redis", self._shared is not None and self._shared.is_away),
            ("database", self.published.is_stale),
            ("snapshot", self.market.is_damaged),
        )
        return " ".join(code for code, is_so in away if is_so)

    def degraded(self) -> list[dict[Lang, str]]:
        """What works differently now, in words; empty when all is well."""
        return [words for code, words in AILS.items() if code in self.ails().split()]

    async def aclose(self) -> None:
        """Let go of everything, where there is an event loop."""
        if self._shared is not None:
            await self._shared.close()
        self.close()

    def close(self) -> None:
        """Let go of everything."""
        self._closing.set()
        self._watching.join()
        self._housekeeping.stop()
        self.refreshing.close()
        self.database.close()

    def _look(self) -> str:
        return f"{self.market.edition().key}-{self.published.version()}"

    def _watch(self) -> None:
        while not self._closing.wait(_TICK):
            try:
                self._version = self._look()
            except Exception:
                # A thread that ends would leave every answer as it is for good.
                log.exception("could not look for a newer version")


def _shared(settings: Settings) -> Shared | None:
    place = redis_address.cache(settings)
    if place is None:
        return None
    from paycanary.service.shared import Shared  # noqa: PLC0415 - only who shares Redis has its client

    return Shared(place.url, place.prefix)
