"""The service under load, beside an empty FastAPI route on the same server in the same run.

    python benchmarks/load.py [--market DIR] [--only rates memory faults] [--rounds 3] [--seconds 2] [--write]

Everything runs on 127.0.0.1; ``wrk`` asks on the same cores that answer, so that numbers are low, and ratios matter. The empty
route and the service are asked in turn; what is told is the median of the rounds. Rate limits are off. Redis and PostgreSQL
are real ones of this run. Without ``--market`` the built-in sample answers, and no refresh is committed.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from paycanary.lake.identity import LINK_THRESHOLD  # noqa: E402 - found by the path above
from paycanary.lake.reader import open_reader  # noqa: E402
from tests.servers import Serve, free_port, running_postgres, running_redis, serving  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers import Postgres, Redis

SECTIONS = ("rates", "memory", "faults")
OFF = {f"PAYCANARY_{kind}RATE_LIMIT": "" for kind in ("", "HEAVY_", "FORM_", "KEY_")}
#: Companies that are asked about in turn.
COMPANIES = 500
REQUESTS = 200_000
#: Connections of a full load, and of one that leaves pauses.
FULL, CALM = 16, 32
EMPTY = """
import sys
from fastapi import FastAPI
from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess
from paycanary.service.listening import listen
from paycanary.service.protocol import Protocol
app = FastAPI()
@app.get("/")
async def empty(): return {}
if __name__ == "__main__":
    port, workers = map(int, sys.argv[1:])
    config = Config("empty:app", workers=workers, http=Protocol, ws="none", log_level="warning", access_log=False,
        server_header=False, proxy_headers=False, timeout_keep_alive=30)
    sockets = [listen("127.0.0.1", port, workers)]
    Multiprocess(config, sockets=sockets).run() if workers > 1 else Server(config).run(sockets=sockets)
"""
SCRIPT = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local at = math.random(#paths)
request = function() at = at %% #paths + 1; return wrk.format("GET", paths[at]) end
"""
_HEAD = "# Load, measured\n\n<!-- Written by `python benchmarks/load.py --write`. -->\n"
PAUSES = "delay = function() return math.random(0, {most}) end\n"


@dataclass(frozen=True, slots=True)
class Load:
    """What ``wrk`` saw."""

    rate: float
    p50: float
    p99: float
    requests: int
    errors: int


def wrk(url: str, connections: int, seconds: float, script: Path | None = None) -> Load:
    """Ask for some seconds; times are milliseconds, errors are refused or broken connections and answers of no 2xx or 3xx."""
    options = ["-s", str(script)] if script else []
    said = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", "--timeout", "10s",
         "-H", "Accept-Encoding: gzip", *options, url],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    parts = re.findall(r"(?:connect|read|write|timeout) (\d+)", said)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Load(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", said)[0]),
        p50=_milliseconds(*_found(r"50%\s+([\d.]+)(\w+)", said)),
        p99=_milliseconds(*_found(r"99%\s+([\d.]+)(\w+)", said)),
        requests=int(_found(r"(\d+) requests in", said)[0]),
        errors=sum(map(int, parts)) + (int(refused[1]) if refused else 0),
    )


def _found(pattern: str, text: str) -> tuple[str, ...]:
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"wrk said: {text}")
    return match.groups()


def _milliseconds(number: str, unit: str) -> float:
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


