"""What the service's commands are told by the environment, checked before anything starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.cli.context import extra
from paycanary.errors import UsageError

if TYPE_CHECKING:
    from paycanary.service.settings import Settings


def checked_settings() -> Settings:
    """The settings.

    Raises:
        UsageError: an environment variable holds what it may not.
    """
    with extra("serve"):
        from pydantic import ValidationError  # noqa: PLC0415 - only who serves pays for it

        from paycanary.service.settings import Settings  # noqa: PLC0415
    try:
        return Settings()
    except ValidationError as error:
        # Names and reasons, never values: they may be secret.
        wrong = "; ".join(f"{_variable(fault['loc'])}: {fault['msg']}" for fault in error.errors())
        raise UsageError(
            {"ko": f"쓸 수 없는 설정이 있습니다({wrong}).", "en": f"A setting cannot be used ({wrong})."},
            {"ko": "환경 변수를 고치세요. docs/how-to/serve.md 에 모두 적혀 있습니다.", "en": "Mend the environment variable; docs/how-to/serve.md lists them all."},
        ) from None  # fmt: skip


def _variable(place: tuple[int | str, ...]) -> str:
    name = str(place[0]) if place else "?"
    return name if name.isupper() else f"PAYCANARY_{name.upper()}"
