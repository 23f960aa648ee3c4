"""The story of a company: every day answers as that day's own verdict does, and knows nothing later."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from paycanary.documents.past import Past
from paycanary.history.retrospective import retrospective
from paycanary.lake.reader import open_sample
from paycanary.report.files import past as blocks
from paycanary.report.files.encode import encode
from paycanary.verdict import Session
from tests.report import shown

if TYPE_CHECKING:
    from tests.command import Run

NAME: Final = "삼부토건"
ID: Final = "dart:00125974"
UNTIL: Final = date(2019, 6, 30)


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(open_sample(), with_forecast=False)


@pytest.fixture(scope="module")
def past(session: Session) -> Past:
    return retrospective(session, ID, UNTIL, "ko")


def test_days_follow_each_other(past: Past) -> None:
    days = [d.day for d in past.days]
    assert days == sorted(set(days))
    assert days[-1] <= UNTIL
    assert len(days) > 8
    for earlier, later in zip(past.days, past.days[1:], strict=False):
        assert later.before == earlier.after
    assert past.days[0].before == "unknown"
    assert past.level == past.days[-1].after


def test_nothing_later_than_its_day_is_told(past: Past) -> None:
    for day in past.days:
        for change in day.changes:
            answer = change.finding or change.unknown
            assert answer is not None
            assert all(f.published_on <= day.day for f in answer.figures)
            assert change.cites_day == any(f.published_on == day.day for f in answer.figures)
        for event in day.events:
            if event.source == "opendart":
                assert event.filing_id[:8] == f"{day.day:%Y%m%d}"


def test_every_day_is_that_days_own_verdict(past: Past, session: Session) -> None:
    levels: dict[str, str] = {}
    for day in past.days:
        levels |= {change.signal: change.after for change in day.changes}
        verdict = session.verdict(ID, day.day, "ko")
        assert (verdict.level, verdict.sentence) == (day.after, day.sentence)
        assert {f.signal: f.level for f in verdict.findings} == {s: v for s, v in levels.items() if v != "unknown"}  # fmt: skip
        found = {f.signal: f for f in verdict.findings}
        assert all(c.finding == found.get(c.signal) for c in day.changes)


def test_a_later_end_changes_no_earlier_day(past: Past, session: Session) -> None:
    shorter = retrospective(session, ID, date(2018, 3, 31), "ko")
    common = [d for d in past.days if d.day < date(2018, 3, 31)]
    assert [d for d in shorter.days if d.day < date(2018, 3, 31)] == common
    assert len(common) > 4


def test_time_alone_is_told_on_the_last_day(session: Session) -> None:
    """Long after the last report its figures are too old: that is said on the day asked about, with nothing published on it."""
    told = retrospective(session, "dart:00164645", date(2026, 11, 27), "en")
    quiet = [d for d in told.days if not d.events]
    assert all(d.day == date(2026, 11, 27) for d in quiet)


def test_before_all_data_there_is_no_day(session: Session) -> None:
    told = retrospective(session, ID, date(1999, 1, 1), "en")
    assert (told.days, told.judged) == ([], 0)
    text = shown.read("md", encode(blocks.content(told), "md", "x").main).text
    assert "Nothing about this company was public by 1999-01-01." in text


def test_an_entry_whose_publication_has_ended_is_told_no_more(session: Session) -> None:
    """Nor what it once changed: the list itself may not show it."""
    con = session.con
    con.execute("ALTER VIEW notices RENAME TO stored_notices")
    con.execute(
        "CREATE VIEW notices AS FROM stored_notices UNION ALL BY NAME SELECT 'dart:00125974' AS company_id, 'wage_arrears' AS kind, 'listed' AS category, "
        "DATE '2016-09-01' AS event_on, DATE '2017-09-01' AS expires_on, 'made' AS detail, 30000000.0 AS amount, 'moel' AS source, "
        "'moel:made' AS filing_id, DATE '2016-09-01' AS published_on, 424242 AS row_id"
    )
    try:
        while_public = retrospective(session, ID, date(2017, 8, 31), "en")
        ended = retrospective(session, ID, date(2017, 9, 1), "en")
    finally:
        con.execute("DROP VIEW notices")
        con.execute("ALTER VIEW stored_notices RENAME TO notices")
        session.engine.forget()
    day = next(d for d in while_public.days if d.day == date(2016, 9, 1))
    assert [e.kind for e in day.events] == ["notice"]
    assert [(c.signal, c.after) for c in day.changes] == [("wage_arrears", "danger")]
    assert "moel:made" not in ended.model_dump_json()
    assert "List of unpaid wages (on the list), 2016-09-01: made" in shown.read("md", encode(blocks.content(while_public), "md", "x").main).text  # fmt: skip
    assert session.verdict(ID, date(2016, 9, 2), "en").level == "good"


def test_threads_are_as_before(session: Session) -> None:
    before = session.con.execute("SELECT current_setting('threads')").fetchall()
    retrospective(session, ID, date(2016, 6, 1))
    assert session.con.execute("SELECT current_setting('threads')").fetchall() == before


@pytest.mark.parametrize("form", shown.TEXTS)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_format_tells_it_whole(session: Session, past: Past, form: Any, lang: Any) -> None:
    told = past if lang == "ko" else retrospective(session, ID, UNTIL - timedelta(days=700), "en")
    seen = shown.read(form, encode(blocks.content(told), form, "x").main)
    wanted = [str(d.day) for d in told.days]
    for day in told.days:
        wanted += [e.filing_id for e in day.events]
        for change in day.changes:
            answer = change.finding or change.unknown
            assert answer is not None
            wanted.append(change.finding.sentence if change.finding else answer.explanation)  # type: ignore[union-attr] # one of both
            wanted += ["".join(shown.expected_row(f, lang)[:3]) for f in answer.figures]
            wanted += [f"{f.filing_id}, {f.published_on}" for f in answer.figures]
    assert shown.missing(seen, wanted) == []
    assert {e.url for d in told.days for e in d.events if e.url} <= set(seen.links)


def test_the_command_writes_it(sample: Run, past: Past) -> None:
    arguments = ("report", NAME, "--retrospective", "--as-of", UNTIL, "--lang", "ko", "--format", "json", "-o", "-")  # fmt: skip
    assert Past.model_validate(json.loads(sample.ok(*arguments))) == past
