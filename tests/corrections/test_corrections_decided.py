"""Deciding: once, with words, by someone named; what is deleted then."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from paycanary.corrections import moderation, reports
from paycanary.corrections.moderation import DecidedError, WordsError
from paycanary.corrections.reports import Report
from paycanary.errors import NotFoundError, PaycanaryError

if TYPE_CHECKING:
    from paycanary.state.database import Database

CONTACT = "someone@example.org"


def filed(database: Database, claim: str = "This figure is wrong.") -> str:
    report = Report(claim, reporter="other", contact=CONTACT)
    return reports.file_report(
        database, report, company_id="dart:1", company_name="에이회사", shown=None, lang="ko"
    ).number


def test_accepting_keeps_who_when_and_what_and_forgets_the_contact(database: Database) -> None:
    number = filed(database)
    assert moderation.find(database, number).contact == CONTACT
    row = moderation.accept(database, number.lower(), " Restated on page 3.\x00 ", "tester (key)")
    assert (row.state, row.statement, row.reason) == ("accepted", "Restated on page 3.", None)
    assert (row.decided_by, row.contact) == ("tester (key)", None)
    assert row.decided_at is not None
    assert row.decided_at.tzinfo is not None
    assert row.claim == "This figure is wrong."


def test_rejecting_says_why(database: Database) -> None:
    row = moderation.reject(database, filed(database), "첫 줄\n둘째 줄", "tester")
    assert (row.state, row.reason, row.statement) == ("rejected", "첫 줄\n둘째 줄", None)
    assert row.contact is None


@pytest.mark.parametrize("words", ["", "  \n ", "\u200b", "x" * 1001])
def test_without_words_nothing_is_decided(database: Database, words: str) -> None:
    number = filed(database)
    for decide in (moderation.accept, moderation.reject):
        with pytest.raises(WordsError):
            decide(database, number, words, "tester")
    assert moderation.find(database, number).state == "open"
    assert moderation.find(database, number).contact == CONTACT


def test_a_decision_stands(database: Database) -> None:
    number = filed(database)
    first = moderation.accept(database, number, "So it is.", "first")
    with pytest.raises(DecidedError, match="decided by first"):
        moderation.reject(database, number, "No.", "second")
    with pytest.raises(DecidedError):
        moderation.accept(database, number, "Otherwise.", "second")
    after = moderation.find(database, number)
    assert (after.statement, after.decided_by, after.decided_at) == ("So it is.", "first", first.decided_at)  # fmt: skip


def test_of_moderators_at_once_one_wins_and_the_others_are_told(database: Database) -> None:
    number = filed(database)

    def decide(i: int) -> str | PaycanaryError:
        try:
            step = moderation.accept if i % 2 else moderation.reject
            return str(step(database, number, f"words {i}", f"moderator {i}").decided_by)
        except PaycanaryError as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(decide, range(8)))
    winners = [end for end in ends if isinstance(end, str)]
    losers = [end for end in ends if isinstance(end, DecidedError)]
    assert len(winners) == 1
    assert len(losers) == 7
    assert all(winners[0] in loser.line("en") for loser in losers)
    assert moderation.find(database, number).decided_by == winners[0]


@pytest.mark.parametrize("is_decided", [False, True])
def test_what_a_report_says_can_be_deleted_and_the_decision_stays(
    is_decided: bool,  # noqa: FBT001
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    report = Report("A private person is named here.", "named here too", "https://example.org/named", "other", CONTACT)  # fmt: skip
    number = reports.file_report(database, report, company_id="dart:1", company_name="에이회사", shown=None, lang="ko").number  # fmt: skip
    if is_decided:
        moderation.accept(database, number, "Restated.", "tester")
    before = moderation.find(database, number)
    with caplog.at_level(logging.INFO):
        after = moderation.redact(database, number.lower())
    kept = {c.key: getattr(after, c.key) for c in after.__table__.columns}
    assert "named" not in str(kept) + caplog.text
    assert CONTACT not in str(kept)
    gone = ("claim", "proposed", "evidence_url", "contact")
    assert {k: v for k, v in kept.items() if k not in gone} == {
        c.key: getattr(before, c.key) for c in before.__table__.columns if c.key not in gone
    }
    if not is_decided:
        moderation.reject(database, number, "It named a private person.", "tester")
    with pytest.raises(NotFoundError):
        moderation.redact(database, "0000-0000-0000")


def test_what_is_not_there_cannot_be_decided(database: Database) -> None:
    with pytest.raises(NotFoundError):
        moderation.accept(database, "0000-0000-0000", "Yes.", "tester")


def test_a_decision_is_logged_without_words_or_contact(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    number = filed(database, "The secret claim is here.")
    with caplog.at_level(logging.INFO):
        moderation.accept(database, number, "The public words.", "tester\nforged line")
    told = [r.getMessage() for r in caplog.records if r.name.startswith("paycanary")]
    assert told == [f"correction {number} accepted by tester forged line"]
    assert CONTACT not in caplog.text
    assert "claim" not in caplog.text


def test_those_that_wait_longest_stand_first_and_decided_ones_newest_first(
    database: Database,
) -> None:
    numbers = [filed(database, f"Something is wrong ({i}).") for i in range(3)]
    assert [r.id for r in moderation.reports(database, "open")] == numbers
    assert moderation.waiting(database) == 3
    for number in numbers[:2]:
        moderation.reject(database, number, "No.", "tester")
    assert [r.id for r in moderation.reports(database, "rejected")] == numbers[1::-1]
    assert [r.id for r in moderation.decided(database, ["dart:1"])] == numbers[1::-1]
    assert moderation.decided(database, ["dart:2"]) == []
    assert moderation.waiting(database) == 1
    assert len(moderation.reports(database, limit=2)) == 2
