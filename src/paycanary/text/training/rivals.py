"""What the Transformer has to beat: keyword rules, and logistic regression over character n-grams or over morphemes."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from paycanary.text.training.labelled import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Matrix = np.ndarray[Any, np.dtype[np.float64]]

#: As an analyst would search: one expression a kind, and what takes it back.
_RULES: Final[dict[str, tuple[str, str]]] = {
    "going_concern": (r"계속\s*기업.{0,120}(불확실|의문|의심)|going concern.{0,80}(doubt|uncertain)|(doubt|uncertain).{0,80}going concern", r"존재하지|해소되|해소하였|제기하지|not cast|no material uncertaint"),
    "scope_limitation": (r"감사증거를?\s*(입수|확보)할\s*수\s*없|범위\s*제한|(의견|결론)을?\s*(표명하지|거절)|의견거절|검토절차를?\s*수행할\s*수\s*없|unable to obtain sufficient", r"표명하지\s*않은\s*전임"),
    "restatement": (r"재작성|오류\s*수정|전기\s*오류|재발행|소급\s*수정|restate|prior (period|year) (error|adjustment)", r"회계정책의?\s*변경"),
    "litigation": (r"소송|고소|고발|횡령|배임|검찰|수사|기소|과징금|가압류|중재|감리|litigation|lawsuit|legal proceeding|investigation", r"소송\s*사건은?\s*없"),
    "delisting_risk": (r"상장\s*폐지|거래\s*정지|매매\s*거래|실질\s*심사|관리\s*종목|delist", r"^$"),
    "related_party": (r"특수\s*관계자|대여금|지급\s*보증|related part", r"^$"),
    "rescue": (r"회생\s*(절차|계획|개시)|워크아웃|자율\s*협약|채권\s*(금융기관|단)|출자\s*전환|경영\s*정상화|구조\s*조정|restructuring|creditors|bankruptcy", r"^$"),
    "unpaid_wages": (r"(임금|급여|월급|퇴직금|보험료|급료|수당).{0,30}(체불|미지급|지연|늦|밀|분할)|unpaid|late pay|(pay|salar|wage).{0,30}(delay|late|miss)", r"없습니다|not delayed"),
    "job_cuts": (r"희망\s*퇴직|권고\s*사직|정리\s*해고|인력\s*(감축|감원)|해고|무급\s*휴직|layoff|laid off|redundan|job cuts|workforce reduc", r"없습니다|no (plans|layoffs)"),
}  # fmt: skip


class Rival(Protocol):
    """Learns from texts and labels, tells probabilities."""

    def fit(self, texts: Sequence[str], labels: Matrix) -> object:
        """``labels``: [texts][kinds], 0 or 1."""

    def predict_proba(self, texts: Sequence[str]) -> Matrix:
        """[texts][kinds], 0 to 1."""


class Keywords:
    """Rules; nothing is learned."""

    def fit(self, texts: Sequence[str], labels: Matrix) -> Keywords:  # noqa: ARG002
        """Do nothing."""
        return self

    def predict_proba(self, texts: Sequence[str]) -> Matrix:
        """0 or 1."""
        compiled = [(re.compile(a, re.IGNORECASE | re.DOTALL), re.compile(b, re.IGNORECASE)) for a, b in (_RULES[k] for k in KINDS)]  # fmt: skip
        return np.array([[float(bool(yes.search(t)) and not no.search(t)) for yes, no in compiled] for t in texts])  # fmt: skip


def _figures_as_one(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[0-9]+(?:[.,][0-9]+)*", "0", text.lower()))


def _linear(c: float) -> OneVsRestClassifier:
    return OneVsRestClassifier(LogisticRegression(C=c, max_iter=2000))


def characters(c: float = 20.0) -> Rival:
    """Character n-grams, 1 to 5, within words."""
    words = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), min_df=2, sublinear_tf=True, preprocessor=_figures_as_one)  # fmt: skip
    pipeline: Rival = make_pipeline(words, _linear(c))
    return pipeline


def morphemes(c: float = 20.0) -> Rival:
    """Morphemes by kiwipiepy, one to three in a row."""
    from kiwipiepy import Kiwi  # noqa: PLC0415 - slow to load, and only here

    kiwi = Kiwi()

    def cut(text: str) -> list[str]:
        return [f"{t.form}/{t.tag}" for t in kiwi.tokenize(_figures_as_one(text))]

    words = TfidfVectorizer(analyzer=partial(_grams, cut), min_df=2, sublinear_tf=True)
    pipeline: Rival = make_pipeline(words, _linear(c))
    return pipeline


def _grams(cut: Callable[[str], list[str]], text: str, longest: int = 3) -> list[str]:
    tokens = cut(text)
    return [" ".join(tokens[i : i + n]) for n in range(1, longest + 1) for i in range(len(tokens) - n + 1)]  # fmt: skip


RIVALS: Final[dict[str, Callable[[], Rival]]] = {
    "keyword rules": Keywords,
    "character n-grams": characters,
    "morphemes": morphemes,
}
