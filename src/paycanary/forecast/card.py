"""The model card: what the forecast that ships says, from what, how well, and what it cannot say. All of it stands in the scorecard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from paycanary.forecast.features import features
from paycanary.forecast.scorecard import scorecard
from paycanary.forecast.telling import anchored, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paycanary.errors import Lang
    from paycanary.forecast.scorecard import Scorecard

#: Measures in the order of their columns.
MEASURES: Final = ("auc", "average_precision", "recall_at_5_percent", "lead_time_months", "brier_skill", "calibration_error")  # fmt: skip


def markdown(lang: Lang, card: Scorecard | None = None, *, heading: int = 1) -> str:
    """The card as Markdown; ``heading``: the level of its title, 0 for none."""
    card = card or scorecard()
    said = words(lang)["card"]
    parts = [
        said["title"].format(version=card.version),
        words(lang)["definition"].format(months=card.months),
        f"## {said['made']}",
        said["model"].format(**card.facts["trained"], features=len(card.terms_by_name)),
        said["licence"],
        f"## {said['level']}",
        anchored(card, lang),
        f"## {said['quality']}",
        said["quality_says"].format(draws=card.facts["quality"]["draws"]),
        *_measured(card, said),
        f"## {said['reliability']}",
        *_reliability(card, said),
        f"## {said['limits']}",
        words(lang)["limits"],
        said["survivors"],
        f"## {said['features']}",
        said["features_says"],
        _features(card, said),
        f"## {said['versions']}",
        _versions(card),
    ]
    title = f"{'#' * heading} {parts[0]}" if heading else ""
    return "\n\n".join(part for part in (title, *parts[1:]) if part) + "\n"


def _measured(card: Scorecard, said: dict[str, Any]) -> Iterable[str]:
    for question in dict.fromkeys(r["question"] for r in card.facts["quality"]["results"]):
        asked = [r for r in card.facts["quality"]["results"] if r["question"] == question]
        one = asked[0]
        yield said["questions"][question].format(
            rows=f"{one['rows']:,}",
            failed_rows=one["failed_rows"],
            failed_companies=one["failed_companies"],
            base_rate=f"{one['base_rate']:.2%}",
        )
        heads = ("", *(said["measures"][name] for name in MEASURES))
        yield _table(heads, ((r["model"], *(_shown(r["measures"].get(name)) for name in MEASURES)) for r in asked))  # fmt: skip


def _reliability(card: Scorecard, said: dict[str, Any]) -> Iterable[str]:
    yield said["reliability_says"]
    heads = [said["predicted"], said["observed"], said["rows"]]
    for result in card.facts["quality"]["results"]:
        if result["reliability"]:
            yield said["short"][result["question"]]
            yield _table(heads, ((f"{at['predicted']:.2%}", f"{at['observed']:.2%}", at["rows"]) for at in result["reliability"]))  # fmt: skip


def _features(card: Scorecard, said: dict[str, Any]) -> str:
    """Of each feature: the least and the largest move of the log odds, and that of an unknown one."""
    rows = []
    for name, term in card.terms_by_name.items():
        feature = features()[name]
        rows.append((f"`{name}`", feature.unit, feature.reason, f"{min(term.moves):+.2f}", f"{max(term.moves):+.2f}", f"{term.unknown:+.2f}"))  # fmt: skip
    return _table(said["feature_heads"], rows)


def _versions(card: Scorecard) -> str:
    taught = card.facts["trained"]
    names = ("data_sha256", "features_sha256", "code_version", "first_day", "last_day", "reference_day", "reference_companies")  # fmt: skip
    return _table(
        ("", ""),
        [("version", f"`{card.version}`"), *((name, f"`{taught[name]}`") for name in names)],
    )


def _shown(estimate: dict[str, float | None] | None) -> str:
    if estimate is None or estimate["value"] is None:
        return "-"
    value = f"{estimate['value']:.3f}"
    return value if estimate["low"] is None else f"{value} [{estimate['low']:.3f}, {estimate['high']:.3f}]"  # fmt: skip


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
