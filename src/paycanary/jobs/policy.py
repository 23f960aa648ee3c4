"""How jobs are kept alive and bounded, and what can go wrong with asking for one."""

from __future__ import annotations

from dataclasses import dataclass

from paycanary.errors import PaycanaryError, UsageError


@dataclass(frozen=True, slots=True)
class Policy:
    """Bounds of jobs; ``Settings.jobs`` makes one of what an operator set."""

    lease_seconds: float = 30.0
    """A worker that has not been heard of for so long is taken to be dead."""
    attempts: int = 3
    """Workers that may die over a job before it is given up."""
    fresh_seconds: float = 600.0
    """A company asked about so recently is not asked about again."""
    resend_seconds: float = 30.0
    """A job that waits for so long is sent to the queue again: its message may be lost."""
    waiting: int = 100
    """Jobs that may wait; more are refused."""
    store_seconds: float = 300.0
    """How long a job waits for another refresh to leave the store."""


class NoJobError(PaycanaryError, LookupError):
    """No job of that number, or it ended so long ago that it was deleted."""

    code = "no_job"

    def __init__(self) -> None:
        super().__init__(
            {"ko": "그런 작업이 없습니다. 끝난 작업은 30일 뒤에 지웁니다.", "en": "There is no such job. Jobs are deleted 30 days after their end."},
            {"ko": "회사 화면에서 다시 새로 받기를 누르세요.", "en": "Ask for a refresh again on the company's page."},
        )  # fmt: skip


class QueueError(PaycanaryError):
    """The queue cannot be reached, so that nobody would do the work."""

    code = "queue"

    def __init__(self) -> None:
        super().__init__(
            {"ko": "지금은 새로 받을 수 없습니다. 작업 대기열에 닿지 않습니다.", "en": "Refreshing is not possible now: the queue of jobs cannot be reached."},
            {"ko": "저장된 자료로 하는 답은 그대로 됩니다. 몇 분 뒤에 다시 해 보세요.", "en": "Answers from what is stored go on. Try again in a few minutes."},
        )  # fmt: skip


class FullError(PaycanaryError):
    """Too many jobs wait already."""

    code = "overloaded"

    def __init__(self) -> None:
        super().__init__(
            {"ko": "새로 받기를 기다리는 회사가 너무 많습니다.", "en": "Too many companies wait to be refreshed."},
            {"ko": "몇 분 뒤에 다시 해 보세요.", "en": "Try again in a few minutes."},
        )  # fmt: skip


class SampleError(UsageError):
    """The built-in sample answers; it is never refreshed."""

    code = "sample"

    def __init__(self) -> None:
        super().__init__(
            {"ko": "이 서비스에는 견본만 있어서 새로 받을 수 없습니다.", "en": "This service holds the built-in sample only, which is not refreshed."},
            {"ko": "운영자가 `paycanary refresh` 로 자료를 받으면 됩니다.", "en": "It works once the operator has taken data in with `paycanary refresh`."},
        )  # fmt: skip
