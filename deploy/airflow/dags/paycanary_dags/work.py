"""Operator and sensor: a piece of paycanary's unattended work, done by paycanary's own interpreter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from airflow.providers.standard.operators.python import ExternalPythonOperator
from airflow.sdk import BaseSensorOperator, PokeReturnValue
from airflow.sdk.exceptions import AirflowSkipException

from paycanary_dags.faults import settled
from paycanary_dags.interpreter import PYTHON, ask
from paycanary_dags.shared import ALIASES, ASSETS, DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airflow.sdk.definitions.context import Context

_LOOK_SECONDS: Final = 300


def do_work(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Runs in paycanary's interpreter, to which Airflow hands its source."""
    from paycanary.tasks.catalog import call  # noqa: PLC0415

    account: dict[str, Any] = call(name, arguments)
    return account


class Work(ExternalPythonOperator):
    """Does one piece of work of `paycanary.tasks.catalog` and turns its faults into Airflow's.

    Args:
        work: its name there.
        arguments: of it; templates.
        changes: whose asset is updated where the work says ``changed``.
    """

    def __init__(self, *, work: str, arguments: Mapping[str, str] | None = None, changes: str | None = None, **more: Any) -> None:  # fmt: skip
        self.work = work
        self.changes = changes
        if changes:
            more["outlets"] = [ALIASES[changes]]
        super().__init__(
            python=PYTHON, python_callable=do_work, expect_airflow=False,
            op_kwargs={"name": work, "arguments": dict(arguments or {})}, **more,
        )  # fmt: skip

    def execute(self, context: Context) -> Any:
        """Do it."""
        result = settled(super().execute(context))
        if "skipped" in result:
            raise AirflowSkipException(result["skipped"])
        if self.changes and result["changed"]:
            extra = {"snapshot": result["snapshot"], "added": result.get("added") or {}}
            context["outlet_events"][ALIASES[self.changes]].add(ASSETS[self.changes], extra=extra)
        return result

    def _iter_serializable_context_keys(self) -> Iterator[str]:
        """As little of Airflow's context as it can be told: asking what more could go over would start three interpreters."""
        yield "run_id"


class WhenDue(BaseSensorOperator):
    """Waits, without holding a slot between two looks, until a register has something new.

    A run that is asked for a day does not wait: what was published then is out.

    Args:
        source: the register.
    """

    template_fields = ("day",)

    def __init__(self, *, source: str, **more: Any) -> None:
        super().__init__(mode="reschedule", **more)
        self.source = source
        self.day = DAY

    def poke(self, context: Context) -> PokeReturnValue:  # noqa: ARG002 - Airflow's signature
        """Look once."""
        if self.day:
            return PokeReturnValue(is_done=True)
        found = settled(ask("due", {"source": self.source}, _LOOK_SECONDS))
        self.log.info("%s", found)
        return PokeReturnValue(bool(found["is_due"]), found)
