"""What a kept answer, a counter of the rate limits and a waiting job take in a real Redis; and how many of each 256 MB hold.

    python benchmarks/redis_sizes.py [--market DIR] [--companies 300]

``paycanary serve`` fills a Redis of this run: verdicts and pages of companies, in both languages. Without ``--market`` the
built-in sample answers. Bytes are those of ``MEMORY USAGE``, key and overhead included.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402 - found by the path above
import redis  # noqa: E402

from paycanary.jobs.queue import redis_broker  # noqa: E402
from paycanary.lake.reader import open_reader  # noqa: E402
from tests import servers  # noqa: E402
from tests.servers import running_redis, serving  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Jobs that are put into the stream; its memory grows by blocks of a hundred.
JOBS = 2000
PATHS = {
    "verdict (API)": "/v1/companies/{}/verdict?lang={}",
    "page of a company": "{1}/companies/{0}",
    "search": "/v1/search?q={}&lang={}",
}
ROOM = 256_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--market", type=Path, help="a home that holds a whole market")
    parser.add_argument("--companies", type=int, default=300, help="companies that are asked about")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paycanary-sizes-") as folder, running_redis() as server:  # fmt: skip
        home = arguments.market or Path(folder)
        with redis.Redis.from_url(server.url) as client:
            version = client.info("server")
            print(f"{version.get('server_name', 'redis')} {version.get('valkey_version', version['redis_version'])}")  # fmt: skip
            for name, sizes in answers(home, server.url, client, arguments.companies):
                tell(name, sizes)
            counters = measured(client, "*:rate*")
            tell("counter of a rate limit", counters)
            tell("waiting job", [job(server.url, client)])


def answers(home: Path, url: str, client: Any, companies: int) -> Iterator[tuple[str, list[int]]]:
    """Sizes of the answers of each kind."""
    setattr(servers, "_PATIENCE", 600)  # noqa: B010 - a whole market takes a while until it is warm
    env = {"REDIS_URL": url, "PAYCANARY_RATE_LIMIT": "100000/minute"}
    with serving(home, env) as server, httpx.Client(base_url=server.url, trust_env=False, timeout=60) as asking:  # fmt: skip
        names = known(home, companies)
        for kind, path in PATHS.items():
            before = set(client.keys("*:answer:*"))
            for name in names:
                for lang in ("ko", "en"):
                    told = path.format(name, ("/en" if lang == "en" else "") if path[0] == "{" else lang)  # fmt: skip
                    asking.get(told).raise_for_status()
            time.sleep(0.5)  # the last is written after it was told
            yield kind, [size(client, key) for key in set(client.keys("*:answer:*")) - before]


def known(home: Path, companies: int) -> list[str]:
    """Companies of the data that is served."""
    import os  # noqa: PLC0415

    os.environ["PAYCANARY_HOME"] = str(home)
    with open_reader().connect("companies") as con:
        rows = con.execute("SELECT company_id FROM companies ORDER BY hash(company_id) LIMIT ?", [companies]).fetchall()  # fmt: skip
    return [row[0] for row in rows]


def job(url: str, client: Any) -> int:
    """Bytes that the stream takes for one of many jobs, as a service sends them."""
    from taskiq.kicker import AsyncKicker  # noqa: PLC0415

    async def fill() -> None:
        broker = redis_broker(url, 30, "sizes:")
        await broker.startup()
        for number in range(JOBS):
            await AsyncKicker[Any, None](task_name="paycanary.job", broker=broker, labels={}).kiq(f"{number:032x}")  # fmt: skip
        await broker.shutdown()

    asyncio.run(fill())
    return size(client, "sizes:jobs") // JOBS


def measured(client: Any, pattern: str) -> list[int]:
    return [size(client, key) for key in client.keys(pattern)]


def size(client: Any, key: Any) -> int:
    return int(client.memory_usage(key, samples=0) or 0)


def tell(name: str, sizes: list[int]) -> None:
    if not sizes:
        sys.exit(f"{name}: none was kept")
    middle = int(statistics.median(sizes))
    ninth = sorted(sizes)[len(sizes) * 9 // 10]
    print(f"{name:<24} {len(sizes):>6} measured, median {middle:>7,} bytes, of ten nine below {ninth:>7,}, largest {max(sizes):>7,}; 256 MB hold {ROOM // middle:,}")  # fmt: skip


if __name__ == "__main__":
    main()
