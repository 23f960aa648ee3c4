"""Versions of a model in a folder; the one in use is exchanged while requests go on.

::

    text/
      current            a link to a version, or a file with its name
      3f2a91c0/          model.json, tokenizer.json, model.onnx

A new version is loaded beside the old one, tried, and only then exchanged: who has begun with the old one ends with it. One that
cannot be used is refused, the old one stays, and `refused` says why.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from paycanary.errors import ModelError
from paycanary.serving import metrics

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CURRENT: Final = "current"
_log: Final = logging.getLogger(__name__)


class Versioned(Protocol):
    """A model that knows which it is."""

    @property
    def version(self) -> str:
        """Which one."""


M = TypeVar("M", bound=Versioned)


class Shelf(Generic[M]):
    """The model in use.

    Args:
        name: of the model, in metrics and logs.
        folder: its versions; None: ``load`` is given None once, for the one that ships.
        load: reads and tries a version; raises a `ModelError` for one that cannot be used.
    """

    def __init__(self, name: str, folder: Path | None, load: Callable[[Path | None], M]) -> None:
        self.name, self._folder, self._load = name, folder, load
        self.refused = ""
        self._seen = self._mark()
        self.model: M = load(self._pointed())
        metrics.VERSION.labels(name, self.model.version).set(1)
        # There from the beginning, so that an alert can tell none from unknown.
        metrics.REFUSED.labels(name).set(0)

    def refresh(self) -> bool:
        """Take up what `current` points to, if that has changed since; whether it has. For a thread that may wait."""
        mark = self._mark()
        if mark == self._seen:
            return False
        self._seen = mark
        self.load()
        return True

    def load(self) -> None:
        """Take up what `current` points to.

        Raises:
            ModelError: it cannot be used; the old one stays.
        """
        try:
            new = self._load(self._pointed())
        except ModelError as error:
            self.refused = str(error)
            metrics.RELOADS.labels(self.name, "refused").inc()
            metrics.REFUSED.labels(self.name).set(1)
            raise
        self.refused = ""
        metrics.REFUSED.labels(self.name).set(0)
        metrics.RELOADS.labels(self.name, "taken").inc()
        old, self.model = self.model, new
        if old.version != new.version:
            metrics.VERSION.labels(self.name, old.version).set(0)
        metrics.VERSION.labels(self.name, new.version).set(1)
        _log.info("%s: %s instead of %s", self.name, new.version, old.version)

    def _pointed(self) -> Path | None:
        """Where the version in use lies."""
        if self._folder is None:
            return None
        pointer = self._folder / CURRENT
        try:
            if pointer.is_symlink() or pointer.is_dir():
                return pointer.resolve(strict=True)
            name = pointer.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise self._unpointed(str(error)) from error
        if not name or os.path.sep in name or name in {os.path.pardir, os.path.curdir, CURRENT}:
            raise self._unpointed(repr(name))
        return self._folder / name

    def _mark(self) -> tuple[object, ...]:
        """Changes whenever `current` points elsewhere, or was written again."""
        if self._folder is None:
            return ()
        pointer = self._folder / CURRENT
        try:
            stat = pointer.lstat()
            target = pointer.readlink() if pointer.is_symlink() else None
        except OSError:
            return ("missing",)
        return stat.st_mtime_ns, stat.st_ino, str(target)

    def _unpointed(self, why: str) -> ModelError:
        return ModelError(
            {"ko": f"{self.name}: {CURRENT} 이(가) 가리키는 판이 없습니다({why}).", "en": f"{self.name}: {CURRENT} points to no version ({why})."},
            {"ko": "PAYCANARY_MODELS_DIR 아래에서 current 를 온전한 판으로 향하게 하세요.", "en": "Point current, under PAYCANARY_MODELS_DIR, to an intact version."},
        )  # fmt: skip
