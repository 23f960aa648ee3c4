"""What an error of paycanary means for a task: try again, and when, or fail at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions.retry_policy import RetryDecision, RetryPolicy
from airflow.sdk.exceptions import AirflowException, AirflowFailException

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class PassingError(AirflowException):
    """Something that passes by itself; ``retry_after``: seconds before which another try is in vain."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LastingError(AirflowFailException):
    """Something that stays until somebody mends it: no try will help."""


class FaultPolicy(RetryPolicy):
    """Waits for as long as the register asked for, where it did; else as the task's own delays say."""

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None) -> RetryDecision:  # fmt: skip  # noqa: ARG002 - Airflow's signature
        """Decide about one failure."""
        after = getattr(exception, "retry_after", 0.0)
        if after > 0:
            return RetryDecision.retry(timedelta(seconds=after), f"asked to wait {after:.0f} s")
        return RetryDecision.default()

    def serialize(self) -> dict[str, Any]:
        """Nothing of it is kept: the worker has it from the DAG's file."""
        return {}


def settled(account: dict[str, Any]) -> dict[str, Any]:
    """The result of a piece of work.

    Raises:
        PassingError: worth another try.
        LastingError: not worth one.
    """
    fault = account.get("fault")
    if fault is None:
        result: dict[str, Any] = account["result"]
        return result
    message = f"{fault['code']} (exit code {fault['exit_code']}): {fault['message']}"
    if fault["kind"] == "transient":
        raise PassingError(message, float(fault["retry_after"]))
    raise LastingError(message)
