"""Writes what the chart gives to Prometheus and Grafana: ``files/alerts.yaml`` and ``files/dashboards/*.json``.

``make docs`` writes them anew; ``tests/telemetry/test_monitoring.py`` fails while one differs from what is made here.
Rules and alerts are data in `monitoring_rules`, panels in `monitoring_panels`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import yaml
from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DataSourceRef
from monitoring_panels import DASHBOARDS, Board, Panel
from monitoring_rules import ALERTS, BURNS, IN_TIME, OBJECTIVES, WINDOWS, Alert, Objective

FILES: Final = Path(__file__).resolve().parents[1] / "deploy" / "helm" / "paycanary" / "files"
_PAGES: Final = "https://github.com/paycanary/paycanary/blob/main/docs/runbook"
_SEVERITY: Final = {"Fast": "page", "Slow": "ticket"}
_SOURCE: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")
#: Panels stand three in a row of 24 columns.
_WIDTH: Final = 8
_HEIGHT: Final = 8


def rules() -> dict[str, Any]:
    """Give the groups of rules."""
    recorded: list[dict[str, Any]] = [
        {
            "record": "paycanary:source_late:bool",
            "expr": f"paycanary_source_lateness_seconds > bool {IN_TIME}",
        }
    ]
    recorded += [
        {"record": f"paycanary:{o.name}:ratio_rate{w}", "expr": o.bad.replace("WINDOW", w)}
        for o in OBJECTIVES
        for w in WINDOWS
    ]
    burning = [_burn(objective, pace) for objective in OBJECTIVES for pace in BURNS]
    return {
        "groups": [
            {"name": "paycanary.objectives", "rules": recorded},
            {"name": "paycanary.burn", "rules": burning},
            {"name": "paycanary.parts", "rules": [_alert(alert) for alert in ALERTS]},
        ]
    }


def _burn(objective: Objective, pace: str) -> dict[str, Any]:
    budget = f"{1 - objective.goal:.4g}"
    both = [
        f"(paycanary:{objective.name}:ratio_rate{long} > {factor} * {budget} "
        f"and paycanary:{objective.name}:ratio_rate{short} > {factor} * {budget})"
        for factor, long, short in BURNS[pace]
    ]
    goal = f"{objective.goal:.4%}".rstrip("%").rstrip("0").rstrip(".")
    alert = Alert(
        f"{objective.alert}{pace}", _SEVERITY[pace], " or ".join(both), "2m" if pace == "Fast" else "15m",
        f"So many {objective.what} that the objective of {goal} % will be missed.",
    )  # fmt: skip
    return _alert(alert)


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.expr,
        "for": alert.lasts,
        "labels": {"severity": alert.severity, "app": "paycanary"},
        "annotations": {"summary": alert.what, "runbook_url": f"{_PAGES}/{alert.name}.md"},
    }


def board(told: Board) -> str:
    """Give a dashboard as Grafana imports it."""
    made = (
        dashboard.Dashboard(told.title)
        .uid(f"paycanary-{told.name}")
        .description(told.description)
        .tags(["paycanary"])
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .refresh("1m")
        .time("now-6h", "now")
        .with_variable(dashboard.DatasourceVariable("datasource").type("prometheus"))
    )
    for number, panel in enumerate(told.panels, 1):
        made = made.with_panel(_panel(panel).id(number))
    # What the SDK has no value for is left to Grafana's defaults.
    document = _without_nulls(json.loads(JSONEncoder().encode(made.build())))
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _panel(told: Panel) -> Any:
    kind: Any = stat.Panel() if told.is_number else timeseries.Panel()
    panel = kind.title(told.title).unit(told.unit).datasource(_SOURCE).span(_WIDTH).height(_HEIGHT)
    if told.description:
        panel = panel.description(told.description)
    for number, (legend, expr) in enumerate(told.lines.items()):
        query = prometheus.Dataquery().expr(expr).legend_format(legend).ref_id(chr(ord("A") + number))  # fmt: skip
        panel = panel.with_target(query.datasource(_SOURCE))
    return panel


def files() -> dict[Path, str]:
    """Give every file with what it holds."""
    head = (
        "# Written by `make docs` from scripts/monitoring_rules.py. Change that, not this file.\n"
    )
    told = yaml.safe_dump(rules(), sort_keys=False, allow_unicode=True, width=1000)
    found = {FILES / "alerts.yaml": head + told}
    for one in DASHBOARDS:
        found[FILES / "dashboards" / f"{one.name}.json"] = board(one)
    return found


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(FILES.parents[3])}")
