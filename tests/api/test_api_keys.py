"""Keys of the API: made and revoked by command, shown once, good for what they allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paycanary.errors import NotFoundError, UsageError
from paycanary.state import keys
from paycanary.state.keys import Keyring
from tests.api.conftest import asking

if TYPE_CHECKING:
    from pathlib import Path

    from paycanary.state.database import Database
    from tests.command import Run


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_key_is_made_listed_and_revoked_by_command(run: Run, home: Path) -> None:
    made = run.json("api-keys", "create", "--name", "a partner")
    key = made["key"]
    key_id = key.partition(".")[0]
    listed = run.json("api-keys", "list")
    assert key.partition(".")[2] not in str(listed)
    assert key_id in str(listed)
    assert "a partner" in run.ok("api-keys", "list", "--lang", "ko")
    assert key.partition(".")[2].encode() not in (home / "state.sqlite").read_bytes()
    with asking() as api:
        assert api.get("/v1/signals", headers=bearer(key)).status_code == 200
    run.ok("api-keys", "revoke", key_id)
    with asking() as api:
        refused = api.get("/v1/signals", headers=bearer(key))
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
        assert refused.headers["www-authenticate"] == "Bearer"
    assert run("api-keys", "revoke", "nothing").returncode == 3
    assert run("api-keys", "create", "--name", "x", "--scope", "everything").returncode == 2


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Bearer a.b", "Bearer " + "x" * 5000, "Basic dTpw", "Bearer a.b.c", "Bearer é.b"],
)  # fmt: skip
def test_what_is_no_key_is_refused(home: Path, header: str) -> None:
    assert not home.exists()
    with asking() as api:
        answer = api.get("/v1/signals", headers={"Authorization": header.encode()})
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_for_something_else_may_not_read(home: Path, database: Database) -> None:
    assert home
    key, _ = keys.create(database, "moderator", ["moderate"])
    url = database.engine.url.render_as_string(hide_password=False)
    with asking(DATABASE_URL=url) as api:
        answer = api.get("/v1/signals", headers=bearer(key))
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_key_that_may_not_read_is_refused_also_what_is_kept(home: Path) -> None:
    assert not home.exists()
    path = "/v1/companies/dart:00125974/verdict"
    with asking() as api:
        database = api.app.state.service.database  # type: ignore[attr-defined]
        good, _ = keys.create(database, "reader", ["read"])
        moderator, _ = keys.create(database, "moderator", ["moderate"])
        tag = api.get(path).headers["etag"]
        for _ in range(2):
            assert api.get(path, headers=bearer(good)).status_code == 200
            for held in ({}, {"If-None-Match": tag}):
                assert api.get(path, headers=bearer("a.b") | held).status_code == 401
                assert api.get(path, headers=bearer(moderator) | held).status_code == 403
            assert api.get(path, headers={"Authorization": "Basic dTpw"}).status_code == 401


def test_reading_goes_on_without_a_key_while_keys_cannot_be_looked_up(home: Path) -> None:
    assert not home.exists()
    with asking() as api:
        database = api.app.state.service.database  # type: ignore[attr-defined]
        key, _ = keys.create(database, "reader", ["read"])
        with database.engine.begin() as con:
            con.exec_driver_sql("ALTER TABLE api_keys RENAME TO away")
        for _ in range(2):
            answer = api.get("/v1/signals", headers=bearer(key))
            assert answer.status_code == 200
            assert '"normal"' in answer.headers["ratelimit-policy"]


def test_a_good_key_is_known_for_a_moment_and_its_day_is_noted(database: Database) -> None:
    key, row = keys.create(database, "reader", ["read"])
    ring = Keyring(database)
    holder = ring.find(key)
    assert holder is not None
    assert (holder.id, holder.name, holder.scopes) == (row.id, "reader", {"read"})
    assert keys.every(database)[0].used_on is not None
    keys.revoke(database, row.id)
    assert ring.find(key) == holder  # for ten seconds, in this process
    assert Keyring(database).find(key) is None
    first = keys.revoke(database, row.id).revoked_at
    assert keys.revoke(database, row.id).revoked_at == first


def test_half_a_key_is_none(database: Database) -> None:
    key, row = keys.create(database, "reader", ["read"])
    secret = key.partition(".")[2]
    ring = Keyring(database)
    for wrong in (row.id, f"{row.id}.", f".{secret}", secret, f"{row.id}.{secret}x", f"x{key}", f"{row.id}.{secret[:-1]}"):  # fmt: skip
        assert ring.find(wrong) is None


def test_a_key_needs_a_name_and_known_scopes(database: Database) -> None:
    for name, scopes in (("", ["read"]), (" \n", ["read"]), ("a\x00b", ["read"]), ("a", []), ("a", ["write"])):  # fmt: skip
        with pytest.raises(UsageError):
            keys.create(database, name, scopes)
    with pytest.raises(NotFoundError):
        keys.revoke(database, "nothing")
