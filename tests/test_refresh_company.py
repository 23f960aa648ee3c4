"""``refresh --company``: every register asked about one company, a verdict at the end, whatever is down."""

from __future__ import annotations

import sqlite3
import zlib
from typing import TYPE_CHECKING

import pytest

from paycanary.sources.registers import REGISTERS
from tests.services import (
    LISTED,
    UNLISTED,
    Services,
    files_below,
    findings,
    states,
    unknown,
)
from tests.standins import lists, opendart
from tests.standins.data_go_kr import KEY as PORTAL_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.command import Run


@pytest.fixture
def services() -> Iterator[Services]:
    with Services() as running:
        yield running


def fetch(run: Run, services: Services, *arguments: str, **env: str) -> dict[str, object]:
    return run.json("refresh", *arguments, env=services.env(**env))  # type: ignore[no-any-return]


def test_an_unlisted_company_is_judged_by_its_audit_report(run: Run, services: Services) -> None:
    got = fetch(run, services, "dart", "nts", "--company", UNLISTED[1])
    assert states(got) == {"dart": "done", "nts": "done"}
    assert got["company"] == f"dart:{UNLISTED[0]}"
    verdict = got["verdict"]
    assert verdict["coverage"] == "externally_audited"
    found = findings(verdict)
    assert found["going_concern"] == "danger"
    assert found["audit_opinion"] == "good"
    assert found["full_impairment"] == "danger"
    assert found["business_status"] == "good"
    figures = {f["concept"]: f for x in verdict["findings"] for f in x["figures"]}
    assert figures["equity"]["value"] == -200_000_000
    assert figures["equity"]["published_on"] == "2026-04-05"
    assert figures["equity"]["filing_id"].startswith("20260405")
    assert run.json("check", UNLISTED[1])["sentence"] == verdict["sentence"]


def test_a_listed_company_is_judged_by_its_reports(run: Run, services: Services) -> None:
    got = fetch(run, services, "dart", "--company", LISTED[1])
    assert states(got) == {"dart": "done"}
    assert got["verdict"]["coverage"] == "listed"
    found = findings(got["verdict"])
    assert found["net_loss_streak"] == "good"
    assert found["audit_opinion"] == "good"


def test_every_register_is_asked_and_those_that_are_down_are_named(
    run: Run, services: Services
) -> None:
    services.down("tax", "nhis")
    got = fetch(run, services, "--company", UNLISTED[1])
    told = states(got)
    assert list(told) == list(REGISTERS)
    assert {name for name, state in told.items() if state != "done"} == {"tax", "nhis"}
    assert findings(got["verdict"])["going_concern"] == "danger"
    reasons = unknown(got["verdict"])
    assert reasons["tax_arrears"] == "not_reachable"
    assert reasons["social_insurance_arrears"] == "not_reachable"


def test_a_list_entry_of_the_same_name_is_shown_with_its_doubt(
    run: Run, services: Services
) -> None:
    verdict = fetch(run, services, "--company", UNLISTED[1], "--lang", "ko")["verdict"]
    assert "wage_arrears" not in findings(verdict)
    (told,) = [u for u in verdict["unknown"] if u["what"] == "wage_arrears"]
    assert told["reason"] == "not_matched"
    assert 87_000_000 in [f["value"] for f in told["figures"]]
    assert {f["source"] for f in told["figures"]} == {"moel"}
    assert "8,700만" in told["explanation"]
    assert "증거" in told["explanation"] or "확인" in told["explanation"]
    services.wages.rows.clear()
    nobody = fetch(run, services, "moel", "--company", LISTED[0])["verdict"]
    assert "wage_arrears" not in findings(nobody)


def test_a_verdict_comes_also_while_dart_is_down(run: Run, services: Services) -> None:
    fetch(run, services, "dart", "--company", LISTED[1])
    services.down("dart")
    arguments = ("refresh", "dart", "nts", "--company", UNLISTED[1], "--lang", "ko")
    later = run(*arguments, env=services.env())
    assert later.returncode == 0, later.stderr
    assert "금융감독원 DART" in later.stdout
    assert "받지 못함" in later.stdout
    assert "HTTP 503" in later.stdout
    assert "이 등록부에 연결하지 못했습니다" in later.stdout


def test_a_name_nobody_knows(run: Run, services: Services) -> None:
    told = run("refresh", "dart", "--company", "없는회사이름", env=services.env())
    assert told.returncode == 3
    assert "없는회사이름" in told.stderr


def test_dart_down_and_nothing_stored_is_no_missing_company(run: Run, services: Services) -> None:
    services.down("dart")
    told = run("refresh", "--company", UNLISTED[1], env=services.env())
    assert told.returncode == 8
    assert "503" in told.stderr


def test_without_a_key_it_says_where_to_get_one(run: Run, services: Services) -> None:
    told = run("refresh", "--company", UNLISTED[1], env=services.env(PAYCANARY_DART_KEY="", PAYCANARY_DATA_GO_KR_KEY=""))  # fmt: skip
    assert told.returncode == 8
    assert "https://opendart.fss.or.kr" in told.stderr
    assert services.running["dart"].requests == []


def test_asked_again_at_once_nothing_is_asked_twice(run: Run, services: Services) -> None:
    first = fetch(run, services, "dart", "nts", "--company", UNLISTED[1])
    before = services.asked()
    again = fetch(run, services, "dart", "nts", "--company", UNLISTED[1])
    assert services.asked() == before
    assert again["refresh"] is None
    assert again["verdict"]["findings"] == first["verdict"]["findings"]


def test_keys_and_names_of_persons_are_nowhere(run: Run, services: Services) -> None:
    told = run("refresh", "--company", UNLISTED[1], env=services.env())
    assert told.returncode == 0
    database = sqlite3.connect(run.home / "inbox" / "answers.sqlite")
    rows = database.execute("SELECT rows FROM answers").fetchall()
    database.close()
    assert rows
    kept = files_below([run.home]) + b"".join(zlib.decompress(row) for (row,) in rows)
    kept += (told.stdout + told.stderr).encode()
    for secret in (opendart.KEY, PORTAL_KEY, opendart.NOBODY, lists.PERSON):
        assert secret.encode() not in kept


def test_several_companies_of_one_name_are_shown_to_choose_from(
    run: Run, services: Services
) -> None:
    services.running["dart"].rules.data.add_company("98000777", UNLISTED[1])  # type: ignore[attr-defined]
    problem = run.problem("refresh", "dart", "--company", UNLISTED[1], env=services.env())
    assert problem["error"] == "ambiguous"
    assert {c["corp_code"] for c in problem["candidates"]} == {UNLISTED[0], "98000777"}
    got = fetch(run, services, "dart", "--company", UNLISTED[0])
    assert got["company"] == f"dart:{UNLISTED[0]}"


@pytest.mark.parametrize("arguments", [("dart", "nps", "--from", "x"), ("--from", "x"), ("dart", "--from", "x", "--company", "y")])  # fmt: skip
def test_files_are_of_one_register(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("refresh", *arguments).returncode == 2


def test_the_doors_take_every_register() -> None:
    from paycanary.cli.data import Source  # noqa: PLC0415
    from paycanary.lake.refresh import LOADERS  # noqa: PLC0415

    assert [s.value for s in Source] == list(REGISTERS) == list(LOADERS)
