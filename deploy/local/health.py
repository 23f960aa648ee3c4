"""Waits until every part answers, prints where they are, and then tells each time that one is lost or found again.

It ends, and with it everything, when a part has not begun to answer in time: what is half there should not look whole.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Final

import httpx
import psycopg
import redis

#: Seconds between two looks, and until all parts have to answer for the first time.
PERIOD: Final = 2.0
FIRST: Final = float(os.environ.get("LOCAL_PATIENCE", "180"))


def parts() -> dict[str, tuple[str, str]]:
    """By part: the address that is asked, and the one that people use."""
    env = os.environ
    api, worker, models = (f"http://127.0.0.1:{env[f'{name}_PORT']}" for name in ("API", "WORKER", "MODELS"))  # fmt: skip
    found = {
        "postgresql": (
            env["DATABASE_URL"],
            f"127.0.0.1:{env['POSTGRES_PORT']}, database paycanary",
        ),
        "redis": (env["REDIS_URL"], f"127.0.0.1:{env['REDIS_PORT']}"),
        "api": (f"{api}/health/ready", f"{api}/  (English: {api}/en/, API: {api}/v1)"),
        "worker": (f"{worker}/health/ready", f"{worker}/health/ready, {worker}/metrics"),
        "models": (f"{models}/v2/health/ready", f"{models}/v2"),
    }
    if "AIRFLOW" in env:
        airflow = f"http://127.0.0.1:{env['AIRFLOW_PORT']}"
        found["airflow"] = (f"{airflow}/api/v2/monitor/health", f"{airflow}/")
    return found


def answers(address: str) -> bool:
    """Whether a part does what it is there for."""
    try:
        if address.startswith("postgresql:"):
            psycopg.connect(address, connect_timeout=5).close()
            return True
        if address.startswith("redis:"):
            with redis.Redis.from_url(address, socket_timeout=5) as client:
                return bool(client.ping())
        answer = httpx.get(address, timeout=5, trust_env=False)
    except (httpx.HTTPError, psycopg.Error, redis.RedisError):
        return False
    if "monitor" not in address:
        return answer.status_code == httpx.codes.OK
    # Airflow answers 200 whatever its parts do.
    needed = ("metadatabase", "scheduler", "dag_processor", "triggerer")
    return answer.is_success and all(answer.json().get(n, {}).get("status") == "healthy" for n in needed)  # fmt: skip


def main() -> int:
    """Look again and again; 1 where a part never answered."""
    looked_for, began = parts(), time.monotonic()
    while lost := [name for name, (asked, _) in looked_for.items() if not answers(asked)]:
        if time.monotonic() - began > FIRST:
            print(f"not answering after {FIRST:g} s: {', '.join(lost)}; ending", flush=True)
            return 1
        time.sleep(0.5)
    print(f"everything answers after {time.monotonic() - began:.0f} s; Ctrl-C ends it", flush=True)
    for name, (_, shown) in looked_for.items():
        print(f"  {name:<11} {shown}", flush=True)
    print(f"  passwords and data: {os.environ['LOCAL_DATA']}", flush=True)
    is_lost = dict.fromkeys(looked_for, False)
    while True:
        time.sleep(PERIOD)
        for name, (asked, _) in looked_for.items():
            if is_lost[name] == answers(asked):
                is_lost[name] = not is_lost[name]
                print(
                    f"{name}: {'does not answer' if is_lost[name] else 'answers again'}", flush=True
                )


if __name__ == "__main__":
    sys.exit(main())
