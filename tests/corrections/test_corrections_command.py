"""Moderating by the command line: what is listed, shown and decided, and what is refused in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from paycanary.corrections import moderation, reports
from paycanary.corrections.reports import Report, Shown
from paycanary.state.database import open_database
from tests.command import Run, one_line

if TYPE_CHECKING:
    from paycanary.state.tables import Correction

CLAIM = "The revenue is another company's.\n[red]Not in red[/red]"
CONTACT = "someone@example.org"
SHOWN = Shown("opendart", "20250331000001", "revenue", None, "매출 [b]10억 원[/b]")


def filed(claim: str = CLAIM) -> str:
    with closing(open_database()) as database:
        report = Report(claim, reporter="other", contact=CONTACT, evidence="https://example.org/a")
        return reports.file_report(
            database, report, company_id="dart:1", company_name="에이회사", shown=SHOWN, lang="ko"
        ).number  # fmt: skip


def found(number: str) -> Correction:
    with closing(open_database()) as database:
        return moderation.find(database, number)


def test_a_report_goes_all_the_way(run: Run) -> None:
    assert "no such report" in run.ok("corrections", "list", "--lang", "en")
    accepted, rejected = filed(), filed("The year is wrong, it seems.")
    listed = run.ok("corrections", "list", env={"COLUMNS": "200"})
    for seen in (accepted, rejected, "에이회사", SHOWN.text):
        assert seen in listed
    shown = run.ok("corrections", "show", accepted.lower().replace("-", ""), "--lang", "en")
    for seen in (accepted, "[red]Not in red[/red]", CONTACT, "https://example.org/a", "dart:1"):
        assert seen in shown
    assert "Not in red" not in run.ok("corrections", "redact", accepted)
    assert CONTACT not in run.ok("corrections", "show", accepted)
    told = run.ok("corrections", "accept", accepted, "--statement", "Restated.", "--by", "tester")
    assert "Restated." in told
    assert CONTACT not in told
    run.ok(
        "corrections", "reject", rejected, "--reason", "It is right.", env={"LOGNAME": "account"}
    )
    assert "no such report" in run.ok("corrections", "list", "--lang", "en")
    assert accepted in run.ok("corrections", "list", "--state", "accepted", env={"COLUMNS": "200"})
    first, second = found(accepted), found(rejected)
    assert (first.state, first.statement, first.decided_by) == ("accepted", "Restated.", "tester")
    assert (second.state, second.reason, second.decided_by) == ("rejected", "It is right.", "account")  # fmt: skip


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_cannot_be_decided_is_told_in_one_line(lang: str, run: Run) -> None:
    number = filed()
    for step, words in (("accept", "--statement"), ("reject", "--reason")):
        one_line(run("corrections", step, number, words, "  ", "--lang", lang), 2)
        one_line(run("corrections", step, "0000-0000-0000", words, "Yes.", "--lang", lang), 3)
    assert found(number).state == "open"
    run.ok("corrections", "reject", number, "--reason", "It is right.", "--by", "first")
    told = one_line(run("corrections", "accept", number, "--statement", "No.", "--lang", lang), 2)
    assert "first" in told
    assert found(number).state == "rejected"


_ASK = """
import os, sys
from paycanary.cli.corrections import _who
from paycanary.errors import UsageError
os.setuid(54321)  # nobody's
try:
    _who(sys.argv[1] or None)
except UsageError as error:
    print(error.line("en"))
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root may run as somebody else")
@pytest.mark.parametrize(("by", "said"), [("", "--by NAME"), ("  ", "--by NAME"), ("tester", "")])
def test_an_account_without_a_name_has_to_give_one(by: str, said: str, run: Run) -> None:
    nameless = dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME"), "")
    ended = subprocess.run([sys.executable, "-c", _ASK, by], env=run.environment(nameless), capture_output=True, encoding="utf-8", check=True)  # fmt: skip
    assert said in ended.stdout
    assert bool(said) == bool(ended.stdout)
