"""The reader behind the model server at ``PAYCANARY_MODELS_URL``: for whoever asks, the same as the one in process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from paycanary import inference
from paycanary.errors import ModelError
from paycanary.text.model import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.text.reading import Reader

MODEL: Final = "text"
#: Texts of one request, and their characters: well below what the server takes.
_TEXTS: Final = 256
_CHARACTERS: Final = 500_000


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """One version on a server: as soon as the server has another, it is an error."""

    url: str
    version: str
    kinds: tuple[str, ...]
    max_tokens: int

    def probabilities(self, texts: Sequence[str]) -> list[list[float]]:
        """A row a text, a column a kind, in as few requests as may be.

        Raises:
            ModelError: the server cannot be asked, refuses, or has another version by now.
        """
        rows: list[list[float]] = []
        for part in _parts(texts):
            tensor = inference.Tensor("texts", "BYTES", (len(part),), part)
            width = len(self.kinds)
            told = inference.infer(self.url, MODEL, self.version, tensor, {"probabilities": len(part) * width})  # fmt: skip
            flat = told.outputs["probabilities"]
            rows += [flat[at : at + width] for at in range(0, len(flat), width)]
        return rows


def reader() -> Reader:
    """The reader in use: the server's where ``PAYCANARY_MODELS_URL`` is set, else the one in process.

    Raises:
        ModelError: the server cannot be asked, or the model cannot be loaded.
    """
    url = inference.url()
    if url is None:
        return load()
    told = inference.metadata(url, MODEL).get("parameters", {})
    try:
        return RemoteModel(url, str(told["version"]), tuple(told["kinds"].split(",")), int(told["max_tokens"]))  # fmt: skip
    except (KeyError, ValueError, AttributeError) as error:
        raise ModelError(
            {"ko": f"{url}: 글을 읽는 모형이 아닙니다({error!r}).", "en": f"{url}: serves no reader of words ({error!r})."},
            {"ko": f"{inference.VARIABLE} 이(가) `paycanary models serve` 의 주소인지 확인하세요.", "en": f"Check that {inference.VARIABLE} is the address of `paycanary models serve`."},
        ) from error  # fmt: skip


def _parts(texts: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = []
    size = 0
    for text in texts:
        if not parts or len(parts[-1]) == _TEXTS or size + len(text) > _CHARACTERS:
            parts.append([])
            size = 0
        parts[-1].append(text)
        size += len(text)
    return parts
