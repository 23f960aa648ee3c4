"""What the dashboards show, as data; `write_monitoring` draws them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_API: Final = 'service_name="paycanary-api"'
_SECONDS: Final = "http_server_request_duration_seconds"
_RATE: Final = "$__rate_interval"


@dataclass(frozen=True)
class Panel:
    """A panel: legend -> PromQL. ``unit`` as Grafana names it."""

    title: str
    unit: str
    lines: dict[str, str]
    description: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Board:
    """A dashboard; ``name`` is its file's and its address."""

    name: str
    title: str
    description: str
    panels: tuple[Panel, ...] = field(default=())


def _quantile(of: str, by: str = "", quantile: str = "0.99") -> str:
    also = f", {by}" if by else ""
    return f"histogram_quantile({quantile}, sum by (le{also}) (rate({of}[{_RATE}])))"


def _left(objective: str, goal: float) -> str:
    return f"1 - paycanary:{objective}:ratio_rate3d / {1 - goal:.4g}"


DASHBOARDS: Final = (
    Board(
        "service", "paycanary: service", "How people are served: requests, errors, time, parts that are away.",
        (
            Panel("Parts that work", "short", {"{{part}}": "min by (part) (paycanary_part_up)"}, is_number=True),
            Panel(
                "Budget left, at the pace of three days", "percentunit",
                {"errors": _left("api_errors", 0.999), "slow": _left("api_slow", 0.99), "jobs": _left("job_failures", 0.99), "sources": _left("sources_late", 0.95)},
                "Below 0: the objective is being missed.", is_number=True,
            ),
            Panel("Requests under way", "short", {"now": f"sum(http_server_active_requests{{{_API}}})"}, is_number=True),
            Panel("Requests by route", "reqps", {"{{http_route}}": f"topk(12, sum by (http_route) (rate({_SECONDS}_count{{{_API}}}[{_RATE}])))"}),
            Panel("Answers by status", "reqps", {"{{http_response_status_code}}": f"sum by (http_response_status_code) (rate({_SECONDS}_count{{{_API}}}[{_RATE}]))"}),
            Panel("Share of errors of ours", "percentunit", {"5 minutes": "paycanary:api_errors:ratio_rate5m", "1 hour": "paycanary:api_errors:ratio_rate1h"}),
            Panel(
                "Time to the answer", "s",
                {"half": _quantile(f"{_SECONDS}_bucket{{{_API}}}", quantile="0.5"), "99 of 100": _quantile(f"{_SECONDS}_bucket{{{_API}}}")},
            ),
            Panel("Time to the answer by route, 99 of 100", "s", {"{{http_route}}": f'topk(12, {_quantile(f"{_SECONDS}_bucket{{{_API}}}", "http_route")})'}),
            Panel("Kept answers", "reqps", {"{{cache_result}}": f"sum by (cache_result) (rate(paycanary_cache_requests_total[{_RATE}]))"}, "new: made for this request."),
            Panel("Went without Redis", "ops", {"{{reason}}": f"sum by (reason) (rate(paycanary_redis_losses_total[{_RATE}]))"}),
            Panel("Memory", "bytes", {"{{instance}}": "process_resident_memory_bytes"}, "Of all processes of a copy together."),
            Panel("Processor", "percentunit", {"{{instance}}": f"rate(process_cpu_seconds_total[{_RATE}])"}),
        ),
    ),
    Board(
        "work", "paycanary: work", "What is done beside answering: refreshes, registers, alerts, models.",
        (
            Panel("Refreshes that wait or run", "short", {"{{job_state}}": "max by (job_state) (paycanary_jobs_open)"}),
            Panel("Longest wait for a refresh", "s", {"waiting": "max(paycanary_jobs_oldest_age_seconds)"}),
            Panel("Ends of refreshes", "ops", {"{{job_outcome}}": f"sum by (job_outcome) (rate(paycanary_job_ends_total[{_RATE}]))"}),
            Panel("How long refreshes take, 90 of 100", "s", {"{{job_kind}}": _quantile("paycanary_job_duration_seconds_bucket", "job_kind", "0.9")}),
            Panel("Registers: since the last whole round", "s", {"{{source}}": "min by (source) (paycanary_source_success_age_seconds)"}),
            Panel("Registers: behind their calendar", "s", {"{{source}}": "max by (source) (paycanary_source_lateness_seconds)"}),
            Panel("Registers: last whole round ended early", "short", {"{{source}} {{outcome}}": "max by (source, outcome) (paycanary_source_trouble) > 0"}, "By the error's code; whoever fetched, a job, a task or a person."),
            Panel("Registers asked for one company, not answered", "ops", {"{{source}} {{outcome}}": f'sum by (source, outcome) (rate(paycanary_source_fetches_total{{outcome!="ok"}}[{_RATE}]))'}),
            Panel("Age of the newest snapshot", "s", {"age": "min(paycanary_snapshot_age_seconds)"}, is_number=True),
            Panel("Alerts on their way", "short", {"{{channel}}": "max by (channel) (paycanary_alerts_unsent)"}),
            Panel("Alerts: the oldest that waits on us", "s", {"since it was noted": "max(paycanary_alerts_oldest_age_seconds)"}),
            Panel("Alerts given up within a day", "short", {"no receiver's reason": "max(paycanary_alerts_lost)"}, is_number=True),
            Panel("Alerts tried", "ops", {"{{channel}} {{outcome}}": f"sum by (channel, outcome) (rate(paycanary_alert_attempts_total[{_RATE}]))"}),
            Panel("Housekeeping", "ops", {"{{chore}} {{outcome}}": f"sum by (chore, outcome) (rate(paycanary_chore_runs_total[{_RATE}]))"}),
            Panel("Questions to the model server", "reqps", {"{{model}} {{outcome}}": f"sum by (model, outcome) (rate(paycanary_model_call_duration_seconds_count[{_RATE}]))"}),
            Panel("Model server: time to the answer, 99 of 100", "s", {"{{model}} {{protocol}}": _quantile("paycanary_models_request_seconds_bucket", "model, protocol")}),
            Panel("Model server: texts that wait", "short", {"{{instance}}": "paycanary_models_queue_texts"}),
        ),
    ),
)  # fmt: skip
