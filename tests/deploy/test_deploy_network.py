"""Who may speak to whom, asked of the policies as a network plugin reads them."""

from __future__ import annotations

import ipaddress
from typing import Any, Final

import pytest

from tests.deploy import chart

POSTGRES: Final = {"app.kubernetes.io/name": "postgres", "app.kubernetes.io/instance": chart.RELEASE}  # fmt: skip
VALKEY: Final = {"app.kubernetes.io/name": "valkey", "app.kubernetes.io/instance": chart.RELEASE}
DNS: Final = {"k8s-app": "kube-dns"}
STRANGER: Final = {"app": "stranger"}
#: A public address: example.com's documentation range. Metadata: where EC2 gives credentials to who asks.
PUBLIC: Final = "203.0.113.7"
METADATA: Final = "169.254.169.254"


def matches(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a label selector chooses these labels."""
    wanted = selector.get("matchLabels", {})
    lists = selector.get("matchExpressions", [])
    assert all(e["operator"] == "In" for e in lists)
    return wanted.items() <= labels.items() and all(labels.get(e["key"]) in e["values"] for e in lists)  # fmt: skip


def is_peer(peer: dict[str, Any], other: dict[str, str] | str, namespace: str) -> bool:
    """Whether a peer of a policy is this pod (labels) or address."""
    if isinstance(other, str):
        block = peer.get("ipBlock")
        address = ipaddress.ip_address(other)
        return bool(block) and address in ipaddress.ip_network(block["cidr"]) and not any(address in ipaddress.ip_network(e) for e in block.get("except", []))  # fmt: skip
    if "ipBlock" in peer:
        return False
    spaces = peer.get("namespaceSelector")
    near = matches(spaces, {"kubernetes.io/metadata.name": namespace}) if spaces is not None else namespace == chart.NAMESPACE  # fmt: skip
    return near and matches(peer.get("podSelector", {}), other)


def may(case: str, way: str, pod: str, other: dict[str, str] | str, port: int, namespace: str = chart.NAMESPACE) -> bool:  # fmt: skip
    """Whether a pod (by its component) may be reached by (`Ingress`) or reach (`Egress`) another."""
    labels, named = _pod(case, pod)
    policies = [p["spec"] for p in chart.of_kind(case, "NetworkPolicy") if matches(p["spec"]["podSelector"], labels)]  # fmt: skip
    bound = [p for p in policies if way in p["policyTypes"]]
    if not bound:
        return True
    key, side = ("ingress", "from") if way == "Ingress" else ("egress", "to")
    for policy in bound:
        for rule in policy.get(key) or []:
            ports = {named.get(p["port"], p["port"]) for p in rule["ports"]}
            if port in ports and (side not in rule or any(is_peer(p, other, namespace) for p in rule[side])):  # fmt: skip
                return True
    return False


def _pod(case: str, component: str) -> tuple[dict[str, str], dict[str, int]]:
    for pod in chart.pods(case).values():
        labels = pod["metadata"]["labels"]
        if labels.get("app.kubernetes.io/component") == component:
            return labels, {p["name"]: p["containerPort"] for c in pod["spec"]["containers"] for p in c.get("ports", [])}  # fmt: skip
    raise AssertionError(f"no pod of {component} in {case}")


def labels(case: str, component: str) -> dict[str, str]:
    return _pod(case, component)[0]


def talk(case: str, one: str, other: str, port: int) -> bool:
    """Whether both ends allow it."""
    return may(case, "Egress", one, labels(case, other), port) and may(case, "Ingress", other, labels(case, one), port)  # fmt: skip


@pytest.mark.parametrize("component", ["api", "worker", "registers", "jobs", "migrations", "models"])  # fmt: skip
def test_every_pod_is_closed_and_resolves_names(component: str) -> None:
    for case in ("bundled", "values-eks"):
        assert may(case, "Egress", component, DNS, 53, "kube-system")
        assert not may(case, "Egress", component, STRANGER, 53)
        assert not may(case, "Egress", component, METADATA, 80)
        assert not may(case, "Ingress", component, STRANGER, 9464)


def test_api_workers_and_jobs_ask_the_models_and_nobody_else_does() -> None:
    for case in ("bundled", "values-eks", "kserve"):
        for one in ("api", "worker", "jobs", "registers"):
            assert talk(case, one, "models", 8080)
        assert not talk(case, "migrations", "models", 8080)
        assert not may(case, "Ingress", "models", STRANGER, 8080)
    assert may("everything", "Ingress", "models", STRANGER, 8080, "airflow")


def test_the_database_is_reached_by_those_who_keep_state_in_it() -> None:
    for one in ("api", "worker", "jobs", "migrations"):
        assert may("bundled", "Egress", one, POSTGRES, 5432)
        assert may("values-eks", "Egress", one, "10.20.3.4", 5432)
        assert not may("values-eks", "Egress", one, "10.99.3.4", 5432)
        assert not may("values-eks", "Egress", one, PUBLIC, 5432)
    assert not may("bundled", "Egress", "models", POSTGRES, 5432)


def test_redis_is_reached_by_api_and_workers_alone() -> None:
    for one in ("api", "worker"):
        assert may("bundled", "Egress", one, VALKEY, 6379)
        assert may("values-eks", "Egress", one, "10.20.3.4", 6379)
    for one in ("jobs", "migrations", "models"):
        assert not may("bundled", "Egress", one, VALKEY, 6379)


def test_registers_are_reached_by_workers_and_refreshing_jobs() -> None:
    """And, where it sends alerts, by the API: webhooks cannot be told from registers by address."""
    assert may("everything", "Egress", "worker", PUBLIC, 443)
    assert may("everything", "Egress", "registers", PUBLIC, 443)
    assert not may("everything", "Egress", "api", PUBLIC, 443)
    assert all(may("values", "Egress", "api", PUBLIC, port) for port in (443, 465, 587))
    # By the ports of alerts alone; without workers it asks registers itself, of which some answer at 80.
    assert not may("values", "Egress", "api", PUBLIC, 80)
    assert may("values", "Egress", "worker", PUBLIC, 80)
    assert may("values-minimal", "Egress", "api", PUBLIC, 80)
    for case in ("values", "everything"):
        for one in ("jobs", "migrations", "models"):
            assert not may(case, "Egress", one, PUBLIC, 443)
        assert not may(case, "Egress", "worker", "10.1.2.3", 443)


def test_the_api_is_reached_where_it_serves() -> None:
    assert may("values", "Ingress", "api", STRANGER, 8000, "ingress-nginx")
    assert may("values-eks", "Ingress", "api", "10.20.0.9", 8000)
    assert not may("values-eks", "Ingress", "api", STRANGER, 8000)
    assert not may("values", "Ingress", "worker", STRANGER, 8000)


def test_metrics_are_read_by_the_namespace_that_watches() -> None:
    for one, port in (("api", 9464), ("worker", 9464), ("models", 8080)):
        assert may("values-eks", "Ingress", one, STRANGER, port, "monitoring")
        assert not may("values-eks", "Ingress", one, STRANGER, port, "other")
