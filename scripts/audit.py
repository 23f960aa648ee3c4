"""Looks for known holes in everything that is locked; ends with 1 where there is one.

pip-audit asks PyPI's vulnerability database. Where that cannot be asked, or does not know a package, this says so and how many:
not asked is not safe.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
#: Those that together hold every package of all locks.
LOCKS: Final = (
    "requirements/pip.lock",
    "requirements/dev.lock",
    "requirements/spark.lock",
    "requirements/training.lock",
    "requirements/torch.lock",
    "requirements/models.lock",
    "requirements/airflow.lock",
    "requirements/kubectl.lock",
    "requirements/image.lock",
)
_SECONDS: Final = 120


def main() -> int:
    """Audit every lock."""
    found = [line for lock in LOCKS for line in audit(lock)]
    for line in found:
        print(line)
    return 1 if found else 0


def audit(lock: str) -> list[str]:
    """A line a known hole in a lock's packages; tells on the way what could not be asked."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / lock), "--disable-pip", "--require-hashes",
               "--format", "json", "--progress-spinner", "off"]  # fmt: skip
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
        packages: list[dict[str, Any]] = json.loads(ran.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError) as error:
        print(f"{lock}: not audited: the vulnerability service cannot be asked ({type(error).__name__})")  # fmt: skip
        return []
    return report(lock, packages)


def report(lock: str, packages: list[dict[str, Any]]) -> list[str]:
    """The holes that pip-audit's answer tells, once it was said how many packages it knows nothing of."""
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    print(f"{lock}: {len(packages) - len(unknown)} of {len(packages)} packages audited" + (f"; the service did not answer about {len(unknown)}" if unknown else ""))  # fmt: skip
    return [
        f"{lock}: {package['name']} {package['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for package in packages
        for hole in package.get("vulns", ())
    ]


if __name__ == "__main__":
    sys.exit(main())
