"""The model server as the chart starts it: it really starts, and answers its probes; its image holds it."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.deploy import chart
from tests.servers import free_port
from tests.serving.conftest import PYTHON, ROOT, ModelServer, environment

if TYPE_CHECKING:
    from pathlib import Path

RECIPE: Final = ROOT / "deploy" / "containers" / "paycanary.Containerfile"
#: The model server of the chart, as a Deployment and under KServe; what else holds of them: tests/deploy/test_deploy_policy.py.
PODS: Final = {
    "deployment": chart.pods("values")["paycanary-models"]["spec"],
    "inferenceservice": chart.pods("kserve fixed")["paycanary-models"]["spec"],
}
CONFIG: Final = next(o["data"] for o in chart.of_kind("values", "ConfigMap") if o["metadata"]["name"] == "paycanary-models")  # fmt: skip
each_pod = pytest.mark.parametrize("name", PODS)


@each_pod
def test_the_command_starts_and_its_probes_are_answered(name: str, small: Path, tmp_path: Path) -> None:  # fmt: skip
    (container,) = PODS[name]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    arguments = list(container["args"])
    assert arguments[arguments.index("--port") + 1] == str(ports.get("http", ports.get("http1")))
    free = {"8080": str(free_port()), "8081": str(free_port())}
    command = [str(PYTHON), "-m", "paycanary", *(free.get(a, a) for a in arguments)]
    settings = CONFIG | {e["name"]: e["value"] for e in container["env"] if e["name"] != "HOME"}
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


def test_the_image_holds_what_the_pod_starts() -> None:
    """What else holds between chart and image: tests/containers."""
    text = RECIPE.read_text(encoding="utf-8")
    for pod in PODS.values():
        (program,) = pod["containers"][0]["command"]
        place = program.removesuffix("/bin/paycanary")
        assert f"install --quiet --python {place} --no-deps --require-hashes -r requirements/models.lock" in text  # fmt: skip
        assert f"USER {pod['securityContext']['runAsUser']}:" in text


def test_what_is_locked_for_it_is_permissive() -> None:
    code = 'from importlib.metadata import distributions; print(*(f\'{d.name}: {d.metadata.get("License-Expression")} {(d.metadata.get("License") or "")[:60]} {d.metadata.get_all("Classifier")}\'.replace(chr(10), \' \') for d in distributions()), sep=chr(10))'
    told = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert "kserve: " in told
    assert not [line for line in told.splitlines() if re.search(r"GPL|General Public", line)]
