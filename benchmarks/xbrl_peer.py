"""One reader over the filings, once: prints facts read. Run by ``xbrl.py`` in the environment of that reader.

python xbrl_peer.py READER FILE...
"""

from __future__ import annotations

import sys
import time
import types


def paycanary(paths: list[str]) -> int:
    from pathlib import Path  # noqa: PLC0415

    from paycanary.filings.xbrl import read  # noqa: PLC0415

    return sum(len(reading.facts) for path in paths for reading in read(Path(path)))


def ixbrl_parse(paths: list[str], *, values: bool = True) -> int:
    import ixbrl_parse.ixbrl  # noqa: PLC0415
    from lxml import etree  # noqa: PLC0415

    count = 0
    for path in paths:
        found = ixbrl_parse.ixbrl.parse(etree.parse(path)).values
        for value in found.values():
            if values:
                value.to_value()
            count += 1
    return count


def secxbrl(paths: list[str]) -> int:
    from secxbrl import parse_inline_xbrl  # noqa: PLC0415

    return sum(len(parse_inline_xbrl(filepath=path)) for path in paths)


def stream_read_xbrl(paths: list[str]) -> int:
    sys.modules.setdefault(
        "mypy_boto3_s3", types.SimpleNamespace(S3Client=object)
    )  # it is imported for a type only
    import stream_read_xbrl  # noqa: PLC0415

    count = 0
    for path in paths:
        with (
            open(path, "rb") as file,  # noqa: PTH123
            stream_read_xbrl.stream_read_xbrl_zip(iter([file.read()])) as (_, rows),
        ):
            count += sum(1 for _ in rows)
    return count


def stream_read_xbrl_alone(paths: list[str]) -> int:
    """Its parsing in this process, without the pool that it starts."""
    sys.modules.setdefault(
        "mypy_boto3_s3", types.SimpleNamespace(S3Client=object)
    )  # it is imported for a type only
    import stream_read_xbrl  # noqa: PLC0415
    from stream_unzip import stream_unzip  # noqa: PLC0415

    count = 0
    for path in paths:
        with open(path, "rb") as file:  # noqa: PTH123
            for name, _, chunks in stream_unzip(iter([file.read()])):
                data = b"".join(chunks)
                count += len(stream_read_xbrl._xbrl_to_rows((name.decode(), data)))  # noqa: SLF001
    return count


READERS = {
    "paycanary": paycanary,
    "ixbrl-parse": ixbrl_parse,
    "ixbrl-parse, values unread": lambda paths: ixbrl_parse(paths, values=False),
    "secxbrl": secxbrl,
    "stream-read-xbrl": stream_read_xbrl,
    "stream-read-xbrl, parsing alone": stream_read_xbrl_alone,
}


def cpu() -> float:
    import resource  # noqa: PLC0415

    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in usage)


if __name__ == "__main__":
    reader, paths = READERS[sys.argv[1]], sys.argv[2:]
    reader(paths[:1])  # imports, patterns, caches
    started, clock = cpu(), time.perf_counter()
    facts = reader(paths)
    print(facts, cpu() - started, time.perf_counter() - clock)
