"""Every error of ours is worth another try, or is not."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from paycanary import errors
from paycanary.sources.web.inbox import KOREA
from paycanary.tasks.faults import fault

pytestmark = pytest.mark.quick

WORDS: dict[errors.Lang, str] = {"ko": "무엇\n이.", "en": "What\nhappened."}
PASSING = {"UnreachableError", "QuotaError", "BusyError", "StateError", "BackupError"}
KINDS = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.PaycanaryError)}  # fmt: skip


def made(name: str) -> errors.PaycanaryError:
    kind = KINDS[name]
    if name == "QuotaError":
        return errors.QuotaError("dart", date(2026, 11, 28), WORDS, WORDS)
    if issubclass(kind, errors.SourceError):
        return kind("dart", WORDS, WORDS)
    if name == "AmbiguousError":
        return errors.AmbiguousError(WORDS, WORDS, [])
    return kind(WORDS, WORDS)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_kind_of_error_is_sorted(name: str) -> None:
    found = fault(made(name))
    assert found.kind == ("transient" if name in PASSING else "terminal")
    assert found.exit_code == KINDS[name].exit_code
    assert found.message == "What happened. What happened."


def test_a_wait_that_the_service_asks_for_is_handed_on() -> None:
    error = errors.UnreachableError("krx", WORDS, WORDS)
    error.retry_after = 120
    assert fault(error).retry_after == 120


def test_a_quota_is_waited_for_until_the_next_day_in_korea() -> None:
    error = errors.QuotaError("dart", date(2026, 11, 28), WORDS, WORDS)
    late = datetime(2026, 11, 27, 23, 0, tzinfo=KOREA)
    assert fault(error, lambda: late).retry_after == 3660
    assert fault(error, lambda: late.replace(day=29)).retry_after == 0


def test_a_service_that_was_never_set_up_is_not_tried_again() -> None:
    error = errors.UnreachableError("nhis", WORDS, WORDS)
    error.is_unset = True
    assert fault(error).kind == "terminal"
