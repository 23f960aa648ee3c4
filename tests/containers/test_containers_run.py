"""Both images are built here, every step of both recipes, and then run as the chart runs them: read-only and not as root.

Needs root on Linux, as buildah's chroot does; anywhere else only the recipes are judged (test_containers_recipes.py).
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import stat
from typing import TYPE_CHECKING, Any, Final

import build_images
import pytest

from tests.containers.runtime import Built, Contained
from tests.deploy import chart
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.servers import Redis

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux" or os.geteuid() != 0, reason="building images needs root on Linux"
)
HOME: Final = "/var/lib/paycanary"
TMP: Final = "/tmp"  # noqa: S108 - a place in the container
COMPANY: Final = "삼부토건"
Images = dict[str, Built]


@pytest.fixture(scope="session")
def images() -> Iterator[Images]:
    """Both, built from a bare Debian root and mounted as long as the tests run."""
    for program in ("buildah", "mmdebstrap"):
        assert shutil.which(program), f"{program} is missing: run scripts/install-test-servers.sh"
    builder = build_images.Builder(build_images.CACHE / "images")
    first, second = build_images.build_both(builder)
    with builder.mounted(first) as root, builder.mounted(second) as other:
        yield {
            "paycanary": Built(first, root, builder.config(first)),
            "paycanary-airflow": Built(second, other, builder.config(second)),
        }


@pytest.fixture
def paycanary(images: Images) -> Built:
    return images["paycanary"]


def places(folder: Path) -> dict[str, Path]:
    """What may be written, as the chart mounts it."""
    return {HOME: folder / "home", TMP: folder / "tmp"}


def container(owner: str) -> dict[str, Any]:
    found: dict[str, Any] = chart.pods("values")[owner]["spec"]["containers"][0]
    return found


def as_the_chart_starts_it(
    image: Built, owner: str, folder: Path, env: Mapping[str, str], port_of: str
) -> Contained:
    """A pod's container with its arguments, settings and mounts; its ports exchanged for free ones."""
    asked = container(owner)
    free = {str(p["containerPort"]): str(free_port()) for p in asked["ports"]}
    maps = {o["metadata"]["name"]: o["data"] for o in chart.of_kind("values", "ConfigMap")}
    told = {k: v for source in asked["envFrom"] for k, v in maps[source["configMapRef"]["name"]].items()}  # fmt: skip
    told |= {e["name"]: e["value"] for e in asked["env"] if "value" in e and e["name"] != "PAYCANARY_MODELS_URL"}  # fmt: skip
    told = {k: free.get(v, v) for k, v in {**told, **env}.items()}
    mounts = {m["mountPath"]: folder / m["name"] for m in asked["volumeMounts"]}
    command = image.command([free.get(a, a) for a in asked["args"]], mounts, told, asked.get("command"))  # fmt: skip
    ports = {p["name"]: int(free[str(p["containerPort"])]) for p in asked["ports"]}
    return Contained(command, folder, ports[port_of])


def answers_its_probes(server: Contained, owner: str) -> None:
    try:
        server.path = container(owner)["startupProbe"]["httpGet"]["path"]
        server.start()
        for probe in ("readinessProbe", "livenessProbe"):
            assert server.ask(container(owner)[probe]["httpGet"]["path"]) == 200, server.output
        # uvicorn ends in order, and then by the signal that it was sent.
        assert server.stop() in {0, -signal.SIGTERM}, server.output
    finally:
        if server.is_running:
            server.kill()


def test_it_tells_its_version(paycanary: Built, tmp_path: Path) -> None:
    for command in (None, ["/opt/paycanary-models/bin/paycanary"]):
        ran = paycanary.run(["--version"], places(tmp_path), program=command)  # fmt: skip
        assert (ran.returncode, ran.stderr) == (0, "")
        assert build_images.version() in ran.stdout


def test_it_answers_about_a_company_of_the_sample(paycanary: Built, tmp_path: Path) -> None:
    ran = paycanary.run(["check", COMPANY, "--json"], places(tmp_path))  # fmt: skip
    assert ran.returncode in {0, 1, 2}, ran.stderr
    assert json.loads(ran.stdout)["company"]["name"].endswith(COMPANY)


def test_nothing_but_the_mounts_can_be_written_and_nobody_is_root(paycanary: Built, tmp_path: Path) -> None:  # fmt: skip
    code = """
import os, pathlib, pwd
print(os.getuid(), os.getgid(), pwd.getpwuid(os.getuid()).pw_name)
for place in ('/', '/opt/paycanary', '/etc', '/usr/lib', '/var/lib/paycanary', '/tmp'):
    try:
        pathlib.Path(place, 'x').write_text('x')
        print(place)
    except OSError as error:
        pass
"""
    ran = paycanary.run(["-c", code], places(tmp_path), program=["/opt/paycanary/bin/python"])  # fmt: skip
    assert ran.stdout.splitlines() == ["65532 65532 paycanary", HOME, TMP], ran.stderr


def test_the_api_answers_its_probes(paycanary: Built, tmp_path: Path, postgres_url: str, redis_server: Redis) -> None:  # fmt: skip
    secrets = {"DATABASE_URL": postgres_url, "REDIS_URL": redis_server.url, "PAYCANARY_SECRET": "a-secret-of-one-run"}  # fmt: skip
    server = as_the_chart_starts_it(paycanary, "paycanary-api", tmp_path, {**secrets, "PAYCANARY_METRICS_PORT": "9464"}, "http")  # fmt: skip
    answers_its_probes(server, "paycanary-api")


