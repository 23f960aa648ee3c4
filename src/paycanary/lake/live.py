"""Fetching from the public services and taking what came into the lake: a whole register, or everything about one company.

Registers are asked side by side, each in a thread of its own; one that is down, out of quota or without a key costs only
itself. What arrived is in the inbox at once and enters the lake by one snapshot at the end, so a run that is killed is
simply run again.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, cast

from paycanary.errors import (
    AmbiguousError,
    AnswerError,
    BusyError,
    InputFileError,
    LakeError,
    NotFoundError,
    PaycanaryError,
    SourceError,
)
from paycanary.lake import search, snapshots
from paycanary.lake.identity import LINK_THRESHOLD
from paycanary.lake.reader import open_reader
from paycanary.lake.refresh import Part, refresh_parts
from paycanary.progress import SILENT, Progress
from paycanary.sources.registers import REGISTERS
from paycanary.sources.subject import Subject
from paycanary.sources.web.client import unreachable
from paycanary.sources.web.collector import Collector, Tally
from paycanary.telemetry.instruments import FETCHES
from paycanary.telemetry.spans import carried

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from paycanary.lake.refresh import RefreshSummary
    from paycanary.lake.search import Hit
    from paycanary.sources.web.calendar import Calendar
    from paycanary.sources.web.inbox import Inbox

T = TypeVar("T")
#: Registers that may tell official numbers of a company, best first; the others need them.
_IDENTIFYING: Final = ("dart", "fsc")
#: Registers in which a company may be found by its name alone.
_NAMING: Final = ("dart", "fsc", "nps")
#: Seconds that a person waits for one register before the verdict comes without it.
_PATIENCE: Final = 25.0
#: How long what was asked about a company by a person stands before a round asks again.
_ASKED_AGAIN: Final = timedelta(days=30)
_EXPORT: Final = ".export-"
#: Seconds after which nobody can still be reading an export.
_LEFT_BEHIND: Final = 86_400


class Plan(Protocol):
    """What a register's module offers; see CONTRIBUTING.md, "Fetching"."""

    NAME: str
    CALENDAR: Calendar

    def about_company(self, c: Collector, subject: Subject) -> None:
        """Ask all that the register knows of one company."""

    def everything(self, c: Collector, since: date | None) -> None:
        """Ask for what is new in the whole register."""


@dataclass(slots=True)
class Outcome:
    """What came of asking one register. ``error`` is why it ended early; ``tally`` counts calls."""

    source: str
    tally: Tally = field(default_factory=Tally)
    seconds: float = 0.0
    error: PaycanaryError | None = None


@dataclass(slots=True)
class Fetched:
    """A fetch as a whole: every register's outcome, and the refresh that took the answers in (None: nothing was new)."""

    outcomes: list[Outcome]
    summary: RefreshSummary | None = None
    company_id: str | None = None


def plan(source: str) -> Plan:
    """The plan of a register."""
    return cast("Plan", import_module(REGISTERS[source].plan))


def stale(inbox: Inbox) -> list[str]:
    """Registers with something new by their calendars since they were last fetched whole.

    A register that is asked by company only is due a month after its last round, if any company was ever asked about.
    """
    now = inbox.now()

    def is_due(name: str) -> bool:
        calendar, last = plan(name).CALENDAR, inbox.last_round(name)
        if calendar.every == "company":
            first = inbox.first_answer(name)
            return first is not None and now - (last or first) >= _ASKED_AGAIN
        return calendar.is_due(last, now)

    return [name for name in REGISTERS if is_due(name)]


