"""Tables: a comparison, a screen, a refresh, the state of the store, the criteria."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from paycanary.documents import (
    CriteriaList,
    CriterionEntry,
    Screen,
    ScreenRow,
    Status,
)
from paycanary.forecast.scorecard import scorecard
from paycanary.report import forecast as forecasts
from paycanary.report.fetched import service_table
from paycanary.report.names import GROUPS, LEVELS, MARKS, SOURCES
from paycanary.report.terminal import STYLES
from paycanary.signals import catalog
from paycanary.signals.ranking import FIXED
from paycanary.sources.summary import OTHER_TABLE
from paycanary.wording import percent, quantity, threshold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from paycanary.documents.fetched import (
        ExtractReport,
        MonthReport,
        RefreshReport,
        RefusedReport,
        ShortMonthReport,
    )
    from paycanary.errors import Lang
    from paycanary.models import Verdict

#: Rows of a screen on a terminal unless asked otherwise.
TABLE_ROWS: Final = 40


def comparison(verdicts: Sequence[Verdict], lang: Lang) -> Group:
    """Companies in columns, signals in rows; the leading sentences above."""
    drawn = Table("", *(v.company.name for v in verdicts), box=box.SIMPLE_HEAD)
    levels = [{f.signal: f for f in v.findings} for v in verdicts]
    drawn.add_row({"ko": "종합", "en": "Overall"}[lang], *(_mark(v.level, lang) for v in verdicts))
    if any(v.forecast for v in verdicts):
        drawn.add_row(
            forecasts.words(lang)["row"].format(months=scorecard().months),
            *(
                forecasts.cell(v.forecast, lang) if v.forecast else MARKS["unknown"]
                for v in verdicts
            ),
        )
    for name in catalog.signals():
        found = [by_signal.get(name) for by_signal in levels]
        if any(found):
            title = catalog.wording(lang)[name]["title"]
            drawn.add_row(
                title,
                *(
                    _mark(f.level if f else "unknown", lang, f.measure if f else None, name)
                    for f in found
                ),
            )
    leads = [Text(f"{MARKS[v.level]} {v.sentence}", style=STYLES[v.level]) for v in verdicts]
    return Group(*leads, drawn, *_forecasts_beneath(verdicts, lang))


def _forecasts_beneath(verdicts: Sequence[Verdict], lang: Lang) -> list[Text]:
    """What is predicted and its base rate, where a probability stands; and why there is none, where none stands."""
    said = forecasts.words(lang)["none"]
    lines = [forecasts.beneath(lang)] if any(v.forecast for v in verdicts) else []
    lines += [
        said.format(name=v.company.name, explanation=v.forecast_unknown.explanation)
        for v in verdicts
        if v.forecast_unknown
    ]
    return [Text(line, style="dim") for line in lines]


def screen(rows: list[dict[str, Any]], lang: Lang, *, is_sample: bool, as_of: date) -> Group:
    """Worst first: how many signals stand at each level, and which are at danger."""
    head = {
        "ko": (
            "",
            "이름",
            "종목",
            "업종",
            forecasts.words(lang)["column"],
            "위험",
            "주의",
            "양호",
            "모름",
            "위험한 항목",
        ),
        "en": (
            "",
            "Name",
            "Stock",
            "Industry",
            forecasts.words(lang)["column"],
            "Danger",
            "Watch",
            "Good",
            "Unknown",
            "At danger",
        ),
    }[lang]
    drawn = Table(*head, box=box.SIMPLE_HEAD)
    words = catalog.wording(lang)
    for row in rows:
        signals = {k: v for k, v in row.items() if k not in FIXED}
        counts = [
            str(sum(v == level for v in signals.values()))
            for level in ("danger", "watch", "good", "unknown")
        ]
        grave = ", ".join(words[k]["title"] for k, v in signals.items() if v == "danger")
        drawn.add_row(
            _mark(row["level"], lang),
            row["name"],
            row["stock_code"] or "",
            row["industry"] or "",
            "" if row["probability"] is None else percent(row["probability"], lang),
            *counts,
            grave,
        )
    note = {"ko": f"{as_of} 기준", "en": f"as of {as_of}"}[lang]
    if is_sample:
        note += {"ko": " · 내장 표본", "en": " · built-in sample"}[lang]
    lines = [note, *([forecasts.beneath(lang)] if any(r["probability"] for r in rows) else [])]
    return Group(drawn, *(Text(line, style="dim") for line in lines))


def screen_rows(rows: list[dict[str, Any]]) -> list[ScreenRow]:
    """Rows of `Session.screen` as documents."""
    return [
        ScreenRow(
            **{k: row[k] for k in FIXED},
            signals={k: v for k, v in row.items() if k not in FIXED},
        )
        for row in rows
    ]


def encode(rows: list[dict[str, Any]], form: str, *, as_of: date, is_sample: bool) -> bytes:
    """A screen as CSV, a column a signal, or as JSON, a row's signals in one object."""
    if form == "json":
        document = Screen(as_of=as_of, sample=is_sample, rows=screen_rows(rows))
        return (document.model_dump_json(indent=2) + "\n").encode()
    columns = [*FIXED, *(name for name in catalog.signals() if not rows or name in rows[0])]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def refreshed(report: RefreshReport, lang: Lang) -> Group:
    """A refresh: what became of every file's rows, and what is new."""
    head = {
        "ko": ("파일", "읽음", "받음", "건너뜀", "거절", "거절 이유"),
        "en": ("File", "Read", "Accepted", "Skipped", "Rejected", "Why"),
    }[lang]
    drawn = Table(*head, box=box.SIMPLE_HEAD)
    for column in drawn.columns[1:5]:
        column.justify = "right"
    for file in report.files:
        why = ", ".join(f"{reason} {n:,}" for reason, n in file.reasons.items())
        if file.kind == OTHER_TABLE:
            why = {"ko": "다른 표: 읽지 않음", "en": "another table: not read"}[lang]
        drawn.add_row(
            file.file,
            *(f"{n:,}" for n in (file.read, file.accepted, file.skipped, file.rejected)),
            why,
        )
    totals = [
        sum(getattr(f, k) for f in report.files)
        for k in ("read", "accepted", "skipped", "rejected")
    ]
    drawn.add_section()
    drawn.add_row({"ko": "합계", "en": "Total"}[lang], *(f"{n:,}" for n in totals), "")
    added = (
        ", ".join(f"{name} {n:,}" for name, n in report.added.items() if n)
        or {"ko": "없음", "en": "nothing"}[lang]
    )
    line = {
        "ko": f"새로 저장: {added}. 기록 {report.snapshot}번, {report.seconds:g}초.",
        "en": f"New rows: {added}. Snapshot {report.snapshot}, {report.seconds:g} s.",
    }[lang]
    told = [_month(m, lang) for m in report.months] + [_extract(e, lang) for e in report.extracts]
    told += [_short(s, lang) for s in report.short_months] + [
        _refused(r, lang) for r in report.refused
    ]
    return Group(drawn, *map(Text, told), Text(line))


