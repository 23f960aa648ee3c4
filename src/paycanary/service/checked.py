"""Settings of a program from the environment: names and reasons of what is wrong, never values."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from paycanary.errors import UsageError

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings

S = TypeVar("S", bound="BaseSettings")


def checked(kind: type[S], page: str) -> S:
    """Settings of a kind, which a page of the documentation lists.

    Raises:
        UsageError: an environment variable holds what it may not.
    """
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        return kind()
    except ValidationError as error:
        # Names and reasons, never values: they may be secret.
        prefix = kind.model_config.get("env_prefix", "")
        wrong = "; ".join(
            f"{_variable(fault['loc'], prefix)}: {fault['msg']}" for fault in error.errors()
        )
        raise UsageError(
            {"ko": f"쓸 수 없는 설정이 있습니다({wrong}).", "en": f"A setting cannot be used ({wrong})."},
            {"ko": f"환경 변수를 고치세요. {page} 에 모두 적혀 있습니다.", "en": f"Mend the environment variable; {page} lists them all."},
        ) from None  # fmt: skip


def _variable(place: tuple[int | str, ...], prefix: str) -> str:
    name = str(place[0]) if place else "?"
    return name if name.isupper() else f"{prefix}{name.upper()}"