def patiently(do: Callable[[], T], seconds: float, pause: Callable[[float], None] = time.sleep) -> T:  # fmt: skip
    """Do something with the store; while another refresh holds the store, try again for so many seconds. What was answered is not asked for twice.

    Raises:
        BusyError: it still holds it then.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            return do()
        except BusyError:
            if time.monotonic() >= until:
                raise
            pause(random.uniform(0.3, 1.0))  # noqa: S311 - so that two do not meet again


def missing(root: Path, inbox: Inbox, source: str) -> list[str] | None:
    """Titles of the months that a register has published and that were not fetched; None where it does not publish months.

    Raises:
        SourceError: the register could not be asked.
    """
    asked = getattr(plan(source), "missing", None)
    if asked is None:
        return None
    found: list[str] = asked(Collector(inbox), _newest(root).get(source))
    return found


def fetch_whole(
    root: Path,
    inbox: Inbox,
    sources: Sequence[str],
    progress: Progress = SILENT,
    since: date | None = None,
) -> Fetched:
    """Fetch what is new in whole registers and take it in.

    ``since`` looks again for what was published from that day on, where a register can be asked by day.

    Raises:
        LakeError: the store cannot be written; what was fetched waits in the inbox.
    """
    _reconcile(root, inbox)
    newest = _newest(root)

    def ask(source: str, collector: Collector) -> None:
        collector.again_from = since
        plan(source).everything(collector, since or newest.get(source))
        inbox.finish_round(source)

    outcomes = _side_by_side(inbox, sources, ask, progress)
    # Kept for those who watch: a task that ends is gone before anybody could ask it.
    for outcome in outcomes:
        inbox.note_end(outcome.source, outcome.error.code if outcome.error else "ok")
    return Fetched(outcomes, _take_in(root, inbox, outcomes, progress))


def fetch_company(
    root: Path, inbox: Inbox, name: str, sources: Sequence[str], progress: Progress = SILENT
) -> Fetched:
    """Fetch everything about one company, by its name or a number, and take it in.

    A name that nothing stored bears is first looked up in the registers that know names; only a company that one of them
    knows is looked for on public lists, so that what a person types is not searched for, or kept, everywhere.

    Raises:
        AmbiguousError: several companies bear the name.
        NotFoundError: neither what is stored nor any register that could be asked knows it.
        LakeError: the store cannot be written.
    """
    _reconcile(root, inbox)
    before: list[Outcome] = []
    known = _known(root, name)
    if known is None and "dart" in sources:
        # The register of all corporations first: it is what a name is looked up in.
        before = _side_by_side(inbox, ["dart"], lambda _, c: _register(c), progress, _PATIENCE)
        _take_in(root, inbox, before, progress)
        known = _known(root, name)
    if known is None:
        naming = [s for s in _NAMING if s in sources and s not in _lost(before)]
        before = _merged(before, _about(inbox, Subject(name), naming, progress))
        _take_in(root, inbox, before, progress)
        known = _known(root, name)
        if known is None:
            raise _nobody(name, before)
    company, subject = known
    rest = [s for s in sources if s not in _lost(before)]
    outcomes = _about(inbox, subject, rest, progress)
    summary = _take_in(root, inbox, outcomes, progress)
    return Fetched(_merged(before, outcomes), summary, _canonical(root, company))


def _about(
    inbox: Inbox, subject: Subject, sources: Sequence[str], progress: Progress
) -> list[Outcome]:
    """Official numbers first, then all registers at once."""
    known = [subject]

    def identify(source: str, collector: Collector) -> None:
        asked = getattr(plan(source), "identify", None)
        if asked is not None and (known[0].business_number is None or source == "dart"):
            known[0] = asked(collector, known[0])

    before: list[Outcome] = []
    for source in (s for s in _IDENTIFYING if s in sources):
        before += _side_by_side(inbox, [source], identify, progress, _PATIENCE)
    # A register that just refused is not asked again: its outcome says why.
    rest = [s for s in sources if s not in _lost(before)]
    found = known[0]
    after = _side_by_side(
        inbox, rest, lambda s, c: plan(s).about_company(c, found), progress, _PATIENCE
    )
    return _merged(before, after)


def _lost(outcomes: Sequence[Outcome]) -> set[str]:
    return {o.source for o in outcomes if o.error is not None}


def _side_by_side(
    inbox: Inbox,
    sources: Sequence[str],
    ask: Callable[[str, Collector], None],
    progress: Progress,
    seconds: float | None = None,
) -> list[Outcome]:
    """Ask each register in a thread of its own; one that takes longer than ``seconds`` is left behind.

    What fails in a way that nobody foresaw costs its register only. Ctrl-C does not wait for a service that is silent.
    """
    collectors = {source: Collector(inbox, progress.part(source)) for source in sources}
    started = time.monotonic()

    def one(source: str) -> Outcome:
        outcome = Outcome(source, collectors[source].tally(source))
        try:
            ask(source, collectors[source])
        except (SourceError, InputFileError) as error:
            outcome.error = error
        except LakeError:
            raise
        except Exception as error:  # noqa: BLE001 - one register's trouble must not cost the others
            outcome.error = _unforeseen(source, error)
        outcome.seconds = round(time.monotonic() - started, 2)
        ended = "ok" if outcome.error is None else outcome.error.code
        FETCHES.add(1, {"source": source, "outcome": ended})
        return outcome

    if not sources:
        return []
    pool = ThreadPoolExecutor(len(sources), thread_name_prefix="register")
    try:
        running = {source: pool.submit(carried(one), source) for source in sources}
        _, late = wait(running.values(), seconds)
        outcomes = [
            Outcome(
                source,
                collectors[source].tally(source),
                round(time.monotonic() - started, 2),
                unreachable(source, f"{seconds:g} s"),
            )
            if future in late
            else future.result()
            for source, future in running.items()
        ]
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown(wait=not late, cancel_futures=True)
    return outcomes


def _unforeseen(source: str, error: Exception) -> AnswerError:
    """The error for a fault of our own in one register: the others go on. Its place is told, never its data."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__}, {Path(last.filename).name}:{last.lineno}"
    return AnswerError(
        source,
        {
            "ko": f"{source}: paycanary 가 처리하지 못한 경우입니다({place}).",
            "en": f"{source}: a case that paycanary does not handle ({place}).",
        },
        {
            "ko": "다른 출처는 그대로 받았습니다. 이 줄을 알려 주세요.",
            "en": "The other sources went on. Please report this line.",
        },
    )


