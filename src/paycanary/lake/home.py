"""Where the lake lies: ``PAYCANARY_HOME``, else the platform's place for a program's data."""

from __future__ import annotations

import os
from pathlib import Path

from paycanary.errors import LakeError


def inbox_path() -> Path:
    """Folder of fetched answers that wait for the lake, beside it. It need not exist yet."""
    return lake_path().with_name("inbox")


def models_path() -> Path:
    """Folder of trained models, beside the lake. It need not exist yet."""
    return lake_path().with_name("models")


def lake_path() -> Path:
    """Folder of the lake. It need not exist yet.

    ``PAYCANARY_HOME`` overrides; else ``~/.local/share/paycanary`` on Linux,
    ``~/Library/Application Support/paycanary`` on macOS.

    Raises:
        LakeError: what stands there, or on the way there, is a file. Whoever set it meant data of their own, and would take
            answers from the built-in sample for answers from it.
    """
    if override := os.environ.get("PAYCANARY_HOME"):
        home = Path(override).expanduser()
    else:
        from platformdirs import user_data_path  # noqa: PLC0415 - not needed when overridden

        home = user_data_path("paycanary", appauthor=False)
    lake = home / "lake"
    there = next((place for place in (lake, *lake.parents) if _is_there(place)), None)
    if there is not None and not there.is_dir():
        raise LakeError(
            {"ko": f"{there}: 폴더가 아닙니다. 자료를 둘 곳은 {home} 입니다.", "en": f"{there}: not a folder. Data is to lie in {home}."},
            {"ko": "PAYCANARY_HOME 을 폴더로 정하세요. 아직 없는 폴더도 됩니다.", "en": "Set PAYCANARY_HOME to a folder; one that does not exist yet will do."},
        )  # fmt: skip
    return lake


def _is_there(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:  # it may not be looked at: whoever opens it says so
        return False
