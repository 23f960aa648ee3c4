"""Stories of people who ask: search, read, look back, compare, screen."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Error

from tests.browser.looks import look

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.browser.chromium import Person

COMPANY = "/companies/dart:00125974"
RICH = "/companies/dart:00164645"


def asked(person: Person) -> dict[str, list[str]]:
    return parse_qs(urlsplit(person.page.url).query)


def search(person: Person, text: str) -> None:
    """Type into the first page's box and send it."""
    person.go("/")
    box = person.page.locator("input[type=search]").first
    box.fill(text)
    with person.page.expect_navigation():
        box.press("Enter")


def test_a_name_leads_to_its_company(person: Person) -> None:
    search(person, "삼부토건")
    assert person.path.endswith(COMPANY)
    assert person.page.inner_text("h1") == "삼부토건"
    assert person.page.inner_text(".lead").startswith("삼부토건")
    look(person)


def test_a_slip_of_the_finger_leads_there_too(person: Person) -> None:
    search(person, "삼부토검")
    assert person.path.endswith(COMPANY)


def test_a_number_leads_there_too(person: Person) -> None:
    search(person, "001470")
    assert person.path.endswith(COMPANY)


def test_initials_bring_suggestions_that_a_keyboard_can_choose(person: Person) -> None:
    person.go("/")
    box = person.page.locator("input[type=search]").first
    if not person.kind.scripts:
        assert box.get_attribute("role") is None
        box.fill("ㅅㅂㅌㄱ")
        with person.page.expect_navigation():
            box.press("Enter")
        assert person.path.endswith(COMPANY)
        return
    box.press_sequentially("ㅅㅂㅌㄱ", delay=20)
    options = person.page.locator("[role=option]")
    options.first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    assert "삼부토건" in options.first.inner_text()
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    assert options.first.get_attribute("aria-selected") == "true"
    look(person)
    box.press("Escape")
    assert options.first.is_hidden()
    box.press("ArrowDown")
    options.first.wait_for()
    box.press("ArrowDown")
    with person.page.expect_navigation():
        box.press("Enter")
    assert person.path.endswith(COMPANY)


