"""Tasks whose answers are known, to show that the training code learns: films that people liked (NSMC), and what follows from what (KLUE-NLI)."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.model_selection import GroupShuffleSplit

from paycanary.text.training.finetune import Plan, Transformer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_CHOICES: Final = ("entailment", "neutral", "contradiction")
_HELD: Final = 0.2
_LONGEST: Final = 96


def nsmc(folder: Path) -> tuple[list[str], list[int]]:
    """Reviews, and whether they praise."""
    texts, answers = [], []
    for file in sorted(folder.glob("korea/text/nsmc*.tsv")):
        with file.open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["document"]:
                    texts.append(row["document"])
                    answers.append(int(row["label"]))
    return texts, answers


def klue_nli(folder: Path) -> tuple[list[tuple[str, str]], list[int]]:
    """Pairs of sentences, and which of the three choices holds."""
    file = folder / "korea" / "text" / "klue-nli-v1.1_dev.json"
    rows = json.loads(file.read_text(encoding="utf-8"))
    return [(r["premise"], r["hypothesis"]) for r in rows], [_CHOICES.index(r["gold_label"]) for r in rows]  # fmt: skip


def xnli(folder: Path) -> tuple[list[tuple[str, str]], list[int]]:
    """The same question of other sentences, which the few of KLUE-NLI are too few to answer; XNLI's Korean part, for research only."""
    pairs, answers = [], []
    for file in sorted(folder.glob("korea/text/xnli.*.ko.tsv")):
        with file.open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE):
                pairs.append((row["sentence1"], row["sentence2"]))
                answers.append(_CHOICES.index(row["gold_label"]))
    return pairs, answers


def accuracy(
    encoder: str, texts: Sequence[Any], answers: Sequence[int], *, plan: Plan, tell: Callable[[str], None], most: int = 20_000,
    also: tuple[Sequence[Any], Sequence[int]] = ((), ()),
) -> dict[str, float]:  # fmt: skip
    """Share of right answers on a fifth that did not teach, beside that of the commonest answer.

    Of pairs all that have the same first sentence stand on one side: KLUE-NLI has one of each answer for each. ``also`` only teaches.
    """
    order = np.random.default_rng(plan.seed).permutation(len(texts))[:most]
    groups = [t[0] if isinstance(t, tuple) else t for t in (texts[i] for i in order)]
    split = GroupShuffleSplit(1, test_size=_HELD, random_state=plan.seed)
    taught, held = next(split.split(order, groups=groups))
    shown = [*(texts[i] for i in order[taught]), *also[0]]
    right = [*(answers[i] for i in order[taught]), *also[1]]
    reader = Transformer(encoder, plan, tell)
    reader.fit(shown, np.eye(max(answers) + 1)[right])
    told = reader.predict_proba([texts[i] for i in order[held]]).argmax(1)
    truth = np.asarray([answers[i] for i in order[held]])
    commonest = np.bincount(right).argmax()
    return {"taught": len(shown), "held": len(held), "accuracy": float((told == truth).mean()), "commonest": float((truth == commonest).mean())}  # fmt: skip


def judge_known(
    encoder: str, folder: Path, tell: Callable[[str], None]
) -> dict[str, dict[str, float]]:
    """Both tasks."""
    reviews = Plan(task="choice", max_tokens=64, batch=32, epochs=2)
    pairs = Plan(task="choice", max_tokens=_LONGEST, batch=32, rate=1e-4)
    return {
        "NSMC": accuracy(encoder, *nsmc(folder), plan=reviews, tell=tell),
        "KLUE-NLI": accuracy(encoder, *klue_nli(folder), plan=pairs, tell=tell, also=xnli(folder)),
    }
