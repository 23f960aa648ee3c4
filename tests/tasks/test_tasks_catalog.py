"""Unattended work: the functions that the commands call, plain accounts, nothing done twice."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from paycanary import wording
from paycanary.alerts.watchlists import create
from paycanary.backup import create as backing
from paycanary.cli.main import app
from paycanary.lake import expiry
from paycanary.lake.home import lake_path
from paycanary.lake.reader import open_reader
from paycanary.state.database import open_database
from paycanary.tasks import alerting, operator, refreshing, retraining, screening
from paycanary.tasks.catalog import TASKS, call
from tests.alerts.receivers import mailbox, receiving
from tests.services import Services
from tests.visiting import COMPANY, NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = wording.today()  # in Korea, as the task counts
#: By work: the function, the work's arguments, and the command of the same job.
SAME: dict[str, tuple[Any, str, dict[str, Any], list[str]]] = {
    "refresh": (refreshing, "fetch", {"source": "krx"}, ["refresh", "krx"]),
    "due": (refreshing, "due", {"source": "krx"}, ["refresh", "krx", "--dry-run"]),
    "screen": (screening, "screen", {}, ["screen"]),
    "expire": (expiry, "expire", {}, ["expire"]),
    "retrain": (retraining, "retrain", {}, ["forecast", "retrain"]),
    "backup": (backing, "create", {}, ["backup", "create", "PLACE"]),
    "alert": (alerting, "alert", {}, ["alerts", "run", "--once"]),
    "tell": (operator, "tell", {"headline": "h", "lines": []}, ["alerts", "operator", "h"]),
}


class Called(Exception):  # noqa: N818 - no error: it says that the function was reached
    pass


def test_all_work_is_compared_with_a_command() -> None:
    assert set(SAME) == set(TASKS)


@pytest.mark.parametrize("work", SAME)
def test_work_calls_the_function_that_the_command_calls(
    work: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name, arguments, command = SAME[work]

    def reached(*_: object, **__: object) -> None:
        raise Called

    monkeypatch.setattr(module, name, reached)
    monkeypatch.setenv("PAYCANARY_BACKUP_PLACE", str(tmp_path / "backups"))
    with pytest.raises(Called):
        call(work, arguments)
    typed = [str(tmp_path / "backups") if word == "PLACE" else word for word in command]
    with pytest.raises(Called):
        app(typed, standalone_mode=False)
    assert home


@pytest.fixture
def services(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    assert home
    with Services() as running:
        for name, value in running.env().items():
            monkeypatch.setenv(name, value)
        yield running


def test_a_refresh_says_what_changed_and_the_next_one_that_nothing_did(services: Services) -> None:
    first = call("refresh", {"source": "krx"})["result"]
    assert (first["changed"], first["snapshot"]) == (True, 1)
    assert sum(first["added"].values()) > 0
    again = call("refresh", {"source": "krx", "since": "2026-11-01"})["result"]
    assert (again["changed"], again["added"]) == (False, {})
    services.down("moel")
    down = call("refresh", {"source": "moel"})["fault"]
    assert (down["kind"], down["code"], down["exit_code"]) == ("transient", "unreachable", 8)


def test_a_refused_key_is_not_worth_another_try(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    assert services
    monkeypatch.setenv("PAYCANARY_DART_KEY", "0" * 40)
    fault = call("refresh", {"source": "dart"})["fault"]
    assert (fault["kind"], fault["code"]) == ("terminal", "key")


def test_a_day_asked_for_looks_again_at_what_was_filed_since(services: Services) -> None:
    call("refresh", {"source": "dart"})
    asked = len(services.running["dart"].requests)
    plain = call("refresh", {"source": "dart"})["result"]
    begins = {r.params["bgn_de"] for r in services.running["dart"].requests[asked:] if "bgn_de" in r.params}  # fmt: skip
    asked = len(services.running["dart"].requests)
    day = TODAY - timedelta(days=900)
    call("refresh", {"source": "dart", "since": str(day)})
    later = {r.params["bgn_de"] for r in services.running["dart"].requests[asked:] if "bgn_de" in r.params}  # fmt: skip
    assert plain["changed"] is False
    assert min(later) == f"{day:%Y%m%d}"
    assert not begins or min(begins) > min(later)


def test_a_new_pension_month_is_seen_and_then_no_more(services: Services) -> None:
    assert services
    found = call("due", {"source": "nps"})["result"]
    assert found["is_due"]
    assert len(found["missing"]) == 2
    call("refresh", {"source": "nps"})
    assert call("due", {"source": "nps"})["result"] == {"source": "nps", "is_due": False, "missing": []}  # fmt: skip


def test_the_market_is_screened_into_a_file_that_a_second_run_leaves(home: Path) -> None:
    first = call("screen", {"as_of": "2026-05-31"})["result"]
    assert (first["file"], first["changed"], first["snapshot"]) == ("2026-05-31.parquet", True, 0)
    path = home / "screens" / first["file"]
    assert duckdb.execute(f"SELECT count(*) FROM '{path}'").fetchall() == [(first["companies"],)]
    before = path.stat().st_mtime_ns
    assert not call("screen", {"as_of": "2026-05-31"})["result"]["changed"]
    assert path.stat().st_mtime_ns == before


def test_ended_entries_leave_the_lake_and_others_stay(services: Services) -> None:
    services.wages.rows.clear()
    for name in ("moel", "krx", "tips"):
        call("refresh", {"source": name})
    stay = notices()
    today = wording.today()  # asked here: midnight may have come since the file was read
    con = duckdb.connect()
    from paycanary.lake import snapshots, writer  # noqa: PLC0415

    with writer.writing(lake_path()) as store:
        kept = snapshots.parquet(lake_path(), store.base.tables["notices"])
        days = ", ".join(f"(DATE '{today + timedelta(days=n)}', {n + 5})" for n in (-1, 0, 1))
        store.write(con, "notices", f"SELECT * FROM {kept} UNION ALL SELECT t.* REPLACE (d.day AS expires_on, d.id AS row_id) FROM (SELECT * FROM {kept} LIMIT 1) t, (VALUES {days}) d(day, id)", replace=True)  # fmt: skip
        store.commit({"source": "test", "added": {}})
    assert len(notices()) == len(stay) + 3
    done = call("expire", {})["result"]
    assert (done["removed"], done["changed"]) == (2, True)
    assert {row for row in notices() if row not in stay} == {6}
    assert stay <= notices()
    again = call("expire", {"as_of": str(today + timedelta(days=400))})["result"]
    assert (again["removed"], again["changed"], again["snapshot"]) == (0, False, done["snapshot"])


def notices() -> set[int]:
    rows = open_reader().connect("notices").execute("SELECT row_id FROM notices").fetchall()
    return {row for (row,) in rows}


def test_backups_and_alerts_say_what_they_did(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("backup", {})["result"] == {"skipped": "PAYCANARY_BACKUP_PLACE is not set"}
    database = open_database()
    create(database, [(COMPANY, NAME)], "en")
    database.close()
    assert call("alert", {})["result"]["judged"]["first"] == 1
    assert call("alert", {})["result"]["judged"]["judged"] == 0
    monkeypatch.setenv("PAYCANARY_BACKUP_PLACE", str(tmp_path / "backups"))
    monkeypatch.setenv("PAYCANARY_BACKUP_KEEP", "1")
    ids = {call("backup", {})["result"]["id"] for _ in range(2)}
    # Of two that were made in one second, which is the newer is not known.
    assert len([m for m in backing.listed(str(tmp_path / "backups")) if m.id in ids]) == 1
    assert home


def test_the_operator_is_told_by_every_way_that_is_set(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:  # fmt: skip
    assert home
    monkeypatch.setenv("PAYCANARY_WEBHOOKS_TO_LOOPBACK", "1")
    assert call("tell", {"headline": "h", "lines": ["l"]})["result"] == {"told": []}
    with receiving() as receiver, mailbox() as box:
        monkeypatch.setenv("PAYCANARY_OPERATOR_WEBHOOK", receiver.url)
        monkeypatch.setenv("PAYCANARY_OPERATOR_EMAIL", "ops@example.com")
        monkeypatch.setenv("PAYCANARY_SMTP_URL", box.url.get_secret_value())
        asked = {"headline": "forecast <b>kept</b>", "lines": ["one", "two"]}
        assert call("tell", asked)["result"] == {"told": ["webhook", "email"]}
        assert json.loads(receiver.taken[0][1]) == {"text": "*forecast &lt;b&gt;kept&lt;/b&gt;*\none\ntwo"}  # fmt: skip
        assert box.taken[0]["Subject"] == "[paycanary] forecast <b>kept</b>"
        receiver.answer = lambda _handler, _count: 500
        assert call("tell", asked)["result"] == {"told": ["email"]}
        monkeypatch.setenv("PAYCANARY_OPERATOR_EMAIL", "")
        fault = call("tell", asked)["fault"]
        assert fault["code"] == "untold"
        assert receiver.url not in fault["message"]


def test_a_broken_setting_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:  # fmt: skip
    assert home
    monkeypatch.setenv("PAYCANARY_BACKUP_KEEP", "secret-word")
    fault = call("backup", {})["fault"]
    assert fault["kind"] == "terminal"
    assert "PAYCANARY_BACKUP_KEEP" in fault["message"]
    assert "secret-word" not in fault["message"]


def test_the_catalogue_costs_no_more_than_it_is_asked_for() -> None:
    import subprocess  # noqa: PLC0415

    code = "import sys, paycanary.tasks.catalog; print([m for m in ('duckdb', 'numpy', 'sqlalchemy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
