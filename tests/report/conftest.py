"""Reports in this process: one session on the built-in sample, each company judged once, each file written once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.cli import report as command
from paycanary.lake.reader import open_sample
from paycanary.report.files.encode import Encoded, encode
from paycanary.signals.custom import BUILT_IN
from paycanary.verdict import Session

if TYPE_CHECKING:
    from paycanary.models import Verdict
    from paycanary.report.files.blocks import Content


@dataclass
class Reports:
    """What the command does between its arguments and its files, with everything kept that was made."""

    session: Session
    contents: dict[tuple[Any, ...], tuple[Any, Content]] = field(default_factory=dict)
    written: dict[tuple[Any, ...], Encoded] = field(default_factory=dict)

    def content(self, names: tuple[str, ...], day: str, lang: Any, *, with_forecast: bool = False) -> Content:  # fmt: skip
        key = (names, day, lang, with_forecast)
        if key not in self.contents:
            ids = [self.session.resolve(name).company_id for name in names]
            self.contents[key] = command._verdicts(
                self.session, ids, date.fromisoformat(day), BUILT_IN, command.FileFormat.html, lang,
                with_forecast=with_forecast, is_alone=False,
            )  # fmt: skip
        return self.contents[key][1]

    def write(self, form: Any, names: tuple[str, ...], day: str, lang: str, *, with_forecast: bool = False) -> Encoded:  # fmt: skip
        key = (form, names, day, lang, with_forecast)
        if key not in self.written:
            content = self.content(names, day, lang, with_forecast=with_forecast)
            self.written[key] = encode(content, form, "file")
        return self.written[key]

    def verdict(self, name: str, day: str, lang: Any) -> Verdict:
        """As ``check`` gives it; that the file's own document is the same is tested through the command."""
        company = self.session.resolve(name).company_id
        return self.session.verdict(company, date.fromisoformat(day), lang)


@pytest.fixture(scope="session")
def reports() -> Reports:
    return Reports(Session(open_sample()))
