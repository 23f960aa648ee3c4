"""The two models as they answer requests, whatever brought them."""

from __future__ import annotations

import asyncio
import logging
import math
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Protocol

from paycanary.errors import ModelError
from paycanary.forecast.scorecard import Scorecard, scorecard
from paycanary.serving.refusals import Refusal
from paycanary.serving.tensors import Asked, Tensor, Told, rows, texts
from paycanary.text.model import TextModel, load, load_anew

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paycanary.serving.batching import Batcher
    from paycanary.serving.settings import ModelsSettings
    from paycanary.serving.shelf import Shelf

_log: Final = logging.getLogger(__name__)
#: Rows that are scored without a thread: in the time that a thread takes to begin.
_FEW: Final = 16
#: Characters that are cut into tokens without a thread, for the same reason.
_SHORT: Final = 1000
#: On these a new text model is tried. The last is the longest: company pads it with nothing.
_TRIED: Final = ("계속기업", "회사는 당기에 순손실이 발생하였고 유동부채가 유동자산을 초과하고 있어 계속기업으로서의 존속능력에 유의적 의문이 있습니다.")  # fmt: skip


class Answering(Protocol):
    """A model behind the server."""

    @property
    def name(self) -> str:
        """Under which it is asked."""

    @property
    def shelf(self) -> Shelf[Any]:
        """Its versions."""

    @property
    def parameters(self) -> dict[str, str]:
        """What stands beside every answer."""

    def metadata(self) -> dict[str, Any]:
        """Inputs, outputs, versions and parameters, as the protocol calls them."""

    async def answer(self, asked: Asked) -> Told:
        """Answer a request; raises a `Refusal`."""


class Forecasting:
    """The scorecard: FP64 [n, features] -> probability, log odds and terms."""

    name: Final = "forecast"

    def __init__(self, shelf: Shelf[Scorecard], settings: ModelsSettings) -> None:
        self.shelf, self._settings = shelf, settings
        self._pool = ThreadPoolExecutor(1, "score")

    @property
    def parameters(self) -> dict[str, str]:
        """The version, and the order of columns and terms."""
        card = self.shelf.model
        return {"version": card.version, "features": ",".join(card.terms_by_name)}

    def metadata(self) -> dict[str, Any]:
        """As the protocol calls it."""
        width = len(self.shelf.model.terms_by_name)
        return {
            "name": self.name,
            "versions": [self.shelf.model.version],
            "platform": "paycanary_scorecard",
            "inputs": [{"name": "features", "datatype": "FP64", "shape": [-1, width]}],
            "outputs": [
                {"name": "probability", "datatype": "FP64", "shape": [-1]},
                {"name": "log_odds", "datatype": "FP64", "shape": [-1]},
                {"name": "terms", "datatype": "FP64", "shape": [-1, width]},
            ],
            "parameters": self.parameters,
        }

    async def answer(self, asked: Asked) -> Told:
        """Score the rows."""
        card = self.shelf.model
        width = len(card.terms_by_name)
        tensor = asked.only("features")
        if len(tensor.data) <= _FEW * width:
            return self._scored(card, tensor, asked.wanted)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._scored, card, tensor, asked.wanted)

    def _scored(self, card: Scorecard, tensor: Tensor, wanted: tuple[str, ...]) -> Told:
        names = tuple(card.terms_by_name)
        asked = rows(tensor, width=len(names), most=self._settings.request_rows)
        scored = [card.score(dict(zip(names, row, strict=True))) for row in asked]
        count = (len(asked),)
        outputs = [
            Tensor("probability", "FP64", count, [one.probability for one in scored]),
            Tensor("log_odds", "FP64", count, [one.log_odds for one in scored]),
        ]
        if not wanted or "terms" in wanted:
            terms = [term for one in scored for term in one.terms.values()]
            outputs.append(Tensor("terms", "FP64", (len(asked), len(names)), terms))
        return Told(_wanted(outputs, wanted), {"version": card.version})


