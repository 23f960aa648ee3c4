"""A session of somebody who leaves private things wherever something can be typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import httpx

MAIL: Final = "gil.dong.hong@private.example"
WORD: Final = "hongs-secret-employer"
KOREAN: Final = "홍길동의직장"
KEY: Final = "abcd1234.aSecretOfAKeyThatNobodyMayReadAnywhere0"
VISITOR: Final = "203.0.113.77"
VISITOR6: Final = "2001:db8:77::1234"
TOKEN: Final = "S3cretLinkOfAWatchlistWith43CharactersAAAAAA"  # noqa: S105 - made up
#: What may stand in no log and in no span.
SECRETS: Final = (
    MAIL, "gil.dong.hong", WORD, KOREAN, KEY, KEY.partition(".")[2], VISITOR, VISITOR6, TOKEN,
    "%ED%99%8D%EA%B8%B8%EB%8F%99", "\\ud64d\\uae38\\ub3d9",
)  # fmt: skip


def visit(client: httpx.Client) -> list[int]:
    """Ask for everything that may go wrong with private things in it; the statuses."""
    headers = {
        "User-Agent": WORD, "Referer": f"https://x.example/?q={WORD}", "X-Forwarded-For": f"{VISITOR}, {VISITOR6}",
        "Forwarded": f"for={VISITOR}", "Cookie": f"a={TOKEN}", "X-Request-ID": f"{WORD}\r\n 1".replace("\r\n", " "),
        "baggage": f"user={MAIL}", "traceparent": f"00-{WORD}-1-01",
    }  # fmt: skip
    told = []
    for path in (
        f"/?q={KOREAN}", f"/v1/resolve?q={WORD}", f"/v1/search?q={MAIL}&lang=xx", f"/v1/companies/{MAIL}/verdict",
        f"/v1/companies/{KOREAN}/verdict?as_of={WORD}", f"/company/{KOREAN}", f"/en/companies/{WORD}", f"/{MAIL}",
        f"/watch/{TOKEN}", f"/watch/feed/{TOKEN}.atom", f"/watch/stop/{TOKEN}", f"/static/{WORD}", f"/v1/jobs/{MAIL}",
        f"/v1/jobs/%00{WORD}", f"/v1/screen?industry={WORD}&sort={MAIL}", f"/compare?q={KOREAN}&q={WORD}", f"/screen?x={WORD}",
        f"/moderation?token={TOKEN}", f"/health/ready?lang={WORD}", "/v1/companies/" + "%FF" * 20 + WORD,
    ):  # fmt: skip
        told.append(client.get(path, headers=headers).status_code)
        told.append(client.get(path, headers={**headers, "Authorization": f"Bearer {KEY}"}).status_code)  # fmt: skip
    for path, form in (
        ("/watch/new", {"query": KOREAN, "email": MAIL, "form_token": TOKEN}),
        ("/corrections/new", {"claim": f"{KOREAN} {MAIL}", "contact": MAIL}),
        ("/v1/corrections", {"company": WORD, "contact": MAIL}),
        (f"/v1/companies/{WORD}/refresh", {}),
        ("/moderation", {"key": KEY}),
    ):
        told.append(client.post(path, data=form, headers=headers).status_code)
        told.append(client.post(path, json=form, headers=headers).status_code)
        told.append(client.post(path, content=f"{MAIL}: [{WORD}".encode(), headers={**headers, "Content-Type": "application/yaml"}).status_code)  # fmt: skip
    told += [client.request(method, f"/v1/companies/{WORD}", headers=headers).status_code for method in ("DELETE", "PATCH", "BREW")]  # fmt: skip
    told.append(leave_an_address(client))
    return told


def leave_an_address(client: httpx.Client) -> int:
    """A watchlist with an e-mail address, by the form as a browser sends it."""
    page = client.get("/watch/new")
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    form = {"query": "다라소프트1", "email": MAIL, "form_token": token[1] if token else ""}
    return client.post("/watch/new", data=form).status_code
