"""What became of Notion's pages as posts, as published."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from paycanary.documents.notion import RefusedFile
from paycanary.models import SCHEMA_VERSION, Model


class PostNote(Model):
    """Something that could not be carried over, or not whole."""

    reason: str = Field(description="a fixed word, such as `asset_missing`")
    says: str = Field(description="the same for people")
    place: str = Field(description="`line 12` of the page's file in the export, or the id of a block; empty: the page as a whole")  # fmt: skip
    detail: str = Field(description="what it was: an address, a file, the beginning of its words; may be empty")  # fmt: skip


class PostEntry(Model):
    """One page and its post."""

    id: str = Field(description="of the page: 32 hex digits")
    title: str
    page: str = Field(description="the page's path in the export, or its address")
    file: str = Field(description="the post's path in the folder")
    address: str | None = Field(description="under which other posts link to it; null: only known once it is posted")  # fmt: skip
    state: Literal["written", "unchanged", "kept", "failed"] = Field(
        description="kept: the file was changed by somebody else and was left alone"
    )
    date: date
    tags: list[str]
    series: str
    order: int | None = Field(description="number in reading order, by the property that was asked for")  # fmt: skip
    notes: list[PostNote]


class PostsReport(Model):
    """What a run wrote and what it could not carry over. Posts stand in reading order."""

    schema_version: str = SCHEMA_VERSION
    notebook: str
    place: str
    folder: str
    counts: dict[str, int] = Field(description="pages by state")
    posts: list[PostEntry]
    refused: list[RefusedFile]
    left: list[str] = Field(description="posts of earlier runs whose page is no longer in the notebook; their files stay")  # fmt: skip
