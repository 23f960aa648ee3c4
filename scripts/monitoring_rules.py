"""Service-level objectives and alerts, as data; `write_monitoring.py` turns them into rules of Prometheus.

Windows and factors are those of Google's SRE workbook (chapter 5): a page where an hour at this pace costs 2 % of a month's
budget, or six hours 5 %; a ticket where a day costs 10 %, or three days all of their share. The short window ends the alert
soon after the trouble does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Requests that people wait for: a stream of events is open as long as a refresh takes.
_API: Final = 'service_name="paycanary-api"'
_WAITED: Final = f'{_API},http_route!~".*/events"'
_REQUESTS: Final = "http_server_request_duration_seconds"
#: Seconds within which an answer counts as quick, and a register as fetched in time.
QUICK: Final = "0.5"
IN_TIME: Final = 86_400


@dataclass(frozen=True)
class Objective:
    """What is promised: the share of `bad` over a window stays below what `goal` leaves."""

    name: str
    alert: str
    goal: float
    bad: str
    """PromQL with ``WINDOW`` where the window stands."""
    what: str


def _share(bad: str, whole: str) -> str:
    """The share of bad ones; 0 where there are none of them, nothing where there is nothing at all."""
    return f"((sum by (namespace) ({bad}) or 0 * sum by (namespace) ({whole})) / (sum by (namespace) ({whole}) > 0))"  # fmt: skip


def _jobs(outcome: str) -> str:
    return f'rate(paycanary_job_ends_total{{job_outcome=~"{outcome}"}}[WINDOW])'


OBJECTIVES: Final = (
    Objective(
        "api_errors", "PaycanaryApiErrors", 0.999,
        _share(
            f'rate({_REQUESTS}_count{{{_API},http_response_status_code=~"5.."}}[WINDOW])',
            f"rate({_REQUESTS}_count{{{_API}}}[WINDOW])",
        ),
        "requests are answered with an error of ours (5xx)",
    ),
    Objective(
        "api_slow", "PaycanaryApiSlow", 0.99,
        "(1 - sum by (namespace) (rate("
        f'{_REQUESTS}_bucket{{{_WAITED},le="{QUICK}"}}[WINDOW])) / (sum by (namespace) (rate({_REQUESTS}_count{{{_WAITED}}}[WINDOW])) > 0))',
        f"requests take longer than {QUICK} s",
    ),
    Objective(
        "job_failures", "PaycanaryJobFailures", 0.99,
        _share(_jobs("failed|fault"), _jobs("done|failed|fault")),
        "attempts at refreshes fail",
    ),
    Objective(
        "sources_late", "PaycanarySourcesLate", 0.95,
        "avg by (namespace) (avg_over_time(paycanary:source_late:bool[WINDOW]))",
        "registers are more than a day behind their own calendars",
    ),
)  # fmt: skip
#: Factor of the budget's pace, long window, short window; the first two wake somebody.
BURNS: Final = {
    "Fast": (("14.4", "1h", "5m"), ("6", "6h", "30m")),
    "Slow": (("3", "1d", "2h"), ("1", "3d", "6h")),
}
WINDOWS: Final = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


@dataclass(frozen=True)
class Alert:
    """Something that is wrong, whatever it does to an objective."""

    name: str
    severity: str
    expr: str
    lasts: str
    what: str


def _part(part: str) -> str:
    return f'min by (namespace) (paycanary_part_up{{part="{part}"}}) == 0'


def _chores(outcome: str, window: str) -> str:
    return f'sum by (namespace, chore) (increase(paycanary_chore_runs_total{{outcome="{outcome}"}}[{window}]))'


#: Faults: more than three in an hour of what is done every few seconds; any at all of what is done once an hour, if it never
#: ends well beside it.
ALERTS: Final = (
    Alert(
        "PaycanaryAbsent", "page", 'absent(paycanary_part_up{part="store"})', "5m",
        "No process of the service tells how it is.",
    ),
    Alert("PaycanaryStoreUnreadable", "page", _part("store"), "2m", "The newest snapshot cannot be read; no company can be answered for."),
    Alert(
        "PaycanaryDatabaseAway", "page", _part("database"), "2m",
        "The service's database cannot be reached: no watchlists, alerts, corrections or refreshes.",
    ),
    Alert(
        "PaycanaryRedisAway", "ticket", _part("redis"), "5m",
        "Redis cannot be reached, or takes nothing new: refreshes wait, every process counts and keeps answers for itself.",
    ),
    Alert(
        "PaycanaryRedisFull", "ticket",
        'sum by (namespace) (increase(paycanary_redis_losses_total{reason="full"}[5m])) > 0', "5m",
        "Redis refuses to keep what it is sent.",
    ),
    Alert(
        "PaycanaryQueueStuck", "page", "max by (namespace) (paycanary_jobs_oldest_age_seconds) > 300", "5m",
        "A refresh that somebody asked for has waited for more than five minutes.",
    ),
    Alert(
        "PaycanaryAlertsUnsent", "ticket", "max by (namespace) (paycanary_alerts_oldest_age_seconds) > 3600", "10m",
        "A change was noted more than an hour ago, and somebody who waits for the alert has not got it, for no reason of theirs.",
    ),
    Alert(
        "PaycanaryAlertsLost", "ticket", "max by (namespace) (paycanary_alerts_lost) > 0", "0m",
        "Alerts were given up within the last day, for no reason of those who wait for them.",
    ),
    Alert(
        "PaycanaryChoreFaults", "ticket", f"{_chores('fault', '1h')} > 3 or ({_chores('fault', '6h')} > 0 unless {_chores('ok', '6h')} > 0)", "10m",
        "The chore {{ $labels.chore }} meets a fault of ours again and again.",
    ),
    Alert(
        "PaycanaryModelsUnanswered", "ticket",
        'sum by (namespace) (rate(paycanary_model_call_duration_seconds_count{outcome!="ok"}[10m])) '
        "/ (sum by (namespace) (rate(paycanary_model_call_duration_seconds_count[10m])) > 0) > 0.05", "10m",
        "More than 5 % of the questions to the model server are not answered.",
    ),
    Alert(
        "PaycanaryModelRefused", "ticket", "max by (namespace, model) (paycanary_models_refused_version) == 1", "5m",
        "A newer version of the model {{ $labels.model }} lies there that cannot be used.",
    ),
    Alert(
        "PaycanarySnapshotOld", "ticket", "min by (namespace) (paycanary_snapshot_age_seconds) > 259200", "1h",
        "Nothing new has been taken in for three days.",
    ),
    Alert(
        "PaycanarySourceVeryLate", "ticket", "max by (namespace, source) (paycanary_source_lateness_seconds) > 259200", "1h",
        "The register {{ $labels.source }} has not been fetched for three days since it brought something new.",
    ),
)  # fmt: skip