class Reading:
    """The reader of words: BYTES [n] -> probabilities [n, kinds], and whether a text was longer than the model reads."""

    name: Final = "text"

    def __init__(self, shelf: Shelf[TextModel], settings: ModelsSettings, batcher: Batcher) -> None:
        self.shelf, self._settings, self._batcher = shelf, settings, batcher
        self._pool = ThreadPoolExecutor(1, "encode")

    @property
    def parameters(self) -> dict[str, str]:
        """The version, the order of kinds, and how many tokens of a text are read."""
        model = self.shelf.model
        return {"version": model.version, "kinds": ",".join(model.kinds), "max_tokens": str(model.max_tokens)}  # fmt: skip

    def metadata(self) -> dict[str, Any]:
        """As the protocol calls it."""
        model = self.shelf.model
        return {
            "name": self.name,
            "versions": [model.version],
            "platform": "onnxruntime_onnx",
            "inputs": [{"name": "texts", "datatype": "BYTES", "shape": [-1]}],
            "outputs": [
                {"name": "probabilities", "datatype": "FP64", "shape": [-1, len(model.kinds)]},
                {"name": "filled", "datatype": "BOOL", "shape": [-1]},
            ],
            "parameters": self.parameters,
        }

    async def answer(self, asked: Asked) -> Told:
        """Read the texts, in company of others'."""
        model = self.shelf.model
        said = texts(
            asked.only("texts"),
            most=self._settings.request_texts,
            longest=self._settings.text_chars,
        )
        if sum(map(len, said)) <= _SHORT:
            encoded = model.encode(said) if said else []
        else:
            encoded = await asyncio.get_running_loop().run_in_executor(
                self._pool, model.encode, said
            )
        told = await self._batcher.read(model, encoded, is_alone=model.is_alone)
        filled = [model.is_full(text) for text in encoded]
        flat = [chance for row in told for chance in row]
        if not all(map(math.isfinite, flat)):
            raise Refusal(
                "fault", f"The model {model.version} told of these texts what is no number."
            )
        outputs = [
            Tensor("probabilities", "FP64", (len(said), len(model.kinds)), flat),
            Tensor("filled", "BOOL", (len(said),), filled),
        ]
        return Told(_wanted(outputs, asked.wanted), {"version": model.version, "kinds": ",".join(model.kinds)})  # fmt: skip


def _wanted(outputs: list[Tensor], wanted: Sequence[str]) -> list[Tensor]:
    return [one for one in outputs if one.name in wanted] if wanted else outputs


def text_model(folder: Path | None) -> TextModel:
    """A version of the text model that has read two texts.

    Raises:
        ModelError: it cannot be used.
    """
    model = load_anew(folder.resolve()) if folder else load(None)
    try:
        found = model.probabilities(_TRIED)
    except Exception as error:
        raise _untold(model.version, str(error)) from error
    if any(not 0 <= chance <= 1 for row in found for chance in row):
        raise _untold(model.version, "probabilities outside 0 to 1")
    if model.is_alone:
        _log.warning(
            "%s reads text by text: its answers depend on the company in a call", model.version
        )
    return model


def card_model(file: Path | None) -> Scorecard:
    """A version of the scorecard that has scored a company of which nothing is known.

    Raises:
        ModelError: it cannot be used.
    """
    if file is None:
        return scorecard()
    path = file / "model.json" if file.is_dir() else file
    try:
        card = Scorecard.parse(path.read_text(encoding="utf-8"))
        chance = card.score({}).probability
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise _untold(file.name, str(error)) from error
    if not 0 <= chance <= 1:
        raise _untold(file.name, "a probability outside 0 to 1")
    return card


def _untold(version: str, why: str) -> ModelError:
    return ModelError(
        {"ko": f"{version}: 모형이 답하지 못합니다({why}).", "en": f"{version}: the model cannot answer ({why})."},
        {"ko": "온전한 사본으로 바꾸세요.", "en": "Put an intact copy in its place."},
    )  # fmt: skip
