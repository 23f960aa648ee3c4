"""Watchlists: made without an account, opened by a secret link, and told of changes by feed, e-mail or webhook.

Pages with a secret in their address are kept by nobody, indexed by nobody, and tell no other site where one came from.
(``same-origin`` and not ``no-referrer``: with the latter browsers send forms with the origin ``null``, as a stranger's.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from paycanary.alerts import addresses, feed, mail, sending, watchlists
from paycanary.alerts.outbound import Outbound
from paycanary.api.app import service_of
from paycanary.errors import AmbiguousError, NotFoundError, PaycanaryError, UsageError
from paycanary.lake.search import Hit
from paycanary.state.database import now
from paycanary.web.forms import check_form, form_fields, read_form
from paycanary.web.pages import lang_of, link, page

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from paycanary.service.core import Service

router = APIRouter()
PRIVATE: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
#: Fields of the form that name a company which was chosen before.
_PICK: Final = "pick."
_LONGEST: Final = 200
_Form = Annotated[dict[str, str], Depends(read_form)]


@dataclass(frozen=True, slots=True)
class Row:
    """A followed company as it stands now; without a level where the data no longer hold it."""

    followed_as: str
    id: str
    name: str
    level: str | None = None
    sentence: str = ""


@dataclass(slots=True)
class Asked:
    """What a form asked for: companies chosen, and names that fit several."""

    chosen: dict[str, str]
    unclear: dict[str, list[Hit]]
    query: str = ""


@router.get("/watch/new")
def ask(request: Request, company: Annotated[str, Query(max_length=_LONGEST)] = "", done: str = "") -> HTMLResponse:  # fmt: skip
    """Show the form for a new list, with a company already on it if one is named."""
    chosen = _named(service_of(request), [company]) if company else {}
    return _new(request, Asked(chosen, {}), is_deleted=done == "deleted")


@router.post("/watch/new")
def make(request: Request, form: _Form) -> Response:
    """Make a list and show its link, once."""
    asked, email = Asked({}, {}, form.get("query", "")), form.get("email", "").strip()
    lang: Lang = "en" if form.get("lang") == "en" else "ko"
    try:
        _read(request, form, asked)
        check_form(request, form)
        if asked.unclear:
            return _new(request, asked, 422, email=email)
        if email:
            mail.checked_address(email)
        secret = watchlists.create(service_of(request).database, asked.chosen.items(), lang)
    except PaycanaryError as error:
        return _new(request, asked, 422, email=email, error=error)
    problem = None
    if email:
        try:
            _ask_address(request, secret, email)
        except PaycanaryError as error:
            problem = error
    return _shown(request, secret, "made", problem, 201)


@router.get("/watch/feed/{secret}.atom")
def atom(request: Request, secret: str) -> Response:
    """The list's feed; its address can read and nothing else."""
    service = service_of(request)
    found = watchlists.find(service.database, secret, "feed_hash")
    if found is None:
        return page(request, "watch/gone.html", 404, PRIVATE, what="feed")
    address = f"{service.settings.base_url}/watch/feed/{secret}.atom"
    document, tag = feed.feed(service.database, found.watchlist, address, service.settings.base_url)
    # A reader keeps its copy and asks whether it still holds.
    headers = {**PRIVATE, "Cache-Control": "private, no-cache", "ETag": tag}
    known = [t.strip().removeprefix("W/") for t in request.headers.get("if-none-match", "").split(",")]  # fmt: skip
    if tag in known:
        return Response(status_code=304, headers=headers)
    return Response(document, media_type=feed.MEDIA_TYPE, headers=headers)


@router.get("/watch/confirm/{secret}")
def confirm(request: Request, secret: str) -> HTMLResponse:
    """Ask for one more press: programs that look into mails open links, but press nothing."""
    if not addresses.is_confirmable(service_of(request).database, secret):
        return page(request, "watch/gone.html", 404, PRIVATE, what="confirm")
    return page(request, "watch/confirm.html", 200, PRIVATE, is_done=False)


