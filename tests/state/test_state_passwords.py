"""Passwords of PostgreSQL and Redis exchanged as docs/how-to/rotate-keys.md says: at no moment is there none that is good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import redis
from sqlalchemy import make_url, text

from paycanary.state import keys
from paycanary.state.database import Database, open_database

if TYPE_CHECKING:
    from tests.servers import Redis


def test_two_roles_of_one_database_take_turns(postgres_url: str) -> None:
    name = make_url(postgres_url).database
    # Roles are the whole cluster's: other tests have theirs.
    a, b = f"{name}_a", f"{name}_b"
    with psycopg.connect(postgres_url, autocommit=True) as con:
        con.execute(f"CREATE ROLE {a} LOGIN PASSWORD 'one'".encode())
        con.execute(f"ALTER DATABASE {name} OWNER TO {a}".encode())
        con.execute(f"GRANT ALL ON SCHEMA public TO {a}".encode())
        con.execute(f"CREATE ROLE {b} LOGIN PASSWORD 'two' IN ROLE {a}".encode())
        con.execute(f"ALTER ROLE {b} SET ROLE {a}".encode())

        def url(role: str, password: str) -> str:
            return make_url(postgres_url).set(username=role, password=password).render_as_string(hide_password=False)  # fmt: skip

        before, after = open_database(url(a, "one")), open_database(url(b, "two"))
        keys.create(before, "made by the first", ["read"])
        con.execute(f"ALTER ROLE {a} NOLOGIN".encode())
        keys.create(after, "made by the second", ["read"])
        # A connection that is open stays so; a new one of the old role is refused.
        assert len(keys.every(before)) == len(keys.every(after)) == 2
        refused = Database(url(a, "one"))
        assert not refused.is_reachable()
        # What the second makes belongs to the first as well.
        after.downgrade("base")
        after.upgrade()
        with after.session() as session:
            owners = session.execute(text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"))  # fmt: skip
            assert [row[0] for row in owners] == [a]
        for opened in (before, after, refused):
            opened.close()


def test_redis_knows_two_passwords_for_a_while(redis_server: Redis) -> None:
    def is_good(password: str) -> bool:
        with redis.Redis(port=redis_server.port, password=password) as client:
            try:
                return bool(client.ping())
            except redis.AuthenticationError:
                return False

    with redis.Redis.from_url(redis_server.url) as admin:
        try:
            admin.execute_command("ACL", "SETUSER", "default", "resetpass", ">old")
            admin.execute_command("ACL", "SETUSER", "default", ">new")
            assert (is_good("old"), is_good("new")) == (True, True)
            admin.execute_command("ACL", "SETUSER", "default", "<old")
            assert (is_good("old"), is_good("new")) == (False, True)
        finally:
            admin.execute_command("ACL", "SETUSER", "default", "nopass")
