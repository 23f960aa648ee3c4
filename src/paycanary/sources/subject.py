"""Who is asked about: what is known of one company before its registers are asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A company as far as it is known; every register takes what it can use.

    ``business_number`` has 10 digits (or, from pension data alone, the first 6); ``corporation_number`` 13.
    """

    name: str
    names: tuple[str, ...] = ()
    corp_code: str | None = None
    stock_code: str | None = None
    corporation_number: str | None = None
    business_number: str | None = None
    fiscal_month: int | None = None
    is_listed: bool = False