@contextmanager
def empty_route(workers: int) -> Iterator[str]:
    """FastAPI with one route that says nothing, served as ours is."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "empty.py").write_text(EMPTY, encoding="utf-8")
        port = free_port()
        process = subprocess.Popen([sys.executable, "empty.py", str(port), str(workers)], cwd=folder)  # fmt: skip
        url = f"http://127.0.0.1:{port}/"
        try:
            until = time.monotonic() + 30
            while subprocess.run(["curl", "-sf", "-o", os.devnull, url], check=False).returncode:
                if time.monotonic() > until:
                    raise RuntimeError("the empty route does not answer")
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()
            process.wait()


class Bench:
    """A home with the market, addresses to ask, and servers to ask them of."""

    def __init__(self, folder: Path, market: Path | None, rounds: int, seconds: float) -> None:
        self.folder, self.market, self.rounds, self.seconds = folder, market, rounds, seconds
        self.home = folder / "home"
        self.home.mkdir()
        if market:
            self.refresh("dart", market)
        reader = open_reader(self.home / "lake")
        with reader.connect("facts", "links") as con:
            found = con.execute(
                "SELECT DISTINCT canonical_id FROM links WHERE confidence >= ? AND company_id IN (SELECT company_id FROM facts) "
                "ORDER BY hash(canonical_id) LIMIT ?",
                [LINK_THRESHOLD, COMPANIES],
            ).fetchall()
        self.paths = [f"/v1/companies/{row[0]}/verdict" for row in found]
        self.told = f"{'the market' if market else 'the built-in sample'}, {len(self.paths):,} companies asked about in turn"
        (folder / "paths").write_text("\n".join(self.paths), encoding="utf-8")
        self.script = self.script_of("")

    def refresh(self, source: str, place: Path) -> None:
        """Take files in, as an operator would."""
        subprocess.run(
            [sys.executable, "-m", "paycanary", "refresh", source, "--from", str(place), "--json"],
            env={**os.environ, "PAYCANARY_HOME": str(self.home)}, check=True, capture_output=True,
        )  # fmt: skip

    def script_of(self, more: str) -> Path:
        """A script for wrk that asks all addresses in turn."""
        path = self.folder / f"ask{len(more)}.lua"
        path.write_text(SCRIPT % (self.folder / "paths") + more, encoding="utf-8")
        return path

    def serve(self, workers: int, **more: str) -> AbstractContextManager[Serve]:
        """The service without rate limits."""
        return serving(self.home, {**OFF, **more}, "--workers", workers)

    # --- sections ------------------------------------------------------------------------------

    def rates(self) -> str:
        """Ask the empty route, kept answers and answers made anew, in turn."""
        rows = [
            self._rates_of(workers, is_shared=is_shared)
            for workers in (1, 2)
            for is_shared in (False, True)
        ]
        head = ["workers", "Redis", "empty route", "kept", "ratio", "one made anew each time", "ratio", "p99 kept, made, at half of that load"]  # fmt: skip
        return f"## Rates\n\nVerdicts a second over {self.told}, {FULL} connections; median of {self.rounds} rounds.\n\n{table(head, rows)}\n"

    def _rates_of(self, workers: int, *, is_shared: bool) -> list[str]:
        with ExitStack() as stack:
            env = {"REDIS_URL": stack.enter_context(running_redis()).url} if is_shared else {}
            empty = stack.enter_context(empty_route(workers))
            keeps = stack.enter_context(self.serve(workers, **env))
            makes = stack.enter_context(self.serve(workers, **env, PAYCANARY_CACHE_BYTES="0"))
            if is_shared:
                # Otherwise Redis would answer.
                makes = stack.enter_context(self.serve(workers, PAYCANARY_CACHE_BYTES="0"))
            # Until every process holds every answer.
            wrk(keeps.url, FULL, 6 * workers, self.script)
            loads: dict[str, list[Load]] = {"empty": [], "kept": [], "made": []}
            for _ in range(self.rounds):
                loads["empty"].append(wrk(empty, FULL, self.seconds))
                loads["kept"].append(wrk(keeps.url, FULL, self.seconds, self.script))
                loads["made"].append(wrk(makes.url, FULL, self.seconds, self.script))
            middle = {name: statistics.median(load.rate for load in found) for name, found in loads.items()}  # fmt: skip
            ratio = {
                name: statistics.median(a.rate / b.rate for a, b in zip(found, loads["empty"], strict=True))
                for name, found in loads.items()
            }  # fmt: skip
            calm = [self._calm(server.url, middle[name]) for name, server in (("kept", keeps), ("made", makes))]  # fmt: skip
        errors = sum(load.errors for found in loads.values() for load in found)
        shown = ", ".join(f"{load.p99:.1f} ms ({load.rate:,.0f}/s)" for load in calm)
        return [
            str(workers), "shared" if is_shared else "none", f"{middle['empty']:,.0f}/s",
            f"{middle['kept']:,.0f}/s", f"{ratio['kept']:.2f}", f"{middle['made']:,.0f}/s", f"{ratio['made']:.2f}",
            shown + (f"; {errors} errors" if errors else ""),
        ]  # fmt: skip

    def _calm(self, url: str, rate: float) -> Load:
        """About half of a rate: connections that pause between requests."""
        most = round(2 * 1000 * CALM / (rate / 2))
        return wrk(url, CALM, self.seconds + 1, self.script_of(PAUSES.format(most=max(1, most))))

    def memory(self) -> str:
        """Memory of a process before and after many requests."""
        rows = []
        for label, env in (("answers kept", {}), ("every answer made anew", {"PAYCANARY_CACHE_BYTES": "0"})):  # fmt: skip
            with self.serve(1, **env) as server:
                wrk(server.url, FULL, 4, self.script)
                sizes, asked, errors = [resident(server)], 0, 0
                while asked < REQUESTS:
                    load = wrk(server.url, FULL, 5, self.script)
                    asked, errors = asked + load.requests, errors + load.errors
                    sizes.append(resident(server))
                middle, last = sizes[len(sizes) // 2], sizes[-1]
                rows.append([label, f"{asked:,}", f"{sizes[0]:.0f} MiB", f"{middle:.0f} MiB", f"{last:.0f} MiB", str(errors)])  # fmt: skip
        head = ["", "requests", "before", "after half", "after all", "errors"]
        return f"## Memory of one process\n\n{table(head, rows)}\n"

    def faults(self) -> str:
        """Count errors while something commits, stops, or is killed in the middle of a load."""
        with running_redis() as redis, running_postgres() as postgres:
            env = {"REDIS_URL": redis.url, "DATABASE_URL": postgres.fresh()}
            worker = {**os.environ, **env, "PAYCANARY_HOME": str(self.home)}
            with self.serve(2, **env) as server:
                jobs = subprocess.Popen([sys.executable, "-m", "paycanary", "worker"], env=worker, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
                try:
                    wrk(server.url, FULL, 12, self.script)
                    events: dict[str, Callable[[], object]] = {
                        "nothing happens": lambda: None,
                        "Redis is stopped and started": lambda: again(redis),
                        "PostgreSQL is stopped and started": lambda: again(postgres),
                        "a worker of jobs is killed": jobs.kill,
                    }  # fmt: skip
                    if self.market:
                        events["a refresh commits"] = self._commit
                    events["a web worker is killed"] = lambda: os.kill(children(server)[-1], 9)
                    rows = [self._while(name, event, server) for name, event in events.items()]
                finally:
                    jobs.kill()
                    jobs.wait()
        head = ["while", "requests", "errors", "p99"]
        return f"## While something happens\n\nTwo workers with Redis and PostgreSQL, {FULL} connections.\n\n{table(head, rows)}\n"

    def _commit(self) -> None:
        path = self.folder / "delisted.csv"
        path.write_text("Symbol,Name,Market,SecuGroup,Kind,DelistingDate,Reason\n990010,가나전자,KOSDAQ,주권,보통주,2025-06-30,감사의견 거절\n", encoding="utf-8")  # fmt: skip
        self.refresh("krx", path)

    def _while(self, name: str, event: Callable[[], object], server: Serve) -> list[str]:
        happening = threading.Timer(2, event)
        happening.start()
        load = wrk(server.url, FULL, 10, self.script)
        happening.join()
        return [name, f"{load.requests:,}", str(load.errors), f"{load.p99:.1f} ms"]


def again(server: Redis | Postgres) -> None:
    """Take a server away for two seconds."""
    server.stop()
    time.sleep(2)
    server.start()


def children(server: Serve) -> list[int]:
    """Processes that answer: the server itself, or those that it started to answer."""
    if server.process is None:
        raise RuntimeError("the service does not run")
    pid = server.process.pid
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    answering = [int(child) for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]  # fmt: skip
    return answering or [pid]


def resident(server: Serve) -> float:
    """Resident memory of a server's processes that answer, in MiB."""
    texts = [Path(f"/proc/{pid}/status").read_text(encoding="ascii") for pid in children(server)]
    return sum(int(_found(r"VmRSS:\s+(\d+)", text)[0]) for text in texts) / 1024


