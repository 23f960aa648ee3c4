"""A list's Atom feed: one entry a change, known by an id that never changes, so that a reader shows it once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from lxml import etree
from markupsafe import Markup
from sqlalchemy import select

from paycanary.alerts.telling import Told, tell, words
from paycanary.state.tables import Change, Delivery

if TYPE_CHECKING:
    from datetime import datetime

    from paycanary.errors import Lang
    from paycanary.state.database import Database
    from paycanary.state.tables import Watchlist

MEDIA_TYPE: Final = "application/atom+xml; charset=utf-8"
_MOST: Final = 100
_ATOM: Final = "http://www.w3.org/2005/Atom"
#: Atom needs no prefix.
_NAMES: Final[Any] = {None: _ATOM}
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def feed(database: Database, watchlist: Watchlist, address: str, base_url: str) -> tuple[bytes, str]:  # fmt: skip
    """The feed of a list at its own address, and the ETag that changes with it."""
    lang: Lang = "en" if watchlist.lang == "en" else "ko"
    with database.session() as session:
        changes = session.scalars(
            select(Change)
            .join(Delivery, Delivery.change_id == Change.id)
            .where(Delivery.watchlist_id == watchlist.id, Delivery.channel == "feed")
            .order_by(Change.noted_at.desc(), Change.id)
            .limit(_MOST)
        ).all()
    said = words(lang)
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap=_NAMES)
    root.set(_LANG, lang)
    _add(root, "id", f"urn:uuid:{watchlist.id}")
    _add(root, "title", said["feed_title"])
    _add(root, "subtitle", said["feed_subtitle"])
    _add(_add(root, "author"), "name", "paycanary")
    _add(root, "link", rel="self", type="application/atom+xml", href=address)
    newest = max((c.noted_at for c in changes), default=watchlist.created_at)
    _add(root, "updated", _moment(newest))
    for change in changes:
        _entry(_add(root, "entry"), change, tell(change, lang, base_url))
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return document, f'"{hashlib.sha256(document).hexdigest()[:32]}"'


def _entry(entry: Any, change: Change, told: Told) -> None:
    _add(entry, "id", f"urn:paycanary:change:{change.id}")
    _add(entry, "title", told.headline, type="text")
    _add(entry, "updated", _moment(change.noted_at))
    _add(entry, "published", _moment(change.noted_at))
    _add(entry, "link", rel="alternate", type="text/html", href=told.link)
    for url in dict.fromkeys(source.url for source in told.sources if source.url):
        _add(entry, "link", rel="via", href=url)
    html = Markup("<p>{}</p><p>{}</p>").format(told.before, told.after) + told.source_list()
    _add(entry, "content", html, type="html")


def _add(parent: Any, tag: str, text: str | None = None, **attributes: str) -> Any:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{tag}", {k: _legal(v) for k, v in attributes.items()})  # fmt: skip
    element.text = None if text is None else _legal(text)
    return element


def _legal(text: str) -> str:
    """Without the characters that XML has no way to write."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff"))  # fmt: skip


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
