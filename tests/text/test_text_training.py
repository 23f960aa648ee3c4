"""The training code learns, keeps to its splits, and writes what the reader reads: on a tiny encoder, taught here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from paycanary.text.model import CHARACTERS, DESCRIPTION, load_anew
from paycanary.text.training.labelled import (
    KINDS,
    TESTED_FROM,
    Labelled,
    is_test_company,
    labelled,
    read_labels,
    unlabelled,
)
from paycanary.text.training.measure import (
    best_threshold,
    calibration_error,
    f1,
    kappa,
    macro_f1,
    matrix,
    measure,
)
from paycanary.text.training.written import written
from paycanary.text.units import key

if TYPE_CHECKING:
    from pathlib import Path

_SAID = {
    "litigation": "회사는 소송 중이다",
    "rescue": "회생절차를 신청하였다",
    "": "날씨가 맑고 좋았다",
}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from paycanary.text.training.pretrain import Plan, pretrain  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("encoder")
    lines = [
        f"{a} 그리고 {b} {i}" for i in range(40) for a in _SAID.values() for b in _SAID.values()
    ]
    plan = Plan(
        vocabulary=200,
        layers=1,
        hidden=64,
        heads=2,
        positions=64,
        block=32,
        batch=8,
        minutes=0.05,
        rate=1e-3,
    )
    told = pretrain(lines, folder, plan, lambda _: None)
    assert told["steps"] > 0
    return folder


@pytest.fixture(scope="module")
def taught(encoder: Path) -> Any:
    from paycanary.text.training.finetune import Plan, Transformer  # noqa: PLC0415

    texts, kinds = zip(*[(t, frozenset(k.split())) for k, t in _SAID.items()] * 20, strict=True)
    plan = Plan(epochs=150, rate=3e-3, max_tokens=32, dropout=0.0)
    return Transformer(str(encoder), plan).fit(list(texts), matrix(kinds))


def test_an_encoder_taught_here_learns_what_it_is_shown(taught: Any) -> None:
    told = taught.predict_proba(list(_SAID.values()))
    truth = matrix([frozenset(k.split()) for k in _SAID]) > 0
    assert told[truth].min() > told[~truth].max()


@pytest.mark.parametrize("is_small", [True, False])
def test_what_is_exported_tells_the_same_of_a_text_in_any_company(
    taught: Any, tmp_path: Path, *, is_small: bool
) -> None:
    from paycanary.text.training.export import export  # noqa: PLC0415

    texts = [*_SAID.values(), "회사는 소송 중이다 회생절차를 신청하였다"] * 9
    model = load_anew(export(taught, tmp_path / "model", {}, texts if is_small else ()))
    told = np.array(model.probabilities(texts))
    assert np.abs(told - taught.predict_proba(texts)).max() < (0.1 if is_small else 1e-5)
    alone = np.array([model.probabilities([t])[0] for t in texts])
    assert np.abs(told - alone).max() < 1e-5
    assert model.kinds == KINDS
    assert not model.is_alone


def test_a_choice_of_several_is_learned_from_pairs(encoder: Path) -> None:
    from paycanary.text.training.finetune import Plan, Transformer  # noqa: PLC0415

    pairs = [("회사는 소송 중이다", "소송"), ("회사는 소송 중이다", "맑고")] * 30
    plan = Plan(epochs=60, rate=3e-3, max_tokens=32, dropout=0.0, task="choice")
    reader = Transformer(str(encoder), plan).fit(pairs, np.eye(2)[[0, 1] * 30])
    told = reader.predict_proba(pairs[:2])
    assert told.argmax(1).tolist() == [0, 1]
    assert told.sum(1) == pytest.approx([1, 1])


def test_pairs_of_one_first_sentence_stand_on_one_side(encoder: Path) -> None:
    from paycanary.text.training.finetune import Plan  # noqa: PLC0415
    from paycanary.text.training.known import accuracy  # noqa: PLC0415

    pairs = [(f"회사는 소송 {i}", f"날씨 {k}") for i in range(10) for k in range(3)]
    plan = Plan(task="choice", max_tokens=32, epochs=1)
    told = accuracy(str(encoder), pairs, [0, 1, 2] * 10, plan=plan, tell=lambda _: None, also=([("맑고", "좋았다")], [2]))  # fmt: skip
    assert (told["taught"], told["held"]) == (25, 6)
    assert told["commonest"] == pytest.approx(1 / 3)
    assert 0 <= told["accuracy"] <= 1


def test_a_convolution_begins_as_the_rules_and_learns_what_they_miss(encoder: Path, tmp_path: Path) -> None:  # fmt: skip
    from paycanary.text.training.convolution import Convolution, Plan  # noqa: PLC0415
    from paycanary.text.training.export import export, keep  # noqa: PLC0415

    texts, kinds = zip(*[(t, frozenset(k.split())) for k, t in _SAID.items()] * 20, strict=True)
    missed = "날씨가 맑고 좋았다"
    labels = matrix(kinds)
    labels[[t == missed for t in texts], KINDS.index("job_cuts")] = 1
    reader = Convolution(str(encoder), Plan(epochs=1, rate=1e-6)).fit(list(texts), labels)
    begun = reader.predict_proba(["회사는 소송 중이다", missed])
    assert begun[0].argmax() == KINDS.index("litigation")
    assert begun[1].max() < 0.3
    reader = Convolution(str(encoder), Plan(epochs=30, rate=5e-3)).fit(list(texts), labels)
    learned = reader.predict_proba([missed])[0]
    assert learned[KINDS.index("job_cuts")] > 0.8
    model = load_anew(export(reader, tmp_path / "model", {}))
    assert model.probabilities([missed])[0] == pytest.approx(learned.tolist(), abs=1e-5)
    assert keep(reader, tmp_path / "module.pt").stat().st_size > 1000


def test_a_pair_tells_the_mean_of_what_its_readers_tell_and_ships_both(encoder: Path, tmp_path: Path) -> None:  # fmt: skip
    from paycanary.text.training.convolution import Plan  # noqa: PLC0415
    from paycanary.text.training.export import export  # noqa: PLC0415
    from paycanary.text.training.pair import Pair  # noqa: PLC0415

    texts, kinds = zip(*[(t, frozenset(k.split())) for k, t in _SAID.items()] * 20, strict=True)
    pair = Pair(str(encoder), Plan(epochs=2)).fit(list(texts), matrix(kinds))
    pair.temperature = 1.5
    assert pair.characters is not None
    said = list(_SAID.values())
    by_characters = [pair.characters.odds(text) for text in said]
    assert [int(odds.argmax()) for odds in by_characters[:2]] == [KINDS.index("litigation"), KINDS.index("rescue")]  # fmt: skip
    assert pair.logits(said) == pytest.approx((pair.words.logits(said) + np.array(by_characters)) / 2)  # fmt: skip
    model = load_anew(export(pair, tmp_path / "model", {}))
    told = np.array(model.probabilities([*said, "Ａ뷁ﬁ 회사는 ①소송 중이다"]))
    expected = pair.predict_proba([*said, "Ａ뷁ﬁ 회사는 ①소송 중이다"])
    assert told == pytest.approx(expected, abs=2e-3)  # the table has half precision
    export(pair, tmp_path / "again", {})
    for name in (CHARACTERS, DESCRIPTION):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "model" / name).read_bytes()


def test_folds_part_companies() -> None:
    from paycanary.text.training.judge import _folds  # noqa: PLC0415

    rows = [Labelled(f"{i} {k}", frozenset(), "train", "ko", str(i)) for i in range(9) for k in range(3)]  # fmt: skip
    seen = []
    for taught, held in _folds(rows, seed=0):
        assert not {x.company for x in taught} & {x.company for x in held}
        assert len(taught) + len(held) == len(rows)
        seen += held
    assert sorted(x.text for x in seen) == sorted(x.text for x in rows)


def test_the_best_threshold_is_that_of_the_highest_f1() -> None:
    truth = np.array([[1.0], [1], [0], [0]])
    assert best_threshold(truth, np.array([[0.9], [0.4], [0.2], [0.1]])) == pytest.approx(0.25)
    assert best_threshold(truth, np.array([[0.9], [0.8], [0.7], [0.1]])) > 0.7


def test_a_temperature_makes_boldness_honest() -> None:
    from paycanary.text.training.finetune import temperature  # noqa: PLC0415

    random = np.random.default_rng(0)
    odds = random.normal(0, 2, (4000, 1))
    truth = (random.random((4000, 1)) < 1 / (1 + np.exp(-odds))).astype(float)
    assert temperature(odds * 3, truth) == pytest.approx(3, rel=0.15)
    assert temperature(odds, truth) == pytest.approx(1, rel=0.15)


def test_no_paragraph_and_no_company_stands_on_both_sides() -> None:
    rows = read_labels()
    assert len(rows) >= 1500
    assert len({r["mark"] for r in rows}) == len(rows)
    for row in rows:
        assert set(row["kinds"].split()) <= set(KINDS)
        if row["source"] == "opinion":
            late = row["filing"][:8] >= TESTED_FROM
            assert (row["split"] == "test") == (is_test_company(row["company"]) and late)
            assert late == (row["split"] == "test")
    sides = {s: {r["company"] for r in rows if r["split"] == s} for s in ("train", "test")}
    assert not sides["train"] & sides["test"]


def test_enough_was_read_twice() -> None:
    rows = [r for r in read_labels() if r["first"]]
    assert len(rows) >= 300
    first, second = (matrix([frozenset(r[c].split()) for r in rows]) for c in ("first", "second"))
    assert kappa(first, second)["all"] > 0.8


def test_every_label_finds_its_words_again(shared_data: Path) -> None:
    found = labelled(shared_data)
    assert len(found) == len(read_labels())
    sides = [[x.text for x in found if x.split == side] for side in ("train", "test")]
    words = TfidfVectorizer(
        analyzer="char", ngram_range=(3, 5), preprocessor=key, sublinear_tf=True
    )
    words.fit([text for side in sides for text in side])
    alike = words.transform(sides[0]) @ words.transform(sides[1]).T
    assert alike.max() <= 0.8


def test_what_teaches_without_labels_is_of_nobody_who_tests(shared_data: Path) -> None:
    texts = set(unlabelled(shared_data))
    assert len(texts) > 5000
    assert not texts & {x.text for x in labelled(shared_data)}


def test_sentences_that_were_written_name_no_filing_and_stand_once() -> None:
    rows = written()
    assert len({r.text for r in rows}) == len(rows)
    assert {r.split for r in rows} == {"train", "test"}
    for kind in KINDS:
        assert sum(kind in r.kinds for r in rows if r.split == "test") >= 8


def test_measures_by_hand() -> None:
    truth = np.array([[1.0, 0], [1, 0], [0, 1], [0, 0]])
    told = np.array([[1.0, 0], [0, 0], [1, 1], [0, 0]])
    assert f1(truth, told).tolist() == pytest.approx([0.5, 1.0])
    assert macro_f1(truth, told) == pytest.approx(0.75)
    assert calibration_error(np.array([[1.0], [0]]), np.array([[0.9], [0.3]])) == pytest.approx(0.2)
    assert kappa(np.eye(len(KINDS)), np.eye(len(KINDS)))["all"] == 1


def test_intervals_draw_companies_not_paragraphs() -> None:
    truth = np.zeros((40, len(KINDS)))
    truth[:20, 0] = 1
    told = truth.copy()
    told[:10, 0] = 0
    one = measure(truth, told, ["a"] * 20 + ["b"] * 20)["macro_f1"]
    many = measure(truth, told, [str(i) for i in range(40)])["macro_f1"]
    assert one.value == many.value
    assert one.high - one.low <= many.high - many.low or one.low == one.high
