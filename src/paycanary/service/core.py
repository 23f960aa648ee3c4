"""One copy of the service: what its doors need, opened once and closed in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.corrections.published import Published
from paycanary.service.housekeeping import Housekeeping, chores
from paycanary.service.market import Market
from paycanary.service.refreshing import Refreshing
from paycanary.signals.custom import BUILT_IN, Criteria
from paycanary.state.database import Database, database_url

if TYPE_CHECKING:
    from datetime import date

    from paycanary.errors import Lang
    from paycanary.models import Verdict
    from paycanary.service.settings import Settings


class Service:
    """Opened when a process starts to serve, closed when it stops; doors find it as ``request.app.state.service``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        named = settings.database_url
        self.database = Database(named.get_secret_value() if named else database_url())
        self.market = Market()
        self.published = Published(self.database)
        self.refreshing = Refreshing(settings, self.database)
        self._housekeeping = Housekeeping(
            self.database, chores(self) if settings.housekeeping else []
        )
        self._housekeeping.start()

    def verdict(
        self, company: str, as_of: date | None = None, lang: Lang = "ko", criteria: Criteria = BUILT_IN
    ) -> Verdict:  # fmt: skip
        """The verdict that every network door gives, on a canonical company id; as of today by default."""
        return self.published.attach(self.market.edition().verdict(company, as_of, lang, criteria))

    def version(self) -> str:
        """Changes whenever an answer may: part of every cache key and ETag."""
        return f"{self.market.edition().key}-{self.published.version()}"

    def close(self) -> None:
        """Let go of everything."""
        self._housekeeping.stop()
        self.refreshing.close()
        self.database.close()