@pytest.mark.parametrize("leave", ["Escape", "Tab"])
def test_a_late_answer_opens_no_list_that_was_left(person: Person, leave: str) -> None:
    if not person.kind.scripts:
        pytest.skip("suggestions are the script's")
    held: list[Route] = []
    person.page.route("**/suggest?*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks its handlers
    person.go("/")
    box = person.page.locator("input[type=search]").first
    with person.page.expect_request("**/suggest?*"):
        box.press_sequentially("카카")
    box.press(leave)
    person.page.wait_for_timeout(
        250
    )  # leaving closes a little later, so that a press on the list still counts
    for route in held:
        with suppress(Error):  # what was given up cannot be answered any more
            route.continue_()
    person.page.wait_for_timeout(300)
    assert box.get_attribute("aria-expanded") == "false"
    assert person.page.locator("[role=listbox]").first.is_hidden()
    box.press_sequentially("오")
    box.press(leave)  # before anything was asked
    before = len(held)
    person.page.wait_for_timeout(400)
    assert len(held) == before


def test_a_failed_answer_leaves_no_suggestions_for_another_name(person: Person) -> None:
    if not person.kind.scripts:
        pytest.skip("suggestions are the script's")
    person.go("/")
    box = person.page.locator("input[type=search]").first
    box.press_sequentially("카카")
    person.page.locator("[role=option]").first.wait_for()
    person.expected = {429}
    person.page.route("**/suggest?*", lambda route: route.fulfill(status=429, body="{}"))
    with person.page.expect_response("**/suggest?*"):
        box.press_sequentially("온")
    person.page.wait_for_timeout(200)
    assert person.page.locator("[role=listbox]").first.is_hidden()
    assert box.get_attribute("aria-expanded") == "false"
    person.page.unroute("**/suggest?*")
    box.press("ArrowDown")
    with person.page.expect_response("**/suggest?*") as again:
        box.press("Backspace")
    assert again.value.ok
    person.page.locator("[role=option]").first.wait_for()


def test_a_suggestion_can_be_tapped(person: Person) -> None:
    if person.kind.scripts:
        person.go("/")
        person.page.locator("input[type=search]").first.press_sequentially("카카", delay=20)
        option = person.page.locator("[role=option]").first
        option.wait_for()
        with person.page.expect_navigation():
            person.press(option)
        assert "/companies/" in person.path
    else:
        search(person, "카카")
        assert person.page.locator("a[href*='/companies/']").count() or "/companies/" in person.path


def test_of_several_one_is_chosen(person: Person) -> None:
    search(person, "현대")
    candidates = person.page.locator(".candidates a")
    assert candidates.count() > 1
    look(person, keys=True)
    name = candidates.first.locator("b").inner_text()
    with person.page.expect_navigation():
        person.press(candidates.first)
    assert person.page.inner_text("h1") == name


def test_sources_and_tables_are_a_tap_away(person: Person) -> None:
    person.go(COMPANY)
    finding = person.page.locator("details.finding.danger").first
    assert finding.locator("a[href*='dart.fss.or.kr']").first.is_hidden()
    person.press(finding.locator("summary"))
    source = finding.locator("a[href*='dart.fss.or.kr']").first
    assert source.is_visible()
    assert re.search(r"rcpNo=\d{14}", source.get_attribute("href") or "")
    assert re.search(r"20\d\d-\d\d-\d\d", finding.inner_text())
    look(person)
    person.go(RICH)
    figures = person.page.locator("figure:has(svg)")
    assert figures.count() == 4
    for number in range(4):
        figure = figures.nth(number)
        assert figure.locator("svg").first.get_attribute("role") == "img"
        person.press(figure.locator("details summary"))
        assert figure.locator("table tbody tr").count() > 1
    look(person)


def test_what_it_would_have_said_on_another_day(person: Person) -> None:
    person.go(RICH)
    days = person.page.locator("#day option")
    earlier = days.nth(days.count() - 3).get_attribute("value")
    assert earlier
    if person.kind.scripts:
        slide = person.page.locator("#slide")
        slide.focus()
        with person.page.expect_response(lambda r: "as_of=" in r.url):
            slide.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }", "2")  # fmt: skip
        person.page.wait_for_function("() => location.search.includes('as_of')")
    else:
        person.page.select_option("#day", earlier)
        with person.page.expect_navigation():
            person.press(person.page.locator("form:has(#day) button"))
    assert asked(person)["as_of"] == [earlier]
    shown = person.page.locator("#verdict dl.facts").inner_text()
    assert earlier in shown
    published = re.findall(r"20\d\d-\d\d-\d\d", person.page.locator("#findings").inner_text())
    assert all(day <= earlier for day in published)
    look(person)
    going_on = person.page.locator("nav a[hreflang], #do a[href*='/v1/'], #do a[href*='card.png'], #do a[href*='/compare']")  # fmt: skip
    addresses = [link.get_attribute("href") or "" for link in going_on.all()]
    assert len(addresses) == 4
    assert [a for a in addresses if f"as_of={earlier}" not in a] == []
    person.page.reload()
    assert earlier in person.page.locator("#verdict dl.facts").inner_text()


def test_companies_side_by_side(person: Person) -> None:
    person.go("/compare")
    for count, name in enumerate(("삼부토건", "카카오"), start=1):
        person.page.fill("#add", name)
        with person.page.expect_navigation():
            person.page.press("#add", "Enter")
        assert len(asked(person)["c"]) == count
    heads = person.page.locator("table.compare thead th").all_inner_texts()
    assert heads[1:] == ["삼부토건", "카카오"]
    look(person, keys=True)
    with person.page.expect_navigation():
        person.press(person.page.locator("li.card a[href*='/compare']").first)
    assert asked(person)["c"] == ["dart:00258801"]


