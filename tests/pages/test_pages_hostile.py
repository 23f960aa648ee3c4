"""Companies whose names mean harm: text everywhere, and nothing but text."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from tests.pages.conftest import HOSTILE
from tests.pages.structure import assert_sound, assert_strict, parse, said

if TYPE_CHECKING:
    from tests.visiting import Visitor


@pytest.mark.parametrize("company", HOSTILE, ids=lambda c: c.corp_code)
def test_a_name_is_text_on_every_page(hostile: Visitor, company: object) -> None:
    corp, name = company.corp_code, company.name  # type: ignore[attr-defined]
    at = f"dart:{corp}"
    for path in (
        f"/companies/{at}", f"/en/companies/{at}", f"/companies/{at}?as_of=2024-06-30", f"/companies/{at}/report",
        f"/companies/{at}/corrections", f"/companies/{at}/refresh", f"/compare?c={at}", f"/watch/new?company={at}", "/screen", "/",
    ):  # fmt: skip
        answer = hostile.get(path)
        assert answer.status_code == 200, path
        page = parse(answer)
        if path.startswith(("/companies", "/en")) and "?" not in path and path.count("/") < 5:
            assert_sound(page, "en" if path.startswith("/en") else "ko")
        assert_strict(page)
        assert not page.xpath("//img[@onerror] | //script[contains(., 'alert')]")
        assert "49" not in said(page.xpath("//h1")[0])
    heading = said(parse(hostile.get(f"/companies/{at}")).xpath("//h1")[0])
    # What turns the reading direction is not shown; all else is.
    wanted = " ".join(name.replace("\u202e", "").replace("\u202c", "").split())
    assert heading.replace("\u202e", "").replace("\u202c", "") == wanted


@pytest.mark.parametrize("company", HOSTILE, ids=lambda c: c.corp_code)
def test_a_card_is_drawn_of_any_name(hostile: Visitor, company: object) -> None:
    answer = hostile.get(f"/companies/dart:{company.corp_code}/card.png")  # type: ignore[attr-defined]
    assert answer.headers["content-type"] == "image/png"
    head = answer.content[:24]
    assert (int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")) == (1200, 630)


def test_suggestions_are_data(hostile: Visitor) -> None:
    answer = hostile.get("/suggest?q=script")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert any("<script>" in hit["name"] for hit in json.loads(answer.text))


def test_a_spreadsheet_takes_no_name_for_a_formula(hostile: Visitor) -> None:
    rows = list(csv.DictReader(io.StringIO(hostile.get("/screen.csv").text.lstrip("\ufeff"))))
    names = [row["name"] for row in rows]
    assert any("cmd|" in name for name in names)
    assert not any(name.startswith(("=", "+", "-", "@")) for name in names)
