"""A store that is asked for bad things and must be the same after each."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any, Final

from paycanary.lake.reader import open_reader
from paycanary.lake.status import read_status
from tests.command import Run, contents, leftovers, one_line
from tests.nps_files import write_month
from tests.opendart_files import COMPANIES, Company, write_opendart

if TYPE_CHECKING:
    from pathlib import Path

TWINS: Final = (
    Company("99000041", "990041", "겹친이름"),
    Company("99000042", "990042", "겹친이름"),
)
DELISTED: Final = "Symbol,Name,Market,SecuGroup,Kind,DelistingDate,Reason\n990010,가나전자,KOSDAQ,주권,보통주,2025-06-30,감사의견 거절\n"  # fmt: skip


def write_store(folder: Path) -> Run:
    """Take made rows of every register into a new home below ``folder``."""
    run = Run(folder / "home")
    (folder / "nps").mkdir()
    (folder / "krx.csv").write_text(DELISTED, encoding="utf-8")
    run.ok("refresh", "dart", "--from", write_opendart(folder / "dart", [*COMPANIES, *TWINS]))
    run.ok("refresh", "krx", "--from", folder / "krx.csv")
    run.ok("refresh", "nps", "--from", write_month(folder / "nps"))
    return run


class Stored:
    """What a store held when it was new; every answer that is refused is asked for in both languages."""

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


def powerless() -> None:
    """Give up root's right to pass over permissions, where we have it: from here on they count."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
                raise OSError(ctypes.get_errno(), "prctl")
