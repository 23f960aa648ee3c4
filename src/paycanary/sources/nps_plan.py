"""Register ``nps`` live: the monthly file of everyone, and one company's months by name.

The file of a month comes out about the 20th of the next. It needs no key; what is asked about one company does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.sources import nps_api, nps_download
from paycanary.sources.web.calendar import Calendar

if TYPE_CHECKING:
    from datetime import date

    from paycanary.sources.subject import Subject
    from paycanary.sources.web.collector import Collector

NAME: Final = nps_api.NAME
CALENDAR: Final = Calendar("month", day=20)


def about_company(c: Collector, subject: Subject) -> None:
    """A company's workplaces over the newest months, see `nps_api.about_company`."""
    nps_api.about_company(c, subject)


def everything(c: Collector, since: date | None) -> None:
    """The month files that the lake lacks, see `nps_download.fetch_new`."""
    nps_download.fetch_new(c, since)


def missing(c: Collector, since: date | None) -> list[str]:
    """Titles of the month files that are out and that the lake lacks, see `nps_download.missing`."""
    return [row["title"] or "" for row in nps_download.missing(c, since)]
