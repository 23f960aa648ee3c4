"""Every object of the chart is one that Kubernetes takes, in every supported version; a changed rendering is seen."""

from __future__ import annotations

import copy
import functools
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import install_kubectl
import kubernetes_validate
import kubernetes_validate.utils
import pytest
import yaml

from tests.deploy import chart

if TYPE_CHECKING:
    from collections.abc import Iterator

each_case = pytest.mark.parametrize("name", chart.CASES)
#: Chart.yaml takes 1.30 and newer; the newest whose schemas are published here.
VERSIONS: Final = [f"1.{minor}" for minor in range(30, 38)]
#: Kinds whose schemas come with their operators: test_deploy_operators.py. Here the pod of an InferenceService is judged.
CUSTOM: Final = {"ExternalSecret", "InferenceService", "PodMonitor", "PrometheusRule"}
GOLDEN: Final = chart.ROOT / "tests" / "deploy" / "golden"


@pytest.mark.parametrize("name", ["values", "values-minimal", "values-eks"])
def test_helm_finds_nothing_to_complain_of(name: str) -> None:
    told = chart.run("lint", chart.CASES[name], "--strict")
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("name", chart.REFUSED)
def test_what_cannot_work_is_refused_with_a_reason(name: str) -> None:
    case, words = chart.REFUSED[name]
    told = chart.run("template", case)
    assert told.returncode != 0
    assert words in told.stderr.replace("'", "")


@pytest.fixture(scope="module", autouse=True)
def _schemas_read_once() -> Iterator[None]:
    """The library reads two megabytes of JSON for every object that it judges."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("schema_contents", "all_versions"):
            patched.setattr(
                kubernetes_validate.utils,
                name,
                functools.cache(getattr(kubernetes_validate.utils, name)),
            )
        yield


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_every_object(version: str) -> None:
    seen = set()
    for name in chart.CASES:
        for o in chart.objects(name):
            if o["kind"] in CUSTOM or (key := json.dumps(o, sort_keys=True)) in seen:
                continue
            seen.add(key)
            assert kubernetes_validate.validate(o, version, strict=True) == version
        for owner, pod in chart.pods(name).items():
            judged = {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": owner},
                "spec": pod["spec"],
            }
            if (key := json.dumps(judged, sort_keys=True)) not in seen and "kserve" in name:
                seen.add(key)
                kubernetes_validate.validate(judged, version, strict=True)


def test_every_custom_kind_is_named() -> None:
    builtin = {"ConfigMap", "CronJob", "Deployment", "HorizontalPodAutoscaler", "Ingress", "Job", "NetworkPolicy", "PersistentVolumeClaim", "PodDisruptionBudget", "Service", "ServiceAccount"}  # fmt: skip
    found = {o["kind"] for name in chart.CASES for o in chart.objects(name)}
    assert found == builtin | CUSTOM


@each_case
def test_kubectl_reads_every_pod(name: str) -> None:
    """The real decoder, not only schemas: it lists the variables of every container."""
    owners = chart.of_kind(name, "Deployment", "CronJob", "Job")
    told = subprocess.run(
        [install_kubectl.install() / "kubectl", "set", "env", "--local", "--list", "-f", "-"],
        input=yaml.safe_dump_all(owners), capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    for owner in owners:
        assert f"# {owner['kind'].lower()}s/" in told.stdout.lower() or owner["metadata"]["name"] in told.stdout  # fmt: skip


@each_case
def test_names_are_given_once_and_short_enough(name: str) -> None:
    names = [(o["kind"], o["metadata"]["name"]) for o in chart.objects(name)]
    assert len(names) == len(set(names))
    # 63 is Kubernetes' bound; a CronJob's jobs append eleven letters.
    assert all(len(of) <= (52 if kind == "CronJob" else 63) for kind, of in names)


def test_rules_and_dashboards_are_those_of_the_files() -> None:
    (rule,) = chart.of_kind("everything", "PrometheusRule")
    written = yaml.safe_load((chart.CHART / "files" / "alerts.yaml").read_text(encoding="utf-8"))
    assert rule["spec"] == written
    boards = {key: text for o in chart.of_kind("everything", "ConfigMap") if "grafana_dashboard" in o["metadata"]["labels"] for key, text in o["data"].items()}  # fmt: skip
    files = {path.name: path.read_text(encoding="utf-8") for path in (chart.CHART / "files" / "dashboards").glob("*.json")}  # fmt: skip
    assert boards == files
    assert files


def golden(name: str) -> str:
    """A case as it is kept: what other files hold already is cut."""
    kept = copy.deepcopy(chart.objects(name))
    for o in kept:
        if o["kind"] == "PrometheusRule":
            o["spec"] = "files/alerts.yaml"
        if "grafana_dashboard" in o["metadata"].get("labels", {}):
            o["data"] = "files/dashboards"
    return yaml.safe_dump_all(kept, sort_keys=True, width=160)


@pytest.mark.parametrize("name", ["values", "values-minimal", "values-eks", "kserve"])
def test_rendering_is_the_one_that_was_agreed_on(name: str) -> None:
    path = GOLDEN / f"{name}.yaml"
    assert golden(name) == path.read_text(encoding="utf-8"), (
        "if it is meant: python -m tests.deploy.test_deploy_objects, then read the difference"
    )


if __name__ == "__main__":
    for of in ("values", "values-minimal", "values-eks", "kserve"):
        (GOLDEN / f"{of}.yaml").write_text(golden(of), encoding="utf-8")
        sys.stdout.write(f"wrote golden/{of}.yaml\n")
