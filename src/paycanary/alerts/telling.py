"""A change in words: what every channel says of it, in the reader's language, with figures and where they stand."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from paycanary.models import Figure
from paycanary.report.names import LEVELS, source_name
from paycanary.report.terminal import figure_text
from paycanary.resources import read_yaml

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from paycanary.state.tables import Change

_ITEM: Final = Markup("<li>{}</li>")
_LINK: Final = Markup('<a href="{}">{}</a>')


@dataclass(frozen=True, slots=True)
class Source:
    """A figure with its source, in words."""

    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """A change in one language."""

    lang: Lang
    headline: str
    """One line: company, question, both levels."""
    sentence: str
    before: str
    after: str
    sources: list[Source]
    link: str
    """The company's page."""

    def text(self) -> str:
        """Plain text, without the link to the company's page."""
        lines = [self.sentence, "", self.before, self.after]
        if self.sources:
            lines += ["", f"{words(self.lang)['sources']}:"]
        for source in self.sources:
            lines += [f"- {source.text}", *([f"  {source.url}"] if source.url else [])]
        return "\n".join(lines)

    def source_list(self) -> Markup:
        """The sources in HTML; empty where there are none."""
        items = [
            _ITEM.format(_LINK.format(s.url, s.text) if s.url else s.text) for s in self.sources
        ]
        if not items:
            return Markup()
        return Markup("<p>{}</p><ul>{}</ul>").format(
            words(self.lang)["sources"], Markup().join(items)
        )


def tell(change: Change, lang: Lang, base_url: str) -> Told:
    """A change in a language; links lead to the service at ``base_url``."""
    told = words(lang)
    levels = {
        "before": LEVELS[lang][change.before["level"]],
        "after": LEVELS[lang][change.after["level"]],
    }
    named = {"company": _plain(change.company_name), "title": change.after["title"][lang], **levels}
    return Told(
        lang=lang,
        headline=told["subject"].format(**named),
        sentence=told["changed"].format(**named),
        before=_side(change.before, levels["before"], told["before"], lang),
        after=_side(change.after, levels["after"], told["after"], lang),
        sources=list(dict.fromkeys(_source(Figure.model_validate(f), lang) for f in change.after["figures"])),
        link=company_link(change.company_id, lang, base_url),
    )  # fmt: skip


def company_link(company: str, lang: Lang, base_url: str) -> str:
    """Address of a company's page."""
    return f"{base_url}{'/en' if lang == 'en' else ''}/companies/{company}"


@cache
def words(lang: Lang) -> dict[str, str]:
    """What alerts say around a change."""
    told: dict[str, str] = read_yaml("alerts", "words", f"{lang}.yaml")
    return told


def _plain(name: str) -> str:
    """A name on one line, without unseen characters: a company's name must not rearrange what stands around it."""
    return " ".join(
        "".join(c for c in name if c.isspace() or unicodedata.category(c)[0] != "C").split()
    )


def _side(side: dict[str, Any], level: str, label: str, lang: Lang) -> str:
    return f"{label.format(day=side['as_of'])}: {level}. {side['sentence'][lang]}"


def _source(figure: Figure, lang: Lang) -> Source:
    return Source(
        words(lang)["source_line"].format(
            figure=figure_text(figure, lang),
            source=source_name(figure.source, lang),
            filing=figure.filing_id,
            day=figure.published_on.isoformat(),
        ),
        figure.url,
    )