def _refused(refused: RefusedReport, lang: Lang) -> str:
    """A line about a file that was not taken in."""
    # Below a folder or in a zip the message, which begins with the file's bare name, does not say where.
    where = "" if refused.message.startswith(refused.file) else f" ({refused.file})"
    return {"ko": f"받지 않음{where}: ", "en": f"Not taken in{where}: "}[lang] + refused.message


def _short(short: ShortMonthReport, lang: Lang) -> str:
    """A line about a stored month whose file was perhaps cut."""
    return {
        "ko": f"{short.month}: 저장된 사업장이 {short.workplaces:,}개로, {short.beside}의 {short.beside_workplaces:,}개보다 훨씬 적습니다. 파일이 잘렸을 수 있으니 다시 내려받아 `paycanary refresh nps --from 파일` 로 넣어 주세요. 온전한 파일이었다면 그대로 두면 됩니다.",
        "en": f"{short.month}: {short.workplaces:,} workplaces are stored, where {short.beside} has {short.beside_workplaces:,}. Its file was perhaps cut short: download it again and take it in by `paycanary refresh nps --from FILE`. If it was whole, leave it as it is.",
    }[lang]


def _month(month: MonthReport, lang: Lang) -> str:
    """A line about a whole pension month."""
    said = {
        "ko": {"new": "새 달", "same": "이미 있는 것과 같음", "corrected": "정정: 바뀐 행 {changed:,}, 없어진 행 {gone:,}",
               "earlier": "이미 받은 이전 판({filing_id})과 같아 더한 것이 없고, 나중 판({counts})이 그대로 쓰임"},
        "en": {"new": "a new month", "same": "the same as stored", "corrected": "a correction: {changed:,} rows changed, {gone:,} gone",
               "earlier": "an earlier reading of this month ({filing_id}): nothing added, the later one ({counts}) still counts"},
    }[lang][month.state].format(**month.model_dump())  # fmt: skip
    workplaces = {"ko": f"사업장 {month.workplaces:,}", "en": f"{month.workplaces:,} workplaces"}[lang]  # fmt: skip
    if month.state == "earlier":
        return f"{month.month}: {workplaces}, {said} ({month.file})"
    since = {"ko": f"{month.published_on}부터 공개로 침", "en": f"counts as public from {month.published_on}"}[lang]  # fmt: skip
    return f"{month.month}: {workplaces}, {said}; {since} ({month.file})"


