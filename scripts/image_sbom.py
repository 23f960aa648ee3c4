"""What is in an image, as a CycloneDX document: Python packages of each environment, and Debian's packages.

cyclonedx-py lists an environment. This adds to each package the hash of the wheel that it came from and where it lies (one package may
stand in two environments), appends what dpkg knows, and checks the whole against CycloneDX's schema. Nothing of it is a time or a chance.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from email.parser import HeaderParser
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs
from cyclonedx.schema import SchemaVersion
from cyclonedx.schema import _res as schemas
from packaging.utils import canonicalize_name, parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Component = dict[str, Any]
#: By which a component tells where it lies.
PLACE: Final = "paycanary:place"
#: What stands for the package itself: it is built from this tree, and no wheel of it has a hash in a lock.
OURS: Final = "paycanary"


def write(root: Path, environments: Mapping[str, Iterable[Path]], name: str, released: str, target: Path) -> int:  # fmt: skip
    """Write the document of a mounted image; give how many components it lists.

    Args:
        root: Where the image's files are.
        environments: Places of virtual environments in it, and folders that hold the wheels of each.
        name: The image's name.
        released: The image's version.
        target: The file to write.

    Raises:
        RuntimeError: what came out is not what CycloneDX allows.
    """
    components: list[Component] = []
    dependencies: list[dict[str, Any]] = []
    for place, folders in environments.items():
        listed = listing(root / place.lstrip("/"))
        hashes = dict(hashes_of(folders))
        for component in listed["components"]:
            found = hashes.get((canonicalize_name(component["name"]), component["version"]))
            if found:
                component["hashes"] = [{"alg": "SHA-256", "content": found}]
            component["bom-ref"] = _at(place, component["bom-ref"])
            component.setdefault("properties", []).append({"name": PLACE, "value": place})
            components.append(component)
        dependencies += [
            {key: [_at(place, ref) for ref in value] if key == "dependsOn" else _at(place, value) for key, value in one.items()}
            for one in listed.get("dependencies", [])
        ]  # fmt: skip
    components += debian(root)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {
            "component": {"type": "container", "bom-ref": "image", "name": name, "version": released},
            "tools": {"components": [{"type": "application", "name": "cyclonedx-bom", "version": version("cyclonedx-bom")}]},
        },
        "components": components, "dependencies": dependencies,
    }  # fmt: skip
    if broken := faults(document):
        raise RuntimeError(f"The list of {name} is not valid CycloneDX: {broken[0]}")
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(components)


def faults(document: Mapping[str, Any]) -> list[str]:
    """Where a document is not what CycloneDX's strict schema allows, formats of addresses included.

    By jsonschema-rs, with the schemas that cyclonedx-python-lib brings: the library's own validator parses every address
    by a grammar in Python, which took minutes of a document that this reads in 40 ms.
    """
    beside = [(f"http://cyclonedx.org/schema/{Path(path).name}", _schema(path)) for path in (schemas.SPDX_JSON, schemas.JSF, schemas.CRYPTOGRAPHY_DEFS)]  # fmt: skip
    strict = _schema(schemas.BOM_JSON_STRICT[SchemaVersion.V1_6] or "")
    judge = jsonschema_rs.Draft7Validator(strict, registry=jsonschema_rs.Registry(beside), validate_formats=True)  # fmt: skip
    return [
        f"{'/'.join(map(str, e.instance_path))}: {e.message}" for e in judge.iter_errors(document)
    ]


def _schema(path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return found


def _at(place: str, ref: str) -> str:
    return f"{place}/{ref}"


def listing(environment: Path) -> dict[str, Any]:
    """What cyclonedx-py says of an environment that this machine's Python may not be able to start."""
    (packages,) = environment.glob("lib/python3*/site-packages")
    with tempfile.TemporaryDirectory() as named:
        # cyclonedx-py asks a Python where its packages lie, and nothing else: this answers for the image's.
        python = Path(named) / "python"
        python.write_text(f"#!{sys.executable}\nprint({json.dumps([str(packages)])!r})\n", encoding="utf-8")  # fmt: skip
        python.chmod(0o755)
        told = subprocess.run(
            [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--no-validate", "--sv", "1.6", python],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def hashes_of(folders: Iterable[Path]) -> Iterator[tuple[tuple[str, str], str]]:
    """SHA-256 of wheels, by name and version."""
    for wheel in (wheel for folder in folders for wheel in folder.glob("*.whl")):
        name, released, _, _ = parse_wheel_filename(wheel.name)
        yield (name, str(released)), hashlib.sha256(wheel.read_bytes()).hexdigest()


def debian(root: Path) -> Iterator[Component]:
    """The packages that dpkg has installed in a root."""
    told = (root / "var/lib/dpkg/status").read_text(encoding="utf-8")
    for package in map(HeaderParser().parsestr, told.strip().split("\n\n")):
        if package["Status"] != "install ok installed":
            continue
        purl = f"pkg:deb/debian/{package['Package']}@{package['Version'].replace('+', '%2B').replace(':', '%3A')}?arch={package['Architecture']}"  # fmt: skip
        yield {
            "type": "library", "bom-ref": purl, "name": package["Package"], "version": package["Version"], "purl": purl,
            "supplier": {"name": package["Maintainer"]}, "properties": [{"name": PLACE, "value": "/"}],
        }  # fmt: skip
