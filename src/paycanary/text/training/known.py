"""Tasks whose answers are known, to show that the training code learns: films that people liked (NSMC), and what follows from what (KLUE-NLI)."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from paycanary.text.training.finetune import Plan, Transformer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_CHOICES: Final = ("entailment", "neutral", "contradiction")
_HELD: Final = 0.2
_LONGEST: Final = 128


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


def accuracy(
    encoder: str, texts: Sequence[Any], answers: Sequence[int], *, plan: Plan, tell: Callable[[str], None], most: int = 20_000
) -> dict[str, float]:  # fmt: skip
    """Share of right answers on a fifth that did not teach, beside that of the commonest answer."""
    order = np.random.default_rng(plan.seed).permutation(len(texts))[:most].tolist()
    held = int(len(order) * _HELD)
    labels = np.eye(max(answers) + 1)[list(answers)]
    reader = Transformer(encoder, plan, tell)
    reader.fit([texts[i] for i in order[held:]], labels[order[held:]])
    told = reader.predict_proba([texts[i] for i in order[:held]]).argmax(1)
    right = np.asarray([answers[i] for i in order[:held]])
    commonest = np.bincount([answers[i] for i in order[held:]]).argmax()
    return {"taught": len(order) - held, "held": held, "accuracy": float((told == right).mean()), "commonest": float((right == commonest).mean())}  # fmt: skip


def judge_known(
    encoder: str, folder: Path, tell: Callable[[str], None]
) -> dict[str, dict[str, float]]:
    """Both tasks."""
    plan = Plan(task="choice", max_tokens=_LONGEST, batch=32)
    return {
        "NSMC": accuracy(encoder, *nsmc(folder), plan=Plan(task="choice", max_tokens=64, batch=32, epochs=2), tell=tell),
        "KLUE-NLI": accuracy(encoder, *klue_nli(folder), plan=plan, tell=tell),
    }  # fmt: skip