def table(head: list[str], rows: list[list[str]]) -> str:
    """Draw a Markdown table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def main() -> None:
    """Measure, print, and keep what was measured if asked to."""
    parser = argparse.ArgumentParser(description="the service under load")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--market", type=Path, help="folder with OpenDART's files")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument(
        "--write", action="store_true", help="keep the tables in benchmarks/load.md"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(Path(scratch), args.market, args.rounds, args.seconds)
        parts = {section: getattr(bench, section)() for section in args.only}
    about = f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores; wrk on the same cores."
    told = {section: f"<!-- {section} -->\n{text.replace(chr(10), f'{chr(10)}{chr(10)}{about}{chr(10)}', 1)}" for section, text in parts.items()}  # fmt: skip
    print("\n".join(told.values()))
    if args.write:
        path = ROOT / "benchmarks" / "load.md"
        held = re.split(r"(?=^<!-- (?:rates|memory|faults) -->$)", path.read_text(encoding="utf-8") if path.exists() else "", flags=re.MULTILINE)  # fmt: skip
        old = {part.split()[1]: part for part in held[1:]}
        # What was not measured now stays as it was measured last, under its own date.
        text = "\n".join(
            part.strip() + "\n"
            for section in SECTIONS
            if (part := told.get(section) or old.get(section))
        )
        path.write_text(f"{_HEAD}\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
