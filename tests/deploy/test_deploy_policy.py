"""What holds of every pod, service and policy of the chart, whatever is switched on."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest
import typer.main
import yaml
from typer.core import TyperGroup

from paycanary.cli.main import app
from paycanary.service.settings import Settings
from paycanary.serving.settings import ModelsSettings
from paycanary.sources.web.keys import KEYS
from tests.deploy import chart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_settings import BaseSettings

each_case = pytest.mark.parametrize("name", chart.CASES)
#: Read outside the settings' classes: by paycanary (docs/reference/settings.md), OpenTelemetry's SDK, or Python.
OTHERS: Final = {"PAYCANARY_HOME", "PAYCANARY_MODELS_URL", "HOME", "PYTHONDONTWRITEBYTECODE", "OTEL_EXPORTER_OTLP_ENDPOINT"}  # fmt: skip
SECRETS: Final = {"PAYCANARY_SECRET", "PAYCANARY_ACCEPTED_SECRETS", "DATABASE_URL", "REDIS_URL", "PAYCANARY_SMTP_URL", *(key.variables[0] for key in KEYS.values())}  # fmt: skip


def containers(name: str) -> Iterator[tuple[str, chart.Object, chart.Object]]:
    """Owner, pod's specification and container, of all containers of a case."""
    for owner, pod in chart.pods(name).items():
        for container in [*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])]:
            yield owner, pod["spec"], container


def variables(settings: type[BaseSettings]) -> set[str]:
    """Names in the environment that a class reads."""
    prefix = settings.model_config["env_prefix"]
    return {str(f.validation_alias or f"{prefix}{n}".upper()) for n, f in settings.model_fields.items()}  # fmt: skip


def config_of(name: str, container: chart.Object) -> dict[str, str]:
    """What a container's ConfigMaps hold."""
    maps = {o["metadata"]["name"]: o["data"] for o in chart.of_kind(name, "ConfigMap")}
    return {k: v for source in container.get("envFrom", []) for k, v in maps[source["configMapRef"]["name"]].items()}  # fmt: skip


@each_case
def test_no_pod_may_do_more_than_its_program_needs(name: str) -> None:
    for owner, pod, container in containers(name):
        assert pod["securityContext"]["runAsNonRoot"] is True, owner
        assert pod["securityContext"]["runAsUser"] == 65532
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}  # fmt: skip
        assert all(set(v) <= {"name", "emptyDir", "persistentVolumeClaim"} for v in pod["volumes"])
        assert all("sizeLimit" in v["emptyDir"] for v in pod["volumes"] if "emptyDir" in v)
        writable = {m["mountPath"] for m in container["volumeMounts"] if not m.get("readOnly")}
        assert writable <= {"/tmp", "/var/lib/paycanary", "/backups"}  # noqa: S108 - a path in the pod


@each_case
def test_every_image_is_named_by_version_or_digest(name: str) -> None:
    for _, _, container in containers(name):
        assert re.fullmatch(r"[\w./-]+(:\d[\w.-]+|@sha256:[0-9a-f]{64})", container["image"])


@each_case
def test_every_container_is_bounded(name: str) -> None:
    for owner, _, container in containers(name):
        for part in ("requests", "limits"):
            assert {"cpu", "memory"} <= set(container["resources"][part]), owner


@each_case
def test_what_serves_is_probed_at_ports_of_its_own(name: str) -> None:
    for owner, pod, container in containers(name):
        if pod.get("restartPolicy") == "Never":
            assert "readinessProbe" not in container
            continue
        ports = {p for port in container["ports"] for p in (port["name"], port["containerPort"])}
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"]["port"] in ports, owner
            assert container[probe]["httpGet"]["path"].rpartition("/")[2] in {"live", "ready", "started"}  # fmt: skip


@each_case
def test_no_secret_stands_in_a_manifest(name: str) -> None:
    assert not chart.of_kind(name, "Secret")
    for owner, _, container in containers(name):
        for entry in container["env"]:
            assert (entry["name"] in SECRETS) is ("valueFrom" in entry), (owner, entry["name"])
            assert "value" in entry or entry["valueFrom"]["secretKeyRef"]["key"] == entry["name"]
        assert not SECRETS & set(config_of(name, container))
        assert all("secretRef" not in source for source in container.get("envFrom", []))


@each_case
def test_keys_of_registers_are_given_to_those_who_ask_them(name: str) -> None:
    case_has_workers = any("worker" in owner for owner in chart.pods(name))
    keys = {key.variables[0] for key in KEYS.values()}
    for owner, _, container in containers(name):
        given = {entry["name"] for entry in container["env"]}
        asks = container["name"] in {"worker", "refresh"} or (container["name"] == "api" and not case_has_workers)  # fmt: skip
        if container["name"] != "alerts":
            assert (keys <= given) is asks, owner
            assert asks or not keys & given, owner


@each_case
def test_variables_are_read_by_the_program(name: str) -> None:
    for owner, _, container in containers(name):
        ours = variables(ModelsSettings) | {"PAYCANARY_LOG_FORMAT"} if "models" in container["args"] else variables(Settings)  # fmt: skip
        names = {entry["name"] for entry in container["env"]} | set(config_of(name, container))
        assert names <= ours | OTHERS | SECRETS, owner


