"""Arelle gives the same facts with the same values for every filing, but for differences that are named here."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003

import pytest

pytest.importorskip("arelle")
from benchmarks.xbrl_judge import Verdict, documents, explain, judge_all
from paycanary.filings.xbrl.inline import read_inline


@pytest.fixture(scope="module")
def verdicts(shared_data: Path) -> list[Verdict]:
    return judge_all(shared_data / "filings")


def test_every_fact_is_the_same_or_its_difference_is_explained(verdicts: list[Verdict]) -> None:
    assert len(verdicts) == 56
    unexplained = [
        verdict.name for verdict in verdicts if not verdict.is_equal and not explain(verdict)
    ]
    assert not unexplained
    assert sum(verdict.ours for verdict in verdicts) > 14_000


def test_whole_files_that_arelle_refuses_are_few(verdicts: list[Verdict]) -> None:
    refused = [verdict.name for verdict in verdicts if not verdict.theirs]
    assert refused == [
        "uk/flat/kane_account_1.xml",
        "uk/kanedata/account_1.xml",
        "uk/kanedata/account_errors.xml",
    ]
    [mended] = [verdict for verdict in verdicts if verdict.is_mended]
    assert (mended.name, mended.confirmed, mended.ours) == (
        "us/inline/aeon-20230930x10q.htm",
        1054,
        1132,
    )


def test_in_us_pages_only_facts_in_the_formats_of_the_sec_are_unconfirmed(
    verdicts: list[Verdict],
) -> None:
    found = {v.name[10:14]: len(v.ours_only) for v in verdicts if explain(v) == "sec"}
    assert found == {"aapl": 46, "aeon": 78, "amzn": 32, "lyft": 42}
    assert sum(verdict.confirmed for verdict in verdicts) == 14_529


def test_the_fast_way_reads_every_real_page_as_the_parser_does(shared_data: Path) -> None:
    pages = [
        (name, data) for name, data in documents(shared_data / "filings") if b"inlineXBRL" in data
    ]
    assert len(pages) > 40
    for name, data in pages:
        assert read_inline(data, name) == read_inline(data, name, plainly=True), name