def test_the_market_by_ones_own_criteria(person: Person) -> None:
    person.go("/screen")
    person.page.select_option("#level", "danger")
    with person.page.expect_navigation():
        person.press(person.page.locator("form.card .actions button").first)
    before = person.page.locator("#rows-h").inner_text()
    assert person.page.locator(".candidates .badge.danger").count()
    assert person.page.locator(".candidates .badge.good").count() == 0
    person.press(person.page.locator("form.card details summary"))
    person.page.fill("#criteria", "verdict: {danger_weight: 1}")
    with person.page.expect_navigation():
        person.press(person.page.locator("form.card .actions button").first)
    assert person.page.locator("#rows-h").inner_text() != before
    assert asked(person)["criteria"] == ["verdict: {danger_weight: 1}"]
    look(person)
    person.page.fill("#criteria", "verdict: {danger_wait: 1}")
    with person.page.expect_navigation():
        person.press(person.page.locator("form.card .actions button").first)
    assert "danger_weight" in person.page.inner_text("#criteria-error")
    assert person.page.input_value("#criteria") == "verdict: {danger_wait: 1}"
    look(person, keys=True)


def test_a_threshold_is_set_without_knowing_yaml(person: Person) -> None:
    person.go("/screen?edit=net_loss_streak")
    person.page.fill("[name='t.danger_years']", "2")
    with person.page.expect_navigation():
        person.press(person.page.locator("fieldset button"))
    assert "danger_years: 2" in person.page.input_value("#criteria")
    look(person)


def test_a_question_is_explained_with_who_says_so(person: Person) -> None:
    person.go(COMPANY)
    finding = person.page.locator("details.finding").first
    person.press(finding.locator("summary"))
    with person.page.expect_navigation():
        person.press(finding.locator("a[href*='/signals/']"))
    assert "/signals/" in person.path
    look(person)
    person.go("/signals/interest_cover")
    assert person.page.locator("main a[href^='http']").count()


def test_the_other_language_says_the_same_of_the_same_page(person: Person) -> None:
    person.go(f"{COMPANY}?as_of=2023-04-03")
    with person.page.expect_navigation():
        person.press(person.page.locator("nav a[hreflang]"))
    assert person.page.url.endswith(f"{COMPANY}?as_of=2023-04-03")
    assert person.page.evaluate("document.documentElement.lang") == person.words("en", "ko")
    assert person.page.inner_text("h1") == "삼부토건"


def test_a_link_in_a_chat_has_a_picture(person: Person) -> None:
    person.go(COMPANY)
    picture = person.page.locator("meta[property='og:image']").get_attribute("content") or ""
    assert picture.startswith("http://127.0.0.1")
    answer = person.page.request.get(picture)
    assert answer.headers["content-type"] == "image/png"
    head = answer.body()[:24]
    assert (int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")) == (1200, 630)


def test_on_paper_everything_is_open_and_nothing_is_to_be_pressed(person: Person) -> None:
    person.go(COMPANY)
    person.page.emulate_media(media="print")
    assert person.page.locator("header.top nav").is_hidden()
    assert person.page.locator("#time").is_hidden()
    if person.kind.scripts:
        person.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert person.page.locator("#verdict details:not([open])").count() == 0
    # Without the script the style sheet shows what is folded.
    folded = person.page.locator("#verdict details")
    for number in range(folded.count()):
        inside = folded.nth(number).locator("table, dl").first
        box = inside.bounding_box()
        assert inside.is_visible()
        assert box is not None
        assert box["height"] > 0
    person.page.emulate_media(media="null")
    printed = person.page.pdf()  # Chromium writes the links of what it prints, and of that only
    sources = [a.get_attribute("href") or "" for a in person.page.locator("#verdict td a").all()]
    wanted = set(re.findall(r"rcpNo=(\d{14})", " ".join(sources)))
    assert wanted
    assert wanted <= {found.decode() for found in re.findall(rb"rcpNo=(\d{14})", printed)}
