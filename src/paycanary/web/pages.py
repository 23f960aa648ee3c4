"""Turning a template into a page: language, words, links, and what every page carries."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from paycanary import __version__
from paycanary.report.forecast import factor, heading
from paycanary.report.names import GROUPS, LEVELS, figure_value, source_name
from paycanary.resources import read_yaml
from paycanary.signals import catalog
from paycanary.verdict import concept_name
from paycanary.wording import month, number, percent, quantity, threshold

if TYPE_CHECKING:
    from paycanary.errors import Lang

_ENGLISH = "/en"
_TURNS = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def lang_of(request: Request) -> Lang:
    """English under ``/en``, Korean elsewhere; no cookie, so that a link means the same to everyone."""
    path = request.url.path
    return "en" if path == _ENGLISH or path.startswith(f"{_ENGLISH}/") else "ko"


def link(path: str, lang: Lang) -> str:
    """A page's address in a language; ``path`` is the Korean one and begins with a slash."""
    return f"{_ENGLISH}{path}" if lang == "en" else path


def page(request: Request, template: str, status: int = 200, headers: dict[str, str] | None = None, **context: Any) -> HTMLResponse:  # fmt: skip
    """Render ``templates/<template>`` with ``context``.

    Templates also see ``lang``, ``t`` (words by key, with named values), ``href`` (a page's address in this language),
    ``other`` (this page in the other language), ``absolute`` and ``addresses`` (this page for search engines), ``asset`` (a static file), ``path``, ``version``, ``settings`` and ``degraded``
    (what works differently at the moment).
    """
    lang = lang_of(request)
    html = environment().get_template(template).render(
        lang=lang,
        t=_Words(lang),
        href=lambda path: link(path, lang),
        other=_other(request, lang),
        absolute=lambda path: request.app.state.settings.base_url.rstrip("/") + path,
        addresses=_addresses(request, lang),
        asset=asset,
        path=request.url.path,
        version=__version__,
        settings=request.app.state.settings,
        degraded=_degraded(request, lang),
        **context,
    )  # fmt: skip
    return HTMLResponse(html, status_code=status, headers=headers)


@cache
def environment() -> Environment:
    """Jinja: everything is escaped, and a name that is not there is an error."""
    made = Environment(
        loader=PackageLoader("paycanary.web", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=readable,
    )
    made.globals |= {
        "concept_name": concept_name,
        "factor": factor,
        "figure_value": figure_value,
        "groups": GROUPS,
        "heading": heading,
        "levels": LEVELS,
        "month": month,
        "number": number,
        "percent": percent,
        "quantity": quantity,
        "source_name": source_name,
        "threshold": threshold,
        "wording": catalog.wording,
    }
    return made


def readable(value: Any) -> Any:
    """Text without the unseen marks that turn the reading direction: a name must not rearrange what stands beside it."""
    if isinstance(value, str) and not value.isascii():
        return value.translate(_TURNS)
    return value


@cache
def asset(name: str) -> str:
    """Address of a static file; changes with its content, so that it may be kept for long."""
    content = files("paycanary").joinpath("web", "static", name).read_bytes()
    return f"/static/{name}?v={sha256(content).hexdigest()[:12]}"


class _Words:
    """``t("home.title", name=...)``: words of ``web/words/<feature>.<lang>.yaml``, values escaped."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang

    def __call__(self, key: str, **values: Any) -> Markup:
        return Markup(words(self._lang)[key]).format(**values)  # noqa: S704 - our own words; values are escaped by format


@cache
def words(lang: Lang) -> dict[str, str]:
    """All words of the pages in a language, ``feature.key``."""
    folder = files("paycanary") / "web" / "words"
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(f".{lang}.yaml"))
    own = {
        f"{name.split('.')[0]}.{key}": text
        for name in names
        for key, text in read_yaml("web", "words", name).items()
    }
    thresholds = read_yaml("report", "words", f"threshold.{lang}.yaml")
    return own | {f"threshold.{key}": text for key, text in thresholds.items()}


def _addresses(request: Request, lang: Lang) -> dict[str, str]:
    """This page's public address in each language, without the query: what search engines keep."""
    base = request.app.state.settings.base_url.rstrip("/")
    path = request.url.path
    korean = path if lang == "ko" else (path.removeprefix(_ENGLISH) or "/")
    return {"ko": base + korean, "en": base + link(korean, "en")}


def _degraded(request: Request, lang: Lang) -> list[str]:
    """What works differently at the moment; empty when all is well, or while nothing is open yet."""
    tell = getattr(getattr(request.app.state, "service", None), "degraded", None)
    return [str(line[lang] if isinstance(line, dict) else line) for line in tell()] if tell else []


def _other(request: Request, lang: Lang) -> str:
    path, query = request.url.path, request.url.query
    there = link(path, "en") if lang == "ko" else (path.removeprefix(_ENGLISH) or "/")
    return f"{there}?{query}" if query else there
