"""Of what nothing is known nothing is asked: a company's row of scope alone answers none but three signals (`paycanary.signals.engine`)."""

from __future__ import annotations

from datetime import date

import pytest

from paycanary.forecast.features import beside_sql
from paycanary.lake.reader import open_sample
from paycanary.signals import catalog
from paycanary.signals.engine import ANSWERED_BY_TRADE, Engine, answers
from paycanary.signals.known import read
from tests.spec.harness import run

SCOPE = """
    company_id | sector       | is_listed | market | pension_until
    a          | finance      | true      | KOSPI  | 2025-05-31
    b          | construction | false     |        |
    c          | other        | true      | KOSDAQ | 2025-05-31
    d          |              | false     |        | 2025-05-31
    """


@pytest.mark.parametrize("signal", [s.name for s in catalog.signals().values() if s.sql])
def test_who_a_company_is_answers_no_more_than_that_a_question_does_not_apply(signal: str) -> None:
    told = {row["reason"] for row in run(signal, scope=SCOPE)}
    assert told == ({"not_applicable"} if signal in ANSWERED_BY_TRADE else set())


def test_one_company_is_told_what_it_is_told_among_everyone() -> None:
    """Companies with reports and companies of the pension register alone, on two days."""
    con = open_sample().connect()
    ids = [row[0] for row in con.execute("SELECT DISTINCT canonical_id FROM links ORDER BY hash(canonical_id) LIMIT 25").fetchall()]  # fmt: skip
    everyone, one = Engine(con, beside_sql()), Engine(open_sample().connect(), beside_sql())
    told = 0
    for day in (date(2023, 6, 30), date(2026, 6, 30)):
        everyone.ask(day, None)
        for company in ids:
            one.ask(day, company)
            found, wanted = read(one.con, company), read(everyone.con, company)
            assert answers(found) == answers(wanted), company
            assert sorted(map(repr, found.beside)) == sorted(map(repr, wanted.beside)), company
            told += len(found.answers)
    assert told > 100