@router.post("/watch/confirm/{secret}")
def confirmed(request: Request, secret: str) -> HTMLResponse:
    """Send e-mails from now on. Whoever knows the link received the mail, so that no form token is needed."""
    if not addresses.confirm_address(service_of(request).database, secret):
        return page(request, "watch/gone.html", 404, PRIVATE, what="confirm")
    return page(request, "watch/confirm.html", 200, PRIVATE, is_done=True)


@router.get("/watch/stop/{key}")
def ask_stop(request: Request, key: str) -> HTMLResponse:
    """Ask whether e-mails shall end."""
    has_mail = addresses.has_mail(service_of(request).database, key)
    if has_mail is None:
        return page(request, "watch/gone.html", 404, PRIVATE, what="stop")
    return page(request, "watch/stop.html", 200, PRIVATE, is_done=not has_mail)


@router.post("/watch/stop/{key}")
def stop(request: Request, key: str) -> HTMLResponse:
    """End the e-mails: the page's button, or a mail program's (RFC 8058), which knows no cookie and no form token."""
    if not addresses.unsubscribe(service_of(request).database, key):
        return page(request, "watch/gone.html", 404, PRIVATE, what="stop")
    return page(request, "watch/stop.html", 200, PRIVATE, is_done=True)


@router.get("/watch/{secret}")
def show(request: Request, secret: str, done: str = "") -> HTMLResponse:
    """Show a list."""
    return _list(request, secret, done=done)


@router.post("/watch/{secret}")
@router.post("/watch/{secret}/out")
def change(request: Request, secret: str, form: _Form) -> Response:
    """Do to a list what the form's ``do`` says; what lets something out to others has an address with a stricter limit."""
    is_out = request.url.path.endswith("/out")
    act = (_OUTWARD if is_out else _ACTIONS).get(form.get("do", ""))
    if act is None or watchlists.find(service_of(request).database, secret) is None:
        return _list(request, secret, status=400)
    try:
        check_form(request, form)
        answer = act(request, secret, form)
    except AmbiguousError as error:
        return _list(request, secret, status=422, candidates=error.candidates)
    except PaycanaryError as error:
        return _list(request, secret, status=422, error=error)
    if isinstance(answer, Response):
        return answer
    return RedirectResponse(link(f"/watch/{secret}?done={answer}", lang_of(request)), 303, PRIVATE)


def _follow(request: Request, secret: str, form: dict[str, str]) -> str:
    service, company = service_of(request), form.get("company", "")
    if company:
        chosen = _named(service, [company])
    else:
        hit = service.market.edition().resolve(form.get("query", ""))
        chosen = {hit.company_id: hit.name}
    for company_id, name in chosen.items():
        watchlists.follow(service.database, secret, company_id, name)
    return "follow"


def _unfollow(request: Request, secret: str, form: dict[str, str]) -> str:
    watchlists.unfollow(service_of(request).database, secret, form.get("company", ""))
    return "unfollow"


def _address(request: Request, secret: str, form: dict[str, str]) -> str:
    return "asked" if _ask_address(request, secret, form.get("email", "")) else "known"


def _drop_address(request: Request, secret: str, _: dict[str, str]) -> str:
    addresses.drop_address(service_of(request).database, secret)
    return "dropped"


def _speak(request: Request, secret: str, form: dict[str, str]) -> str:
    watchlists.speak(service_of(request).database, secret, "en" if form.get("lang") == "en" else "ko")  # fmt: skip
    return "spoken"


def _add_hook(request: Request, secret: str, form: dict[str, str]) -> Response:
    service = service_of(request)
    outbound = Outbound(service.settings.webhooks_to_loopback)
    hook = watchlists.add_hook(service.database, secret, form.get("url", "").strip(), form.get("kind", ""), outbound)  # fmt: skip
    return _list(request, secret, status=201, done="hooked", key=hook.secret if hook.kind == "json" else None)  # fmt: skip


