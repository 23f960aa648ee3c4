"""A disk that is full or may not be written: one clear line, exit code 6, and nothing stored is lost."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest
from nps_files import month_text, workplace

from tests.command import PAYCANARY, Run, leftovers, one_line
from tests.opendart_files import (
    SMALL,
    SOUND,
    Company,
    write_opendart,
)
from tests.stored import Stored, powerless

if TYPE_CHECKING:
    from pathlib import Path

BOTH: Final = pytest.mark.parametrize("lang", ["ko", "en"])


def namespace() -> list[str]:
    """How to start a program that may mount: [] where that is not allowed."""
    for command in (["unshare", "-m"], ["unshare", "-rm"]):
        probe = [*command, "mount", "-t", "tmpfs", "none", "/mnt"]
        try:
            if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
                return command
        except FileNotFoundError:
            break
    return []


#: Fills a small disk, leaves some room (in KiB), tries a refresh, and looks at what is stored.
FULL = """
set -u
mount -t tmpfs -o size=4m none "$DISK"
cp -R "$BASE/." "$DISK"
"$@" status --json > "$OUT/before.json"
for try in 0.en 24.ko 48.en 96.ko; do
  rm -f "$DISK/filler"
  dd if=/dev/zero of="$DISK/filler" bs=4k 2> /dev/null
  truncate -s "-${try%.*}k" "$DISK/filler"
  "$@" refresh "$REGISTER" --from "$IN" --lang ${try#*.} > "$OUT/$try.out" 2> "$OUT/$try.err"
  echo $? > "$OUT/$try.code"
  "$@" status --json > "$OUT/$try.json"
done
rm "$DISK/filler"
"$@" check "$NAME" --json > "$OUT/check.json"
"$@" refresh "$REGISTER" --from "$IN" --json > "$OUT/refresh.json"
cp -R "$DISK" "$OUT/disk"
"""


def fill(base: Run, folder: Path, register: str, source: Path, name: str, **env: str) -> Path:
    """Refresh on a copy of a home while its disk is full, four times; then with room. Gives what was written down.

    Nothing of a refresh without room is kept, and each says so in one line.
    """
    if not (command := namespace()):
        pytest.skip(
            "no small disk can be mounted here: test_a_file_that_may_not_grow stands for it"
        )
    disk, out = folder / "disk", folder / "out"
    disk.mkdir()
    out.mkdir()
    env = Run(disk, env).environment({
        "DISK": str(disk), "BASE": str(base.home), "OUT": str(out), "IN": str(source), "REGISTER": register, "NAME": name,
    })  # fmt: skip
    result = subprocess.run([*command, "sh", "-c", FULL, "sh", *PAYCANARY], env=env, capture_output=True, encoding="utf-8", check=False)  # fmt: skip
    assert result.stderr == ""
    before = json.loads((out / "before.json").read_text(encoding="utf-8"))
    for attempt in ("0.en", "24.ko", "48.en", "96.ko"):
        said = (out / f"{attempt}.err").read_text(encoding="utf-8").splitlines()
        assert len(said) == 1, said
        assert {"ko": "가득", "en": "the disk is full"}[attempt[-2:]] in said[0]
        assert str(disk) in said[0]
        assert (out / f"{attempt}.code").read_text() == "6\n"
        assert (out / f"{attempt}.out").read_text() == ""
        assert json.loads((out / f"{attempt}.json").read_text(encoding="utf-8")) == before
    assert leftovers(out / "disk" / "lake") == []
    return out


def test_a_disk_that_is_full(stored: Stored, tmp_path: Path) -> None:
    companies = [Company(f"9910{i:04}", f"98{i:04}", f"긴이름회사{i}") for i in range(150)]
    source = tmp_path / "in"
    source.mkdir()
    out = fill(stored.run, tmp_path, "dart", write_opendart(source, companies), SOUND.name)
    before = json.loads((out / "before.json").read_text(encoding="utf-8"))
    assert before["tables"] == stored.status["tables"]
    assert json.loads((out / "check.json").read_text())["company"]["corp_code"] == SOUND.corp_code
    report = json.loads((out / "refresh.json").read_text(encoding="utf-8"))
    assert report["added"]["companies"] == len(companies)


def test_a_disk_that_is_full_while_a_month_comes_in(tmp_path: Path) -> None:
    """A corrected month and a new one: the month that is stored stays as it was, and both come in once there is room."""
    small = {"PAYCANARY_WHOLE_MONTH_ROWS": "100"}
    base = Run(tmp_path / "home", small)

    def month(name: str, value: str, heads: int) -> Path:
        made = [
            workplace(f"가상{chr(0xAC00 + i)}산업(주)", f"{100000 + i}", heads=heads + i % 50, joined=i % 3, left=0)
            for i in range(2000)
        ]  # fmt: skip
        path = tmp_path / name / f"{value}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(month_text(value, entries=made).encode("cp949"))
        return path.parent

    base.json("refresh", "nps", "--from", month("first", "2024-01", 20))
    month("in", "2024-01", 21)
    name = "가상가산업"
    out = fill(base, tmp_path, "nps", month("in", "2024-02", 22), name, **small)
    report = json.loads((out / "refresh.json").read_text(encoding="utf-8"))
    assert {m["month"]: m["state"] for m in report["months"]} == {"2024-01": "corrected", "2024-02": "new"}  # fmt: skip
    assert report["months"][0]["changed"] == 2000
    checked = json.loads((out / "check.json").read_text(encoding="utf-8"))
    assert name in checked["company"]["name"]


def test_a_file_that_may_not_grow(stored: Stored, tmp_path: Path) -> None:
    """As on a full disk, writing stops in the middle of a file; this needs no right to mount."""
    companies = [Company(f"9910{i:04}", f"98{i:04}", f"긴이름회사{i}") for i in range(30)]
    source = write_opendart(tmp_path, companies)

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    for lang in ("ko", "en"):
        arguments = ("refresh", "dart", "--from", source, "--lang", lang)
        assert str(stored.lake) in one_line(stored.run(*arguments, preexec=small_files), 6)
    stored.assert_kept()


@pytest.fixture
def read_only(stored: Stored, tmp_path: Path) -> Run:
    """A copy of the store in which nothing may be written."""
    run = Run(tmp_path / "home")
    shutil.copytree(stored.run.home, run.home)
    for path in (run.home, *run.home.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return run


def test_a_home_that_may_only_be_read(stored: Stored, read_only: Run, tmp_path: Path) -> None:
    source = write_opendart(tmp_path / "in", [SMALL])
    before = read_only.json("status", preexec=powerless)
    for lang, words in (("ko", "쓸 수 없습니다"), ("en", "cannot be written")):
        for command in (("refresh", "dart", "--from", source), ("rollback",)):
            line = one_line(read_only(*command, "--lang", lang, preexec=powerless), 6)
            assert words in line
            assert str(read_only.home) in line
    assert read_only.problem("rollback", preexec=powerless)["error"] == "read_only"
    assert read_only.json("status", preexec=powerless) == before
    assert before["tables"] == stored.status["tables"]
    verdict = read_only.json("check", SOUND.name, preexec=powerless)
    assert verdict["company"]["corp_code"] == SOUND.corp_code


def test_a_home_on_a_read_only_disk(stored: Stored, tmp_path: Path) -> None:
    if not (command := namespace()):
        pytest.skip("nothing can be mounted here: test_a_home_that_may_only_be_read stands for it")
    home = stored.run.home
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    arguments = ("refresh", "dart", "--from", write_opendart(tmp_path, [SMALL]), "--lang", "en")
    result = subprocess.run(
        [*command, "sh", "-c", script, str(home), *stored.run.command(*arguments)],
        env=stored.run.environment(), capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert "cannot be written" in one_line(result, 6)
    stored.assert_kept()


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    source = write_opendart(tmp_path / "in", [SMALL])
    run = Run(closed / "home")
    line = one_line(run("refresh", "dart", "--from", source, "--lang", "en", preexec=powerless), 6)
    assert str(run.home) in line
    (tmp_path / "file").touch()
    run = Run(tmp_path / "file")
    assert str(run.home) in one_line(run("refresh", "dart", "--from", source), 6)


@BOTH
def test_a_home_that_cannot_be_opened(read_only: Run, lang: str) -> None:
    read_only.home.joinpath("lake").chmod(0)
    try:
        for command in (("status",), ("check", SOUND.name), ("screen",)):
            line = one_line(read_only(*command, "--lang", lang, preexec=powerless), 6)
            assert str(read_only.home) in line
    finally:
        read_only.home.joinpath("lake").chmod(0o755)
