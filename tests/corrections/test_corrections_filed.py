"""What may be reported, how much of it, and how often: on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from paycanary.corrections import moderation, reports
from paycanary.corrections.reports import Report, Shown, TooManyReportsError, clean, read_number
from paycanary.errors import NotFoundError
from paycanary.state.tables import Correction

if TYPE_CHECKING:
    from paycanary.corrections.reports import Filed
    from paycanary.state.database import Database

CLAIM = "The revenue of 2024 belongs to another company."
SHOWN = Shown(
    "opendart", "20250331000001", "revenue", date(2024, 12, 31), "Revenue 2024-12 1.2bn won"
)


def file(
    database: Database, claim: str = CLAIM, company: str = "dart:1", shown: Shown | None = SHOWN, **more: str
) -> Filed:  # fmt: skip
    report = Report(claim=claim, reporter="other", **more)
    return reports.file_report(
        database, report, company_id=company, company_name="에이회사", shown=shown, lang="ko"
    )


def test_a_report_is_kept_as_it_was_made(database: Database) -> None:
    report = Report(CLAIM, "1.3bn", "https://example.org/a", "company", "a@example.org")
    filed = reports.file_report(
        database, report, company_id="dart:1", company_name="에이회사", shown=SHOWN, lang="en"
    )
    row = moderation.find(database, filed.number)
    assert (row.source, row.filing_id, row.concept, row.period_end, row.shown) == (
        "opendart", "20250331000001", "revenue", date(2024, 12, 31), "Revenue 2024-12 1.2bn won",
    )  # fmt: skip
    assert (row.claim, row.proposed, row.evidence_url, row.reporter, row.contact, row.lang) == (
        CLAIM, "1.3bn", "https://example.org/a", "company", "a@example.org", "en",
    )  # fmt: skip
    assert (row.state, row.decided_at, row.statement, row.reason) == ("open", None, None, None)


def test_the_same_report_twice_is_one(database: Database) -> None:
    first = file(database)
    again = file(database, claim=f"  {CLAIM.upper()}  ")
    assert first.is_new
    assert not again.is_new
    assert again.number == first.number
    assert len({file(database, shown=None).number, file(database, company="dart:2").number, first.number}) == 3  # fmt: skip


def test_the_same_report_at_the_same_moment_is_one(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        filed = list(pool.map(lambda _: file(database), range(8)))
    assert len({f.number for f in filed}) == 1
    assert sum(f.is_new for f in filed) == 1
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(Correction)) == 1


def test_what_was_rejected_may_be_reported_again(database: Database) -> None:
    first = file(database)
    moderation.reject(database, first.number, "The filing says so.", "tester")
    second = file(database)
    assert second.is_new
    assert second.number != first.number


def test_a_flood_about_one_company_ends_and_leaves_others_alone(database: Database) -> None:
    filed = [file(database, claim=f"{CLAIM} ({i})") for i in range(reports.OPEN_AT_ONCE)]
    with pytest.raises(TooManyReportsError, match="50 reports"):
        file(database, claim="One more thing is wrong.")
    assert file(database, company="dart:2").is_new
    moderation.reject(database, filed[0].number, "No.", "tester")
    assert file(database, claim="One more thing is wrong.").is_new


@pytest.mark.quick
@pytest.mark.parametrize(
    ("form", "faults"),
    [
        ({}, {"claim": "missing", "reporter": "choice"}),
        ({"claim": "wrong", "reporter": "other"}, {"claim": "short"}),
        ({"claim": CLAIM, "reporter": "everyone"}, {"reporter": "choice"}),
        ({"claim": "x" * 2001, "reporter": "other"}, {"claim": "long"}),
        ({"claim": CLAIM, "reporter": "other", "proposed": "1" * 201}, {"proposed": "long"}),
        ({"claim": CLAIM, "reporter": "other", "contact": "1" * 201}, {"contact": "long"}),
        ({"claim": CLAIM, "reporter": "other", "evidence": "https://e.org/" + "a" * 500}, {"evidence": "long"}),
        ({"claim": "x" * 2000, "reporter": "company", "evidence": "https://e.org/a?b#c"}, {}),
    ],
)  # fmt: skip
def test_what_has_to_be_mended_is_told_by_field(
    form: dict[str, str], faults: dict[str, str]
) -> None:
    assert Report.of(form).faults() == faults


@pytest.mark.quick
@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "data:text/html,x", "ftp://e.org/a", "//e.org/a", "e.org", "https://", "https://[::1",
        "https://user:secret@e.org/", "https://e.org/a b", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_are_evidence(link: str) -> None:
    assert Report(CLAIM, evidence=link, reporter="other").faults() == {"evidence": "link"}


@given(st.text(), st.booleans())
def test_nothing_unseen_is_kept(text: str, is_long: bool) -> None:  # noqa: FBT001
    import unicodedata  # noqa: PLC0415

    kept = clean(text, is_long=is_long)
    unseen = [c for c in kept if unicodedata.category(c).startswith("C")]
    assert set(unseen) <= ({"\n"} if is_long else set())
    assert clean(kept, is_long=is_long) == kept
    assert "\n\n\n" not in kept


@pytest.mark.quick
def test_marks_that_turn_the_reading_direction_go_and_words_stay() -> None:
    assert clean("매출 \u202e0021\u202c 은\x00 \u200b틀렸다\x1b[31m") == "매출 0021 은 틀렸다[31m"
    assert clean(" a \r\n\r\n\r\n\r\n b\t c ", is_long=True) == "a\n\nb c"


def test_a_number_is_found_however_it_is_written(database: Database) -> None:
    filed = file(database)
    plain = filed.number.replace("-", "")
    for written in (filed.number.lower(), plain, f" {plain[:4]} {plain[4:]} ", filed.number.replace("0", "o").replace("1", "l")):  # fmt: skip
        assert moderation.find(database, written).id == filed.number
    for stranger in ("", "X", "0" * 12, "%", "../" * 4, "a" * 10_000, "\x00"):
        with pytest.raises(NotFoundError):
            moderation.find(database, stranger)


def test_numbers_cannot_be_guessed_from_others(database: Database) -> None:
    numbers = [file(database, claim=f"{CLAIM} ({i})").number for i in range(30)]
    assert len(set(numbers)) == 30
    assert all(read_number(n) == n and len(n) == 14 for n in numbers)
    # No digit stays the same from one to the next: nothing in it counts.
    assert all(len({n[i] for n in numbers}) > 1 for i in range(14) if i not in (4, 9))
