"""The model server beside what else could serve the same models, in one run on one machine.

    python -m benchmarks.serving [--model DIR] [--rounds 3] [--seconds 3] [--only text forecast] [--python PATH] [--write]

``wrk`` asks on the same cores that answer, so that numbers are low, and ratios matter. Ways are asked in turn, each in a process started for
its turn; what is told is the median of the rounds. Peers stand in environments of their own. ``--write`` keeps ``benchmarks/serving.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import yaml

from benchmarks.run import ENVS, HERE, PEERS, ROOT, attempt, pick_python, table, versions
from paycanary.forecast.scorecard import scorecard
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PEERS |= {
    "serving-litserve": ["litserve", "google-re2", "onnxruntime", "tokenizers", "numpy"],
    "serving-bentoml": ["bentoml", "google-re2", "onnxruntime", "tokenizers", "numpy"],
}
OURS: Final = ROOT / ".venv-models" / "bin" / "python"
KEPT: Final = HERE / "serving.md"
AT_ONCE: Final = (1, 16, 64)
TEXTS: Final = 200
#: Texts of one request: an e-mail's sentence, a page of them.
MANY: Final = (1, 32)
#: Ways that are asked for a forecast, by what each answers.
EMPTY: Final = {"kserve": "KServe's SDK as it comes, an empty model", "fastapi": "FastAPI on uvicorn, an empty route"}  # fmt: skip
LUA: Final = """
wrk.method = "POST"; wrk.headers["Content-Type"] = "application/json"
local bodies, at = {}, 0
for line in io.lines(os.getenv("BODIES")) do bodies[#bodies + 1] = line end
request = function() at = at % #bodies + 1; return wrk.format(nil, nil, nil, bodies[at]) end
"""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to serve: how it is started, where it is asked, and how a text is put."""

    label: str
    command: tuple[str, ...]
    path: str
    bodies: Sequence[Any]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Load:
    """What `wrk` told: requests a second, milliseconds, and how many were not answered well."""

    rate: float
    p50: float
    p99: float
    failed: int


def texts() -> list[str]:
    """Sentences as the product tells and reads them: its own Korean wording, always the same."""
    found: list[str] = []
    for file in sorted((files("paycanary.signals") / "wording").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".ko.yaml"):
            found += [s for entry in yaml.safe_load(file.read_text(encoding="utf-8")).values() if isinstance(entry, dict) for s in entry.values()]  # fmt: skip
    return [s for s in found if isinstance(s, str)][:TEXTS]


def oip(said: Sequence[str]) -> dict[str, Any]:
    """Texts in the Open Inference Protocol."""
    return {"inputs": [{"name": "texts", "datatype": "BYTES", "shape": [len(said)], "data": list(said)}], "outputs": [{"name": "probabilities"}]}  # fmt: skip


@contextmanager
def running(way: Way) -> Iterator[str]:
    """A way's server, as soon as it answers; its address."""
    port = free_port()
    command = [part.replace("PORT", str(port)) for part in way.command]
    env = {k: v for k, v in os.environ.items() if not k.startswith("PAYCANARY_")} | dict(way.env)
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=output, start_new_session=True)  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(process, url + way.path, way.bodies[0])
            yield url
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, body: Any) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        with suppress(httpx.TransportError):
            answer = httpx.post(url, json=body, trust_env=False, timeout=20)
            if answer.is_success:
                return
        time.sleep(0.1)
    sys.exit(f"{url} does not answer")


