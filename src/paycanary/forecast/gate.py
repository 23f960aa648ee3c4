"""Whether a newly trained forecast may take the place of the one in use.

Both were measured by the protocol when they were trained, each on companies and years that it had not seen. The new one is not worse if,
for every question that the old one answers, no measure lies beyond the bad end of the old one's 95 % interval, and if it rests on
about as many failures: on fewer, a measure is luck, and a lake that has lost rows would bring its own judge along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from paycanary.forecast.scorecard import Scorecard

#: Measures that decide; True: more is better. How early a failure is told follows from these.
MEASURES: Final = {
    "auc": True,
    "average_precision": True,
    "recall_at_5_percent": True,
    "brier_skill": True,
    "calibration_error": False,
}
#: Share of the old one's failed companies that the new one has to rest on.
LEAST_FAILURES: Final = 0.9


@dataclass(frozen=True, slots=True)
class Ruling:
    """The gate's word. ``reasons``: a line each, why the new one is worse; none where it is not."""

    reasons: tuple[str, ...]

    @property
    def is_not_worse(self) -> bool:
        """Whether it may go live."""
        return not self.reasons


def judge(candidate: Scorecard, live: Scorecard) -> Ruling:
    """Hold a candidate's measures against those of the forecast in use."""
    new, old = _results(candidate), _results(live)
    reasons = []
    for question, before in old.items():
        now = new.get(question)
        if now is None:
            reasons.append(f"{question}: its data cannot answer this question")
            continue
        least = LEAST_FAILURES * before["failed_companies"]
        if now["failed_companies"] < least:
            reasons.append(f"{question}: {now['failed_companies']} failed companies to judge by, at least {least:.0f} are needed")  # fmt: skip
        reasons += [
            told
            for name, is_more_better in MEASURES.items()
            if (told := _worse(question, name, now["measures"].get(name), before["measures"].get(name), is_more_better=is_more_better))
        ]  # fmt: skip
    return Ruling(tuple(reasons))


def _worse(question: str, name: str, now: dict[str, Any] | None, before: dict[str, Any] | None, *, is_more_better: bool) -> str | None:  # fmt: skip
    """Why a measure is worse; None where it is not, or where the old one lacks it."""
    if before is None or before["value"] is None:
        return None
    value = None if now is None else now["value"]
    bound = before["low" if is_more_better else "high"]
    bound = before["value"] if bound is None else bound
    if value is None:
        return f"{question}: {name} is not known"
    is_worse = value < bound if is_more_better else value > bound
    side = "below" if is_more_better else "above"
    return f"{question}: {name} {value:.3f} is {side} {bound:.3f}, the end of the interval of the one in use" if is_worse else None  # fmt: skip


def _results(card: Scorecard) -> dict[str, dict[str, Any]]:
    """By question: how the card's own model told."""
    model = card.facts["trained"]["model"]
    return {r["question"]: r for r in card.facts["quality"]["results"] if r["model"] == model}
