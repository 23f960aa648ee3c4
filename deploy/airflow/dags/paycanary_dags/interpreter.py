"""Small questions to paycanary's interpreter, outside an operator: JSON in, JSON out."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any, Final

#: The interpreter that has paycanary; in the image it lies beside Airflow's.
PYTHON: Final = os.environ.get("PAYCANARY_PYTHON", "/opt/paycanary/bin/python")
_CODE: Final = "import json, sys; from paycanary.tasks.catalog import call; print(json.dumps(call(**json.load(sys.stdin))))"


def ask(name: str, arguments: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The account of a piece of paycanary's unattended work.

    Raises:
        OSError: there is no such interpreter.
        subprocess.SubprocessError: it failed in a way that nobody foresaw, or took too long.
    """
    asked = json.dumps({"name": name, "arguments": arguments})
    done = subprocess.run([PYTHON, "-c", _CODE], input=asked, capture_output=True, text=True, timeout=seconds, check=True)  # fmt: skip
    account: dict[str, Any] = json.loads(done.stdout)
    return account
