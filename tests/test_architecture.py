"""The house stays in order: imports run one way, files stay small, nothing names a machine."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import distribution, packages_distributions
from itertools import chain
from pathlib import Path

import pytest

pytestmark = pytest.mark.quick

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "paycanary"
MODULES = sorted(PACKAGE.rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LONGEST_FILE = 500
#: Name addresses of other networks to show that nothing is posted there.
HOSTILE = {"tests/alerts/test_alerts_outbound.py", "tests/alerts/test_watchlist_pages.py"}
FOLDERS = ("src", "tests", "scripts", "benchmarks", "docs", "requirements", ".ci")
TEXT_SUFFIXES = {"", ".py", ".sql", ".yaml", ".md", ".json", ".toml", ".sh", ".in", ".lock", ".txt", ".html", ".css", ".js"}  # fmt: skip
#: Under the LGPL, and only installed where PostgreSQL is asked for.
LGPL = {"psycopg", "psycopg-binary"}
#: Of modules that only the model server's environment holds: who brings those of another name.
ELSEWHERE = {"grpc": "grpcio"}


def text_files(*folders: str) -> list[Path]:
    """Text files under the folders and, without any, those at the root too; caches and environments left out."""
    roots = [ROOT / folder for folder in folders or FOLDERS]
    found = [path for root in roots for path in sorted(root.rglob("*")) if path.is_file()]
    if not folders:
        found += [path for path in sorted(ROOT.iterdir()) if path.is_file() and path.name != ".git"]
    return [
        path
        for path in found
        if path.suffix in TEXT_SUFFIXES
        and not {"__pycache__", ".envs"} & set(path.relative_to(ROOT).parts)
    ]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- imports run one way -------------------------------------------------------------------------


def lint_imports(src: Path) -> subprocess.CompletedProcess[str]:
    """Check the contract of pyproject.toml against the package that lies in ``src``."""
    command = Path(sysconfig.get_path("scripts")) / "lint-imports"
    return subprocess.run(
        [command, "--no-cache", "--no-logo", "--config", ROOT / "pyproject.toml"],
        cwd=src,
        env={**os.environ, "PYTHONPATH": str(src), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_run_down_the_tour() -> None:
    result = lint_imports(ROOT / "src")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("folder", "line", "arrow"),
    [
        ("sources", "from paycanary import lake", "paycanary.sources -> paycanary.lake"),
        ("lake", "import paycanary.cli", "paycanary.lake -> paycanary.cli"),
    ],
)
def test_an_import_that_runs_up_is_found(
    tmp_path: Path, folder: str, line: str, arrow: str
) -> None:
    src = tmp_path / "src"
    shutil.copytree(PACKAGE, src / "paycanary", ignore=shutil.ignore_patterns("__pycache__"))
    module = src / "paycanary" / folder / "__init__.py"
    module.write_text(f"{module.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    result = lint_imports(src)
    assert result.returncode == 1, result.stdout + result.stderr
    assert arrow in re.sub(r"\s+", " ", result.stdout)


def test_a_folder_outside_the_tour_is_found(tmp_path: Path) -> None:
    src = tmp_path / "src"
    shutil.copytree(PACKAGE, src / "paycanary", ignore=shutil.ignore_patterns("__pycache__"))
    (src / "paycanary" / "helpers.py").write_text('"""Where would this stand?"""\n')
    result = lint_imports(src)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "helpers" in result.stdout


def test_only_declared_dependencies_are_imported() -> None:
    declared = {
        re.split(r"[<>=!~ \[;]", line)[0].lower().replace("_", "-")
        for line in (
            *PROJECT["project"]["dependencies"],
            *chain.from_iterable(PROJECT["project"]["optional-dependencies"].values()),
        )
    }
    owners = packages_distributions()
    strangers = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module]
            else:
                continue
            for name in {name.split(".")[0] for name in names}:
                if name in sys.stdlib_module_names or name == "paycanary":
                    continue
                found = owners.get(name) or [ELSEWHERE.get(name, name)]
                owned_by = {owner.lower().replace("_", "-") for owner in found}
                if not owned_by & declared:
                    strangers.add(f"{relative(path)}: {name}")
    assert not strangers


# --- files stay small and carry nothing of a machine ---------------------------------------------


def test_no_file_is_long() -> None:
    long = {
        relative(path): lines
        for path in text_files("src", "tests", "scripts", "benchmarks")
        if path.suffix in {".py", ".sql", ".sh", ".html", ".css", ".js"}
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long


def test_no_file_names_a_machine() -> None:
    """No folder of someone's machine, no address that only one network knows; loopback, and the images' own folders, are everybody's."""
    folder = r"(?<![\w.}:/-])/(?:work|root|home|Users|opt(?!/(?:paycanary|airflow))|mnt|srv|tmp)/"
    address = (
        r"https?://(?:[^/\s]*\.(?:internal|local|lan|corp)\b|(?!127\.0\.0\.1\b)\d+\.\d+\.\d+\.\d+)"
    )
    found = [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(folder if relative(path) in HOSTILE else f"{folder}|{address}", line)
    ]
    assert not found


# --- what is installed ---------------------------------------------------------------------------


def locked(name: str) -> dict[str, int]:
    """Requirements of a lock, with the number of hashes each may have."""
    hashes: dict[str, int] = {}
    current = ""
    for line in (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([a-z0-9-]+)==\S+", line):
            current = match[1]
            hashes[current] = 0
        elif "--hash=sha256:" in line:
            hashes[current] += 1
    return hashes


@pytest.mark.parametrize("name", ["base", "serve", "dev", "spark", "models", "airflow"])
def test_locks_pin_by_hash_and_name_no_host(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^--", text, re.MULTILINE)
    assert all(locked(name).values())


def test_every_lock_extends_the_one_before() -> None:
    pins = {
        name: set(
            re.findall(
                r"^[a-z0-9-]+==\S+", (ROOT / f"requirements/{name}.lock").read_text(), re.MULTILINE
            )
        )
        for name in ("base", "serve", "dev")
    }
    assert pins["base"] <= pins["serve"] <= pins["dev"]


@pytest.mark.parametrize("name", sorted(locked("serve").keys() - LGPL))
def test_dependencies_have_permissive_licences(name: str) -> None:
    about = distribution(name).metadata
    fields = [
        about.get_all(field) or [] for field in ("License-Expression", "License", "Classifier")
    ]
    texts = [
        file.read_text() for file in distribution(name).files or [] if "LICEN" in file.name.upper()
    ]
    # Who says it nowhere in the metadata says it in the first line of the licence itself.
    words = " ".join([*chain(*fields), *(text.strip().splitlines()[0] for text in texts if text)])
    assert re.search(
        r"\b(MIT|BSD|Apache|ISC|MPL|PSF|Python Software Foundation|SIL Open Font)", words
    ), words
    assert not re.search(r"GPL|General Public", words), words


def test_the_base_install_is_wholly_permissive() -> None:
    assert not LGPL & locked("base").keys()
