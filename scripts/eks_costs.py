"""What a month on EKS costs, by assumed prices: ``deploy/eks/prices.yaml`` -> ``docs/reference/eks-costs.md``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

PRICES: Final = Path(__file__).resolve().parents[1] / "deploy" / "eks" / "prices.yaml"


def read() -> dict[str, Any]:
    """Give the file: prices, sizes, hours of a month."""
    found: dict[str, Any] = yaml.safe_load(PRICES.read_text(encoding="utf-8"))
    return found


def quantities(told: dict[str, Any], size: str) -> dict[str, float]:
    """Give how many units of each price a size takes in a month."""
    of = told["sizes"][size]
    hours = {name: count * told["hours_a_month"] for name, count in of["hours"].items()}
    return {**hours, **of["amounts"]}


def costs(told: dict[str, Any], size: str) -> dict[str, float]:
    """Give US dollars a month by price: quantity times price."""
    return {n: q * told["prices"][n]["usd"] for n, q in quantities(told, size).items()}


def rows(told: dict[str, Any]) -> list[tuple[str, ...]]:
    """Give the table's rows: item, unit, assumed price, dollars a month for each size; the sum last."""
    by_size = {size: costs(told, size) for size in told["sizes"]}
    lines = [
        (price["what"], price["unit"], f"{price['usd']:g}", *(f"{by[name]:,.0f}" if name in by else "" for by in by_size.values()))
        for name, price in told["prices"].items()
    ]  # fmt: skip
    return [*lines, ("**a month**", "", "", *(f"**{sum(by.values()):,.0f}**" for by in by_size.values()))]  # fmt: skip