def asked(url: str, bodies: Path, script: Path, at_once: int, seconds: int) -> Load:
    """What a server bears."""
    ran = subprocess.run(
        ["wrk", "-t1", f"-c{at_once}", f"-d{seconds}s", "--timeout", "30s", "--latency", "-s", script, url],
        env={**os.environ, "BODIES": str(bodies)}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    if float(_found(r"Requests/sec:\s+([\d.]+)", ran)) == 0:
        sys.exit(f"{url} answered nothing in {seconds} s:\n{ran}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", ran)
    failed = int(refused[1]) if refused else 0
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", ran)
    return Load(
        # A refusal comes quickly, and is no answer.
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", ran))
        * (1 - failed / int(_found(r"(\d+) requests in", ran))),
        p50=_milliseconds(_found(r"^ +50% +(\S+)", ran)),
        p99=_milliseconds(_found(r"^ +99% +(\S+)", ran)),
        failed=failed + sum(map(int, errors.groups() if errors else ())),
    )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        sys.exit(f"wrk told something else:\n{text}")
    return match[1]


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[unit]


def measured(ways: Mapping[str, Way], rounds: int, seconds: int, between: Any = None) -> dict[str, dict[int, list[Load]]]:  # fmt: skip
    """Every way in turn, A B C, C B A, ..."""
    told: dict[str, dict[int, list[Load]]] = {name: {n: [] for n in AT_ONCE} for name in ways}
    with tempfile.TemporaryDirectory() as scratch:
        script, bodies = Path(scratch, "ask.lua"), Path(scratch, "bodies")
        script.write_text(LUA, encoding="utf-8")
        for number in range(rounds):
            if between is not None:
                between()
            for name in ways if number % 2 == 0 else reversed(list(ways)):
                way = ways[name]
                bodies.write_text("".join(json.dumps(b, ensure_ascii=False) + "\n" for b in way.bodies), encoding="utf-8")  # fmt: skip
                with running(way) as url:
                    asked(url + way.path, bodies, script, 16, 2)
                    for at_once in AT_ONCE:
                        told[name][at_once].append(asked(url + way.path, bodies, script, at_once, seconds))  # fmt: skip
                print(f"round {number + 1}: {way.label}", {n: round(told[name][n][-1].rate) for n in AT_ONCE}, file=sys.stderr)  # fmt: skip
    return told


def drawn(ways: Mapping[str, Way], told: Mapping[str, dict[int, list[Load]]], base: str, many: int = 1) -> str:  # fmt: skip
    """A table: a row a way; in brackets the median of the rounds' own ratios to ``base``. ``many``: what a request asks for."""
    rows = []
    for name, way in ways.items():
        cells = [way.label]
        for at_once in AT_ONCE:
            loads, bases = told[name][at_once], told[base][at_once]
            ratio = statistics.median(a.rate / b.rate for a, b in zip(loads, bases, strict=True))
            middle = [statistics.median(getattr(load, what) for load in loads) for what in ("rate", "p50", "p99")]  # fmt: skip
            failed = sum(load.failed for load in loads)
            cells.append(f"{middle[0] * many:,.0f} [{ratio:.2f}]; {middle[1]:.1f} / {middle[2]:.1f} ms" + (f"; {failed} failed" if failed else ""))  # fmt: skip
        rows.append(cells)
    what = "requests" if many == 1 else "texts"
    return table([f"{what} a second; p50 / p99", *(f"{n} at once" for n in AT_ONCE)], rows)


def read(model: Path, rounds: int, seconds: int, python: str, many: int) -> str:
    """The text model, so many texts a request."""
    said = texts()
    asks = [[said[(at + i) % len(said)] for i in range(many)] for at in range(len(said))]
    ours = (str(OURS), "-m", "paycanary", "models", "serve", "--port", "PORT", "--grpc-port", "-1")
    env = {"PAYCANARY_TEXT_MODEL": str(model), "PAYCANARY_MODELS_DRAIN_SECONDS": "0", "PYTHONPATH": str(ROOT / "src")}  # fmt: skip
    path = "/v2/models/text/infer"
    ways = {
        "ours": Way("paycanary models serve", ours, path, [oip(t) for t in asks], env),
        "alone": Way("the same, PAYCANARY_MODELS_BATCH_TEXTS=1", ours, path, [oip(t) for t in asks], {**env, "PAYCANARY_MODELS_BATCH_TEXTS": "1"}),
    }  # fmt: skip
    notes = []
    for peer, route in (("litserve", "/predict"), ("bentoml", "/read")):
        folder, why = attempt(f"serving-{peer}", python)
        if folder is None:
            notes.append(f"{peer}: not measured: {why}")
            continue
        command = (str(folder / "bin" / "python"), str(HERE / "serving_peer.py"), peer, "PORT", str(model))  # fmt: skip
        ways[peer] = Way(versions(folder, peer), command, route, [{"texts": t} for t in asks])
    limits: list[dict[str, float]] = []

    def bare() -> None:
        ran = subprocess.run([OURS, HERE / "serving_peer.py", "bare", str(seconds), model], input=json.dumps(said), capture_output=True, text=True, check=True)  # fmt: skip
        limits.append(json.loads(ran.stdout))
        print("bare", {k: round(v) for k, v in limits[-1].items()}, file=sys.stderr)

    told = measured(ways, rounds, seconds, bare)
    best = [max(limit.values()) for limit in limits]
    shares = {n: statistics.median(load.rate * many / top for load, top in zip(told["ours"][n], best, strict=True)) for n in AT_ONCE}  # fmt: skip
    gains = {n: statistics.median(a.rate / b.rate for a, b in zip(told["ours"][n], told["alone"][n], strict=True)) for n in AT_ONCE}  # fmt: skip
    calls = ", ".join(f"{key.replace('x', ' thread(s), ')} text(s) a call {statistics.median(limit[key] for limit in limits):,.0f}" for key in limits[0])  # fmt: skip
    return (
        f"## Words, {many} a request, {rounds} rounds of {seconds} s\n\n{_where()}\n\nThe bare ONNX Runtime call on tokens that are ready, texts a second: {calls}. "
        f"The best of these is the limit. Of the limit ours serves **{', '.join(f'{share:.0%} at {n} at once' for n, share in shares.items())}**; "
        f"batching gains {', '.join(f'{gain:.2f} at {n}' for n, gain in gains.items())}.\n\n{drawn(ways, told, 'ours', many)}\n" + "".join(f"\n{note}\n" for note in notes)
    )  # fmt: skip


def forecast(rounds: int, seconds: int) -> str:
    """The scorecard, beside servers that do nothing."""
    card = scorecard()
    row = [(t.knots[0] + t.knots[-1]) / 2 for t in card.terms_by_name.values()]
    tensor = {"name": "features", "datatype": "FP64", "shape": [1, len(row)], "data": row}
    whole = {"inputs": [tensor]}
    ours = (str(OURS), "-m", "paycanary", "models", "serve", "--port", "PORT", "--grpc-port", "-1")
    with tempfile.TemporaryDirectory() as scratch:
        small = Path(scratch, "small")
        subprocess.run([OURS, ROOT / "tests" / "serving" / "small_model.py", small, "1", "1"], check=True)  # fmt: skip
        env = {"PAYCANARY_TEXT_MODEL": str(small), "PAYCANARY_MODELS_DRAIN_SECONDS": "0", "PYTHONPATH": str(ROOT / "src")}  # fmt: skip
        path = "/v2/models/forecast/infer"
        ways = {
            "kserve": Way(EMPTY["kserve"], (str(OURS), str(HERE / "serving_peer.py"), "kserve", "PORT", "-"), path, [whole]),
            "fastapi": Way(EMPTY["fastapi"], (str(OURS), str(HERE / "serving_peer.py"), "fastapi", "PORT", "-"), "/", [whole]),
            "one": Way("paycanary models serve: a probability", ours, path, [{**whole, "outputs": [{"name": "probability"}]}], env),
            "all": Way("the same with log odds and all terms", ours, path, [whole], env),
        }  # fmt: skip
        told = measured(ways, rounds, seconds)
    return f"## A forecast, {rounds} rounds of {seconds} s\n\n{_where()}\n\n{drawn(ways, told, 'kserve')}\n"


def _where() -> str:
    nice = f", all of it at priority {os.nice(0)}" if os.nice(0) else ""
    return (
        f"{datetime.now(UTC).date()}, Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores shared with other "
        f"work (load {os.getloadavg()[0]:.0f}){nice}; ratios in brackets are medians of the rounds' own."
    )  # fmt: skip


def tell(name: str, section: str, *, is_kept: bool) -> None:
    """Print a section and keep it as soon as it was measured, beside what was written by hand."""
    print(section)
    if not is_kept:
        return
    text = (
        KEPT.read_text(encoding="utf-8")
        if KEPT.exists()
        else "# What serving the models costs, measured\n"
    )
    mark = f"<!-- {name} -->"
    block = f"{mark}\n{section}"
    if mark in text:
        text = re.sub(rf"{mark}\n.*?(?=<!-- |\Z)", lambda _: block + "\n", text, flags=re.DOTALL)
    else:
        text = f"{text}\n{block}"
    KEPT.write_text(text.rstrip() + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--model", type=Path, default=ROOT / "src" / "paycanary" / "text" / "trained")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=("text", "forecast"), default=("text", "forecast"))  # fmt: skip
    parser.add_argument("--python")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    ENVS.mkdir(exist_ok=True)
    if "text" in given.only:
        python = pick_python(given.python)
        for many in MANY:
            told = read(given.model.resolve(), given.rounds, given.seconds, python, many)
            tell(f"text {many}", told, is_kept=given.write)
    if "forecast" in given.only:
        tell("forecast", forecast(given.rounds, given.seconds), is_kept=given.write)


if __name__ == "__main__":
    main()