def _reconcile(root: Path, inbox: Inbox) -> None:
    """Where the lake went back to before answers that it had taken in, or is another one, offer them again.

    Taking a row in twice adds nothing, so too much offered does no harm.
    """
    last = inbox.snapshot()
    if last == 0:
        return
    found = snapshots.history(root / "snapshots")
    newest = int(found[-1].stem) if found else 0
    since = [p for p in found if int(p.stem) > last]
    if newest < last or any(snapshots.load(p).kind == "rollback" for p in since):
        inbox.offer_again()
        inbox.note_snapshot(newest)


def _take_in(
    root: Path, inbox: Inbox, outcomes: Sequence[Outcome], progress: Progress
) -> RefreshSummary | None:
    """Take what the inbox holds of these registers into the lake by one snapshot."""
    for left in inbox.folder.glob(f"{_EXPORT}*"):  # of a run that was killed
        if time.time() - left.stat().st_mtime > _LEFT_BEHIND:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=inbox.folder, prefix=_EXPORT) as folder:
        parts, exported = [], {}
        for outcome in outcomes:
            done = inbox.export(outcome.source, Path(folder) / outcome.source)
            if done:
                parts.append(Part(outcome.source, Path(folder) / outcome.source))
                exported[outcome.source] = done
        if not parts:
            return None
        summary, failed = refresh_parts(root, parts, progress, unforeseen=_unforeseen)
        if summary.snapshot:
            inbox.note_snapshot(summary.snapshot)
        for outcome in outcomes:
            outcome.error = failed.get(outcome.source) or outcome.error
        for source, done in exported.items():
            if source not in failed:
                inbox.taken(done)
        return None if len(failed) == len(parts) else summary


def _register(collector: Collector) -> None:
    dart = import_module(REGISTERS["dart"].plan)
    dart.corporations(collector)


