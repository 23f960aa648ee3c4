"""Files that the package carries: SQL and YAML."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

#: libyaml's safe loader where PyYAML was built with it (ten times faster), else the Python one.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def read_text(package: str, *path: str) -> str:
    """A packaged file as text, such as ``read_text("filings", "sql", "macros.sql")``."""
    return files("paycanary").joinpath(package, *path).read_text(encoding="utf-8")


def read_yaml(package: str, *path: str) -> Any:
    """A packaged YAML file as plain values; an empty file is an empty mapping."""
    return yaml.load(read_text(package, *path), Loader=_LOADER) or {}  # noqa: S506 - a safe loader
