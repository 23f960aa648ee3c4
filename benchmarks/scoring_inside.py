"""Where a forecast's time goes within one process: prints JSON, seconds. Run by ``scoring.py``.

python benchmarks/scoring_inside.py check COMPANY DAY       # one cold question
python benchmarks/scoring_inside.py market DAY ROUNDS       # everyone, on whatever PAYCANARY_HOME holds
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

STARTED = time.perf_counter()

from paycanary.forecast import telling  # noqa: E402 - the clock runs
from paycanary.forecast.features import beside_sql  # noqa: E402
from paycanary.lake.reader import open_reader  # noqa: E402
from paycanary.models import Forecast  # noqa: E402
from paycanary.signals import known  # noqa: E402
from paycanary.signals.engine import Engine  # noqa: E402
from paycanary.verdict import Session  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

MADE = "CREATE OR REPLACE TEMP TABLE beside"
REPEATS = 5
#: What asking does without.
HEAVY = ("numpy", "pandas", "pyarrow", "scipy", "sklearn", "joblib", "mlflow", "threadpoolctl")


class Clocked:
    """A connection that keeps how long its statement for table ``beside`` took."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self.seconds = 0.0
        self.sql = ""

    def execute(self, sql: str, *given: Any) -> Any:
        """As of the connection."""
        began = time.perf_counter()
        found = self._con.execute(sql, *given)
        if sql.startswith(MADE):
            self.seconds, self.sql = time.perf_counter() - began, sql
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)


def check(name: str, day: date) -> dict[str, Any]:
    """One question, the first of the process."""
    began = time.perf_counter()
    beside_sql()
    text = time.perf_counter() - began
    session = Session(open_reader())
    con: Any = Clocked(session.con)
    session.engine.con = con
    company = session.resolve(name).company_id
    session.engine.ask(day, company)
    told = known.read(session.con, company)
    began = time.perf_counter()
    if not isinstance(telling.forecast(told, day, "ko"), Forecast):
        sys.exit(f"{name} has no forecast as of {day}.")
    words = time.perf_counter() - began
    session.verdict(company, day)
    whole = time.perf_counter() - STARTED
    found: dict[str, Any] = {"text": text, "beside": con.seconds, "telling": words, "whole": whole}
    found["heavy"] = [module for module in HEAVY if module in sys.modules]
    found["nothing"] = nothing(session.con, company, day)
    session.engine = Engine(con, beside_sql())
    session.engine.ask(day, company)
    return found | planned(session.con, con.sql)


def nothing(con: duckdb.DuckDBPyConnection, company: str, day: date) -> float:
    """Seconds of the statement that makes ``beside`` empty."""
    plain: Any = Clocked(con)
    engine = Engine(con)
    engine.con = plain
    engine.ask(day, company)
    return float(plain.seconds)


def planned(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, float]:
    """Seconds of the statement, warm, and what DuckDB says of its parts; the quickest of some."""
    again = min(_clock(con, sql) for _ in range(REPEATS))
    began = time.perf_counter()
    con.extract_statements(sql)
    parsing = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch, "profile.json")
        con.execute("PRAGMA enable_profiling='json'")
        con.execute("PRAGMA profiling_mode='detailed'")
        con.execute(f"SET profiling_output='{out}'")
        con.execute(sql)
        con.execute("PRAGMA disable_profiling")
        profile = json.loads(out.read_text(encoding="utf-8"))
    return {
        "again": again, "parsing": parsing, "binding": profile["planner"]["binding_time"],
        "optimizing": profile["optimizer"]["total_time"], "operators": profile["query"]["cpu_time"],
    }  # fmt: skip


def _clock(con: duckdb.DuckDBPyConnection, sql: str) -> float:
    began = time.perf_counter()
    con.execute(sql)
    return time.perf_counter() - began


def market(day: date, rounds: int) -> dict[str, Any]:
    """Everyone, with and without what is known beside, in turn."""
    session = Session(open_reader())
    found: dict[str, Any] = {"sample": session.reader.is_sample}
    seconds: dict[str, list[float]] = {"without": [], "beside": [], "probabilities": [], "screen": []}  # fmt: skip

    def clocked(name: str, step: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        got = step()
        seconds[name].append(time.perf_counter() - began)
        return got

    def without() -> None:
        session.engine = Engine(session.con)
        clocked("without", lambda: session.engine.ask(day, None))

    def beside() -> None:
        session.engine = Engine(session.con, beside_sql())
        clocked("beside", lambda: session.engine.ask(day, None))
        found["told"] = len(clocked("probabilities", lambda: session._probabilities(day)))  # noqa: SLF001 - what `screen` asks
        found["companies"] = len(clocked("screen", lambda: session.screen(day)))

    without()
    seconds["without"].clear()
    for number in range(rounds):
        for step in (without, beside) if number % 2 == 0 else (beside, without):
            step()
    return found | {"seconds": seconds}


def main() -> None:
    what, *rest = sys.argv[1:]
    if what == "check":
        print(json.dumps(check(rest[0], date.fromisoformat(rest[1]))))
    else:
        print(json.dumps(market(date.fromisoformat(rest[0]), int(rest[1]))))


if __name__ == "__main__":
    main()