def _newest(root: Path) -> dict[str, date]:
    """The newest publication day that the lake holds of each register."""
    reader = open_reader(root)
    if reader.is_sample:
        return {}
    con = reader.connect("filings", "facts", "headcounts", "pension_readings", "notices")
    names = {"opendart": "dart"}
    rows = con.execute(
        "SELECT source, max(published_on) FROM (SELECT source, published_on FROM filings UNION ALL "
        "SELECT source, published_on FROM facts UNION ALL SELECT source, published_on FROM headcounts UNION ALL "
        "SELECT source, published_on FROM pension_readings UNION ALL "
        "SELECT source, published_on FROM notices) GROUP BY source"
    ).fetchall()
    return {names.get(source, source): day for source, day in rows}


def _resolved(root: Path, query: str) -> str | None:
    """The company a query means in what is stored; None where nothing fits.

    Raises:
        AmbiguousError: several fit, and not exactly one of them is DART's.
    """
    reader = open_reader(root)
    if reader.is_sample:
        return None
    con = reader.connect()
    hits = search.quick(con, query)
    try:
        return hits[0].company_id if len(hits) == 1 else search.resolve(search.Index(con), query).company_id  # fmt: skip
    except NotFoundError:
        return None
    except AmbiguousError as error:
        # Entries that a later answer will join may stand apart for now: DART's code is what joins them.
        dart = [h for h in cast("list[Hit]", error.candidates) if h.company_id.startswith("dart:")]
        if len(dart) == 1:
            return dart[0].company_id
        raise


def _canonical(root: Path, company: str) -> str:
    """The company that an id belongs to now, after more was learnt of it."""
    con = open_reader(root).connect("links")
    row = con.execute(
        "SELECT canonical_id FROM links WHERE company_id = ? AND confidence >= ?",
        [company, LINK_THRESHOLD],
    ).fetchone()
    return str(row[0]) if row else company


def _known(root: Path, query: str) -> tuple[str, Subject] | None:
    """The company that a query means, and what the lake knows of it."""
    company = _resolved(root, query)
    if company is None:
        return None
    con = open_reader(root).connect("companies", "links", "names")
    row = con.execute(
        "SELECT arg_max(c.name, c.company_id = l.canonical_id), list(DISTINCT c.name), max(c.corp_code), max(c.stock_code), "
        "max(c.corporation_number), max(c.business_number) FILTER (length(c.business_number) = 10), max(c.business_number), "
        "max(c.fiscal_month), bool_or(c.listed_on IS NOT NULL OR c.stock_code IS NOT NULL) "
        "FROM companies c JOIN links l USING (company_id) WHERE l.canonical_id = ? AND l.confidence >= ?",
        [company, LINK_THRESHOLD],
    ).fetchall()[0]
    name, names, corp_code, stock_code, corporation, business, part, month, listed = row
    return company, Subject(
        name or query,
        tuple(sorted(n for n in names or () if n)),
        corp_code,
        stock_code,
        corporation,
        business or part,
        month,
        is_listed=bool(listed),
    )


def _merged(before: Sequence[Outcome], after: Sequence[Outcome]) -> list[Outcome]:
    """One outcome a register, in the order of `REGISTERS`."""
    found: dict[str, Outcome] = {}
    for outcome in (*before, *after):
        known = found.setdefault(outcome.source, Outcome(outcome.source))
        for name in ("asked", "reused", "empty", "failed"):
            setattr(known.tally, name, getattr(known.tally, name) + getattr(outcome.tally, name))
        known.tally.failures += outcome.tally.failures
        known.seconds = round(known.seconds + outcome.seconds, 2)
        known.error = outcome.error or known.error
    return sorted(found.values(), key=lambda o: list(REGISTERS).index(o.source))


def _nobody(name: str, outcomes: Sequence[Outcome]) -> PaycanaryError:
    """Nobody of that name: not known to the registers asked, unless the one that would know could not be asked."""
    lost = next((o.error for o in outcomes if o.source == "dart" and isinstance(o.error, SourceError)), None)  # fmt: skip
    if lost is not None:
        return lost
    return NotFoundError(
        {
            "ko": f"'{name}': 물어본 등록부에 그런 이름이 없습니다.",
            "en": f"'{name}': none of the registers asked knows that name.",
        },
        {
            "ko": "법인 등기의 이름이나 사업자등록번호로 다시 찾아보세요.",
            "en": "Try the registered name or the business number.",
        },
    )
