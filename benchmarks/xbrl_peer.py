"""One reader over filings, once. Run by ``xbrl.py`` in the environment of that reader.

    python -P xbrl_peer.py READER [--probe] FILE...

Prints JSON: facts read and CPU seconds, after one warming file; with ``--probe`` what each file gives: its facts, or why it is
not read. ``-P`` keeps this folder's ``xbrl.py`` from being taken for py-xbrl, whose module has that name.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def paycanary(path: str) -> int:
    from paycanary.filings.xbrl import read  # noqa: PLC0415 - each reader stands in an environment of its own

    return sum(len(reading.facts) for reading in read(Path(path)))


def ixbrl_parse(path: str, *, values: bool = True) -> int:
    import ixbrl_parse.ixbrl  # noqa: PLC0415 - as above
    from lxml import etree  # noqa: PLC0415 - as above

    found = ixbrl_parse.ixbrl.parse(etree.parse(path)).values
    if values:
        for value in found.values():
            value.to_value()
    return len(found)


def secxbrl(path: str) -> int:
    from secxbrl import parse_inline_xbrl  # noqa: PLC0415 - as above

    return len(parse_inline_xbrl(filepath=path))


class _Concept:
    """A name of a taxonomy."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.namespace = ""


class _Names(dict[str, str]):
    """From every name to its id: itself."""

    def __missing__(self, name: str) -> str:
        return name


class _Taxonomy(dict[str, _Concept]):
    """A taxonomy that has every name. py-xbrl would fetch the real ones; this costs it nothing."""

    name_id_map = _Names()

    def __missing__(self, name: str) -> _Concept:
        return self.setdefault(name, _Concept(name))

    @property
    def concepts(self) -> _Taxonomy:
        return self

    def get_taxonomy(self, _: str) -> _Taxonomy:
        return self

    def parse_taxonomy(self, _: str) -> _Taxonomy:
        return self


def py_xbrl(path: str) -> int:
    from xbrl.instance import XbrlParser  # noqa: PLC0415 - as above

    return len(XbrlParser(None, _Taxonomy()).parse_instance(path, encoding="utf-8").facts)


def edgartools_instance(path: str) -> int:
    from edgar.xbrl.xbrl import XBRL  # noqa: PLC0415 - as above

    return len(XBRL.from_files(instance_file=path).parser.facts)


def edgartools_companyfacts(path: str) -> int:
    from edgar.entity.parser import EntityFactsParser  # noqa: PLC0415 - as above

    found = EntityFactsParser.parse_company_facts(json.loads(Path(path).read_bytes()))
    return 0 if found is None else len(found)


def plain_json(path: str) -> int:
    """Only what ``json`` does: no fact is made."""
    facts = json.loads(Path(path).read_bytes())["facts"]
    return sum(
        len(rows)
        for tags in facts.values()
        for about in tags.values()
        for rows in about["units"].values()
    )


def _stream_read_xbrl() -> Any:
    stand_in = types.ModuleType(
        "mypy_boto3_s3"
    )  # it is imported for a type only, and not installed with it
    vars(stand_in)["S3Client"] = object
    sys.modules.setdefault("mypy_boto3_s3", stand_in)
    import stream_read_xbrl  # noqa: PLC0415 - as above

    return stream_read_xbrl


def stream_read_xbrl(path: str) -> int:
    library = _stream_read_xbrl()
    with (
        Path(path).open("rb") as file,
        library.stream_read_xbrl_zip(iter([file.read()])) as (_, rows),
    ):
        return sum(1 for _ in rows)


def stream_read_xbrl_alone(path: str) -> int:
    """Its parsing in this process, without the pool of processes that it starts."""
    from stream_unzip import stream_unzip  # noqa: PLC0415 - as above

    library = _stream_read_xbrl()
    packed = iter([Path(path).read_bytes()])
    return sum(
        len(library._xbrl_to_rows((name.decode(), b"".join(chunks))))  # noqa: SLF001 - it is what the pool runs
        for name, _, chunks in stream_unzip(packed)
    )


class Arelle:
    """Arelle offline and without taxonomies, values asked for; its controller is made once."""

    def __init__(self) -> None:
        self.controller: Any = None

    def __call__(self, path: str) -> int:
        """Facts of one file."""
        from arelle import Cntlr, FileSource  # noqa: PLC0415 - as above

        if self.controller is None:
            self.controller = Cntlr.Cntlr(logFileName="logToBuffer", disable_persistent_config=True)
            self.controller.webCache.workOffline = True
        source = FileSource.openFileSource(path, self.controller)
        model = self.controller.modelManager.load(source)
        facts = model.factsInInstance or model.facts  # the first without taxonomies is empty
        count = sum(1 for fact in facts if fact.value is not None)
        model.close()
        return count


READERS: dict[str, Callable[[str], int]] = {
    "paycanary": paycanary,
    "ixbrl-parse": ixbrl_parse,
    "ixbrl-parse, values unread": lambda path: ixbrl_parse(path, values=False),
    "secxbrl": secxbrl,
    "py-xbrl": py_xbrl,
    "edgartools, instances": edgartools_instance,
    "edgartools, companyfacts": edgartools_companyfacts,
    "json": plain_json,
    "stream-read-xbrl": stream_read_xbrl,
    "stream-read-xbrl, parsing alone": stream_read_xbrl_alone,
    "Arelle": Arelle(),
}


def cpu() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in usage)


def probe(name: str, path: str) -> int | str:
    """Facts of one file, or why it is not read."""
    try:
        return READERS[name](path) or "reads no fact"
    except Exception as error:  # noqa: BLE001 - whatever a peer fails with is its result
        return f"{type(error).__name__}: {error}".splitlines()[0][:90]


def main() -> None:
    logging.disable()  # some peers print a line for every fact
    name, *paths = sys.argv[1:]
    if paths[0] == "--probe":
        print(json.dumps({path: probe(name, path) for path in paths[1:]}))
        return
    read = READERS[name]
    read(paths[0])  # imports, patterns, caches
    started = cpu()
    facts = sum(map(read, paths))
    print(json.dumps({"facts": facts, "seconds": cpu() - started}))


if __name__ == "__main__":
    main()