def _try_hook(request: Request, secret: str, form: dict[str, str]) -> str | Response:
    service = service_of(request)
    found = watchlists.find(service.database, secret)
    hook = next((h for h in found.hooks if h.id == form.get("hook")), None) if found else None
    if hook is None:
        return "unhooked"
    reason = sending.try_hook(service.database, hook.id, service.settings, now())
    return "tried" if reason is None else _list(request, secret, status=502, reason=reason)


def _remove_hook(request: Request, secret: str, form: dict[str, str]) -> str:
    watchlists.remove_hook(service_of(request).database, secret, form.get("hook", ""))
    return "unhooked"


def _rotate(request: Request, secret: str, form: dict[str, str]) -> Response:
    fresh = watchlists.rotate(service_of(request).database, secret, with_feed=bool(form.get("feed")))  # fmt: skip
    return _shown(request, fresh, "rotated")


def _destroy(request: Request, secret: str, _: dict[str, str]) -> Response:
    watchlists.destroy(service_of(request).database, secret)
    return RedirectResponse(link("/watch/new?done=deleted", lang_of(request)), 303, PRIVATE)


#: These write to an address that a person or a stranger named.
_OUTWARD: Final = {"address": _address, "add_hook": _add_hook, "try_hook": _try_hook}
_ACTIONS: Final = {
    "follow": _follow,
    "unfollow": _unfollow,
    "drop_address": _drop_address,
    "language": _speak,
    "remove_hook": _remove_hook,
    "rotate": _rotate,
    "delete": _destroy,
}
#: Words there are for what was done.
_DONE: Final = ("follow", "unfollow", "asked", "known", "dropped", "spoken", "hooked", "tried", "unhooked")  # fmt: skip
#: Words there are for why a webhook failed; any other reason is a status.
_REASONS: Final = ("address", "name", "tls", "timeout", "connection", "answer")


def _list(request: Request, secret: str, *, status: int = 200, done: str = "", **told: Any) -> HTMLResponse:  # fmt: skip
    """The page of a list, with what was done or what went wrong."""
    service = service_of(request)
    found = watchlists.find(service.database, secret)
    if found is None:
        return page(request, "watch/gone.html", 404, PRIVATE, what="list")
    form, error = form_fields(request), told.get("error")
    feed_secret = watchlists.feed_secret(secret)
    is_shown = watchlists.hashed(feed_secret) == found.watchlist.feed_hash
    context: dict[str, Any] = {
        "form": form,
        "found": found,
        "address": link(f"/watch/{secret}", lang_of(request)),
        "elsewhere": _elsewhere(request, secret),
        "rows": [_row(service, f.company_id, f.company_name, lang_of(request)) for f in found.follows],
        "feed": f"{service.settings.base_url}/watch/feed/{feed_secret}.atom" if is_shown else None,
        "has_mail": service.settings.smtp_url is not None,
        "most": watchlists.MOST_COMPANIES,
        "most_hooks": watchlists.MOST_HOOKS,
        "done": done if done in _DONE else "",
        "error": error.line(lang_of(request)) if error else None,
        "candidates": told.get("candidates", []),
        "key": told.get("key"),
        "reason": told.get("reason"),
        "reasons": _REASONS,
        "masked": _masked,
        "outward": _OUTWARD,
    }  # fmt: skip
    answer = page(request, "watch/list.html", status, PRIVATE, **context)
    form.set_cookie(request, answer)
    return answer


def _new(request: Request, asked: Asked, status: int = 200, *, email: str = "", error: PaycanaryError | None = None, is_deleted: bool = False) -> HTMLResponse:  # fmt: skip
    form = form_fields(request)
    answer = page(
        request, "watch/new.html", status, PRIVATE,
        form=form, asked=asked, email=email, is_deleted=is_deleted, most=watchlists.MOST_COMPANIES,
        has_mail=service_of(request).settings.smtp_url is not None,
        error=error.line(lang_of(request)) if error else None,
    )  # fmt: skip
    form.set_cookie(request, answer)
    return answer


