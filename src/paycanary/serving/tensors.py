"""Tensors of the Open Inference Protocol v2, from JSON and from KServe's requests; what is wrong with one is said by name and place."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from paycanary.serving.refusals import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FLOATS: Final = {"FP32": "f", "FP64": "d"}
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Tensor:
    """One input: ``data`` flat, in row-major order."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    data: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: inputs by name, and the outputs that are wanted (empty: all)."""

    id: str
    inputs: Mapping[str, Tensor]
    wanted: tuple[str, ...] = ()

    def only(self, name: str) -> Tensor:
        """The one input that a model takes."""
        if set(self.inputs) != {name}:
            told = ", ".join(sorted(self.inputs)) or "none"
            raise invalid(f"The model takes one input, '{name}'; these were sent: {_short(told)}.")
        return self.inputs[name]


@dataclass(slots=True)
class Told:
    """An answer: outputs in order, and parameters such as the version."""

    outputs: list[Tensor]
    parameters: dict[str, str] = field(default_factory=dict)


def asked(body: Any, binary: bytes = b"") -> Asked:
    """A request that came as JSON, perhaps with tensors in ``binary`` behind it.

    Raises:
        Refusal: it is none.
    """
    if not isinstance(body, dict):
        raise invalid('The body is no JSON object such as {"inputs": [...]}.')
    inputs, outputs = body.get("inputs"), body.get("outputs") or []
    if not isinstance(inputs, list) or not inputs:
        raise invalid("'inputs' must be a list with a tensor in it.")
    if not isinstance(outputs, list) or any(not isinstance(o, dict) or not isinstance(o.get("name"), str) for o in outputs):  # fmt: skip
        raise invalid("'outputs' must be a list of objects with a 'name'.")
    tensors = []
    for number, entry in enumerate(inputs):
        size = _size(entry)
        tensors.append(_tensor(number, entry, None if size is None else binary[:size]))
        if size is not None and size > len(binary):
            raise invalid(f"inputs[{number}] ends {size - len(binary)} bytes beyond the request.")
        binary = binary[size or 0 :]
    if binary:
        raise invalid(f"{len(binary)} bytes behind the last tensor belong to none.")
    given = body.get("id")
    return Asked(
        id=str(given) if given is not None else "",
        inputs=_by_name(tensors),
        wanted=tuple(o["name"] for o in outputs),
    )


def _by_name(tensors: list[Tensor]) -> dict[str, Tensor]:
    named = {tensor.name: tensor for tensor in tensors}
    if len(named) != len(tensors):
        raise invalid("Two inputs bear one name.")
    return named


def _size(entry: Any) -> int | None:
    """Bytes of a tensor that does not come as JSON."""
    parameters = entry.get("parameters") if isinstance(entry, dict) else None
    size = parameters.get("binary_data_size") if isinstance(parameters, dict) else None
    return size if type(size) is int and size >= 0 else None


def _tensor(number: int, entry: Any, raw: bytes | None) -> Tensor:
    if not isinstance(entry, dict):
        raise invalid(f"inputs[{number}] is no object.")
    name, datatype, shape, data = (entry.get(k) for k in ("name", "datatype", "shape", "data"))
    if not isinstance(name, str) or not isinstance(datatype, str):
        raise invalid(f"inputs[{number}] needs a 'name' and a 'datatype'.")
    if not isinstance(shape, list) or any(type(size) is not int or size < 0 for size in shape):
        raise invalid(f"'shape' of input '{_short(name)}' must be a list of whole numbers from 0 on.")  # fmt: skip
    if raw is not None:
        return sized(
            Tensor(name, datatype.upper(), tuple(shape), _unpacked(name, datatype.upper(), raw))
        )
    if not isinstance(data, list):
        raise invalid(f"'data' of input '{_short(name)}' must be a list.")
    return sized(Tensor(name, datatype.upper(), tuple(shape), _flat(data, name)))


def sized(tensor: Tensor) -> Tensor:
    """The tensor, if as many values came as its shape says."""
    if math.prod(tensor.shape) != len(tensor.data):
        raise invalid(
            f"Input '{_short(tensor.name)}' has shape {list(tensor.shape)}, {math.prod(tensor.shape)} values, but {len(tensor.data)} were sent."
        )
    return tensor