@each_case
def test_values_of_variables_are_taken_by_the_program(name: str, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    for _, pod, container in containers(name):
        plain = {e["name"]: e["value"] for e in container["env"] if "value" in e} | config_of(name, container)  # fmt: skip
        with monkeypatch.context() as patched:
            for variable, value in plain.items():
                patched.setenv(variable, value)
            if "models" in container["args"]:
                models = ModelsSettings()
                assert models.drain_seconds + models.grace_seconds < pod["terminationGracePeriodSeconds"]  # fmt: skip
                assert str(models.threads) == container["resources"]["limits"]["cpu"]
            else:
                settings = Settings()
                ports = {p["name"]: p["containerPort"] for p in container.get("ports", [])}
                assert settings.metrics_port == ports.get("metrics")
                if container["name"] == "worker":
                    assert settings.job_lease_seconds < pod["terminationGracePeriodSeconds"]


@cache
def program() -> Any:
    """The command line, as it is."""
    return typer.main.get_command(app)


def parse(arguments: list[str]) -> dict[str, Any]:
    """Have the real command line read them, without doing anything; its parameters."""
    command: Any = program()
    words = list(arguments)
    while isinstance(command, TyperGroup):
        found = command.commands.get(words[0])
        assert found is not None, f"no command {words[0]} in {arguments}"
        command, words = found, words[1:]
    parameters: dict[str, Any] = command.make_context("paycanary", words).params
    return parameters


@each_case
def test_commands_are_those_of_the_program(name: str) -> None:
    for owner, _, container in containers(name):
        command = container.get("command", [])
        assert command in ([], ["/opt/paycanary-models/bin/paycanary"]), owner
        assert bool(command) is ("models" in container["args"])
        parameters = parse(container["args"])
        ports = {p["name"]: p["containerPort"] for p in container.get("ports", [])}
        if "port" in parameters:
            assert parameters["host"] == "0.0.0.0"  # noqa: S104 - in a pod of its own
            assert parameters["port"] == ports.get("http", ports.get("http1"))
        if "grpc" in ports:
            assert parameters["grpc_port"] == ports["grpc"]


def test_a_command_that_does_not_exist_is_noticed() -> None:
    for wrong in (["serv"], ["serve", "--hots", "a"], ["database", "upgrde"], ["alerts", "run", "--once", "too"]):  # fmt: skip
        with pytest.raises((AssertionError, Exception), match=r"no command|No such|unexpected"):
            parse(wrong)


@each_case
def test_services_reach_pods(name: str) -> None:
    """Also autoscalers, disruption budgets and monitors: each finds what it speaks of."""
    pods = chart.pods(name)
    deployments = {o["metadata"]["name"] for o in chart.of_kind(name, "Deployment")}

    def chosen(selector: dict[str, str]) -> list[chart.Object]:
        return [p for p in pods.values() if selector.items() <= p["metadata"]["labels"].items()]

    def ports(pod: chart.Object) -> set[str]:
        return {p["name"] for c in pod["spec"]["containers"] for p in c.get("ports", [])}

    for service in chart.of_kind(name, "Service"):
        (pod,) = chosen(service["spec"]["selector"])
        assert {p["targetPort"] for p in service["spec"]["ports"]} <= ports(pod)
    for o in chart.of_kind(name, "Deployment"):
        (pod,) = chosen(o["spec"]["selector"]["matchLabels"])
        assert pod == o["spec"]["template"]
    for o in chart.of_kind(name, "PodDisruptionBudget"):
        assert len(chosen(o["spec"]["selector"]["matchLabels"])) == 1
    for o in chart.of_kind(name, "PodMonitor"):
        (pod,) = chosen(o["spec"]["selector"]["matchLabels"])
        assert {e["port"] for e in o["spec"]["podMetricsEndpoints"]} <= ports(pod)
    for o in chart.of_kind(name, "HorizontalPodAutoscaler"):
        assert o["spec"]["scaleTargetRef"]["name"] in deployments
    for o in chart.of_kind(name, "Ingress"):
        backend = o["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
        named = {s["metadata"]["name"]: {p["name"] for p in s["spec"]["ports"]} for s in chart.of_kind(name, "Service")}  # fmt: skip
        assert backend["port"]["name"] in named[backend["name"]]


@each_case
def test_models_are_asked_where_they_answer(name: str) -> None:
    services = {o["metadata"]["name"]: {p["port"] for p in o["spec"]["ports"]} for o in chart.of_kind(name, "Service")}  # fmt: skip
    kserve = {o["metadata"]["name"] for o in chart.of_kind(name, "InferenceService")}
    for _, _, container in containers(name):
        for entry in container["env"]:
            if entry["name"] == "PAYCANARY_MODELS_URL":
                host, _, port = entry["value"].removeprefix("http://").rpartition(":")
                # KServe names the Service of a predictor so, in its standard mode, at port 80.
                assert int(port) in services.get(host, set()) or host in {f"{k}-predictor.{chart.NAMESPACE}.svc" for k in kserve}  # fmt: skip


@each_case
def test_accounts_and_claims_exist(name: str) -> None:
    accounts = {o["metadata"]["name"] for o in chart.of_kind(name, "ServiceAccount")} | {"default"}
    claims = {o["metadata"]["name"] for o in chart.of_kind(name, "PersistentVolumeClaim")} | {"lake", "versions", "backups"}  # fmt: skip
    for owner, pod in chart.pods(name).items():
        assert pod["spec"]["serviceAccountName"] in accounts, owner
        named = {v["persistentVolumeClaim"]["claimName"] for v in pod["spec"]["volumes"] if "persistentVolumeClaim" in v}  # fmt: skip
        assert named <= claims, owner


def test_roles_of_aws_are_given_to_jobs_alone() -> None:
    """IRSA: who answers the public holds no right to the backups."""
    accounts = {o["metadata"]["name"]: o["metadata"].get("annotations", {}) for o in chart.of_kind("values-eks", "ServiceAccount")}  # fmt: skip
    with_role = {name for name, annotations in accounts.items() if "eks.amazonaws.com/role-arn" in annotations}  # fmt: skip
    used = {owner for owner, pod in chart.pods("values-eks").items() if pod["spec"]["serviceAccountName"] in with_role}  # fmt: skip
    assert used == {o["metadata"]["name"] for o in chart.of_kind("values-eks", "CronJob")}
    assert with_role == {"paycanary-jobs"}


@pytest.mark.parametrize("name", ["restore", "restore on a node"])
def test_nothing_runs_beside_a_restore(name: str) -> None:
    (job,) = chart.of_kind(name, "Job")
    assert job["metadata"]["name"] == "paycanary-restore-1"
    assert (
        "annotations" not in job["metadata"]
    )  # no hook: it waits for the Secret and the claim of the release
    pod = job["spec"]["template"]["spec"]
    # The account that may read the backups; and no API's pod is there to be beside.
    assert pod["serviceAccountName"] == "paycanary-jobs"
    assert "affinity" not in pod
    replicas = {o["metadata"]["name"]: o["spec"].get("replicas") for o in chart.of_kind(name, "Deployment")}  # fmt: skip
    assert {n for n, count in replicas.items() if count != 0} <= {"paycanary-models"}
    assert "paycanary-api" not in {o["spec"]["scaleTargetRef"]["name"] for o in chart.of_kind(name, "HorizontalPodAutoscaler")}  # fmt: skip
    assert all(o["spec"]["suspend"] for o in chart.of_kind(name, "CronJob"))


def test_a_restore_reads_what_backups_wrote() -> None:
    job, backup = (chart.pods(name)[owner]["spec"]["containers"][0] for name, owner in (("restore", "paycanary-restore-1"), ("restore", "paycanary-backup")))  # fmt: skip
    assert (job["args"][2], job["image"]) == (backup["args"][2], backup["image"])
    assert [e["name"] for e in job["env"]] == [e["name"] for e in backup["env"]]
    for name, owner in (("restore on a node", "paycanary-restore-1"), ("everything", "canary-backup")):  # fmt: skip
        pod = chart.pods(name)[owner]["spec"]
        assert {"name": "backups", "persistentVolumeClaim": {"claimName": "backups"}} in pod["volumes"]  # fmt: skip
        assert {"name": "backups", "mountPath": "/backups"} in pod["containers"][0]["volumeMounts"]


@pytest.mark.parametrize("name", ["node", "values-minimal"])
def test_a_volume_for_one_node_is_let_go_before_it_is_taken(name: str) -> None:
    deployments = {o["metadata"]["name"]: o["spec"] for o in chart.of_kind(name, "Deployment")}
    assert deployments["paycanary-api"]["strategy"] == {"type": "Recreate"}
    for owner, pod in chart.pods(name).items():
        holds = any(v.get("persistentVolumeClaim", {}).get("claimName") == "paycanary-home" for v in pod["spec"]["volumes"])  # fmt: skip
        rules = pod["spec"].get("affinity", {}).get("podAffinity", {})
        assert bool(rules) is holds, owner
    (rule,) = chart.pods(name)["paycanary-api"]["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]  # fmt: skip
    (named,) = rule["labelSelector"]["matchExpressions"]
    # Its own among them: else the first pod of all would wait for ever.
    assert {p["metadata"]["labels"]["app.kubernetes.io/component"] for p in chart.pods(name).values()} - {"models", "migrations"} <= set(named["values"])  # fmt: skip
    assert "api" in named["values"]


def test_airflow_takes_the_place_of_the_schedules() -> None:
    assert {o["metadata"]["name"] for o in chart.of_kind("airflow", "CronJob")} == {"paycanary-backup"}  # fmt: skip
    assert chart.of_kind("values-eks", "CronJob")
    text = yaml.safe_load((chart.CHART / "values-eks.yaml").read_text(encoding="utf-8"))
    assert text["backup"]["enabled"] is True