def _extract(extract: ExtractReport, lang: Lang) -> str:
    """A line about a pension file that is no whole month."""
    if not extract.read:
        return {
            "ko": f"{extract.file}: 제목 줄뿐이고 행이 없어 받은 것이 없음",
            "en": f"{extract.file}: a header and no row; nothing was taken",
        }[lang]
    return {
        "ko": f"{extract.file}: 한 달에 사업장 {extract.workplaces:,}, 한 달 전체(최소 {extract.least:,})보다 적어 발췌, 곧 개별 회사의 행으로 받음",
        "en": f"{extract.file}: {extract.workplaces:,} workplaces in a month, fewer than a whole month (least {extract.least:,}): an extract, taken as rows of single companies",
    }[lang]


def stored(report: Status, lang: Lang) -> Group:
    """The state of the store."""
    where = {"ko": "저장 위치", "en": "Store"}[lang]
    if report.sample:
        where += {"ko": " (내장 표본)", "en": " (built-in sample)"}[lang]
    sources = Table(*{"ko": ("출처", "행", "가장 새 공개일", "마지막 refresh"), "en": ("Source", "Rows", "Newest published", "Last refresh")}[lang], box=box.SIMPLE_HEAD)  # fmt: skip
    for s in report.sources:
        sources.add_row(
            SOURCES[lang].get(s.source, s.source),
            f"{s.rows:,}",
            str(s.newest_published_on or ""),
            s.last_refresh or "",
        )
    tables = Table(*{"ko": ("표", "행"), "en": ("Table", "Rows")}[lang], box=box.SIMPLE_HEAD)
    for name, rows in report.tables.items():
        tables.add_row(name, f"{rows:,}")
    parts: list[Any] = [Text(f"{where}: {report.home}"), sources, tables]
    if report.services:
        parts.append(service_table(report.services, lang))
    if report.rejected:
        rejected = Table(*{"ko": ("파일", "거절 이유", "행", "뜻"), "en": ("File", "Rejected because", "Rows", "Meaning")}[lang], box=box.SIMPLE_HEAD)  # fmt: skip
        for r in report.rejected:
            rejected.add_row(r.file, r.reason, f"{r.rows:,}", r.explanation)
        parts.append(rejected)
    parts += [Text(_short(s, lang)) for s in report.short_months]
    if report.snapshots:
        history = Table(*{"ko": ("기록", "종류", "출처", "새 행", "때"), "en": ("Snapshot", "Kind", "Source", "New rows", "When")}[lang], box=box.SIMPLE_HEAD)  # fmt: skip
        for snapshot in report.snapshots:
            history.add_row(
                str(snapshot.id),
                snapshot.kind,
                snapshot.source or "",
                f"{snapshot.added:,}",
                snapshot.committed_at,
            )
        parts.append(history)
    return Group(*parts)


def criteria_list(as_of: date, lang: Lang) -> CriteriaList:
    """Every threshold in force on a day."""
    words = catalog.wording(lang)
    entries = [
        CriterionEntry(signal=s.name, group=s.group, title=words[s.name]["title"], threshold=name, value=c.value, since=c.since, who=c.who, url=c.url, note=c.note)
        for s in catalog.signals().values()
        for name, c in s.criteria(as_of).items()
    ]  # fmt: skip
    overall = {"ko": "판정 전체", "en": "The verdict as a whole"}[lang]
    for name, dated in catalog.whole().items():
        c = catalog.in_force(dated, as_of)
        entries.append(CriterionEntry(signal=catalog.WHOLE, group=catalog.WHOLE, title=overall, threshold=name, value=c.value, since=c.since, who=c.who, url=c.url, note=c.note))  # fmt: skip
    return CriteriaList(as_of=as_of, criteria=entries)


def criteria_table(listed: CriteriaList, lang: Lang) -> Table:
    """The thresholds as a table."""
    head = {
        "ko": ("분야", "항목", "기준", "값", "언제부터", "누가", "어디에"),
        "en": ("Group", "Signal", "Threshold", "Value", "Since", "Who says so", "Where"),
    }[lang]
    drawn = Table(*head, box=box.SIMPLE_HEAD)
    for c in listed.criteria:
        group = GROUPS[lang].get(c.group, "")
        drawn.add_row(
            group,
            c.title,
            c.threshold,
            threshold(c.threshold, c.value),
            str(c.since),
            c.who,
            c.url or c.note or "",
        )
    return drawn


def _mark(level: str, lang: Lang, measure: float | None = None, signal: str | None = None) -> Text:
    text = f"{MARKS[level]} {LEVELS[lang][level]}"
    if measure is not None and signal and catalog.signals()[signal].unit != "none":
        text += f" {quantity(measure, catalog.signals()[signal].unit, lang)}"
    return Text(text, style=STYLES[level])
