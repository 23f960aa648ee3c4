"""The trained reader in process: ONNX Runtime and a tokenizer, no PyTorch.

    model = load()                          # the one that ships; or load(Path("my-model"))
    model.probabilities(["계속기업 관련 중요한 불확실성"])   # a row a text, a column a kind

A model is a folder: `model.json` says what it is and gives a checksum for each of the other files, `tokenizer.json`, `model.onnx` and, where
a linear reader of characters stands beside the network, `characters.npy`.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paycanary.errors import Lang
    from paycanary.text.characters import Characters, Floats
    from paycanary.text.rules import Rules

DESCRIPTION: Final = "model.json"
GRAPH: Final = "model.onnx"
TOKENIZER: Final = "tokenizer.json"
CHARACTERS: Final = "characters.npy"
#: Texts of one call; more only wait for each other in the processor's cache.
_BATCH: Final = 32
#: Lengths to which texts are padded, in tokens: a step costs less than the padding that it saves.
_STEP: Final = 16

#: In a graph whose inputs are quantised by the range of a whole call.
_DYNAMIC: Final = b"DynamicQuantize"


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A text as the network takes it, and the log odds that its characters add: [kinds], or None where no reader of characters is."""

    ids: list[int]
    odds: Floats | None

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class TextModel:
    """A reader: texts -> for each kind the probability that the text makes such a statement.

    ``temperature`` and ``sure``: see `describe` of the training. ``facts`` is `model.json`.
    """

    version: str
    kinds: tuple[str, ...]
    max_tokens: int
    facts: Mapping[str, Any] = field(repr=False)
    #: What it tells of a text depends on the others in a call (dynamic quantisation): such a model reads text by text, here and on a server,
    #: so that no answer depends on what else is asked.
    is_alone: bool = field(repr=False)
    _rules: Rules = field(repr=False)
    _characters: Characters | None = field(repr=False)
    _session: Any = field(repr=False)
    _tokenizer: Any = field(repr=False)

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Of each text the ids of its tokens, at most ``max_tokens`` (what is longer is cut, so give paragraphs), then what rules find in it."""
        tokens = self._tokenizer.encode_batch_fast(list(texts))
        vocabulary: int = self.facts["vocabulary"]
        ids = [self._rules.behind(e.ids, t, vocabulary) for e, t in zip(tokens, texts, strict=True)]
        if self._characters is None:
            return [Encoded(each, None) for each in ids]
        normal = self._tokenizer.normalizer.normalize_str
        return [Encoded(each, self._characters.odds(normal(text))) for each, text in zip(ids, texts, strict=True)]  # fmt: skip

    def is_full(self, encoded: Encoded) -> bool:
        """Whether an encoded text has all the tokens that are read, so that it may have been cut."""
        last = self.max_tokens - 1  # what rules find stands behind the words
        return len(encoded) > last and bool(encoded.ids[last] < self.facts["vocabulary"])

    def run(self, encoded: Sequence[Encoded]) -> list[list[float]]:
        """Probabilities of texts of about one length, in one call: [texts][kinds], each 0 to 1."""
        import numpy as np  # noqa: PLC0415 - comes with the extra

        if not encoded:
            return []
        longest = max(map(len, encoded))
        width = -(-longest // _STEP) * _STEP
        ids = np.zeros((len(encoded), width), dtype=np.int64)
        for row, text in enumerate(encoded):
            ids[row, : len(text)] = text.ids
        mask = (np.arange(width) < np.array([[len(text)] for text in encoded])).astype(np.int64)
        (scores,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        if self._characters is not None:
            scores = scores + np.array([text.odds for text in encoded])
        told: list[list[float]] = (1 / (1 + np.exp(-scores.astype(np.float64)))).tolist()
        return told

    def probabilities(self, texts: Sequence[str]) -> list[list[float]]:
        """Of any texts, in their order: sorted by length, so that little is padded."""
        encoded = self.encode(texts)
        size = 1 if self.is_alone else _BATCH
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
        told: list[list[float]] = [[] for _ in encoded]
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            for row, answer in zip(rows, self.run([encoded[i] for i in rows]), strict=True):
                told[row] = answer
        return told


def load(folder: Path | None = None) -> TextModel:
    """The model in a folder, in ``PAYCANARY_TEXT_MODEL``, or the one that ships.

    Raises:
        ModelError: the extra is not installed, a file is missing or damaged, or tokenizer and model do not belong together.
    """
    if folder is None:
        set_by_user = os.environ.get("PAYCANARY_TEXT_MODEL")
        folder = Path(set_by_user).expanduser() if set_by_user else Path(str(files("paycanary").joinpath("text", "trained")))  # fmt: skip
    return _load(folder.resolve())


@cache
def _load(folder: Path) -> TextModel:
    return load_anew(folder)


def load_anew(folder: Path) -> TextModel:
    """As `load`, but never from memory: for servers, whose models change under one name."""
    facts = _description(folder)
    for name, expected in facts["sha256"].items():
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise _unfit(folder, {"ko": f"{name} 을(를) 읽을 수 없습니다({error}).", "en": f"{name} cannot be read ({error})."}) from error  # fmt: skip
        if found != expected:
            raise _unfit(folder, {"ko": f"{name} 이(가) 손상되었거나 다른 모형의 것입니다.", "en": f"{name} is damaged, or belongs to another model."})  # fmt: skip
    try:
        import onnxruntime  # noqa: PLC0415 - comes with the extra
        import re2  # noqa: PLC0415
        from tokenizers import Tokenizer  # noqa: PLC0415

        from paycanary.text.rules import Rules  # noqa: PLC0415
    except ImportError as error:
        raise ModelError(
            {"ko": f"글을 읽는 데 필요한 {error.name or error} 이(가) 설치되어 있지 않습니다.", "en": f"{error.name or error}, which reads words, is not installed."},
            {"ko": "설치: pip install 'paycanary[text]'", "en": "Install it with: pip install 'paycanary[text]'"},
        ) from error  # fmt: skip
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("PAYCANARY_TEXT_THREADS", "1"))
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            str(folder / GRAPH), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        # Both libraries raise bare exceptions of their own making for files they cannot read.
        raise _unfit(folder, {"ko": f"모형을 열 수 없습니다({error}).", "en": f"the model cannot be opened ({error})."}) from error  # fmt: skip
    if tokenizer.get_vocab_size() != facts["vocabulary"]:
        raise _unfit(folder, {
            "ko": f"토크나이저의 단어는 {tokenizer.get_vocab_size()}개인데 모형은 {facts['vocabulary']}개로 배웠습니다.",
            "en": f"the tokenizer has {tokenizer.get_vocab_size()} pieces, but the model was taught with {facts['vocabulary']}.",
        })  # fmt: skip
    outputs = session.get_outputs()
    if len(outputs) != 1 or outputs[0].shape[-1] != len(facts["kinds"]):
        raise _unfit(folder, {
            "ko": f"모형의 출력 {outputs[0].shape[-1]}개가 종류 {len(facts['kinds'])}개와 맞지 않습니다.",
            "en": f"the model tells {outputs[0].shape[-1]} numbers, but {len(facts['kinds'])} kinds are described.",
        })  # fmt: skip
    try:
        marks = Rules(facts.get("rules", {}))
    except (re2.error, KeyError, TypeError, AttributeError) as error:
        raise _unfit(folder, {"ko": f"{DESCRIPTION} 의 규칙을 읽을 수 없습니다({error}).", "en": f"the rules in {DESCRIPTION} cannot be read ({error})."}) from error  # fmt: skip
    characters = _characters(folder, facts)
    tokenizer.no_padding()
    tokenizer.enable_truncation(facts["max_tokens"])
    is_alone = _DYNAMIC in (folder / GRAPH).read_bytes()
    return TextModel(
        facts["version"], tuple(facts["kinds"]), facts["max_tokens"], facts, is_alone, marks, characters, session, tokenizer,
    )  # fmt: skip


def _characters(folder: Path, facts: Mapping[str, Any]) -> Characters | None:
    from paycanary.text.characters import Characters  # noqa: PLC0415 - needs the extra

    if CHARACTERS not in facts["sha256"]:
        return None
    try:
        characters = Characters.read(folder / CHARACTERS)
    except (ValueError, OSError) as error:
        raise _unfit(folder, {"ko": f"{CHARACTERS} 을(를) 읽을 수 없습니다({error}).", "en": f"{CHARACTERS} cannot be read ({error})."}) from error  # fmt: skip
    if len(characters.bias) != len(facts["kinds"]):
        raise _unfit(folder, {
            "ko": f"{CHARACTERS} 의 출력 {len(characters.bias)}개가 종류 {len(facts['kinds'])}개와 맞지 않습니다.",
            "en": f"{CHARACTERS} tells {len(characters.bias)} numbers, but {len(facts['kinds'])} kinds are described.",
        })  # fmt: skip
    return characters


def _description(folder: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        facts["version"], facts["kinds"], facts["max_tokens"], facts["vocabulary"]
        sums = facts["sha256"]
        sums[GRAPH], sums[TOKENIZER]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unfit(folder, {"ko": f"{DESCRIPTION} 을(를) 읽을 수 없습니다({error}).", "en": f"{DESCRIPTION} cannot be read ({error})."}) from error  # fmt: skip
    return facts


def _unfit(folder: Path, why: dict[Lang, str]) -> ModelError:
    return ModelError(
        {"ko": f"{folder.name}: {why['ko']}", "en": f"{folder.name}: {why['en']}"},
        {"ko": "`paycanary text train` 로 모형을 다시 만들거나, 온전한 사본으로 바꾸세요.", "en": "Write the model again with `paycanary text train`, or put an intact copy in its place."},
    )  # fmt: skip
