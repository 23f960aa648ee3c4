"""The chart as Helm renders it: each set of values once a run.

The three dependencies lie in registries that a test does not reach. In the copy that is rendered here each is replaced by a
stand-in of the same name and a version that Chart.yaml takes, whose one object holds the values that it was given. So Helm's own
work is tested (conditions, versions, what is handed down), and every object of ours; what the real charts make of it is not.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import install_kubectl
import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
CHART: Final = ROOT / "deploy" / "helm" / "paycanary"
RELEASE: Final = "paycanary"
NAMESPACE: Final = "production"
Object = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """Values files of the chart, and switches beside them as `--set-json` takes them."""

    files: tuple[str, ...] = ()
    switches: dict[str, Any] = field(default_factory=dict)


CASES: Final = {
    "values": Case(),
    "values-minimal": Case(("values-minimal",)),
    "values-eks": Case(("values-eks",)),
    "kserve": Case((), {"models.kind": "kserve", "monitoring.podMonitors": True, "models.existingClaim": "versions"}),
    "kserve fixed": Case((), {"models.kind": "kserve", "models.autoscaling.enabled": False}),
    "bundled": Case((), {"postgres.enabled": True, "valkey.enabled": True}),
    "airflow": Case(("values-eks",), {"airflow.enabled": True}),
    "kubernetes executor": Case((), {"airflow.enabled": True, "airflow.executor": "KubernetesExecutor"}),
    "mwaa": Case(("values-eks",), {"cronJobs.enabled": False}),
    "node": Case((), {"home.accessMode": "ReadWriteOnce", "api.autoscaling.enabled": False, "api.replicas": 1}),
    "restore": Case(("values-eks",), {"restore.from": "s3://paycanary-backups-111122223333/production", "restore.id": "20260101T000000Z"}),
    "restore on a node": Case(("values-minimal",), {"restore.from": "/backups", "backup.existingClaim": "backups"}),
    "bare": Case((), {
        "models.enabled": False, "networkPolicy.enabled": False, "serviceAccount.create": False, "migrations.enabled": False,
        "cronJobs.enabled": False, "api.autoscaling.enabled": False, "api.replicas": 1, "worker.replicas": 1,
    }),
    "everything": Case((), {
        "image.digest": f"sha256:{'0' * 64}", "image.pullSecrets": ["registry"], "secrets.revision": "2", "home.existingClaim": "lake",
        "models.existingClaim": "versions", "models.autoscaling.enabled": False, "cronJobs.jobs.alerts.enabled": True,
        "backup.enabled": True, "backup.target": "/backups/production", "backup.existingClaim": "backups", "ingress.enabled": True, "ingress.className": "nginx",
        "ingress.host": "paycanary.example.com", "ingress.tlsSecret": "certificate", "service.annotations": {"a": "b"},
        "api.nodeSelector": {"pool": "a"}, "api.tolerations": [{"key": "pool", "operator": "Exists"}], "networkPolicy.apiToPublic": False,
        "networkPolicy.modelsFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "airflow"}}}],
        "monitoring.podMonitors": True, "monitoring.rules": True, "monitoring.dashboards": True, "fullnameOverride": "canary",
    }),
}  # fmt: skip
#: Switches that cannot work together, and words of what is said of them.
REFUSED: Final[dict[str, tuple[Case, str]]] = {
    "several pods on SQLite": (Case(("values-minimal",), {"api.replicas": 2}), "Several API pods share state"),
    "workers without Redis": (Case(("values-minimal",), {"worker.enabled": True}), "Workers take jobs from Redis"),
    "migrations of SQLite": (Case(("values-minimal",), {"migrations.enabled": True}), "migrations.enabled: false"),
    "a volume for one node": (Case((), {"home.accessMode": "ReadWriteOnce"}), "need home.accessMode: ReadWriteMany"),
    "SQLite for several nodes": (Case(("values-minimal",), {"home.accessMode": "ReadWriteMany"}), "set home.accessMode: ReadWriteOnce"),
    "a backup beside what it is of": (Case((), {"backup.enabled": True, "backup.target": "/var/lib/paycanary/backups"}), "backup.existingClaim"),
    "a restore from nowhere": (Case((), {"restore.from": "/backups"}), "backup.existingClaim"),
    "a restore beside Airflow": (Case((), {"restore.from": "s3://a/b", "airflow.enabled": True}), "airflow.enabled: false"),
    "an unused PostgreSQL": (Case(("values-minimal",), {"postgres.enabled": True}), "nobody uses"),
    "an unused Valkey": (Case(("values-minimal",), {"valkey.enabled": True}), "nobody uses"),
    "a store without a name": (Case((), {"externalSecrets.enabled": True}), "externalSecrets.storeName"),
    "a backup to nowhere": (Case((), {"backup.enabled": True}), "backup.target"),
    "a site without a name": (Case((), {"ingress.enabled": True}), "ingress.host"),
    "the newest image": (Case((), {"image.tag": "latest"}), "/image/tag"),
    "a secret among settings": (Case((), {"config.PAYCANARY_SECRET": "x"}), "invalid propertyName PAYCANARY_SECRET"),
    "a name that no alert looks for": (Case((), {"config.OTEL_SERVICE_NAME": "x"}), "invalid propertyName OTEL_SERVICE_NAME"),
    "a word that nobody knows": (Case((), {"apii.replicas": 2}), "apii"),
    "no limits": (Case((), {"worker.resources.limits": None}), "/worker/resources"),
    "half a processor for models": (Case((), {"models.resources.limits.cpu": "500m"}), "/models/resources/limits/cpu"),
}  # fmt: skip


@cache
def helm(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Helm; it may fail."""
    program = install_kubectl.install() / "helm"
    return subprocess.run([program, *arguments], capture_output=True, encoding="utf-8", check=False)


