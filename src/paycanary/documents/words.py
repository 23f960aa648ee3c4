"""What a text says, as published."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from paycanary.models import SCHEMA_VERSION, Model


class WordsSentence(Model):
    """One sentence of a text."""

    text: str
    start: int = Field(description="first character within the text, from 0")
    end: int = Field(description="character after the last one")
    state: Literal["stated", "unsure", "none", "unread"] = Field(
        description="stated: at least one kind is; unsure: one may be; unread: no letters, or neither Korean nor English"
    )
    kinds: dict[str, float] = Field(description="kinds that are stated or may be, with their probabilities")  # fmt: skip
    confidence: float | None = Field(description="in the answer, 0 to 1; null where the sentence was not read")  # fmt: skip


class WordsReading(Model):
    """Which kinds of statement a text makes. It is about the text, not about a company."""

    schema_version: str = SCHEMA_VERSION
    source: str = Field(description="the file's name, or -")
    model: str = Field(description="version of the reader")
    stated: dict[str, int] = Field(description="kind -> index of the sentence that states it most clearly")  # fmt: skip
    sentences: list[WordsSentence]
