"""Training the forecast anew, and the gate before it goes live."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from paycanary.forecast.scorecard import Scorecard, scorecard
from paycanary.lake.reader import open_reader
from paycanary.progress import SILENT, Progress

if TYPE_CHECKING:
    from paycanary.forecast.gate import Ruling

#: The first as-of day of a data set, and the months between two.
FIRST: Final = date(2017, 6, 30)
EVERY: Final = 6


@dataclass(frozen=True, slots=True)
class Retrained:
    """What came of training anew.

    ``outcome``: ``promoted``, ``kept`` (the new one is worse; ``reasons``), or ``unchanged`` (the same bytes are live already).
    """

    outcome: Literal["promoted", "kept", "unchanged"]
    version: str
    """The new one's."""
    registered: str
    """Its version in the registry, live or not."""
    live: str
    """The version in use afterwards."""
    reasons: tuple[str, ...] = ()


def train(table: Path | None, draws: int = 1000, last: date | None = None, progress: Progress = SILENT) -> str:  # fmt: skip
    """Train and measure: the text of a scorecard.

    Args:
        table: what `forecast dataset` wrote; None: made from the lake.
        draws: of companies, for the intervals.
        last: no as-of day after this one; None: as far as outcomes are known.
        progress: told how far it is.

    Raises:
        UsageError: the data does not suffice.
    """
    from paycanary.forecast import dataset as data  # noqa: PLC0415
    from paycanary.forecast import train as training  # noqa: PLC0415 - needs the extra `forecast`

    con = open_reader().connect()
    with tempfile.TemporaryDirectory() as folder:
        if table is None:
            table = Path(folder) / "dataset.parquet"
            until = data.known_until(con)
            days = data.month_ends(FIRST, min(until, last) if last else until, EVERY)
            data.build(con, days, table, progress)
        return training.train(con, table, progress, draws)


def register(text: str) -> str:
    """Keep a trained forecast, its card and its evaluation; the version that the registry gives it."""
    from paycanary.forecast import registry  # noqa: PLC0415 - needs the extra `registry`
    from paycanary.forecast.card import markdown  # noqa: PLC0415

    card = Scorecard.parse(text)
    metrics = {
        f"{result['question']}/{name}": measure["value"]
        for result in card.facts["quality"]["results"]
        if result["model"] == card.facts["trained"]["model"]
        for name, measure in result["measures"].items()
        if measure["value"] is not None
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / registry.MODEL_FILE).write_text(text, encoding="utf-8")
        for lang in ("en", "ko"):
            (root / f"card.{lang}.md").write_text(markdown(lang, card), encoding="utf-8")
        return registry.register(root, {"version": card.version, **card.facts["trained"], "base_rate": card.facts["base_rate"]}, metrics)  # fmt: skip


def live() -> Scorecard:
    """The forecast in use: the version that bears ``live`` in the registry, else the one that this program carries or is told.

    Raises:
        ModelError: the registry cannot be used, or the version is damaged.
    """
    from paycanary.forecast import registry  # noqa: PLC0415

    if not any(registry.LIVE in version.aliases for version in registry.versions()):
        return scorecard()
    with tempfile.TemporaryDirectory() as folder:
        registry.fetch(registry.NAME, registry.LIVE, Path(folder))
        return Scorecard.parse((Path(folder) / registry.MODEL_FILE).read_text(encoding="utf-8"))


def retrain(table: Path | None = None, draws: int = 1000, last: date | None = None, progress: Progress = SILENT) -> Retrained:  # fmt: skip
    """Train anew, keep the result, and let it go live only where the protocol says that it is not worse.

    Args: as of `train`.

    Raises:
        UsageError: the data does not suffice.
        ModelError: the registry cannot be used.
    """
    from paycanary.forecast import gate, registry  # noqa: PLC0415

    text = train(table, draws, last, progress)
    candidate, before = Scorecard.parse(text), live()
    number = register(text)
    if candidate.version == before.version:
        return Retrained("unchanged", candidate.version, number, before.version)
    ruling: Ruling = gate.judge(candidate, before)
    if not ruling.is_not_worse:
        return Retrained("kept", candidate.version, number, before.version, ruling.reasons)
    registry.promote(registry.NAME, number)
    return Retrained("promoted", candidate.version, number, candidate.version)
