"""What the service's commands are told by the environment, checked before anything starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.cli.context import extra
from paycanary.service.checked import checked

if TYPE_CHECKING:
    from paycanary.service.settings import Settings
    from paycanary.tasks.settings import TaskSettings


def checked_settings() -> Settings:
    """The settings of the service.

    Raises:
        UsageError: an environment variable holds what it may not.
    """
    with extra("serve"):
        from paycanary.service.settings import Settings  # noqa: PLC0415 - only who serves pays for it
    return checked(Settings, "docs/how-to/serve.md")


def checked_task_settings() -> TaskSettings:
    """The settings of unattended work.

    Raises:
        UsageError: an environment variable holds what it may not.
    """
    with extra("serve"):
        from paycanary.tasks.settings import TaskSettings  # noqa: PLC0415
    return checked(TaskSettings, "docs/how-to/airflow.md")
