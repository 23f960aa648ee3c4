"""The metrics of several processes as one: each leaves what it has counted in a file, and who is asked adds them up.

A process writes its file every second and once more when it ends; one that is killed loses what it counted in its last
second, and no more: what it had written is still counted, so that a sum never falls.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from prometheus_client import CollectorRegistry

_log: Final = logging.getLogger(__name__)
#: Seconds between two files.
_EVERY: Final = 1.0
_SUFFIX: Final = ".prom"
#: What falls with the process that it is of.
_PASSING: Final = frozenset({"gauge", "info", "unknown"})
#: No sum of anything: the one who is asked says it of itself.
_SAID_ONCE: Final = frozenset({"target_info", "process_start_time_seconds", "process_max_fds"})


class Writer(threading.Thread):
    """Leaves this process's metrics in a folder until `stop`."""

    def __init__(self, registry: CollectorRegistry, folder: Path) -> None:
        super().__init__(name="metrics", daemon=True)
        self._registry = registry
        self._path = folder / f"{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"
        self._ended = threading.Event()
        self._is_well = True

    def run(self) -> None:
        """Write again and again."""
        while not self._ended.wait(_EVERY):
            self._write()

    def stop(self) -> None:
        """Write once more, and end."""
        self._ended.set()
        self.join()
        self._write()

    def _write(self) -> None:
        new = self._path.with_suffix(".new")
        try:
            new.write_bytes(generate_latest(self._registry))
            new.replace(self._path)
            self._is_well = True
        except Exception:  # noqa: BLE001 - logged in full
            # A full disk, or anything else, costs a second's numbers: the next second is another try. Told once.
            if self._is_well:
                _log.exception("metrics could not be left for the process that shows them")
            self._is_well = False


class Together:
    """Collects what processes have left in a folder, and what this process itself counts.

    Args:
        own: this process's own metrics.
        folder: where the others write.
    """

    def __init__(self, own: CollectorRegistry, folder: Path) -> None:
        self._own = own
        self._folder = folder
        self._lock = threading.Lock()
        #: What processes had counted that have ended.
        self._past: dict[str, Metric] = {}

    def collect(self) -> Iterator[Metric]:
        """Every metric once."""
        with self._lock:
            families: dict[str, Metric] = {}
            _add(families, self._past.values())
            for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
                # Looked at first: who ends between the two looks has written all it will.
                is_alive = _is_alive(int(path.name.partition("-")[0]))
                with suppress(OSError, ValueError):
                    found = [f for f in _read(path.read_text("utf-8")) if f.name not in _SAID_ONCE]
                    _add(families, found if is_alive else _lasting(found))
                    if not is_alive:
                        _add(self._past, _lasting(found))
                        path.unlink()
            _add(families, _read(generate_latest(self._own).decode()))
        yield from families.values()


def _read(text: str) -> Iterator[Metric]:
    yield from text_string_to_metric_families(text)


def _lasting(found: Iterable[Metric]) -> list[Metric]:
    return [family for family in found if family.type not in _PASSING]


def _add(to: dict[str, Metric], found: Iterable[Metric]) -> None:
    """Add samples up, by name and labels."""
    for family in found:
        held = to.setdefault(family.name, Metric(family.name, family.documentation, family.type))
        sums = {(s.name, tuple(sorted(s.labels.items()))): s for s in held.samples}
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            if key in sums:
                sample = sample._replace(value=sums[key].value + sample.value)  # noqa: PLW2901
            sums[key] = sample
        held.samples = list(sums.values())


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