@cache
def copied() -> Path:
    """The chart beside stand-ins for its dependencies, in a folder that is gone when the run ends."""
    kept = tempfile.TemporaryDirectory(prefix="paycanary-chart-")
    _KEPT.append(kept)
    folder = Path(kept.name) / "paycanary"
    shutil.copytree(CHART, folder, ignore=shutil.ignore_patterns("charts"))
    for dependency in dependencies():
        made = folder / "charts" / dependency["name"]
        (made / "templates").mkdir(parents=True)
        version = dependency["version"].removeprefix("~")
        about = {"apiVersion": "v2", "name": dependency["name"], "version": version}
        (made / "Chart.yaml").write_text(yaml.safe_dump(about), encoding="utf-8")
        (made / "values.yaml").write_text("{}\n", encoding="utf-8")
        stand_in = {"apiVersion": "stand-in/v1", "kind": "StandIn", "metadata": {"name": dependency["name"]}}  # fmt: skip
        text = yaml.safe_dump(stand_in) + 'values: {{ omit .Values "global" | toJson }}\n'
        (made / "templates" / "given.yaml").write_text(text, encoding="utf-8")
    return folder


_KEPT: Final[list[tempfile.TemporaryDirectory[str]]] = []


def dependencies() -> list[dict[str, str]]:
    """What Chart.yaml declares."""
    about = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    found: list[dict[str, str]] = about["dependencies"]
    return found


def run(verb: str, case: Case, *more: str) -> subprocess.CompletedProcess[str]:
    """Run `helm template` or `helm lint` on the copy."""
    arguments: list[str | Path] = [verb, *([RELEASE] if verb == "template" else []), copied()]
    for name in case.files:
        arguments += ["--values", CHART / f"{name}.yaml"]
    for key, value in case.switches.items():
        arguments += ["--set-json", f"{key}={json.dumps(value)}"]
    return helm(*arguments, "--namespace", NAMESPACE, *more)


@cache
def text(name: str) -> str:
    """A case as Helm renders it."""
    told = run("template", CASES[name])
    assert told.returncode == 0, told.stderr
    return told.stdout


@cache
def objects(name: str) -> tuple[Object, ...]:
    """Objects of ours, without the stand-ins."""
    return tuple(o for o in _all(name) if o["kind"] != "StandIn")


def given(name: str) -> dict[str, Object]:
    """What each dependency was given: by name, of those that a case switches on."""
    return {o["metadata"]["name"]: o["values"] for o in _all(name) if o["kind"] == "StandIn"}


def _all(name: str) -> list[Object]:
    return [document for document in yaml.load_all(text(name), yaml.CSafeLoader) if document]


def of_kind(name: str, *kinds: str) -> list[Object]:
    """Objects of some kinds."""
    return [o for o in objects(name) if o["kind"] in kinds]


def pods(name: str) -> dict[str, Object]:
    """Specifications and labels of all pods that a case may start: `{"metadata": ..., "spec": ...}` by the owner's name."""
    found: dict[str, Object] = {}
    for o in objects(name):
        spec = o.get("spec", {})
        if o["kind"] in {"Deployment", "Job"}:
            found[o["metadata"]["name"]] = spec["template"]
        elif o["kind"] == "CronJob":
            found[o["metadata"]["name"]] = spec["jobTemplate"]["spec"]["template"]
        elif o["kind"] == "InferenceService":
            found[o["metadata"]["name"]] = {"metadata": {"labels": spec["predictor"]["labels"]}, "spec": pod_of(spec["predictor"])}  # fmt: skip
    return found


def pod_of(predictor: Object) -> Object:
    """The part of a KServe predictor that is a pod's specification: the rest are words of its own."""
    own = {"minReplicas", "maxReplicas", "scaleMetric", "scaleTarget", "labels"}
    return {key: value for key, value in predictor.items() if key not in own}
