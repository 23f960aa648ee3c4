"""Accepted corrections beside a verdict's figures, and how the command line finds them without the service's libraries.

The figures stay as they were filed; a correction stands beside them from the day on which it was accepted.
"""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from paycanary.errors import StateError
from paycanary.lake.home import lake_path
from paycanary.models import Correction
from paycanary.wording import korean_day

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from paycanary.models import Verdict

_SQLITE: Final = "sqlite:///"
_ACCEPTED: Final = """
SELECT company_id, id, source, filing_id, concept, period_end, shown, statement, reporter, decided_at
FROM corrections WHERE state = 'accepted' ORDER BY decided_at, id
"""


def beside(verdict: Verdict, accepted: Mapping[str, Sequence[Correction]]) -> Verdict:
    """The verdict with those corrections that had been accepted by its day.

    ``accepted`` is by the company id that a report was filed under: a company that registers' entries were joined to since
    then is still found.
    """
    ids = dict.fromkeys((verdict.company.id, *(link.id for link in verdict.company.links)))
    found = [
        c for i in ids for c in accepted.get(i, ()) if c.accepted_on <= verdict.as_of
    ]  # fmt: skip
    found.sort(key=lambda c: (c.accepted_on, c.id))
    return verdict.model_copy(update={"corrections": found}) if found else verdict


def from_state(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Verdicts with the corrections of the state that the environment names; untouched where there is no state yet.

    Raises:
        StateError: there is one, but it cannot be asked.
    """
    url = os.environ.get("DATABASE_URL")
    if url and not url.startswith(_SQLITE):
        # A server: only its users pay for the libraries that speak to it.
        from paycanary.corrections.published import Published  # noqa: PLC0415
        from paycanary.state.database import Database  # noqa: PLC0415

        with closing(Database(url)) as database:
            accepted = Published.read(database)
    else:
        path = Path(url.removeprefix(_SQLITE)) if url else lake_path().with_name("state.sqlite")
        accepted = _read_file(path) if path.exists() else {}
    return [beside(verdict, accepted) for verdict in verdicts]


def _read_file(path: Path) -> dict[str, list[Correction]]:
    import sqlite3  # noqa: PLC0415 - only who has a state pays for it

    accepted: dict[str, list[Correction]] = defaultdict(list)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as con:
            # A file that was made but never migrated holds no correction.
            rows = con.execute(_ACCEPTED).fetchall() if _is_migrated(con) else []
    except sqlite3.Error as error:
        raise StateError(
            {"ko": f"{path}: 받아들인 정정을 읽을 수 없습니다({error}).", "en": f"{path}: accepted corrections cannot be read ({error})."},
            {"ko": "파일의 권한을 확인하고 `paycanary database upgrade` 를 해 보세요.", "en": "See who may read the file, and try `paycanary database upgrade`."},
        ) from error  # fmt: skip
    for company, number, source, filing, concept, period, shown, statement, reporter, decided in rows:  # fmt: skip
        accepted[company].append(
            Correction(
                id=number,
                source=source,
                filing_id=filing,
                concept=concept,
                period_end=date.fromisoformat(period) if period else None,
                shown=shown,
                statement=statement,
                reporter=reporter,
                accepted_on=korean_day(datetime.fromisoformat(decided).replace(tzinfo=UTC)),
            )
        )
    return accepted


def _is_migrated(con: sqlite3.Connection) -> bool:
    return bool(con.execute("SELECT 1 FROM sqlite_master WHERE name = 'corrections'").fetchone())
