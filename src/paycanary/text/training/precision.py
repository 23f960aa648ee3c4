"""Half as wide numbers while teaching, where the processor has them; where it has not, they are worked out by hand, many times slower."""

from __future__ import annotations

from typing import Any, Final

import torch

#: What PyTorch calls the instructions for bfloat16.
_NAMES: Final = ("avx512_bf16", "amx_bf16", "arm_bf16")


def autocast() -> Any:
    """Around what is worked out for a step."""
    has_them = any(torch.cpu.get_capabilities().get(name) for name in _NAMES)
    return torch.autocast("cpu", torch.bfloat16, enabled=has_them)
