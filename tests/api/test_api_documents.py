"""What the API answers is what the command line prints, and follows the published schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jsonschema
import pytest

from paycanary.documents import schema
from paycanary.signals import catalog
from tests.command import Run

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

NAMES: Final = ("삼부토건", "카카오", "HMM")
BASE: Final = "http://127.0.0.1:8000"
COMPANY: Final = "dart:00125974"
OWN: Final = "signals:\n  interest_cover:\n    thresholds: {danger_years: 2}\n    weight: 9\n  pay_per_head: {off: true}\n"
DAYS: Final = ("2019-06-30", "2022.12.31", "20240331")


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The command line as whoever serves the same data would use it."""
    return Run(tmp_path_factory.mktemp("line"), {"PAYCANARY_BASE_URL": BASE})


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("own") / "criteria.yaml"
    file.write_text(OWN, encoding="utf-8")
    return file


def get(api: TestClient, path: str, **parameters: Any) -> Any:
    answer = api.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def company_id(api: TestClient, name: str) -> str:
    found: str = get(api, "/v1/resolve", q=name)["company"]["id"]
    return found


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_verdict_is_that_of_check(api: TestClient, line: Run, name: str, lang: str) -> None:
    told = get(api, f"/v1/companies/{company_id(api, name)}/verdict", lang=lang)
    assert told == line.json("check", name, "--lang", lang)


@pytest.mark.parametrize("day", DAYS)
def test_verdict_of_a_day_is_that_of_check(api: TestClient, line: Run, day: str) -> None:
    told = get(api, f"/v1/companies/{COMPANY}/verdict", lang="en", as_of=day)
    assert told == line.json("check", NAMES[0], "--lang", "en", "--as-of", day)
    assert all(f["published_on"] <= told["as_of"] for x in told["findings"] for f in x["figures"])


def test_own_criteria_are_those_of_check(api: TestClient, line: Run, own: Path) -> None:
    path = f"/v1/companies/{COMPANY}/verdict"
    printed = line.json(
        "check", NAMES[0], "--lang", "ko", "--criteria", own, "--as-of", "2022-12-31"
    )
    assert get(api, path, lang="ko", criteria=OWN, as_of="2022-12-31") == printed
    posted = api.post(path, params={"lang": "ko", "as_of": "2022-12-31"}, content=OWN.encode())
    assert posted.json() == printed
    plain = get(api, path, lang="ko", as_of="2022-12-31")
    assert plain != printed


def test_json_criteria_are_taken(api: TestClient) -> None:
    path = f"/v1/companies/{COMPANY}/verdict"
    body = {
        "signals": {
            "interest_cover": {"thresholds": {"danger_years": 2}, "weight": 9},
            "pay_per_head": {"off": True},
        }
    }
    assert api.post(path, json=body).json() == api.post(path, content=OWN.encode()).json()


def test_comparison_is_that_of_compare(api: TestClient, line: Run) -> None:
    ids = [company_id(api, name) for name in NAMES]
    told = get(api, "/v1/compare", id=ids, lang="ko", as_of="2023-06-30")
    assert told == line.json("compare", *NAMES, "--lang", "ko", "--as-of", "2023-06-30")


def test_screen_is_that_of_screen(api: TestClient, line: Run, own: Path) -> None:
    for parameters, options in (
        ({}, ()),
        ({"as_of": "2022-12-31"}, ("--as-of", "2022-12-31")),
        ({"criteria": OWN}, ("--criteria", own)),
        ({"industry": "건설"}, ("--industry", "건설")),
    ):
        told = get(api, "/v1/screen", limit=1000, **parameters)
        assert told == line.json("screen", *options)
        assert told["rows"]
    assert api.post("/v1/screen?limit=1000", content=OWN.encode()).json() == get(api, "/v1/screen", limit=1000, criteria=OWN)  # fmt: skip


