"""Where the lake lies: ``PAYCANARY_HOME``, else the platform's place for a program's data."""

from __future__ import annotations

import os
from pathlib import Path


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
    """
    if override := os.environ.get("PAYCANARY_HOME"):
        return Path(override).expanduser() / "lake"
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed when overridden

    return user_data_path("paycanary", appauthor=False) / "lake"