def test_a_worker_answers_its_probes(paycanary: Built, tmp_path: Path, postgres_url: str, redis_server: Redis) -> None:  # fmt: skip
    secrets = {"DATABASE_URL": postgres_url, "REDIS_URL": redis_server.url}
    server = as_the_chart_starts_it(paycanary, "paycanary-worker", tmp_path, {**secrets, "PAYCANARY_METRICS_PORT": "9464"}, "metrics")  # fmt: skip
    answers_its_probes(server, "paycanary-worker")


def test_the_model_server_answers_its_probes(paycanary: Built, tmp_path: Path) -> None:
    server = as_the_chart_starts_it(paycanary, "paycanary-models", tmp_path, {"PAYCANARY_MODELS_DRAIN_SECONDS": "0"}, "http")  # fmt: skip
    answers_its_probes(server, "paycanary-models")


def test_airflow_starts_and_its_tasks_find_paycanary(images: Images, tmp_path: Path) -> None:
    image = images["paycanary-airflow"]
    # As its chart: the folder of logs is a volume, the settings are a file that is mounted; here they are variables.
    env = {"AIRFLOW_HOME": TMP, "AIRFLOW__CORE__DAGS_FOLDER": "/opt/airflow/dags", "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}  # fmt: skip
    ran = image.run(["bash", "-c", 'airflow version && "$PAYCANARY_PYTHON" -m paycanary --version && "$PAYCANARY_PYTHON" -c "import paycanary.forecast.model_store, mlflow, sklearn, obstore" && python -c "import airflow.providers.celery, psycopg2"'], places(tmp_path), env)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert chart.given("airflow")["airflow"]["airflowVersion"] in ran.stdout
    assert build_images.version() in ran.stdout
    for place in ("entrypoint", "clean-logs"):
        assert (image.root / place).stat().st_mode & stat.S_IXOTH, place


def test_the_dags_are_read_without_an_error(images: Images, tmp_path: Path) -> None:
    image = images["paycanary-airflow"]
    env = {"AIRFLOW_HOME": TMP, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    code = """
import sys
from airflow.dag_processing.dagbag import DagBag
sys.path.append('/opt/airflow/dags')  # as Airflow's own processes do
bag = DagBag('/opt/airflow/dags')
print(sorted(bag.dags), bag.import_errors)
"""
    ran = image.run(["bash", "-c", f'airflow db migrate >/dev/null && exec python -c "{code}"'], places(tmp_path), env)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "paycanary_" in ran.stdout
    assert ran.stdout.strip().endswith("{}"), ran.stdout


def test_nothing_that_only_builds_or_tests_is_left(images: Images) -> None:
    for image in images.values():
        for site in image.root.glob("opt/*/lib/python3*/site-packages"):
            names = {p.name for p in site.iterdir()}
            assert not {"pip", "pyspark", "pytest", "onnx", "hatchling", "torch"} & names, site
            assert not [p for p in site.rglob("tests") if p.is_dir()]
        assert not list((image.root / "var/lib/apt/lists").iterdir())
        assert not (image.root / "src").exists()
        assert not (image.root / "tools").exists()


def test_every_bytecode_is_there_and_checked_by_no_time(images: Images) -> None:
    """A file's time in an image is not that of its making: bytecode that is checked by time would be made anew at every start."""
    root = images["paycanary-airflow"].root  # it holds the first too
    system = list(root.glob("usr/lib/python3.*/__pycache__/*.pyc"))
    for place in build_images.AIRFLOW.environments:
        site = next((root / place[1:]).glob("lib/python3*/site-packages"))
        found = list(site.rglob("*.pyc"))
        assert len(found) > 0.95 * len(list(site.rglob("*.py"))) > 3000, place
        for path in [*found, *system]:
            with path.open("rb") as file:
                assert int.from_bytes(file.read(8)[4:], "little") == 0b01, path


def test_no_program_of_the_image_takes_its_owners_rights(images: Images) -> None:
    """setuid programs of Debian do nothing under no_new_privs; ours are none."""
    for image in images.values():
        for path in (image.root / "opt").rglob("*"):
            mode = path.lstat().st_mode
            assert not mode & (stat.S_ISUID | stat.S_ISGID), path
            assert stat.S_ISLNK(mode) or not mode & stat.S_IWOTH, path


def test_what_is_in_it_is_listed(images: Images, tmp_path: Path) -> None:
    """Of the second image, which holds the first."""
    image = build_images.AIRFLOW
    root = images[image.name].root
    assert build_images.sbom(root, image, tmp_path / "listed") > 300
    document = json.loads((tmp_path / "listed").read_text(encoding="utf-8"))
    assert not {"serialNumber"} & set(document), "chance or a time would make another document of the same image"  # fmt: skip
    assert set(document["metadata"]) == {"component", "tools"}
    by_place: dict[str, dict[str, dict[str, Any]]] = {}
    for component in document["components"]:
        (place,) = (p["value"] for p in component["properties"] if p["name"] == "paycanary:place")
        by_place.setdefault(place, {})[component["name"].lower()] = component
    assert set(by_place) == {"/", *image.environments}
    assert {"libc6", "python3"} <= set(by_place["/"])
    for place in image.environments:
        packages = {p.name.partition("-")[0] for p in root.glob(f"{place[1:]}/lib/python3*/site-packages/*.dist-info")}  # fmt: skip
        assert len(packages) == len(by_place[place])
        for name, component in by_place[place].items():
            assert component["version"]
            assert component.get("hashes") or name == "paycanary", name
    licensed = [c for p in image.environments for c in by_place[p].values() if c.get("licenses")]
    assert len(licensed) > 0.9 * sum(len(by_place[p]) for p in image.environments)