def _flat(data: list[Any], name: str) -> list[Any]:
    """Nested lists are allowed by the protocol, one level deep here: no model takes more than two dimensions."""
    if not data or not isinstance(data[0], list):
        return data
    if any(not isinstance(row, list) for row in data):
        raise invalid(f"'data' of input '{_short(name)}' is partly nested.")
    return [value for row in data for value in row]


def of_kserve(request: Any) -> Asked:
    """A request that KServe's SDK has read from gRPC.

    Raises:
        Refusal: a tensor cannot be read.
    """
    tensors = []
    for entry in request.inputs:
        raw = entry._raw_data  # noqa: SLF001 - as_numpy reads broken lengths without a word
        data = _unpacked(entry.name, entry.datatype, raw) if raw is not None else list(entry.data or ())  # fmt: skip
        tensors.append(sized(Tensor(entry.name, entry.datatype, tuple(entry.shape), data)))
    wanted = tuple(output.name for output in request.request_outputs or ())
    return Asked(request.id or "", _by_name(tensors), wanted)


def _unpacked(name: str, datatype: str, raw: bytes) -> Sequence[Any]:
    if datatype == "BYTES":
        return _strings(name, raw)
    if datatype not in _FLOATS:
        raise invalid(f"Input '{_short(name)}' came as raw {_short(datatype)}, which no model here takes.")  # fmt: skip
    size = struct.calcsize(_FLOATS[datatype])
    if len(raw) % size:
        raise invalid(f"Input '{_short(name)}' came as {len(raw)} bytes, which are no {datatype}.")
    return struct.unpack(f"<{len(raw) // size}{_FLOATS[datatype]}", raw)


def _strings(name: str, raw: bytes) -> list[bytes]:
    found: list[bytes] = []
    at = 0
    while at < len(raw):
        length = int.from_bytes(raw[at : at + 4], "little")
        if at + 4 + length > len(raw):
            raise invalid(f"Input '{_short(name)}': text {len(found)} ends beyond the request.")
        found.append(raw[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def texts(tensor: Tensor, *, most: int, longest: int) -> list[str]:
    """The texts of a BYTES tensor [n].

    Raises:
        Refusal: not such a tensor, too many, one too long, or one that is no UTF-8, with its place.
    """
    is_column = tensor.shape[1:] in {(), (1,)} and bool(tensor.shape)
    if tensor.datatype != "BYTES" or not is_column:
        raise invalid(f"Input '{tensor.name}' must be BYTES of shape [n], not {_short(tensor.datatype)} of {list(tensor.shape)}.")  # fmt: skip
    if len(tensor.data) > most:
        raise Refusal("too_many", f"{len(tensor.data)} texts were sent, and a request may have {most}. Send them in parts.")  # fmt: skip
    return [_text(number, value, longest) for number, value in enumerate(tensor.data)]


def _text(number: int, value: Any, longest: int) -> str:
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError as error:
            raise Refusal("encoding", f"Text {number} is no UTF-8: byte {error.start} is 0x{value[error.start]:02x} ({error.reason}).") from None  # fmt: skip
    if not isinstance(value, str):
        raise invalid(f"Text {number} is no text, but {_short(type(value).__name__)}.")
    if len(value) > longest:
        raise Refusal("too_long", f"Text {number} has {len(value)} characters, and {longest} are allowed. Send it in paragraphs; nothing is cut unsaid.")  # fmt: skip
    return value


def rows(tensor: Tensor, *, width: int, most: int) -> list[Sequence[float | None]]:
    """The rows of an FP64 tensor [n, width]; null and NaN are unknown figures.

    Raises:
        Refusal: not such a tensor, too many rows, or a value that is no number.
    """
    if tensor.datatype not in _FLOATS or len(tensor.shape) != 2 or tensor.shape[1] != width:  # noqa: PLR2004
        raise invalid(f"Input '{tensor.name}' must be FP64 of shape [n, {width}], not {_short(tensor.datatype)} of {list(tensor.shape)}.")  # fmt: skip
    if tensor.shape[0] > most:
        raise Refusal("too_many", f"{tensor.shape[0]} rows were sent, and a request may have {most}. Send them in parts.")  # fmt: skip
    data = tensor.data
    for number, value in enumerate(data):
        if type(value) is not float and value is not None and type(value) is not int:
            raise invalid(f"Row {number // width}, column {number % width} of '{tensor.name}' is no number: {_short(repr(value))}.")  # fmt: skip
    return [data[at : at + width] for at in range(0, len(data), width)]


def _short(text: str) -> str:
    """What someone sent, as it may stand in a message."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
