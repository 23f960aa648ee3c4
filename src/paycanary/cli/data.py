"""``refresh``, ``rollback`` and ``status``: what is stored."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paycanary.cli.context import (
    AsOfOption,
    JsonOption,
    LangOption,
    console,
    contradiction,
    parse_as_of,
    print_json,
    progress,
    settle,
)
from paycanary.errors import InputFileError, SourceError, UsageError
from paycanary.sources.summary import OTHER_TABLE
from paycanary.wording import parse_day, today

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from paycanary.lake.live import Fetched
    from paycanary.models import Verdict


class Source(StrEnum):
    """Registers that can be taken in."""

    dart = "dart"
    fsc = "fsc"
    nps = "nps"
    comwel = "comwel"
    nts = "nts"
    krx = "krx"
    moel = "moel"
    nhis = "nhis"
    tax = "tax"
    tips = "tips"


_SOURCES_HELP = (
    "dart: FSS filings; fsc: company statements; nps: pension workplaces; comwel: employment insurance; nts: business status; "
    "krx: listings and delistings; moel: wage arrears; nhis: social insurance arrears; tax: tax arrears; tips: TIPS selections. "
    "Default: what is due by each one's calendar; with --company all."
)


def refresh(
    sources: Annotated[
        list[Source] | None,
        typer.Argument(metavar="[SOURCE]...", help=_SOURCES_HELP, show_default=False),
    ] = None,
    path: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="PATH",
            readable=False,
            help="Read this file or folder instead of asking the public service.",
            show_default=False,
        ),
    ] = None,
    company: Annotated[
        str | None,
        typer.Option(
            "--company",
            metavar="NAME",
            help="Fetch everything about one company now, and judge it.",
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="YYYY-MM-DD",
            help="Look again for what was published from that day on, where a register can be asked by day or month (dart, nps).",
            show_default=False,
        ),
    ] = None,
    accept_fewer_rows: Annotated[
        bool,
        typer.Option(
            "--accept-fewer-rows",
            help="With nps --from and one file: take a month in though it has far fewer rows than the months beside it, or than the same month as stored.",
        ),
    ] = False,
    wait: Annotated[
        float,
        typer.Option("--wait", min=0, metavar="SECONDS", help="Wait so long for another refresh to leave the store."),
    ] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell which registers have something new; fetch nothing.")
    ] = False,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Take data in, nothing twice and no commit by half: from the public services, or from files."""
    language = settle(lang, json=json)
    names = list(dict.fromkeys(source.value for source in sources or ()))
    asked = {"--company": company is not None, "--since": since is not None, "--wait": wait > 0}
    if path is not None:
        _refuse_beside("--from", asked | {"--dry-run": dry_run})
        _from_files(names, path, language, json=json, accepts_fewer=accept_fewer_rows)
        return
    if accept_fewer_rows:
        raise _only_of_months()
    if dry_run:
        _refuse_beside("--dry-run", asked)
        _tell_due(names, language, json=json)
        return
    day = parse_day(since, "--since") if since else None
    from paycanary.report.fetched import document, fetched_table  # noqa: PLC0415
    from paycanary.tasks import refreshing  # noqa: PLC0415 - loads what speaks HTTP

    with progress() as shown:
        fetched = refreshing.fetch(names, company=company, since=day, wait=wait, progress=shown)
    verdict = _judged(fetched, language) if fetched.company_id else None
    report = document(fetched, verdict, language)
    if json:
        print_json(report)
    else:
        if not fetched.outcomes:
            console().print({"ko": "새로 받을 것이 없습니다.", "en": "Nothing is due."}[language])
        else:
            console().print(fetched_table(report, language))
        if verdict is not None:
            from paycanary.report.terminal import show_verdict  # noqa: PLC0415

            show_verdict(console(), verdict, full=False)
    _end(fetched, is_asked_by_name=bool(names), has_verdict=verdict is not None)


def _refuse_beside(option: str, others: dict[str, bool]) -> None:
    """Refuse options that an option gives no meaning to: who gave them would believe that they were followed."""
    given = ", ".join(name for name, is_given in others.items() if is_given)
    if not given:
        return
    todo: dict[Lang, str] = {
        "--from": {
            "ko": f"파일은 주어진 대로 곧바로 모두 받아들입니다. 파일을 받으려면 {given} 를, 공공 서비스에 물으려면 --from 을 빼세요.",
            "en": f"Files are taken in whole and at once. Leave {given} out to take the files in, or --from to ask the public service.",
        },
        "--dry-run": {
            "ko": f"--dry-run 은 출처에 새 자료가 있는지만 알려 줍니다. {given} 를 빼거나, 받으려면 --dry-run 을 빼세요.",
            "en": f"--dry-run only tells which registers have something new. Leave {given} out, or --dry-run to fetch.",
        },
    }[option]  # type: ignore[assignment]  # a literal's keys are read as any text
    raise contradiction(option, given, todo)


def _only_of_months() -> UsageError:
    return UsageError(
        {"ko": "--accept-fewer-rows 는 nps --from 파일 과 함께만 쓸 수 있습니다.", "en": "--accept-fewer-rows goes with nps --from FILE alone."},
        {"ko": "예: paycanary refresh nps --from 파일 --accept-fewer-rows", "en": "Such as: paycanary refresh nps --from FILE --accept-fewer-rows"},
    )  # fmt: skip


