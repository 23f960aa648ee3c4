"""What commands that ask about companies share: how they open, which company is meant, verdicts with corrections beside them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

import typer

from paycanary.cli.context import SETTINGS, console, parse_as_of, settle
from paycanary.errors import AmbiguousError, StateError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from paycanary.cli.context import LangChoice
    from paycanary.errors import Lang
    from paycanary.lake.search import Hit
    from paycanary.models import Verdict
    from paycanary.signals.custom import Criteria
    from paycanary.verdict import Session


def opening(
    lang: LangChoice | None, as_of: str | None, criteria: Path | None, *, json: bool
) -> tuple[Lang, date, Criteria]:
    """The language, the day and the thresholds that were asked for; language and format are settled with it.

    Raises:
        DateError: no such day, or a day to come.
        CriteriaError: criteria that cannot be used.
    """
    language = settle(lang, json=json)
    return language, parse_as_of(as_of), own_criteria(criteria)


def own_criteria(path: Path | None) -> Criteria:
    """The thresholds of a file, else the built-in ones."""
    from paycanary.signals import custom  # noqa: PLC0415

    return custom.read(path) if path else custom.BUILT_IN


def open_session(*, with_forecast: bool = True) -> Session:
    """The newest snapshot, ready to be asked."""
    from paycanary.lake.reader import open_reader  # noqa: PLC0415
    from paycanary.verdict import Session  # noqa: PLC0415

    return Session(open_reader(), with_forecast=with_forecast)


def with_corrections(verdicts: list[Verdict]) -> list[Verdict]:
    """Verdicts with accepted corrections beside them; where the state cannot be asked, as they are, and said so."""
    from paycanary.corrections.beside import from_state  # noqa: PLC0415

    try:
        return from_state(verdicts)
    except StateError as error:
        said = {
            "ko": "받아들인 정정 없이 답했습니다.",
            "en": "Answered without accepted corrections.",
        }
        sys.stderr.write(f"paycanary: {said[SETTINGS.lang]} {error.line(SETTINGS.lang)}\n")
        return verdicts


def resolve(session: Session, name: str) -> Hit:
    """The company meant; in a terminal a person chooses among several."""
    try:
        return session.resolve(name)
    except AmbiguousError as error:
        if SETTINGS.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise
        from paycanary.report.candidates import table  # noqa: PLC0415

        hits = cast("list[Hit]", error.candidates)
        console().print(error.what[SETTINGS.lang])
        console().print(table(hits, SETTINGS.lang))
        prompt = {"ko": "번호를 고르세요", "en": "Choose a number"}[SETTINGS.lang]
        number = 0
        while not 1 <= number <= len(hits):
            number = int(typer.prompt(prompt, type=int))
        return hits[number - 1]


def judged(session: Session, companies: Sequence[str], day: date, lang: Lang, own: Criteria) -> list[Verdict]:  # fmt: skip
    """Verdicts on canonical company ids, accepted corrections beside them."""
    return with_corrections([session.verdict(company, day, lang, own) for company in companies])
