"""The manifests: what they start really starts, asks at ports and paths that answer, and sets what the program reads."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any, Final

import kubernetes_validate
import pytest
import yaml

from paycanary.serving.settings import ModelsSettings
from tests.servers import free_port
from tests.serving.conftest import PYTHON, ROOT, ModelServer, environment

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = ROOT / "deploy" / "models"
KUBERNETES: Final = "1.33"
DOCUMENTS: Final = {
    f"{path.stem}: {document['kind']}": document
    for path in sorted(FOLDER.glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
}
#: What both kinds of manifest say of a pod.
PODS: Final = {
    "deployment": DOCUMENTS["deployment: Deployment"]["spec"]["template"]["spec"],
    "inferenceservice": DOCUMENTS["inferenceservice: InferenceService"]["spec"]["predictor"],
}
each_pod = pytest.mark.parametrize("name", PODS)


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if "InferenceService" not in name])
def test_kubernetes_takes_it(name: str) -> None:
    kubernetes_validate.validate(DOCUMENTS[name], KUBERNETES, strict=True)


def test_what_kserve_hands_on_to_a_pod_is_one() -> None:
    """KServe's predictor is a pod's specification with some words of its own."""
    own = {"minReplicas", "maxReplicas", "scaleMetric", "scaleTarget"}
    pod = {key: value for key, value in PODS["inferenceservice"].items() if key not in own}
    document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": pod}
    kubernetes_validate.validate(document, KUBERNETES, strict=True)
    assert [container["name"] for container in pod["containers"]] == ["kserve-container"]


@each_pod
def test_it_may_do_nothing_but_serve(name: str) -> None:
    pod = PODS[name]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}  # fmt: skip
    assert set(container["resources"]) == {"requests", "limits"}


@each_pod
def test_variables_are_read_by_the_program(name: str) -> None:
    (container,) = PODS[name]["containers"]
    values = {entry["name"]: entry["value"] for entry in container["env"]}
    prefix = ModelsSettings.model_config["env_prefix"]
    assert {variable.removeprefix(prefix).lower() for variable in values} <= set(ModelsSettings.model_fields)  # fmt: skip
    given = {variable.removeprefix(prefix).lower(): value for variable, value in values.items()}
    settings = ModelsSettings(**given)  # type: ignore[arg-type]
    assert settings.drain_seconds + settings.grace_seconds < PODS[name]["terminationGracePeriodSeconds"]  # fmt: skip
    assert str(settings.threads) == container["resources"]["limits"]["cpu"]


@each_pod
def test_the_command_starts_and_its_probes_are_answered(name: str, small: Path, tmp_path: Path) -> None:  # fmt: skip
    (container,) = PODS[name]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    arguments = list(container["args"])
    assert arguments[arguments.index("--port") + 1] == str(ports.get("http", ports.get("http1")))
    free = {"8080": str(free_port()), "8081": str(free_port())}
    command = [str(PYTHON), "-m", "paycanary", *(free.get(a, a) for a in arguments)]
    settings = {entry["name"]: entry["value"] for entry in container["env"]}
    env = environment({**settings, "PAYCANARY_TEXT_MODEL": str(small), "PAYCANARY_MODELS_DRAIN_SECONDS": "0"})  # fmt: skip
    server = ModelServer(command, tmp_path, int(free["8080"]), options={"env": env}, grpc_port=int(free["8081"]))  # fmt: skip
    try:
        server.start()
        with server.client() as client:
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                asked: dict[str, Any] = container[probe]["httpGet"]
                assert asked["port"] in {*ports, 8080}
                assert client.get(asked["path"]).status_code == 200
            assert client.get("/metrics").status_code == 200
        assert server.grpc({"call": "ServerReady"})[0]["answer"] == {"ready": True}
        assert server.stop() == 0
    finally:
        if server.is_running:
            server.kill()


def test_service_and_containers_agree() -> None:
    service, deployment = DOCUMENTS["deployment: Service"], DOCUMENTS["deployment: Deployment"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    named = {p["name"] for p in PODS["deployment"]["containers"][0]["ports"]}
    assert service["spec"]["selector"].items() <= labels.items()
    assert deployment["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert {port["targetPort"] for port in service["spec"]["ports"]} == named


def test_the_image_starts_the_same_and_holds_what_is_locked() -> None:
    text = (FOLDER / "Containerfile").read_text(encoding="utf-8")
    command = re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)
    assert command
    for pod in PODS.values():
        assert yaml.safe_load(command[1]) == pod["containers"][0]["args"]
        assert f"USER {pod['securityContext']['runAsUser']}:" in text
    for source in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / name).exists() for name in source.split())


def test_what_is_locked_for_it_is_permissive() -> None:
    code = 'from importlib.metadata import distributions; print(*(f\'{d.name}: {d.metadata.get("License-Expression")} {(d.metadata.get("License") or "")[:60]} {d.metadata.get_all("Classifier")}\'.replace(chr(10), \' \') for d in distributions()), sep=chr(10))'
    told = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert "kserve: " in told
    assert not [line for line in told.splitlines() if re.search(r"GPL|General Public", line)]