def _from_files(names: list[str], path: Path, lang: Lang, *, json: bool, accepts_fewer: bool) -> None:  # fmt: skip
    """Take one register's files in."""
    if len(names) != 1:
        raise UsageError(
            {"ko": "--from 에는 출처를 꼭 하나 주어야 합니다.", "en": "--from takes exactly one source."},
            {"ko": "예: paycanary refresh dart --from 폴더", "en": "Such as: paycanary refresh dart --from FOLDER"},
        )  # fmt: skip
    if accepts_fewer and names != [Source.nps]:
        raise _only_of_months()
    from paycanary.lake.batches import refresh as take_in  # noqa: PLC0415
    from paycanary.lake.home import lake_path  # noqa: PLC0415
    from paycanary.report.fetched import account  # noqa: PLC0415
    from paycanary.report.tables import refreshed  # noqa: PLC0415

    with progress() as shown:
        summary = take_in(lake_path(), names[0], path, shown, accepts_fewer=accepts_fewer)
    report = account(summary, lang)
    if json:
        print_json(report)
    else:
        console().print(refreshed(report, lang))
    if report.refused:
        count, read = len(report.refused), sum(file.kind != OTHER_TABLE for file in report.files)
        raise InputFileError(
            {"ko": f"파일 {count}개는 받지 않았고, {read}개는 받았습니다.", "en": f"Not taken in: {count} of {count + read} files. The others were."},
            {"ko": "왜 그런지는 위에 적혀 있습니다(JSON 은 refused).", "en": "Why stands above (in JSON: refused)."},
        )  # fmt: skip


def _tell_due(names: list[str], lang: Lang, *, json: bool) -> None:
    """What a refresh would ask."""
    from paycanary.documents.fetched import Due, DueRegister  # noqa: PLC0415
    from paycanary.tasks import refreshing  # noqa: PLC0415

    found = refreshing.due(names)
    told = Due(registers=[DueRegister(source=d.source, is_due=d.is_due, missing=d.missing) for d in found])  # fmt: skip
    if json:
        print_json(told)
        return
    for each in told.registers:
        state = {"ko": ("새 자료 없음", "새 자료 있음"), "en": ("nothing new", "something new")}[
            lang
        ]
        console().print(": ".join([each.source, state[each.is_due], *each.missing[:1]]))


def _judged(fetched: Fetched, lang: Lang) -> Verdict:
    from paycanary.cli.asking import with_corrections  # noqa: PLC0415
    from paycanary.lake.reader import open_reader  # noqa: PLC0415
    from paycanary.report.fetched import judged  # noqa: PLC0415
    from paycanary.verdict import Session  # noqa: PLC0415

    (verdict,) = with_corrections([judged(Session(open_reader()), fetched, today(), lang)])
    return verdict


def _end(fetched: Fetched, *, is_asked_by_name: bool, has_verdict: bool) -> None:
    """Tell whoever runs this unattended that a register was not fetched to its end.

    A person who asked about a company has the verdict, which says what is missing; a register that nobody named and that has
    no key is no failure.
    """
    if has_verdict:
        return
    for outcome in fetched.outcomes:
        missing = getattr(outcome.error, "is_unset", False)
        if outcome.error is not None and (is_asked_by_name or not missing):
            raise typer.Exit(
                outcome.error.exit_code if isinstance(outcome.error, SourceError) else 5
            )


def rollback(
    to: Annotated[
        int | None,
        typer.Option(
            "--to",
            metavar="SNAPSHOT",
            help="Number that `status` lists; default: the one before the newest.",
            show_default=False,
        ),
    ] = None,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Go back to an earlier state of what is stored; this too can be rolled back."""
    from paycanary.documents import Rollback  # noqa: PLC0415
    from paycanary.lake import writer  # noqa: PLC0415
    from paycanary.lake.home import lake_path  # noqa: PLC0415

    language = settle(lang, json=json)
    snapshot = writer.rollback(lake_path(), to)
    goal = snapshot.summary["to"]
    if json:
        print_json(
            Rollback(
                id=snapshot.id,
                kind=snapshot.kind,
                committed_at=snapshot.committed_at,
                source=None,
                added=0,
            )
        )
    else:
        console().print({
            "ko": f"{goal}번 기록으로 돌아갔습니다(새 기록 {snapshot.id}번).",
            "en": f"Back to snapshot {goal} (as new snapshot {snapshot.id}).",
        }[language])  # fmt: skip


def expire(
    as_of: AsOfOption = None,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Remove entries of public lists whose publication has ended by that day, default today."""
    from paycanary.documents.fetched import Expired  # noqa: PLC0415
    from paycanary.lake import expiry  # noqa: PLC0415
    from paycanary.lake.home import lake_path  # noqa: PLC0415

    language = settle(lang, json=json)
    done = expiry.expire(lake_path(), parse_as_of(as_of))
    if json:
        print_json(Expired(day=done.day, removed=done.removed, snapshot=done.snapshot))
        return
    console().print({
        "ko": f"{done.day} 까지 공개 기간이 끝난 명단 항목 {done.removed:,}건을 지웠습니다.",
        "en": f"Removed {done.removed:,} entries of public lists whose publication ended by {done.day}.",
    }[language])  # fmt: skip


def status(
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Tell what is stored, how fresh it is, and what was rejected and why."""
    from paycanary.lake.reader import open_reader  # noqa: PLC0415
    from paycanary.lake.status import read_status  # noqa: PLC0415
    from paycanary.report.tables import stored  # noqa: PLC0415

    language = settle(lang, json=json)
    report = read_status(open_reader(), language)
    if json:
        print_json(report)
    else:
        console().print(stored(report, language))