def _shown(request: Request, secret: str, what: str, problem: PaycanaryError | None = None, status: int = 200) -> HTMLResponse:  # fmt: skip
    """The one page that shows a list's link."""
    path = link(f"/watch/{secret}", lang_of(request))
    address = f"{service_of(request).settings.base_url}{path}"
    return page(
        request, "watch/link.html", status, PRIVATE, address=address, here=path, what=what, elsewhere=_elsewhere(request, secret),
        problem=problem.line(lang_of(request)) if problem else None,
    )  # fmt: skip


def _read(request: Request, form: dict[str, str], asked: Asked) -> None:
    """Companies chosen by box, and those whose names were typed, one a line."""
    service = service_of(request)
    asked.chosen |= _named(service, [n.removeprefix(_PICK) for n in form if n.startswith(_PICK)])
    for name in filter(None, (line.strip() for line in asked.query.splitlines())):
        if len(asked.chosen) + len(asked.unclear) > watchlists.MOST_COMPANIES:
            break
        try:
            hit = service.market.edition().resolve(name)
        except AmbiguousError as error:
            hits = [hit for hit in error.candidates if isinstance(hit, Hit)]
            if not any(hit.company_id in asked.chosen for hit in hits):
                asked.unclear[name] = hits
        else:
            asked.chosen[hit.company_id] = hit.name


def _named(service: Service, companies: list[str]) -> dict[str, str]:
    """Canonical ids with names; errors where there is no such company."""
    edition = service.market.edition()
    ids = [edition.canonical(company) for company in companies[: watchlists.MOST_COMPANIES + 1]]
    return {company: service.verdict(company).company.name for company in ids}


def _elsewhere(request: Request, secret: str) -> str:
    """The list in the other language: a form's own address cannot be opened, and an old link no more."""
    return link(f"/watch/{secret}", "ko" if lang_of(request) == "en" else "en")


def _masked(url: str) -> str:
    """An address without what makes it a secret: a Slack webhook's path is its password."""
    parsed = urlsplit(url)
    return f"{parsed.scheme}://{parsed.netloc}/…{url[-4:]}"


def _row(service: Service, company: str, name: str, lang: Lang) -> Row:
    try:
        verdict = service.verdict(service.market.edition().canonical(company), lang=lang)
    except NotFoundError:
        return Row(company, company, name)
    return Row(company, verdict.company.id, verdict.company.name, verdict.level, verdict.sentence)


def _ask_address(request: Request, secret: str, address: str) -> bool:
    """Ask a person by mail whether the address is theirs; False where it was confirmed before."""
    service = service_of(request)
    smtp = service.settings.smtp_url
    if smtp is None:
        raise _unsent("이 서비스는 전자우편을 보내지 않습니다.", "This service sends no e-mail.", "피드나 웹훅을 쓰세요.", "Use the feed or a webhook.")  # fmt: skip
    confirm = addresses.ask_address(service.database, secret, address)
    if confirm is None:
        return False
    found = watchlists.find(service.database, secret)
    lang: Lang = "en" if found and found.watchlist.lang == "en" else "ko"
    target = f"{service.settings.base_url}{link(f'/watch/confirm/{confirm}', lang)}"
    message = mail.confirm_mail((service.settings.mail_from, address.strip()), target, lang, now())
    try:
        mail.send(smtp.get_secret_value(), message)
    except mail.MailError as error:
        # The list must not say that it waits for a mail that nobody has.
        addresses.withdraw(service.database, confirm)
        raise _unsent(f"확인 메일을 보내지 못했습니다({error.reason}).", f"The mail that asks you to confirm could not be sent ({error.reason}).", "잠시 뒤 주소를 다시 넣어 주세요.", "Give the address again in a while.") from None  # fmt: skip
    return True


def _unsent(what_ko: str, what_en: str, todo_ko: str, todo_en: str) -> PaycanaryError:
    return UsageError({"ko": what_ko, "en": what_en}, {"ko": todo_ko, "en": todo_en})
