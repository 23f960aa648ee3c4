"""What tests of posts share: a small notebook with every kind of block, and posts made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.documents.posts import PostsReport
from paycanary.notion.archive import open_export
from paycanary.posts.notebook import ExportNotebook
from paycanary.posts.plan import Names
from paycanary.posts.report import document
from paycanary.posts.run import Options, make_posts
from tests.posts.notebooks import everything, write_export

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., PostsReport]


def make_export(export: Path, place: str, folder: Path, **options: Any) -> PostsReport:
    """Posts of an export, in this process."""
    asked = Options(place, folder, **options)
    with open_export(export) as archive:
        made = make_posts(ExportNotebook(archive, asked.names.asked()), asked)
    return document(made, "en")


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_export(tmp_path_factory.mktemp("export") / "Export.zip", everything())


@pytest.fixture
def make(notebook: Path, tmp_path: Path) -> Make:
    """Posts of that notebook: ``make("velog")`` writes them into ``tmp_path / "velog"``."""

    def made(place: str, export: Path = notebook, **options: Any) -> PostsReport:
        folder = tmp_path / place
        folder.mkdir(exist_ok=True)
        named = {"names": Names(series="시리즈", order_by="순서")} if export is notebook else {}
        return make_export(export, place, folder, **{**named, **options})

    return made
