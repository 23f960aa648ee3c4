"""Input tables that several money specs draw alike."""

from __future__ import annotations

STREAKS = {"net_loss_streak": "net_income", "operating_loss_streak": "operating_profit", "operating_cash_flow": "operating_cash_flow"}  # fmt: skip


def years(concept: str, *values: float | None) -> str:
    """An ``annual`` table of one concept, newest year first; None leaves the year out."""
    rows = [
        f"{concept} | {rank} | {value}" for rank, value in enumerate(values) if value is not None
    ]
    return "\n".join(["concept | year_rank | value", *rows])


# Losses and outflows in a row


def balance(**values: float | None) -> str:
    rows = [f"{concept} | {'' if value is None else value}" for concept, value in values.items()]
    return "\n".join(["concept | value", *rows])
