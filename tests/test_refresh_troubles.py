"""``refresh`` when things go wrong that no service documents: silence, Ctrl-C, going back, faults of our own, damaged files."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from paycanary.lake import live
from paycanary.lake.live import fetch_company, fetch_whole
from paycanary.sources.web.calls import Answer, Call
from paycanary.sources.web.inbox import Inbox
from tests.command import PAYCANARY
from tests.nps_files import month_text, workplace
from tests.services import CORPORATION, LISTED, NUMBER, UNLISTED, Services, findings, states
from tests.standins import data_go_kr
from tests.standins.server import slow
from tests.test_fsc import outline, summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.command import Run


@pytest.fixture
def services() -> Iterator[Services]:
    with Services() as running:
        yield running


@pytest.fixture
def known_to_fsc(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Services in which the FSC knows the unlisted company, by the number that DART gives it."""
    plain = data_go_kr.fsc_operations
    told = {
        "summaries": [summary(crno=CORPORATION, bizYear="2025", basDt="20251231")],
        "outlines": [outline(corpNm=UNLISTED[1], crno=CORPORATION, bzno=NUMBER, fssCorpUnqNo=UNLISTED[0], enpPbanCmpyNm="", corpRegMrktDcdNm="")],
    }  # fmt: skip
    monkeypatch.setattr(data_go_kr, "fsc_operations", lambda: plain(**told))
    with Services() as running:
        yield running


# --- going back ----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["rollback", "lost"])
def test_after_going_back_the_same_answers_enter_again(
    run: Run, services: Services, how: str
) -> None:
    env = services.env()
    run.json("refresh", "krx", env=env)
    first = run.json("refresh", "dart", "--company", UNLISTED[1], env=env)["verdict"]
    if how == "rollback":
        run.ok("rollback", "--to", "1")
    else:
        shutil.rmtree(run.home / "lake")
    before = services.asked()
    again = run.json("refresh", "dart", "--company", UNLISTED[1], env=env)
    assert findings(again["verdict"]) == findings(first)
    assert services.asked() == before


def test_a_failed_first_try_leaves_the_sample_in_place(run: Run, services: Services) -> None:
    env = services.env(PAYCANARY_DART_KEY="", PAYCANARY_DATA_GO_KR_KEY="")
    told = run("refresh", "--company", "삼부토건", env=env)
    assert told.returncode == 8
    assert run.json("check", "삼부토건")["sample"] is True
    assert services.running["moel"].requests == []


# --- who is meant --------------------------------------------------------------------------------


def test_a_company_learnt_of_from_two_registers_is_one_also_while_dart_is_down(
    run: Run, known_to_fsc: Services
) -> None:
    services, env = known_to_fsc, known_to_fsc.env()
    run.json("refresh", "dart", "--company", LISTED[1], env=env)
    services.down("dart")
    got = run.json("refresh", "dart", "fsc", "--company", UNLISTED[1], env=env)
    assert got["company"] == f"dart:{UNLISTED[0]}"
    assert states(got) == {"dart": "failed", "fsc": "done"}
    services.running["dart"].mend()
    assert run.json("check", UNLISTED[1])["company"]["id"] == f"dart:{UNLISTED[0]}"
    back = run.json("refresh", "dart", "--company", UNLISTED[1], env=env)
    assert findings(back["verdict"])["going_concern"] == "danger"


def test_a_company_chosen_by_its_number_is_the_one_that_is_judged(
    run: Run, services: Services, tmp_path: Path
) -> None:
    month = month_text("2026-09", "clean", [workplace("(주)마바사물산", n, heads=20, billed=3_000_000) for n in ("300400", "300500", "300600")])  # fmt: skip
    (tmp_path / "month.csv").write_bytes(month.encode("cp949"))
    run.ok("refresh", "nps", "--from", tmp_path / "month.csv")
    got = run.json("refresh", "moel", "--company", "300500", env=services.env())
    assert got["company"] == run.json("check", "300500")["company"]["id"]


# --- faults of our own ---------------------------------------------------------------------------