@pytest.mark.parametrize("day", ["2015-01-01", "2026-01-02"])
def test_criteria_are_those_of_criteria(api: TestClient, line: Run, day: str) -> None:
    told = get(api, "/v1/criteria", lang="en", as_of=day)
    assert told == line.json("criteria", "--lang", "en", "--as-of", day)


def test_schema_is_that_of_schema(api: TestClient) -> None:
    assert get(api, "/v1/schema") == schema()


def test_every_document_follows_the_schema(api: TestClient) -> None:
    asked: dict[str, dict[str, Any]] = {
        "/v1/search": {"q": "ㅅㅂㅌㄱ"}, "/v1/resolve": {"q": "카카오"}, "/v1/companies": {"limit": 3}, "/v1/companies/{company}": {},
        "/v1/companies/{company}/verdict": {}, "/v1/companies/{company}/facts": {}, "/v1/companies/{company}/headcount": {},
        "/v1/compare": {"id": [COMPANY, COMPANY]}, "/v1/screen": {}, "/v1/signals": {}, "/v1/signals/{name}": {}, "/v1/criteria": {},
        "/v1/sources": {}, "/health/live": {}, "/health/ready": {}, "problem": {},
    }  # fmt: skip
    published = schema()
    assert asked.keys() == {a for a in published["x-addresses"] if not a.startswith("/v1/jobs") and "refresh" not in a}  # fmt: skip
    for address, parameters in asked.items():
        path = address.format(company=COMPANY, name="interest_cover").replace("problem", "/v1/none")
        part = {"$ref": published["x-addresses"][address], "$defs": published["$defs"]}
        checker = jsonschema.FormatChecker(formats=("date",))
        document = api.get(path, params=parameters).json()
        jsonschema.Draft202012Validator(part, format_checker=checker).validate(document)


def test_facts_know_nothing_of_later_days(api: TestClient) -> None:
    path = f"/v1/companies/{COMPANY}/facts"
    told = get(api, path, as_of="2022-12-31")
    assert told["facts"]
    assert all(f["published_on"] <= "2022-12-31" for f in told["facts"] + told["capital_changes"])
    concepts = sorted({f["concept"] for f in told["facts"]})
    some = get(api, path, as_of="2022-12-31", concept=concepts[:2])
    assert {f["concept"] for f in some["facts"]} == set(concepts[:2])
    assert some["facts"] == [f for f in told["facts"] if f["concept"] in concepts[:2]]


def test_headcount_knows_nothing_of_later_days(api: TestClient) -> None:
    told = get(api, f"/v1/companies/{COMPANY}/headcount", as_of="2022-12-31")
    assert told["rows"]
    assert all(row["published_on"] <= "2022-12-31" for row in told["rows"])
    assert len(get(api, f"/v1/companies/{COMPANY}/headcount")["rows"]) > len(told["rows"])


def test_company_says_where_to_read_on(api: TestClient) -> None:
    told = get(api, f"/v1/companies/{COMPANY}", lang="ko")
    assert told["company"]["name"] == NAMES[0]
    for name in ("verdict", "facts", "headcount"):
        assert api.get(told["links"][name]).status_code == 200


def test_signals_are_explained(api: TestClient) -> None:
    listed = get(api, "/v1/signals", lang="en")["signals"]
    assert [s["name"] for s in listed] == list(catalog.signals())
    one = get(api, "/v1/signals/interest_cover", lang="ko")
    assert one["thresholds"]
    assert {t["name"] for t in one["thresholds"] if t["is_in_force"]} == set(catalog.signals()["interest_cover"].thresholds)  # fmt: skip
    assert {"danger", "watch", "good"} <= set(one["wording"])


def test_sources_tell_how_new_the_data_is_and_nothing_of_the_server(api: TestClient) -> None:
    answer = api.get("/v1/sources", params={"lang": "en"})
    told = answer.json()
    assert told["sample"] is True
    newest = {s["source"]: s["newest_published_on"] for s in told["sources"]}
    assert {"opendart", "nps", "krx"} <= set(newest)
    assert all(newest.values())
    assert "/" not in answer.text.replace("https://", "").partition('"registers"')[0]
