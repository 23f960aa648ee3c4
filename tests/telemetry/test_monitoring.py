"""Rules and dashboards: written from one source, understood by Prometheus and by Grafana's own types, each alert with its page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import write_monitoring
import yaml
from grafana_foundation_sdk.models.dashboard import Dashboard

RUNBOOK: Final = Path(__file__).resolve().parents[2] / "docs" / "runbook"
RULES: Final = write_monitoring.FILES / "alerts.yaml"
BOARDS: Final = sorted((write_monitoring.FILES / "dashboards").glob("*.json"))
GROUPS: Final = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
ALERTS: Final = {rule["alert"]: rule for group in GROUPS for rule in group["rules"] if "alert" in rule}  # fmt: skip
RECORDED: Final = {rule["record"] for group in GROUPS for rule in group["rules"] if "record" in rule}  # fmt: skip


def promtool(*arguments: object) -> str:
    program = shutil.which("promtool")
    assert program, "no promtool: run scripts/install-test-servers.sh"
    ran = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def panel_queries() -> list[str]:
    return [
        target["expr"]
        for path in BOARDS
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]
        for target in panel["targets"]
    ]


def metrics_of(query: str) -> set[str]:
    """Names of the metrics that a query reads."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", query)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring)\s*\([^)]*\)", "", bare)
    names = set(re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?!\w|\s*\()", bare))
    return {name for name in names if "_" in name or ":" in name}


@pytest.mark.quick
def test_files_are_as_they_are_written() -> None:
    for path, text in write_monitoring.files().items():
        assert path.read_text(encoding="utf-8") == text, "run `make docs`"
    assert {path.stem for path in BOARDS} == {board.name for board in write_monitoring.DASHBOARDS}


@pytest.mark.quick
def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    # Of a failed task Airflow's callback tells, not Prometheus.
    assert {path.stem for path in RUNBOOK.glob("*.md")} - {"airflow-task"} == set(ALERTS)
    for name, rule in ALERTS.items():
        text = (RUNBOOK / f"{name}.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {name}\n\nSeverity: {rule['labels']['severity']}")
        assert all(part in text for part in ("## What it means", "## Look", "## Do"))
        assert rule["annotations"]["runbook_url"].endswith(f"/docs/runbook/{name}.md")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (RUNBOOK / target).resolve().exists(), (name, target)


@pytest.mark.quick
def test_dashboards_are_what_grafana_takes() -> None:
    for path in BOARDS:
        told = json.loads(path.read_text(encoding="utf-8"))
        # Grafana's own types: a field that it does not know, or of another kind, does not come back.
        parsed = json.loads(write_monitoring.JSONEncoder().encode(Dashboard.from_json(told)))
        assert write_monitoring._without_nulls(parsed) == told
        assert told["uid"] == f"paycanary-{path.stem}"
        ids = [panel["id"] for panel in told["panels"]]
        assert len(ids) == len(set(ids))
        cells = [(x, y) for panel in told["panels"] for x, y in _cells(panel["gridPos"])]
        assert len(cells) == len(set(cells))
        assert max(x for x, _ in cells) < 24
        (variable,) = told["templating"]["list"]
        assert (variable["type"], variable["query"]) == ("datasource", "prometheus")
        for panel in told["panels"]:
            assert panel["datasource"]["uid"] == f"${{{variable['name']}}}"
            assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def _cells(at: dict[str, int]) -> list[tuple[int, int]]:
    return [(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]  # fmt: skip


def test_prometheus_understands_every_rule_and_every_panel(tmp_path: Path) -> None:
    assert "SUCCESS" in promtool("check", "rules", RULES)
    rules = [{"record": f"panel{n}", "expr": q.replace("$__rate_interval", "5m")} for n, q in enumerate(panel_queries())]  # fmt: skip
    file = tmp_path / "panels.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")  # fmt: skip
    assert f"SUCCESS: {len(rules)} rules found" in promtool("check", "rules", file)


@dataclass(frozen=True)
class Case:
    """Series that bring an alert at a moment, and others that do not; minutes and values as promtool writes them."""

    alert: str
    bad: dict[str, str]
    good: dict[str, str]
    at: str = "15m"
    labels: str = ""
    interval: str = "1m"


COUNT: Final = "http_server_request_duration_seconds_count"
BUCKET: Final = "http_server_request_duration_seconds_bucket"
API: Final = 'service_name="paycanary-api",http_route="/x"'


def requests(good: str, bad: str) -> dict[str, str]:
    """Requests that were answered, and that met an error."""
    return {f'{COUNT}{{{API},http_response_status_code="200"}}': good, f'{COUNT}{{{API},http_response_status_code="500"}}': bad}  # fmt: skip


def times(quick: str, whole: str) -> dict[str, str]:
    return {f'{BUCKET}{{{API},le="0.5"}}': quick, f"{COUNT}{{{API}}}": whole}


def ends(done: str, failed: str) -> dict[str, str]:
    return {f'paycanary_job_ends_total{{job_outcome="{name}"}}': value for name, value in (("done", done), ("failed", failed), ("left", failed))}  # fmt: skip


def value(name: str, bad: str, good: str) -> tuple[dict[str, str], dict[str, str]]:
    return {name: bad}, {name: good}


def runs(fault: str, ok: str) -> dict[str, str]:
    return {f'paycanary_chore_runs_total{{chore="tidy",outcome="{name}"}}': told for name, told in (("fault", fault), ("ok", ok))}  # fmt: skip


#: Five hours in steps of ten minutes, at 600 a step: a rate over more than there is yet is that of what there is.
LONG: Final = {"at": "5h", "interval": "10m"}
DAYS: Final = "0+600x80"
CASES: Final = (
    Case("PaycanaryApiErrorsFast", requests("0+60x60", "0+2x60"), requests("0+60x60", "0+0x60")),
    # A blip of one minute an hour ago has gone by.
    Case("PaycanaryApiErrorsFast", requests("0+60x60", "0+6x60"), requests("0+600x60", "0 30x60")),
    # Twice the budget: no reason to wake anybody, and gone before the month is.
    Case("PaycanaryApiErrorsSlow", requests(DAYS, "0+1.2x80"), requests(DAYS, "0+0.3x80"), **LONG),
    Case("PaycanaryApiErrorsFast", requests(DAYS, "0+6x80"), requests(DAYS, "0+1.2x80"), **LONG),
    Case("PaycanaryApiSlowFast", times("0+40x60", "0+60x60"), times("0+60x60", "0+60x60")),
    Case("PaycanaryApiSlowSlow", times("0+588x80", DAYS), times("0+598x80", DAYS), **LONG),
    Case("PaycanaryJobFailuresFast", ends("0+10x60", "0+3x60"), ends("0+10x60", "0+0x60")),
    Case("PaycanaryJobFailuresSlow", ends(DAYS, "0+12x80"), ends(DAYS, "0+3x80"), **LONG),
    Case("PaycanarySourcesLateFast", *value('paycanary_source_lateness_seconds{source="x"}', "90000+60x60", "0+0x60")),
    Case("PaycanarySourcesLateSlow", *value('paycanary_source_lateness_seconds{source="x"}', "90000+600x80", "3600+0x80"), **LONG),
    Case("PaycanaryAbsent", {"other": "1+0x60"}, {'paycanary_part_up{part="store"}': "1+0x60"}, labels='part: "store"'),
    Case("PaycanaryStoreUnreadable", *value('paycanary_part_up{part="store"}', "0+0x60", "1+0x60")),
    Case("PaycanaryDatabaseAway", *value('paycanary_part_up{part="database"}', "0+0x60", "1+0x60")),
    Case("PaycanaryRedisAway", *value('paycanary_part_up{part="redis"}', "0+0x60", "1+0x60")),
    Case("PaycanaryRedisFull", *value('paycanary_redis_losses_total{reason="full"}', "0+5x60", "7+0x60")),
    Case("PaycanaryQueueStuck", *value("paycanary_jobs_oldest_age_seconds", "0+60x60", "30+0x60")),
    Case("PaycanaryAlertsUnsent", *value("paycanary_alerts_oldest_age_seconds", "3500+60x60", "300+0x60")),
    Case("PaycanaryAlertsLost", *value("paycanary_alerts_lost", "2+0x60", "0+0x60")),
    Case("PaycanaryChoreFaults", *value('paycanary_chore_runs_total{chore="judge",outcome="fault"}', "0+1x60", "3+0x60"), "30m", labels='chore: "judge"'),
    # Once an hour: every time a fault, and one fault between two that ended well.
    Case("PaycanaryChoreFaults", runs("0x5 1x5 2x5 3x5 4x5 5x5", "0x40"), runs("0x5 1x5 1x30", "0x10 1x5 2x5 3x20"), **LONG, labels='chore: "tidy"'),
    Case("PaycanaryModelsUnanswered", *value('paycanary_model_call_duration_seconds_count{model="forecast",outcome="unanswered"}', "0+1x60", "0+0x60")),
    Case("PaycanaryModelRefused", *value('paycanary_models_refused_version{model="text"}', "1+0x60", "0+0x60"), labels='model: "text"'),
    Case("PaycanarySnapshotOld", *value("paycanary_snapshot_age_seconds", "255000+600x80", "0+0x80"), **LONG),
    Case("PaycanarySourceVeryLate", *value('paycanary_source_lateness_seconds{source="x"}', "255000+600x80", "90000+0x80"), **LONG, labels='source: "x"'),
)  # fmt: skip


def test_every_alert_is_tried() -> None:
    assert {case.alert for case in CASES} == set(ALERTS)


@pytest.mark.parametrize("interval", ["1m", "10m"])
def test_every_alert_comes_when_it_should_and_only_then(tmp_path: Path, interval: str) -> None:
    tests: list[dict[str, Any]] = []
    for case in (case for case in CASES if case.interval == interval):
        rule = ALERTS[case.alert]
        own = yaml.safe_load(f"{{{case.labels}}}") if case.labels else {}
        words = rule["annotations"]["summary"]
        for name, told in own.items():
            words = words.replace(f"{{{{ $labels.{name} }}}}", told)
        comes = {"exp_labels": {**rule["labels"], **own}, "exp_annotations": {**rule["annotations"], "summary": words}}  # fmt: skip
        for series, expected in ((case.bad, [comes]), (case.good, [])):
            tests.append({
                "interval": case.interval,
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "alert_rule_test": [{"eval_time": case.at, "alertname": case.alert, "exp_alerts": expected}],
            })  # fmt: skip
    file = tmp_path / "tests.yaml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": interval, "group_eval_order": [g["name"] for g in GROUPS], "tests": tests}, width=1000), encoding="utf-8")  # fmt: skip
    promtool("test", "rules", file)


@pytest.mark.quick
def test_names_are_found_in_queries() -> None:
    query = 'topk(3, sum by (le, a_b) (rate(x_total{c_d="e_f"}[5m]))) / on (g_h) paycanary:y:z > bool 1 unless absent(w_x)'
    assert metrics_of(query) == {"x_total", "paycanary:y:z", "w_x"}
