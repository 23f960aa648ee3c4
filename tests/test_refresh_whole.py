"""``refresh`` without files: whole registers by their calendars, resumable, and a plain account of what could not be fetched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.service import gauges
from paycanary.sources.registers import REGISTERS
from tests.command import PAYCANARY, leftovers
from tests.services import LISTED, UNLISTED, Services, findings, states
from tests.standins.server import slow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.command import Run

WHOLE = [name for name in REGISTERS if name not in ("fsc", "comwel", "nts")]


@pytest.fixture
def services() -> Iterator[Services]:
    with Services() as running:
        yield running


def test_what_is_due_is_fetched_once(run: Run, services: Services) -> None:
    got = run.json("refresh", env=services.env())
    assert states(got) == dict.fromkeys(WHOLE, "done")
    verdict = run.json("check", UNLISTED[1])
    assert verdict["coverage"] == "externally_audited"
    assert findings(verdict)["going_concern"] == "danger"
    assert findings(verdict)["mass_exit"]
    assert run.json("check", LISTED[1])["coverage"] == "listed"
    assert run.json("check", "마바사물산")["coverage"] == "pension_only"
    before = services.asked()
    again = run.json("refresh", env=services.env())
    assert services.asked() == before
    assert (again["sources"], again["refresh"]) == ([], None)
    due = {s["source"]: s["is_due"] for s in run.json("status")["services"]}
    assert not any(due.values())


def test_a_register_that_is_down_is_told_by_the_exit_code_and_stays_due(
    run: Run, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYCANARY_HOME", str(run.home))

    def trouble() -> list[tuple[float, dict[str, str]]]:
        told = gauges._of_sources()["paycanary.source.trouble"]
        assert all(value == 0 for value, labels in told if labels["outcome"] == "ok")
        return [one for one in told if one[0]]

    services.down("moel")
    told = run("refresh", "--json", env=services.env())
    assert told.returncode == 8
    got = json.loads(told.stdout)
    assert {n: s for n, s in states(got).items() if s != "done"} == {"moel": "failed"}
    assert got["refresh"]["snapshot"] == 1
    # The process that met it has ended: whoever is watched tells it.
    assert trouble() == [(1.0, {"source": "moel", "outcome": "unreachable"})]
    services.running["moel"].mend()
    assert states(run.json("refresh", env=services.env())) == {"moel": "done"}
    assert trouble() == []


def test_a_register_without_a_key_is_no_failure_unless_it_was_named(
    run: Run, services: Services
) -> None:
    env = services.env(PAYCANARY_DART_KEY="")
    got = run.json("refresh", env=env)
    assert states(got)["dart"] == "not_set"
    told = run("refresh", "dart", env=env)
    assert told.returncode == 8
    assert "https://opendart.fss.or.kr" in told.stdout


def test_a_refresh_that_is_killed_goes_on_and_asks_nothing_twice(
    run: Run, services: Services
) -> None:
    services.running["dart"].fault(slow(0.05))
    process = subprocess.Popen(
        [*PAYCANARY, "refresh", "dart"], env=run.environment(services.env()),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while len(services.running["dart"].requests) < 12:
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list((run.home / "lake").glob("snapshots/*"))
    services.running["dart"].mend()
    run.json("refresh", "dart", env=services.env())
    # The market's main accounts are another question than those of who filed lately, here of the same one company.
    asked = [(r.path, tuple(sorted(r.params.items()))) for r in services.running["dart"].requests if "Multi" not in r.path]  # fmt: skip
    twice = [call for call in set(asked) if asked.count(call) > 1]
    assert len(twice) <= 4, (
        f"only what was in flight when it was killed may be asked again: {twice}"
    )
    assert leftovers(run.home / "lake") == []
    assert findings(run.json("check", UNLISTED[1]))["going_concern"] == "danger"


def test_two_refreshes_at_once_share_the_inbox(run: Run, services: Services) -> None:
    running = [
        subprocess.Popen(
            [*PAYCANARY, "refresh", "moel", "tips", "--json"], env=run.environment(services.env()),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    ends = [(p.communicate(timeout=120), p.returncode) for p in running]
    for (_, error), code in ends:
        assert code in (0, 7), error
    assert 0 in {code for _, code in ends}
    run.json("refresh", "moel", "tips", env=services.env())
    assert run.json("status")["services"][list(REGISTERS).index("moel")]["waiting"] == 0


def test_the_program_that_never_fetches_pays_nothing_for_it(run: Run) -> None:
    """Help, criteria and a verdict load no HTTP library and no document reader."""
    code = (
        "import sys; from paycanary.cli.main import app\n"
        "try: app(['check', '삼부토건', '--json'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('httpx', 'lxml', 'tenacity', 'pyrate_limiter', 'sqlite3') if m in sys.modules], file=sys.stderr)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PAYCANARY_HOME": str(run.home)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stderr.strip() == "[]"


def test_a_person_reads_what_came_of_it(run: Run, services: Services) -> None:
    services.down("tips")
    told = run("refresh", "moel", "tips", "--lang", "ko", env=services.env())
    assert told.returncode == 8
    assert "고용노동부 체불사업주" in told.stdout
    assert "받지 못함" in told.stdout
    lines: dict[str, Any] = run.json("status")
    assert {s["source"] for s in lines["services"]} == set(REGISTERS)
