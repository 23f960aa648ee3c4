"""Charts of others: switched by their conditions, given only values that they are known to read, found by our policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from tests.deploy import chart

if TYPE_CHECKING:
    from collections.abc import Iterator

KNOWN: Final = yaml.safe_load((chart.ROOT / "tests/deploy/dependency_values.yaml").read_text(encoding="utf-8"))  # fmt: skip
NAMES: Final = sorted(KNOWN)


def paths(values: Any, prefix: str = "") -> Iterator[str]:
    """Dotted paths of everything that is set."""
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from paths(value, f"{prefix}.{key}" if prefix else key)
    else:
        yield prefix


def test_each_is_declared_with_version_registry_and_condition() -> None:
    declared = {d["name"]: d for d in chart.dependencies()}
    assert sorted(declared) == NAMES
    for name, dependency in declared.items():
        assert dependency["condition"] == f"{name}.enabled"
        assert dependency["version"].startswith("~")
        assert dependency["repository"].startswith(("https://", "oci://"))


@pytest.mark.parametrize(
    ("case", "switched"),
    [("values", set()), ("values-minimal", set()), ("values-eks", set()), ("bundled", {"postgres", "valkey"}), ("airflow", {"airflow"})],
)  # fmt: skip
def test_none_comes_unless_it_is_switched_on(case: str, switched: set[str]) -> None:
    assert set(chart.given(case)) == switched


@pytest.mark.parametrize("name", NAMES)
def test_values_handed_down_are_known_to_exist(name: str) -> None:
    known = {path for listed in KNOWN[name].values() for path in listed}
    given = chart.given("airflow" if name == "airflow" else "bundled")[name]
    for path in paths(given):
        assert any(path == k or path.startswith(f"{k}.") for k in known), f"{name}.{path}"


def test_airflow_runs_the_image_and_home_of_this_release() -> None:
    given = chart.given("airflow")["airflow"]
    about = yaml.safe_load((chart.CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert given["defaultAirflowTag"] == about["appVersion"]
    claims = {o["metadata"]["name"] for o in chart.of_kind("airflow", "PersistentVolumeClaim")}
    assert {v["persistentVolumeClaim"]["claimName"] for v in given["volumes"]} == claims
    assert yaml.safe_load(given["extraEnvFrom"]) == [{"secretRef": {"name": "paycanary"}}]
    assert chart.given("kubernetes executor")["airflow"]["executor"] == "KubernetesExecutor"
