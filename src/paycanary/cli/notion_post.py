"""``notion post``: pages of Notion's become posts of a blog."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from paycanary.cli.context import (
    JsonOption,
    LangOption,
    console,
    extra,
    print_json,
    progress,
    settle,
)
from paycanary.errors import UsageError

if TYPE_CHECKING:
    from paycanary.posts.run import Made, Options
    from paycanary.progress import Progress


_SITE: Final = re.compile(r"https?://[^\s/?#<>\"']+(?:/[^\s?#<>\"']*)?")


class Place(StrEnum):
    """Where posts go."""

    tistory = "tistory"
    velog = "velog"
    jekyll = "jekyll"
    hugo = "hugo"
    naver = "naver"


def post(
    notebook: Annotated[
        str,
        typer.Argument(
            metavar="EXPORT|PAGE",
            help="Notion's export (zip or folder), or a page's address or id, read through Notion's API with NOTION_TOKEN.",
        ),
    ],
    to: Annotated[Place, typer.Option("--to", help="Where the posts go.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Folder to write to; for jekyll and hugo the site's own will do."),
    ],
    site: Annotated[
        str,
        typer.Option("--site", metavar="URL", help="The blog's address, for links between posts (tistory, velog).", show_default=False),
    ] = "",
    date: Annotated[
        str | None,
        typer.Option("--date", metavar="PROPERTY", help="Property that holds a post's date; default: one of the usual names.", show_default=False),
    ] = None,
    tags: Annotated[
        str | None,
        typer.Option("--tags", metavar="PROPERTY", help="Property that holds its tags; default: one of the usual names.", show_default=False),
    ] = None,
    series: Annotated[
        str | None,
        typer.Option("--series", metavar="PROPERTY", help="Property that names the series it belongs to.", show_default=False),
    ] = None,
    order_by: Annotated[
        str | None,
        typer.Option("--order-by", metavar="PROPERTY", help="Property by which posts are ordered; default: by date.", show_default=False),
    ] = None,
    subpages: Annotated[
        bool, typer.Option("--subpages", help="Of a PAGE also the pages beneath it.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also write posts that somebody has changed since.")
    ] = False,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Turn pages of Notion into files for a blog: one page or a whole notebook, again and again. Nothing is posted."""
    language = settle(lang, json=json)
    if site and not _SITE.fullmatch(site):
        raise UsageError(
            {"ko": f"--site {site}: 블로그 주소가 아닙니다.", "en": f"--site {site} is no blog's address."},
            {"ko": "https:// 로 시작하는 주소를 쓰세요.", "en": "Give an address that begins with https://."},
        )  # fmt: skip
    with extra("notion"):
        from paycanary.posts.plan import Names  # noqa: PLC0415
        from paycanary.posts.report import document, show, write  # noqa: PLC0415
        from paycanary.posts.run import Options  # noqa: PLC0415
    options = Options(to.value, output, site, Names(date, tags, series, order_by), overwrite)
    with progress() as shown:
        made = _made(notebook, options, shown, subpages=subpages)
    report = document(made, language)
    where = write(report, output, language)
    if json:
        print_json(report)
    else:
        show(console(), report, where, language)
    if report.counts.get("failed") == len(report.posts):
        raise typer.Exit(5)


def _made(notebook: str, options: Options, shown: Progress, *, subpages: bool) -> Made:
    """Posts of an export where there is such a file, else of a page."""
    from paycanary.posts.api import page_id  # noqa: PLC0415
    from paycanary.posts.run import make_posts  # noqa: PLC0415

    found = page_id(notebook)
    is_address = notebook.startswith(("http://", "https://"))
    if found is not None and (is_address or not Path(notebook).exists()):
        from paycanary.posts.api import read_notebook  # noqa: PLC0415

        with read_notebook(found, shown, subpages=subpages) as pages:
            return make_posts(pages, options, shown)
    from paycanary.notion.archive import open_export  # noqa: PLC0415
    from paycanary.posts.notebook import ExportNotebook  # noqa: PLC0415

    with open_export(Path(notebook)) as archive:
        return make_posts(ExportNotebook(archive, options.names.asked()), options, shown)
