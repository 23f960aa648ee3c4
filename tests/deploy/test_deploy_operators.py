"""Objects of operators are held against what the operators publish: tests/deploy/operator_schemas.yaml."""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import jsonschema
import pytest
import yaml

from tests.deploy import chart

if TYPE_CHECKING:
    from collections.abc import Callable

READ: Final = yaml.safe_load((chart.ROOT / "tests/deploy/operator_schemas.yaml").read_text(encoding="utf-8"))  # fmt: skip
#: A case in which each kind is rendered.
WHERE: Final = {"PodMonitor": "everything", "PrometheusRule": "everything", "ExternalSecret": "values-eks", "InferenceService": "kserve"}  # fmt: skip


@cache
def validator(kind: str) -> Any:
    about = READ["kinds"][kind]
    schema = {
        "$defs": READ["$defs"],
        "type": "object",
        "additionalProperties": False,
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"const": about["apiVersion"]},
            "kind": {"const": kind},
            "metadata": {"$ref": "#/$defs/metadata"},
            "spec": about["spec"],
        },
    }
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def faults(o: chart.Object) -> list[str]:
    return [f"{e.json_path}: {e.message}" for e in validator(o["kind"]).iter_errors(o)]


@pytest.mark.parametrize("name", chart.CASES)
def test_operators_take_every_object(name: str) -> None:
    for o in chart.of_kind(name, *READ["kinds"]):
        assert faults(o) == [], o["metadata"]["name"]


@pytest.mark.parametrize("kind", READ["kinds"])
def test_each_kind_is_rendered_somewhere(kind: str) -> None:
    assert chart.of_kind(WHERE[kind], kind)


def test_fewer_replicas_at_most_than_at_least_are_not_rendered() -> None:
    """KServe's webhook refuses it, which no schema can say."""
    for name in chart.CASES:
        for o in chart.of_kind(name, "InferenceService"):
            predictor = o["spec"]["predictor"]
            assert predictor["minReplicas"] <= predictor["maxReplicas"]


def _rule(o: chart.Object, **more: Any) -> None:
    o["spec"]["groups"][0]["rules"][0] |= more


WRONG: Final[dict[str, tuple[str, Callable[[chart.Object], Any]]]] = {
    "a field that the operator does not know": ("PodMonitor", lambda o: o["spec"].update(endpoints=[])),
    "a port by its number": ("PodMonitor", lambda o: o["spec"]["podMetricsEndpoints"][0].update(port=9464)),
    "a fraction of a minute": ("PodMonitor", lambda o: o["spec"]["podMetricsEndpoints"][0].update(interval="0.5m")),
    "an alert that is a record too": ("PrometheusRule", lambda o: _rule(o, alert="A", record="a")),
    "a label that is a number": ("PrometheusRule", lambda o: _rule(o, labels={"severity": 1})),
    "a rule that waits without an alert": ("PrometheusRule", lambda o: _rule(o, **{"for": "5m"})),
    "days, which Go does not count": ("ExternalSecret", lambda o: o["spec"].update(refreshInterval="1d")),
    "the API of years ago": ("ExternalSecret", lambda o: o.update(apiVersion="external-secrets.io/v1beta1")),
    "a store of no kind": ("ExternalSecret", lambda o: o["spec"]["secretStoreRef"].update(kind="Store")),
    "a measure that nothing scales by": ("InferenceService", lambda o: o["spec"]["predictor"].update(scaleMetric="gpu")),
    "a container of another name": ("InferenceService", lambda o: o["spec"]["predictor"]["containers"][0].update(name="models")),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_an_operator_refuses_is_noticed(what: str) -> None:
    kind, spoil = WRONG[what]
    o = copy.deepcopy(chart.of_kind(WHERE[kind], kind)[0])
    assert faults(o) == []
    spoil(o)
    assert faults(o)
