"""Airflow's interpreter, and our DAGs as it sees them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT: Final = Path(__file__).resolve().parents[2]
DAGS: Final = ROOT / "deploy" / "airflow" / "dags"
AIRFLOW: Final = ROOT / ".venv-airflow" / "bin"


@pytest.fixture(scope="session")
def airflow_bin() -> Path:
    """Where Airflow's programs lie."""
    assert (AIRFLOW / "airflow").exists(), "run `make test`, which installs .venv-airflow"
    return AIRFLOW


@pytest.fixture(scope="session")
def inside(airflow_bin: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Asks `inside.py`; paycanary is not to be found there, unless by the interpreter that PAYCANARY_PYTHON names."""
    home = tmp_path_factory.mktemp("airflow")

    def ask(what: str, given: Any = None, env: Mapping[str, str] | None = None) -> Any:
        told = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "AIRFLOW", "PAYCANARY_"))}  # fmt: skip
        told |= {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "PYTHONPATH": str(DAGS),
            "PAYCANARY_PYTHON": sys.executable,
            **(env or {}),
        }
        done = subprocess.run(
            [airflow_bin / "python", Path(__file__).with_name("inside.py"), what],
            input=json.dumps(given), capture_output=True, text=True, env=told, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.rsplit("\n", 1)[-1])

    return ask


@pytest.fixture(scope="session")
def parsed(inside: Callable[..., Any]) -> Any:
    """What real Airflow reads from our files."""
    return inside("dags")
