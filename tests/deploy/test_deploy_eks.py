"""The EKS example as far as it can be judged without AWS, Terraform or eksctl: it parses, and what it names exists."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

import eks_costs
import hcl2
import kubernetes_validate
import pytest
import yaml

from tests.deploy import chart

FOLDER: Final = chart.ROOT / "deploy" / "eks"
TERRAFORM: Final = {path.name: path.read_text(encoding="utf-8") for path in sorted((FOLDER / "terraform").glob("*.tf"))}  # fmt: skip
EKS_VALUES: Final = yaml.safe_load((chart.CHART / "values-eks.yaml").read_text(encoding="utf-8"))
CLUSTER: Final = yaml.safe_load((FOLDER / "cluster.yaml").read_text(encoding="utf-8"))


def bare(name: str) -> str:
    """Labels come with their quotes."""
    return name.strip('"')


def blocks(kind: str) -> list[dict[str, Any]]:
    """All top blocks of a kind, over all files."""
    return [block for name in TERRAFORM for block in parsed(name).get(kind, [])]


@cache
def parsed(name: str) -> dict[str, Any]:
    """A file as its grammar reads it: a second a file."""
    return hcl2.loads(TERRAFORM[name])


def declared() -> set[str]:
    """Addresses that an expression may begin with: `var.x`, `module.x`, `aws_x.y`, `data.aws_x.y`."""
    found = {f"var.{bare(name)}" for b in blocks("variable") for name in b}
    found |= {f"module.{bare(name)}" for b in blocks("module") for name in b}
    found |= {f"local.{name}" for b in blocks("locals") for name in b if not name.startswith("__")}
    for prefix, kind in (("", "resource"), ("data.", "data")):
        found |= {f"{prefix}{bare(of)}.{bare(name)}" for b in blocks(kind) for of, named in b.items() for name in named}  # fmt: skip
    return found


def test_terraform_names_only_what_it_declares() -> None:
    known = declared()
    assert {"var.region", "module.eks", "aws_s3_bucket.backups", "local.zones"} <= known
    for name, text in TERRAFORM.items():
        code = re.sub(r"#.*|(?<=description = )\".*\"", "", text)
        used = re.findall(r"\b((?:var|module|local)\.\w+|(?:data\.)?(?:aws|random)_\w+\.\w+)", code)
        assert set(used) <= known, name


def test_every_variable_is_explained_and_used() -> None:
    text = "".join(TERRAFORM.values())
    for block in blocks("variable"):
        for name, about in block.items():
            assert {"description", "type", "default"} <= set(about), name
            assert f"var.{bare(name)}" in text


def test_modules_and_providers_are_pinned() -> None:
    for block in blocks("module"):
        for name, about in block.items():
            assert bare(about["version"]).startswith("~> "), name


def test_both_ways_and_the_values_agree() -> None:
    text = "".join(TERRAFORM.values())
    for words in (CLUSTER["vpc"]["cidr"], f'"{CLUSTER["metadata"]["version"]}"', CLUSTER["metadata"]["region"], CLUSTER["managedNodeGroups"][0]["instanceType"]):  # fmt: skip
        assert words in text
    roles = [a for a in CLUSTER["iam"]["serviceAccounts"] if a.get("roleName")]
    assert EKS_VALUES["serviceAccount"]["jobsAnnotations"]["eks.amazonaws.com/role-arn"].endswith(f"/{roles[0]['roleName']}")  # fmt: skip
    accounts = {o["metadata"]["name"] for o in chart.of_kind("values-eks", "ServiceAccount")}
    assert roles[0]["metadata"]["name"] in accounts
    assert "${var.namespace}:paycanary-jobs" in text
    assert EKS_VALUES["externalSecrets"]["remoteKey"] == "paycanary/production"
    assert '"${var.name}/production"' in text
    assert EKS_VALUES["config"]["PAYCANARY_TRUSTED_PROXIES"] == CLUSTER["vpc"]["cidr"]


def test_what_the_values_name_in_the_cluster_is_made() -> None:
    made = list(yaml.safe_load_all((FOLDER / "cluster-objects.yaml").read_text(encoding="utf-8")))
    names = {o["kind"]: o["metadata"]["name"] for o in made}
    assert names["StorageClass"] == EKS_VALUES["home"]["storageClass"]
    assert names["ClusterSecretStore"] == EKS_VALUES["externalSecrets"]["storeName"]
    (storage,) = (o for o in made if o["kind"] == "StorageClass")
    kubernetes_validate.validate(storage, CLUSTER["metadata"]["version"], strict=True)


def test_the_secret_holds_what_pods_cannot_start_without() -> None:
    needed = {
        entry["name"]
        for pod in chart.pods("values-eks").values()
        for c in pod["spec"]["containers"]
        for entry in c["env"]
        if "valueFrom" in entry and not entry["valueFrom"]["secretKeyRef"].get("optional")
    }
    written = set(re.findall(r"^\s+([A-Z_]+)\s+= ", TERRAFORM["services.tf"], re.MULTILINE))
    assert written == needed


def test_costs_add_up() -> None:
    told = eks_costs.read()
    for size, about in told["sizes"].items():
        assert {*about["hours"], *about["amounts"]} <= set(told["prices"])
        assert eks_costs.quantities(told, size)["control_plane"] == 730
        assert eks_costs.costs(told, size)["control_plane"] == pytest.approx(73.0)
    last = eks_costs.rows(told)[-1]
    assert last[3] == f"**{sum(eks_costs.costs(told, 'small').values()):,.0f}**"
