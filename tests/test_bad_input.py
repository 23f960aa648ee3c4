"""Bad input and bad luck: one clear line, the documented exit code, and nothing stored is lost."""

from __future__ import annotations

import ctypes
import gzip
import json
import os
import resource
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pexpect
import pytest

from paycanary.lake.reader import open_reader
from paycanary.lake.status import read_status
from tests.command import PAYCANARY, Run, contents, leftovers, one_line
from tests.nps_files import month_text, write_month
from tests.opendart_files import (
    COLUMNS,
    COMPANIES,
    SMALL,
    SOUND,
    TROUBLED,
    Company,
    write_market,
    write_opendart,
    write_rows,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TWINS: Final = (
    Company("99000041", "990041", "겹친이름"),
    Company("99000042", "990042", "겹친이름"),
)
DELISTED: Final = "Symbol,Name,Market,SecuGroup,Kind,DelistingDate,Reason\n990010,가나전자,KOSDAQ,주권,보통주,2025-06-30,감사의견 거절\n"  # fmt: skip
LISTED: Final = "회사명,시장구분,종목코드,업종,상장일,결산월,지역\n가나전자,코스닥,990010,전자부품,2001-03-02,12월,서울특별시\n"
BOTH: Final = pytest.mark.parametrize("lang", ["ko", "en"])


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    folder = tmp_path_factory.mktemp("stored")
    run = Run(folder / "home")
    (folder / "nps").mkdir()
    (folder / "krx.csv").write_text(DELISTED, encoding="utf-8")
    run.ok("refresh", "dart", "--from", write_opendart(folder / "dart", [*COMPANIES, *TWINS]))
    run.ok("refresh", "krx", "--from", folder / "krx.csv")
    run.ok("refresh", "nps", "--from", write_month(folder / "nps"))
    return Stored(run)


class Stored:
    """A store that every test of this file asks for bad things, and that must be the same after each."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lake = run.home / "lake"
        self.status = run.json("status")
        self.rows = contents(self.lake)

    def assert_kept(self) -> None:
        status = read_status(open_reader(self.lake)).model_dump(mode="json")
        assert status == self.status
        assert contents(self.lake) == self.rows
        assert leftovers(self.lake) == []

    def refuses(self, code: int, *arguments: object, **options: Any) -> str:
        """The one line in Korean, and in English as JSON says it too: gives the English one."""
        korean = one_line(self.run(*arguments, "--lang", "ko", **options), code)
        english = one_line(self.run(*arguments, "--lang", "en", **options), code)
        assert any("가" <= c <= "힣" for c in korean)
        assert korean != english
        return english

    def says_in_json(self, line: str, code: int, *arguments: object) -> None:
        """With ``--json`` the problem holds the same line."""
        problem = self.run.problem(*arguments, "--lang", "en")
        assert (problem["message"], problem["exit_code"]) == (line, code)


@pytest.fixture
def refuses(stored: Stored) -> Callable[..., str]:
    return stored.refuses


# --- names ---------------------------------------------------------------------------------------


def test_an_unknown_name_gives_the_nearest(run: Run) -> None:
    for lang, words in (("ko", "찾지 못했습니다"), ("en", "was found")):
        line = one_line(run("check", "카카카카오", "--lang", lang), 3)
        assert words in line
        assert "카카카카오" in line
        assert "카카오?" in line
    assert run.problem("check", "한화오선쉽")["error"] == "not_found"
    assert "한화오션" in run.problem("check", "한화오선쉽")["message"]
    one_line(run("compare", "HMM", "세상에없는회사이름"), 3)


@pytest.mark.parametrize("name", ["", "   ", "!?", "가" * 101, "（주）"])
def test_a_name_that_is_none(refuses: Callable[..., str], name: str) -> None:
    refuses(2, "check", name)


def test_a_name_that_would_paint_the_terminal(refuses: Callable[..., str]) -> None:
    assert "\x1b" not in refuses(3, "check", "\x1b[31m없는회사\n이름")


@BOTH
def test_an_ambiguous_name_gives_candidates(stored: Stored, lang: str) -> None:
    for command in (("check", TWINS[0].name), ("compare", SOUND.name, TWINS[0].name)):
        result = stored.run(*command, "--lang", lang)
        assert result.returncode == 4
        assert result.stdout == ""
        first, *table = result.stderr.splitlines()
        assert first.startswith(f"paycanary: '{TWINS[0].name}'")
        assert "Traceback" not in result.stderr
        shown = "\n".join(table)
        for number, twin in enumerate(TWINS, start=1):
            assert twin.corp_code in shown
            assert f"  {number}  " in shown
        problem = stored.run.problem(*command, "--lang", lang)
        assert problem["error"] == "ambiguous"
        assert {c["corp_code"] for c in problem["candidates"]} == {t.corp_code for t in TWINS}
    for twin in TWINS:
        verdict = stored.run.json("check", twin.corp_code)
        assert verdict["company"]["corp_code"] == twin.corp_code


def converse(run: Run, *arguments: str, env: dict[str, str] | None = None) -> pexpect.spawn:
    """The command line in a terminal."""
    return pexpect.spawn(
        PAYCANARY[0],
        [*PAYCANARY[1:], *arguments],
        env={**run.environment(), "TERM": "xterm-256color", **(env or {})},
        encoding="utf-8",
        timeout=30,
        dimensions=(50, 160),
    )


def test_a_person_chooses_in_a_terminal(stored: Stored) -> None:
    talk = converse(stored.run, "check", TWINS[0].name, "--lang", "ko")
    talk.expect(TWINS[0].corp_code)
    talk.expect(TWINS[1].corp_code)
    listed = [line for line in talk.before.splitlines() if TWINS[0].name in line]
    assert listed
    talk.expect("번호를 고르세요")
    for nonsense in ("0", "3", "둘"):
        talk.sendline(nonsense)
        talk.expect("번호를 고르세요")
    talk.sendline("2")
    talk.expect(pexpect.EOF)
    talk.close()
    assert talk.exitstatus == 0
    assert TWINS[1].receipt(2024) in talk.before
    assert TWINS[0].receipt(2024) not in talk.before


def test_a_person_may_go_away(stored: Stored) -> None:
    for key in ("c", "d"):
        talk = converse(stored.run, "check", TWINS[0].name, "--lang", "en")
        talk.expect("Choose a number")
        talk.sendcontrol(key)
        talk.expect(pexpect.EOF)
        talk.close()
        assert talk.exitstatus in (1, 130)
        assert "Traceback" not in talk.before


def test_no_question_where_nobody_can_answer(stored: Stored) -> None:
    """A terminal to read, but the answer goes into a pipe: candidates, not a prompt."""
    talk = pexpect.spawn(
        "sh",
        ["-c", '"$@" | cat', "sh", *PAYCANARY, "check", TWINS[0].name],
        env=stored.run.environment(),
        encoding="utf-8",
        timeout=30,
    )
    talk.expect(pexpect.EOF)
    assert "Choose" not in talk.before
    assert TWINS[1].corp_code in talk.before


# --- days ----------------------------------------------------------------------------------------


TOMORROW: Final = (datetime.now(UTC) + timedelta(hours=9, days=1)).date().isoformat()


@pytest.mark.parametrize(
    "day",
    ["2999-01-01", TOMORROW, "2023-02-30", "20231301", "2023-00-10", "어제", "2023", "23-01-01", "", "2023-1-1-1", "２０２３년"],
)  # fmt: skip
def test_a_day_that_cannot_be_asked(refuses: Callable[..., str], day: str) -> None:
    line = refuses(2, "check", SOUND.name, "--as-of", day)
    assert day in line


def test_json_says_the_same(stored: Stored, tmp_path: Path) -> None:
    for code, *arguments in (
        (2, "check", SOUND.name, "--as-of", "2023-02-30"),
        (2, "check", SOUND.name, "--criteria", tmp_path / "absent.yaml"),
        (3, "check", "세상에없는회사이름"),
        (5, "refresh", "krx", "--from", tmp_path / "absent.csv"),
        (6, "rollback", "--to", 99),
    ):
        stored.says_in_json(stored.refuses(code, *arguments), code, *arguments)


@pytest.mark.parametrize("command", [("compare", "a", "b"), ("screen",), ("criteria",)])
def test_every_command_checks_the_day(refuses: Callable[..., str], command: tuple[str]) -> None:
    assert "2023-02-30" in refuses(2, *command, "--as-of", "2023-02-30")


def test_a_message_stays_one_line(stored: Stored) -> None:
    line = one_line(stored.run("check", SOUND.name, "--as-of", "2023\n\rpaycanary: x\n"), 2)
    assert "2023" in line
    result = stored.run("check", SOUND.name, "--as-of", os.fsdecode(b"\xff"), "--json")
    assert json.loads(result.stderr)["error"] == "date"


# --- files ---------------------------------------------------------------------------------------


def missing(folder: Path) -> Path:
    return folder / "not there.csv"


def without_files(folder: Path) -> Path:
    (folder / "notes.txt").write_text("nothing here")
    return folder


def locked(folder: Path) -> Path:
    path = folder / "locked.csv"
    path.write_text(DELISTED, encoding="utf-8")
    path.chmod(0)
    return path


def empty(folder: Path) -> Path:
    path = folder / "empty.csv"
    path.touch()
    return path


def noise(name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(bytes(range(256)) * 40)
        return path

    return write


def encoded(text: str, encoding: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "encoded.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def without_column(text: str, column: str) -> Callable[[Path], Path]:
    """A CSV with a column less, in its header and its rows."""

    def write(folder: Path) -> Path:
        rows = [line.split(",") for line in text.splitlines()]
        place = next(i for i, title in enumerate(rows[0]) if title.startswith(column))
        path = folder / "narrow.csv"
        narrow = [",".join(cell for i, cell in enumerate(row) if i != place) for row in rows]
        path.write_text("\n".join(narrow) + "\n", encoding="utf-8")
        return path

    return write


def truncated(write: Callable[[Path], Path], part: float = 0.6) -> Callable[[Path], Path]:
    def cut(folder: Path) -> Path:
        path = write(folder)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * part)])
        return path

    return cut


def month(container: str) -> Callable[[Path], Path]:
    return lambda folder: write_month(folder, container=container)


def listed_parquet(folder: Path) -> Path:
    titles, values = (line.split(",") for line in LISTED.splitlines())
    return write_rows(folder / "kind.parquet", titles, [dict(zip(titles, values, strict=True))])


def staff(folder: Path) -> Path:
    return write_market(folder) / "market" / "empSttus.parquet"


def staff_without_receipt_numbers(folder: Path) -> Path:
    columns = [c for c in COLUMNS["empSttus"] if c != "rcept_no"]
    return write_rows(folder / "empSttus.parquet", columns, [])


def corporations(folder: Path) -> Path:
    path = folder / "corpCode.zip"
    entry = "<list><corp_code>99000010</corp_code><corp_name>가나전자</corp_name><corp_eng_name>Gana</corp_eng_name><stock_code> </stock_code><modify_date>20240101</modify_date></list>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("CORPCODE.xml", f"<?xml version='1.0' encoding='UTF-8'?><result>{entry * 50}</result>")  # fmt: skip
    return path


def broken_xml(folder: Path) -> Path:
    path = folder / "CORPCODE.xml"
    path.write_text("<result><list><corp_code>1</corp_code>", encoding="utf-8")
    return path


def answered_error(folder: Path) -> Path:
    """OpenDART answers an error as XML under the same name."""
    path = folder / "corpCode.zip"
    path.write_text("<result><status>020</status></result>", encoding="utf-8")
    return path


def zip_of_nothing(folder: Path) -> Path:
    path = folder / "nothing.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no table")
    return path


def wrong_checksum(folder: Path) -> Path:
    path = folder / "month.csv.gz"
    packed = bytearray(gzip.compress(month_text().encode("cp949")))
    packed[-8] ^= 0xFF
    path.write_bytes(packed)
    return path


def link_to_itself(folder: Path) -> Path:
    path = folder / "loop.csv"
    path.symlink_to(path)
    return path


@pytest.mark.parametrize(
    ("source", "write", "named"),
    [
        *((source, missing, "not there.csv") for source in ("dart", "nps", "krx")),
        *((source, without_files, "") for source in ("dart", "nps", "krx")),
        ("krx", link_to_itself, "loop.csv"),
        ("nps", link_to_itself, "loop.csv"),
        ("krx", encoded(DELISTED, "utf-16"), "encoded.csv"),
        ("krx", encoded(DELISTED, "cp949"), "encoded.csv"),
        ("krx", without_column(DELISTED, "DelistingDate"), "DelistingDate"),
        ("krx", without_column(LISTED, "종목코드"), "종목코드"),
        ("krx", empty, "empty.csv"),
        ("krx", noise("noise.csv"), "noise.csv"),
        ("krx", noise("noise.parquet"), "noise.parquet"),
        ("krx", truncated(listed_parquet), "kind.parquet"),
        ("nps", encoded(month_text(), "utf-16"), "encoded.csv"),
        ("nps", encoded(month_text(), "johab"), "encoded.csv"),
        ("nps", without_column(month_text(), "당월고지금액"), "당월고지금액"),
        ("nps", without_column(month_text(), "자료생성년월"), "자료생성년월"),
        ("nps", empty, "empty.csv"),
        ("nps", noise("noise.csv"), "noise.csv"),
        ("nps", noise("noise.zip"), "noise.zip"),
        ("nps", noise("noise.csv.gz"), "noise.csv.gz"),
        ("nps", truncated(month("zip")), ".zip"),
        ("nps", truncated(month("csv.gz")), ".csv.gz"),
        ("nps", wrong_checksum, "month.csv.gz"),
        ("nps", zip_of_nothing, "nothing.zip"),
        ("dart", truncated(staff), "empSttus.parquet"),
        ("dart", truncated(staff, 0), "empSttus.parquet"),
        ("dart", noise("fnlttSinglAcntAll.parquet"), "fnlttSinglAcntAll.parquet"),
        ("dart", staff_without_receipt_numbers, "rcept_no"),
        ("dart", truncated(corporations), "corpCode.zip"),
        ("dart", zip_of_nothing, "nothing.zip"),
        ("dart", broken_xml, "CORPCODE.xml"),
        ("dart", answered_error, "corpCode.zip"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read(
    stored: Stored, tmp_path: Path, source: str, write: Callable[[Path], Path], named: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = write(folder)
    line = stored.refuses(5, "refresh", source, "--from", path)
    assert named in line
    assert str(path.name) in line
    stored.assert_kept()


def powerless() -> None:
    """Give up root's right to pass over permissions, where we have it: from here on they count."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
                raise OSError(ctypes.get_errno(), "prctl")


@pytest.mark.parametrize("source", ["krx", "nps"])
def test_a_file_without_permission(stored: Stored, tmp_path: Path, source: str) -> None:
    path = locked(tmp_path)
    assert "locked.csv" in stored.refuses(5, "refresh", source, "--from", path, preexec=powerless)
    stored.assert_kept()


@pytest.mark.parametrize("write", [staff, corporations])
def test_an_opendart_file_without_permission(
    stored: Stored, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    path = write(tmp_path)
    path.chmod(0)
    assert path.name in stored.refuses(5, "refresh", "dart", "--from", path, preexec=powerless)
    stored.assert_kept()


# --- the disk ------------------------------------------------------------------------------------


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
  "$@" refresh dart --from "$IN" --lang ${try#*.} > "$OUT/$try.out" 2> "$OUT/$try.err"
  echo $? > "$OUT/$try.code"
  "$@" status --json > "$OUT/$try.json"
done
rm "$DISK/filler"
"$@" check "$NAME" --json > "$OUT/check.json"
"$@" refresh dart --from "$IN" --json > "$OUT/refresh.json"
cp -R "$DISK" "$OUT/disk"
"""


def test_a_disk_that_is_full(stored: Stored, tmp_path: Path) -> None:
    if not (command := namespace()):
        pytest.skip(
            "no small disk can be mounted here: test_a_file_that_may_not_grow stands for it"
        )
    companies = [Company(f"9910{i:04}", f"98{i:04}", f"긴이름회사{i}") for i in range(150)]
    folders = {name: tmp_path / name for name in ("disk", "out", "in")}
    for folder in folders.values():
        folder.mkdir()
    run = Run(folders["disk"])
    env = run.environment({
        "DISK": str(folders["disk"]), "BASE": str(stored.run.home), "OUT": str(folders["out"]),
        "IN": str(write_opendart(folders["in"], companies)), "NAME": SOUND.name,
    })  # fmt: skip
    result = subprocess.run([*command, "sh", "-c", FULL, "sh", *PAYCANARY], env=env, capture_output=True, encoding="utf-8", check=False)  # fmt: skip
    assert result.stderr == ""
    out = folders["out"]
    before = json.loads((out / "before.json").read_text(encoding="utf-8"))
    assert before["tables"] == stored.status["tables"]
    for attempt in ("0.en", "24.ko", "48.en", "96.ko"):
        said = (out / f"{attempt}.err").read_text(encoding="utf-8").splitlines()
        assert len(said) == 1, said
        assert {"ko": "가득", "en": "the disk is full"}[attempt[-2:]] in said[0]
        assert str(folders["disk"]) in said[0]
        assert (out / f"{attempt}.code").read_text() == "6\n"
        assert (out / f"{attempt}.out").read_text() == ""
        assert json.loads((out / f"{attempt}.json").read_text(encoding="utf-8")) == before
    assert json.loads((out / "check.json").read_text())["company"]["corp_code"] == SOUND.corp_code
    report = json.loads((out / "refresh.json").read_text(encoding="utf-8"))
    assert report["added"]["companies"] == len(companies)
    assert leftovers(out / "disk" / "lake") == []


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
    assert run.json("status")["sample"]


@BOTH
def test_a_home_that_cannot_be_opened(read_only: Run, lang: str) -> None:
    read_only.home.joinpath("lake").chmod(0)
    try:
        for command in (("status",), ("check", SOUND.name), ("screen",)):
            line = one_line(read_only(*command, "--lang", lang, preexec=powerless), 6)
            assert str(read_only.home) in line
    finally:
        read_only.home.joinpath("lake").chmod(0o755)


# --- criteria ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number", "mend"),
    [
        ("signals:\n  intrest_cover: {weight: 5}\n", 2, "'interest_cover'"),
        ("signals:\n  zzz: {weight: 5}\n", 2, "interest_cover"),
        ("signals:\n  interest_cover:\n    wieght: 5\n", 3, "'weight'"),
        ("signals:\n  interest_cover:\n    thresholds: {danger_yaers: 5}\n", 3, "'danger_years'"),
        ("signals:\n  interest_cover:\n    thresholds:\n      danger_years: three\n", 4, "number"),
        ("signals:\n  interest_cover:\n    thresholds: 3\n", 3, "name: value"),
        ("signals:\n  interest_cover:\n    weight: '5'\n", 3, "number"),
        ("signals:\n  interest_cover:\n    weight: true\n", 3, "number"),
        ("signals:\n  interest_cover:\n    weight: -1\n", 3, "0 or more"),
        ("signals:\n  interest_cover:\n    weight: .nan\n", 3, "number"),
        ("signals:\n  interest_cover:\n    thresholds: {danger_years: .inf}\n", 3, "number"),
        ("signals:\n  interest_cover:\n    weight: 2020-13-45\n", 3, "number"),
        ("signals:\n  interest_cover:\n    weight: !odd 3\n", 3, "number"),
        ("signals:\n  interest_cover:\n    veto: 1\n", 3, "true or false"),
        ("signals:\n  interest_cover:\n    off: nope\n", 3, "true or false"),
        ("signals:\n  interest_cover: {weight: 1}\n  interest_cover: {weight: 2}\n", 3, "Remove"),
        ("signals: {}\nsignals: {}\n", 2, "Remove"),
        ("signal: {}\n", 1, "'signals'"),
        ("verdict:\n  danger_wait: 3\n", 2, "'danger_weight'"),
        ("- interest_cover\n", 1, "name: value"),
        ("signals:\n  [1, 2]: {}\n", 2, "name: value"),
        ("signals:\n\tinterest_cover: {}\n", 2, "indentation"),
        ("signals: {interest_cover: {weight: 5}\n", 2, "indentation"),
        ("signals:\n  interest_cover:\n   weight: 5\n  veto: : x\n", 4, "indentation"),
        ("signals: {}\n---\nsignals: {}\n", 2, "indentation"),
    ],
)
def test_a_broken_criteria_file(
    refuses: Callable[..., str], tmp_path: Path, text: str, number: int, mend: str
) -> None:
    path = tmp_path / "strict.yaml"
    path.write_text(text, encoding="utf-8")
    line = refuses(2, "check", TROUBLED.name, "--criteria", path)
    assert line.startswith(f"{path}:{number}: ")
    assert mend in line


@pytest.mark.parametrize("command", [("compare", SOUND.name, TROUBLED.name), ("screen",)])
def test_every_command_checks_the_criteria(
    refuses: Callable[..., str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "strict.yaml"
    path.write_text("signals:\n  intrest_cover: {weight: 5}\n", encoding="utf-8")
    assert f"{path}:2: " in refuses(2, *command, "--criteria", path)


def test_a_criteria_file_that_cannot_be_read(refuses: Callable[..., str], tmp_path: Path) -> None:
    for name, content in (("utf-16.yaml", "signals: {}".encode("utf-16")), ("null.yaml", b"a\0b")):
        (tmp_path / name).write_bytes(content)
        assert name in refuses(2, "check", SOUND.name, "--criteria", tmp_path / name)
    assert str(tmp_path) in refuses(2, "check", SOUND.name, "--criteria", tmp_path)
    closed = tmp_path / "closed.yaml"
    closed.touch(mode=0)
    assert str(closed) in refuses(2, "check", SOUND.name, "--criteria", closed, preexec=powerless)
    absent = tmp_path / "absent.yaml"
    assert str(absent) in refuses(2, "check", SOUND.name, "--criteria", absent)


# --- answers that cannot be given ----------------------------------------------------------------


def test_an_industry_that_is_none(run: Run) -> None:
    for lang in ("ko", "en"):
        line = one_line(run("screen", "--industry", "쏘프트웨어", "--lang", lang), 2)
        assert "쏘프트웨어" in line
        assert "소프트웨어 개발 및 공급업" in line


def test_an_answer_that_cannot_be_written(refuses: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "no" / "such" / "folder.csv"
    assert str(path) in refuses(2, "screen", "--format", "csv", "--output", path)
    refuses(2, "screen", "--format", "csv", "--output", tmp_path)
    refuses(2, "compare", SOUND.name)
