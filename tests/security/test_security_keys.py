"""Keys are exchanged while the service runs: nothing that was signed or given out stops working before it should."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.alerts import watchlists, webhooks
from paycanary.alerts.outbound import Outbound
from paycanary.service.settings import Settings
from paycanary.state import keys
from paycanary.state.database import open_database
from tests.visiting import COMPANY, NAME, Visitor, token, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paycanary.state.database import Database

#: The steps of docs/how-to/rotate-keys.md: what copies are told, one step after the other.
BEFORE = {"secret": "old"}
KNOWN = {"secret": "old", "accepted_secrets": "new"}
TURNED = {"secret": "new", "accepted_secrets": "old"}
AFTER = {"secret": "new"}
STEPS = [(BEFORE, KNOWN), (KNOWN, TURNED), (TURNED, AFTER)]


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    home.mkdir()
    opened = open_database()
    yield opened
    opened.close()


def signed(visitor: Visitor) -> tuple[dict[str, str], dict[str, str]]:
    """A form that was opened, and the cookies of a browser in which a moderator is logged in."""
    key, _ = keys.create(visitor.service.database, "moderator", ["moderate"])
    assert visitor.fill("/moderation", {"key": key}).status_code == 303
    form = {"form_token": token(visitor.get("/watch/new")), "query": NAME, "lang": "ko"}
    return form, {c.name: c.value or "" for c in visitor.client.cookies.jar}


def taken(form: dict[str, str], cookies: dict[str, str], **settings: Any) -> tuple[bool, bool]:
    """Whether a copy with these settings takes the form, and knows the moderator."""
    with visiting(**settings) as visitor:
        visitor.client.cookies.update(cookies)
        sent = visitor.post("/watch/new", form).status_code
        assert sent in (201, 422)
        return sent == 201, 'name="key"' not in visitor.get("/moderation").text


@pytest.mark.parametrize("step", STEPS, ids=("made known", "turned", "forgotten"))
@pytest.mark.parametrize("way", ["ahead", "behind"])
def test_copies_of_neighbouring_steps_take_what_the_other_signed(
    home: Path, step: tuple[dict[str, str], dict[str, str]], way: str
) -> None:
    home.mkdir()
    by, of = step if way == "ahead" else step[::-1]
    with visiting(**by) as visitor:
        form, cookies = signed(visitor)
    assert taken(form, cookies, **of) == (True, True)


def test_a_secret_that_is_forgotten_opens_nothing(home: Path) -> None:
    home.mkdir()
    with visiting(**BEFORE) as visitor:
        form, cookies = signed(visitor)
    assert taken(form, cookies, **AFTER) == (False, False)
    # And to skip a step loses what is signed meanwhile: the copy that does not know the new one yet refuses it.
    with visiting(**TURNED) as visitor:
        form, cookies = signed(visitor)
    assert taken(form, cookies, **BEFORE) == (False, False)


def test_several_secrets_are_read_and_shown_to_nobody() -> None:
    named = {"secret": "newest", "accepted_secrets": " older, oldest ,"}
    settings = Settings(**named)
    assert settings.signing_keys == ["older", "oldest", "newest"]
    assert "older" not in repr(settings)
    assert "newest" not in repr(settings)
    assert Settings(**AFTER).signing_keys == ["new"]


def test_two_api_keys_of_one_holder_overlap(home: Path) -> None:
    home.mkdir()
    with visiting() as visitor:
        database = visitor.service.database

        def is_known(key: str) -> bool:
            # An unknown key is refused, whatever is asked.
            answer = visitor.get(f"/v1/companies/{COMPANY}", headers={"Authorization": f"Bearer {key}"})  # fmt: skip
            assert answer.status_code in (200, 401)
            return answer.status_code == 200

        old, row = keys.create(database, "partner", ["read"])
        assert is_known(old)
        new, _ = keys.create(database, "partner", ["read"])
        assert is_known(old)
        assert is_known(new)
        keys.revoke(database, row.id)
        # A process believes what it has just seen for some seconds more; one that has not seen it refuses at once.
        with visiting() as other:
            told = {"Authorization": f"Bearer {old}"}
            assert other.get(f"/v1/companies/{COMPANY}", headers=told).status_code == 401
        assert is_known(new)


def test_two_webhooks_of_one_receiver_overlap(database: Database) -> None:
    outbound = Outbound(allow_loopback=True)
    secret = watchlists.create(database, [(COMPANY, NAME)], "ko")
    url = "http://127.0.0.1:9/hook"
    hooks = [watchlists.add_hook(database, secret, url, "json", outbound) for _ in range(2)]
    old, new = hooks
    assert old.secret != new.secret
    content, at = b"{}", 1_700_000_000
    for hook in hooks:
        told = webhooks.headers(hook, "delivery", content, at)["Paycanary-Signature"]
        good = [k for k in (old.secret, new.secret) if told.endswith(hmac.new(k.encode(), b"%d.{}" % at, hashlib.sha256).hexdigest())]  # fmt: skip
        assert good == [hook.secret]
    watchlists.remove_hook(database, secret, old.id)
    found = watchlists.find(database, secret)
    assert found is not None
    assert [hook.id for hook in found.hooks] == [new.id]