def _point(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in services.env().items():
        monkeypatch.setenv(name, value)


def test_a_fault_of_our_own_in_one_register_costs_only_that_one(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _point(services, monkeypatch)
    inbox = Inbox(tmp_path / "inbox")
    monkeypatch.setattr(live.plan("tips"), "everything", lambda *_: {}["missing"])
    fetched = fetch_whole(tmp_path / "lake", inbox, ["krx", "tips"])
    errors = {o.source: o.error for o in fetched.outcomes}
    assert errors["krx"] is None
    assert "KeyError" in str(errors["tips"])
    assert fetched.summary is not None
    inbox.close()


def test_a_fault_of_our_own_in_one_loader_costs_only_that_one(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from paycanary.lake.refresh import LOADERS  # noqa: PLC0415

    _point(services, monkeypatch)
    inbox = Inbox(tmp_path / "inbox")
    sound = LOADERS["nts"]
    monkeypatch.setitem(LOADERS, "nts", lambda *_: {}["missing"])
    fetched = fetch_company(tmp_path / "lake", inbox, UNLISTED[1], ["dart", "nts"])
    assert {o.source: o.error is None for o in fetched.outcomes} == {"dart": True, "nts": False}
    assert inbox.waiting("dart") == 0
    assert inbox.waiting("nts") == 1
    monkeypatch.setitem(LOADERS, "nts", sound)
    fetched = fetch_company(tmp_path / "lake", inbox, UNLISTED[1], ["dart", "nts"])
    assert [o.error for o in fetched.outcomes] == [None, None]
    assert inbox.waiting("nts") == 0
    inbox.close()


def test_an_answer_whose_file_is_gone_is_asked_for_again(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox")
    call = Call("document", {"n": "1"})
    kept = inbox.save("dart", call, Answer([], "a.zip", b"PK"))
    inbox.save("dart", Call("x", {"n": "\ud800"}), Answer([{"half": "\ud800"}]))
    assert kept.file is not None
    kept.file.unlink()
    inbox.export("dart", tmp_path / "out")
    assert not (tmp_path / "out" / "document.jsonl").exists()
    assert (tmp_path / "out" / "x.jsonl").read_text(encoding="utf-8").count("?") >= 1
    assert inbox.find("dart", call) is None
    assert inbox.requests("dart", "document") == []
    inbox.close()


def test_a_store_of_answers_that_is_damaged_in_the_middle_is_told(
    run: Run, services: Services
) -> None:
    run.json("refresh", "dart", "--company", UNLISTED[1], env=services.env())
    path = run.home / "inbox" / "answers.sqlite"
    for extra in (path.with_name("answers.sqlite-wal"), path.with_name("answers.sqlite-shm")):
        extra.unlink(missing_ok=True)
    whole = bytearray(path.read_bytes())
    for start in range(4096, len(whole), 512):
        whole[start : start + 64] = b"\xff" * 64
    path.write_bytes(bytes(whole))
    told = run("refresh", "dart", "--company", UNLISTED[1], env=services.env())
    assert told.returncode == 6, told.stderr
    assert "answers.sqlite" in told.stderr
    assert "Traceback" not in told.stderr
    assert findings(run.json("check", UNLISTED[1]))["going_concern"] == "danger"


# --- silence -------------------------------------------------------------------------------------


def test_ctrl_c_does_not_wait_for_a_service_that_is_silent(run: Run, services: Services) -> None:
    run.json("refresh", "dart", "--company", UNLISTED[1], env=services.env())
    services.running["portal"].fault(slow(60))
    process = subprocess.Popen(
        [*PAYCANARY, "refresh", "fsc", "nps", "--company", UNLISTED[1]],
        env=run.environment(services.env()), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    while not services.running["portal"].requests:
        assert process.poll() is None
        time.sleep(0.05)
    began = time.monotonic()
    # Python loses one that comes while it runs a destructor: a person presses again.
    while process.poll() is None and time.monotonic() - began < 30:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=3)
    assert process.returncode == 130
    assert time.monotonic() - began < 10


def test_a_silent_register_does_not_hold_the_verdict_up(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _point(services, monkeypatch)
    inbox = Inbox(tmp_path / "inbox")
    fetch_company(tmp_path / "lake", inbox, UNLISTED[1], ["dart"])
    services.running["nts"].fault(slow(30))
    monkeypatch.setattr(live, "_PATIENCE", 1.0)
    began = time.monotonic()
    fetched = fetch_company(tmp_path / "lake", inbox, UNLISTED[1], ["nts", "tips"])
    assert time.monotonic() - began < 20
    errors = {o.source: o.error for o in fetched.outcomes}
    assert errors["tips"] is None
    assert errors["nts"] is not None
    assert errors["nts"].code == "unreachable"  # type: ignore[attr-defined]
