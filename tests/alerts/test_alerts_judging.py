"""What changed is noted once: whatever is killed, run twice, or run by two at the same time."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select

from paycanary.alerts import addresses, watchlists
from paycanary.alerts.judging import judge
from paycanary.errors import NotFoundError
from paycanary.models import Correction, Forecast, Unknown, Verdict
from paycanary.state.database import Database
from paycanary.state.tables import Change, Delivery, Follow, Judged, Watchlist
from tests.alerts.receivers import (
    COMPANY,
    DAY,
    NAME,
    confirmed_address,
    followed,
    hooked,
    judged,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paycanary.errors import Lang

LEVELS = ("danger", "watch", "good", "unknown")


def changes(database: Database) -> list[Change]:
    with database.session() as session:
        return list(session.scalars(select(Change).order_by(Change.noted_at, Change.signal)))


def deliveries(database: Database) -> list[Delivery]:
    with database.session() as session:
        return list(session.scalars(select(Delivery)))


def test_the_first_judgement_is_a_baseline(database: Database) -> None:
    followed(database)
    summary = judged(database, 1, {"cash": "good"})
    assert (summary.companies, summary.judged, summary.first, summary.changes) == (1, 1, 1, 0)
    assert changes(database) == []


def test_a_change_has_before_and_after_in_both_languages_with_the_source(
    database: Database,
) -> None:
    followed(database)
    judged(database, 1, {"cash": "good", "debt": "good"})
    summary = judged(database, 2, {"cash": "danger", "debt": "good"})
    assert summary.changes == 2
    by_signal = {change.signal: change for change in changes(database)}
    assert set(by_signal) == {"verdict", "cash"}
    change = by_signal["cash"]
    assert change.company_name == NAME
    assert (change.before["level"], change.after["level"]) == ("good", "danger")
    assert change.before["sentence"] == {"ko": "cash good ko", "en": "cash good en"}
    assert change.after["title"] == {"ko": "cash-ko", "en": "cash-en"}
    (figure,) = change.after["figures"]
    assert (figure["source"], figure["filing_id"], figure["published_on"]) == (
        "opendart",
        "20260301000001",
        "2026-03-01",
    )
    # The sentence of the whole rests on the figures of the findings that it names.
    assert by_signal["verdict"].after["figures"] == [figure]


@pytest.mark.parametrize(("before", "after"), [("unknown", "watch"), ("good", "unknown")])
def test_to_and_from_unknown_is_a_change(database: Database, before: Any, after: Any) -> None:
    followed(database)
    judged(database, 1, {"cash": before, "debt": "danger"})
    judged(database, 2, {"cash": after, "debt": "danger"})
    (change,) = changes(database)
    assert (change.before["level"], change.after["level"]) == (before, after)


def test_a_signal_that_was_never_asked_before_is_no_change(database: Database) -> None:
    followed(database)
    judged(database, 1, {"cash": "danger"})
    assert judged(database, 2, {"cash": "danger", "debt": "watch"}).changes == 0
    assert judged(database, 3, {"cash": "danger", "debt": "good"}).changes == 1


def test_every_list_and_channel_gets_a_delivery(database: Database) -> None:
    first, second, other = followed(database), followed(database), followed(database, "dart:2")
    confirmed_address(database, first, "someone@example.com")
    addresses.ask_address(database, second, "waiting@example.com")
    hook = hooked(database, second, "http://127.0.0.1:1/hook")
    levels = {COMPANY: "good", "dart:2": "good"}

    def ask(company: str, lang: Lang) -> Verdict:
        return verdict(company, {"cash": levels[company], "debt": "danger"}, lang)

    judge(database, ask, "1-20260302", DAY)
    levels[COMPANY] = "watch"
    judge(database, ask, "2-20260302", DAY)
    ids = {s: watchlists.find(database, s).watchlist.id for s in (first, second, other)}  # type: ignore[union-attr]
    told = {(d.watchlist_id, d.channel, d.state) for d in deliveries(database)}
    assert told == {
        (ids[first], "feed", "sent"), (ids[first], "email", "pending"),
        (ids[second], "feed", "sent"), (ids[second], f"webhook:{hook.id}", "pending"),
    }  # fmt: skip


def test_an_accepted_correction_is_no_change(database: Database) -> None:
    followed(database)
    judged(database, 1, {"cash": "watch"})
    beside = Correction(
        id="c", statement="The figure is in thousands.", reporter="company", accepted_on=DAY
    )

    def ask(company: str, lang: Lang) -> Verdict:
        return verdict(company, {"cash": "watch"}, lang).model_copy(
            update={"corrections": [beside]}
        )

    assert judge(database, ask, "2-20260302", DAY).changes == 0


def test_a_change_of_the_forecast_alone_is_no_change(database: Database) -> None:
    followed(database)
    none = Unknown(what="forecast", title="Forecast", reason="not_filed", explanation="none")
    told: list[dict[str, Any]] = [{"forecast_unknown": none}, {"forecast": _forecast(0.01)}, {"forecast": _forecast(0.9)}, {"forecast_unknown": none}]  # fmt: skip
    for snapshot, update in enumerate(told, 1):

        def ask(company: str, lang: Lang, update: dict[str, Any] = update) -> Verdict:
            return verdict(company, {"cash": "watch"}, lang).model_copy(update=update)

        summary = judge(database, ask, f"{snapshot}-20260302", DAY)
        assert (summary.judged, summary.changes) == (1, 0)
    assert deliveries(database) == []


def _forecast(probability: float) -> Forecast:
    return Forecast(
        probability=probability, base_rate=0.011, months=12, rank=0.5, band="upper_half", sentence="", definition="", anchor="",
        limits="", reasons=[], changes=[], known_features=1, asked_features=1, model_version="made", quality=[],
    )  # fmt: skip


def test_a_company_is_followed_on_under_its_new_id(database: Database) -> None:
    old, both = followed(database), followed(database, COMPANY, "dart:9")
    judged(database, 1, {"cash": "good"}, COMPANY)
    with database.session() as session:  # the test's verdicts bear one id; the other was not judged
        session.execute(delete(Judged).where(Judged.company_id == "dart:9"))
    judged(database, 2, {"cash": "danger"}, "dart:9")
    with database.session() as session:
        assert set(session.scalars(select(Follow.company_id))) == {"dart:9"}
        assert session.scalar(select(func.count()).select_from(Judged)) == 1
    for secret in (old, both):
        assert [f.company_id for f in watchlists.find(database, secret).follows] == ["dart:9"]  # type: ignore[union-attr]
    assert {(c.company_id, c.signal) for c in changes(database)} == {
        ("dart:9", "cash"),
        ("dart:9", "verdict"),
    }


def test_a_company_that_the_data_lost_stays_followed(database: Database) -> None:
    followed(database)
    judged(database, 1, {"cash": "good"})

    def ask(_company: str, _lang: Lang) -> Verdict:
        raise NotFoundError({"ko": "", "en": ""}, {"ko": "", "en": ""})

    assert judge(database, ask, "2-20260302", DAY).missing == 1
    assert judged(database, 3, {"cash": "danger"}).changes == 2


def test_a_company_whose_judgement_breaks_holds_up_no_other(database: Database) -> None:
    followed(database, "dart:1", "dart:2")

    def ask(level: Any) -> Any:
        def answer(company: str, lang: Lang) -> Verdict:
            if company == "dart:1":
                raise ZeroDivisionError
            return verdict(company, {"cash": level}, lang)

        return answer

    assert judge(database, ask("good"), "2-20260302", DAY).failed == 1
    summary = judge(database, ask("danger"), "3-20260302", DAY)
    assert (summary.failed, summary.changes) == (1, 2)


def test_a_company_that_goes_back_to_an_older_id_is_judged_on(database: Database) -> None:
    def judged_as(snapshot: int, levels: dict[str, Any], ids: dict[str, str]) -> Any:
        return judge(database, lambda c, lang: verdict(ids.get(c, c), {"cash": levels[ids.get(c, c)]}, lang), f"{snapshot}-20260302", DAY)  # fmt: skip

    followed(database, "dart:1")
    judged_as(1, {"dart:1": "good"}, {})
    judged_as(2, {"dart:1": "danger"}, {})
    # Two registers' companies are taken for one, and later for two again.
    judged_as(3, {"dart:2": "danger"}, {"dart:1": "dart:2"})
    followed(database, "dart:1")
    judged_as(4, {"dart:1": "good", "dart:2": "danger"}, {})
    summary = judged_as(5, {"dart:1": "danger", "dart:2": "danger"}, {})
    assert (summary.failed, summary.changes) == (0, 2)


def test_the_sample_is_no_state_that_the_first_real_data_change(database: Database) -> None:
    followed(database)
    for key in ("sample-20260302", "1-20260302"):
        level: Any = "good" if key[0] == "s" else "danger"
        summary = judge(database, lambda c, lang, level=level: verdict(c, {"cash": level}, lang), key, DAY)  # fmt: skip
        assert (summary.judged, summary.changes) == (1, 0)
    assert judged(database, 2, {"cash": "good"}).changes == 2


def test_levels_that_nobody_follows_are_forgotten_once(database: Database) -> None:
    secret = followed(database)
    judged(database, 1, {"cash": "good"})
    watchlists.destroy(database, secret)
    written = []

    def count(_con: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE judged"):
            written.append(cursor.rowcount)

    event.listen(database.engine, "after_cursor_execute", count)
    for snapshot in (2, 3):
        judged(database, snapshot, {"cash": "good"})
    assert written == [1, 0]


def test_who_follows_after_a_pause_begins_anew(database: Database) -> None:
    first = followed(database)
    judged(database, 1, {"cash": "good"})
    judged(database, 2, {"cash": "watch"})
    watchlists.destroy(database, first)
    assert judged(database, 3, {"cash": "watch"}).companies == 0
    followed(database)
    assert judged(database, 4, {"cash": "danger"}).first == 1
    judged(database, 5, {"cash": "good"})
    # Its number goes on counting, so that this change is not taken for that of the first round.
    assert [c.after["level"] for c in changes(database) if c.signal == "cash"] == ["watch", "good"]


def test_a_slow_copy_does_not_judge_on_what_is_past(database: Database) -> None:
    followed(database)
    judged(database, 9, {"cash": "danger"})
    assert judged(database, 8, {"cash": "good"}).judged == 0
    yesterday = judge(
        database,
        lambda c, lang: verdict(c, {"cash": "good"}, lang),
        "10-20260301",
        DAY - timedelta(days=1),
    )
    assert yesterday.judged == 0
    assert changes(database) == []


def test_two_at_the_same_time_note_it_once(state_url: str, database: Database) -> None:
    lists = [followed(database) for _ in range(3)]
    others = [Database(state_url) for _ in range(4)]
    for snapshot, level in enumerate(("good", "danger", "good", "watch"), 1):
        gate = threading.Barrier(len(others))

        def ask(
            company: str, lang: Lang, level: Any = level, gate: threading.Barrier = gate
        ) -> Verdict:
            if lang == "en":
                gate.wait(30)  # all have looked, and none has written
            return verdict(company, {"cash": level}, lang)

        threads = [
            threading.Thread(target=judge, args=(o, ask, f"{snapshot}-20260302", DAY))
            for o in others
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for other in others:
        other.close()
    assert len(changes(database)) == 3 * 2
    assert len(deliveries(database)) == 3 * 2 * len(lists)


@pytest.mark.parametrize("kept", ["Change", "Delivery"])
def test_killed_before_the_end_of_the_transaction_nothing_has_happened(
    database: Database, kept: str
) -> None:
    followed(database)
    judged(database, 1, {"cash": "good"})
    with dying(database), pytest.raises(Killed):
        judged(database, 2, {"cash": "danger"})
    assert len({"Change": changes, "Delivery": deliveries}[kept](database)) == 0
    assert judged(database, 2, {"cash": "danger"}).changes == 2


class Killed(BaseException):
    """As sudden as a signal: nothing catches it."""


class dying:  # noqa: N801 - reads as a verb
    """The process ends at the moment it would commit."""

    def __init__(self, database: Database) -> None:
        self.engine = database.engine
        self.seen = 0

    def __enter__(self) -> None:
        event.listen(self.engine, "commit", self.die)

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "commit", self.die)

    def die(self, _connection: object) -> None:
        # The first transaction looks who is followed, the second writes.
        self.seen += 1
        if self.seen > 1:
            raise Killed


@pytest.fixture
def embedded(home: Any) -> Iterator[Database]:
    from paycanary.state.database import open_database  # noqa: PLC0415

    opened = open_database(f"sqlite:///{home / 'state.sqlite'}")
    yield opened
    opened.close()


@given(st.lists(st.tuples(st.sampled_from(LEVELS), st.booleans(), st.integers(1, 2)), max_size=12))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_changes_are_those_of_consecutive_distinct_levels(
    embedded: Database, steps: list[tuple[Any, bool, int]]
) -> None:
    with embedded.session() as session:
        for table in (Watchlist, Change, Judged):
            session.execute(delete(table))
    followed(embedded)
    seen = []
    for snapshot, (level, is_killed, times) in enumerate(steps, 1):
        if is_killed:
            with dying(embedded), pytest.raises(Killed):
                judged(embedded, snapshot, {"cash": level, "debt": "danger"})
            continue
        seen.append(level)
        for _ in range(times):
            judged(embedded, snapshot, {"cash": level, "debt": "danger"})
    noted = [(c.before["level"], c.after["level"]) for c in changes(embedded)]
    assert noted == [(a, b) for a, b in pairwise(seen) if a != b]
    assert len(deliveries(embedded)) == len(noted)
