"""Write ``src/paycanary/sources/dart/fields.py`` from an OpenAPI description of OpenDART.

    python scripts/write_endpoints.py opendart_openapi.yaml [--check]

Only the endpoints that paycanary asks, and of their fields only those that name no person.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

import yaml

TARGET: Final = Path(__file__).resolve().parents[1] / "src/paycanary/sources/dart/fields.py"
#: What a signal, an identity or a document rests on.
ASKED: Final = (
    "company.json", "list.json", "corpCode.xml", "document.xml", "fnlttXbrl.xml",
    "accnutAdtorNmNdAdtOpinion.json", "alotMatter.json", "empSttus.json", "irdsSttus.json", "cprndNrdmpBlce.json", "mrhlSttus.json",
    "fnlttSinglAcntAll.json", "fnlttSinglAcnt.json", "fnlttMultiAcnt.json",
    "dfOcr.json", "bsnSp.json", "ctrcvsBgrq.json", "dsRsOcr.json", "bnkMngtPcbg.json", "bnkMngtPcsp.json", "lwstLg.json",
)  # fmt: skip
#: Fields that name a person or may, contact details, free text about the parties of a case, and counts of board members.
LEFT_OUT: Final[dict[str, frozenset[str]]] = {
    "company.json": frozenset({"ceo_nm", "adres", "hm_url", "ir_url", "phn_no", "fax_no"}),
    "accnutAdtorNmNdAdtOpinion.json": frozenset({"core_adt_matter"}),
    "empSttus.json": frozenset({"rm"}),
    "dfOcr.json": frozenset({"df_rs"}),
    "bsnSp.json": frozenset({"bsnsp_cn", "ft_ctp", "bsnsp_af", "od_a_at_t", "od_a_at_b", "adt_a_atn"}),
    "ctrcvsBgrq.json": frozenset({"apcnt", "ft_ctp_sc", "rq_rs"}),
    "dsRsOcr.json": frozenset({"od_a_at_t", "od_a_at_b", "adt_a_atn"}),
    "bnkMngtPcsp.json": frozenset({"ft_ctp"}),
    "lwstLg.json": frozenset({"icnm", "ac_ap", "rq_cn", "ft_ctp"}),
}  # fmt: skip
#: Answered, as recorded answers show, though the description leaves it out.
OBSERVED: Final[dict[str, dict[str, str]]] = {
    "fnlttSinglAcnt.json": {"corp_code": "고유번호"},
    "fnlttMultiAcnt.json": {"corp_code": "고유번호"},
}
_ENVELOPE: Final = frozenset({"status", "message", "list", "page_no", "page_count", "total_count"})
_HEAD: Final = '''"""Endpoints of OpenDART that paycanary asks: what each takes and what it answers, with the labels of its guide.

Written by scripts/write_endpoints.py from the OpenAPI description of the official guide (checked {checked}); fields that may
name a person are left out there. Source: https://opendart.fss.or.kr/guide/main.do
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    ``path`` is below the API's base address; a path in ``.xml`` answers with a ZIP file. ``required`` and ``optional`` are its
    parameters besides the key; ``fields`` are those of an answered row that are kept -> the guide's label.
    """

    path: str
    title: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    fields: dict[str, str]

    @property
    def is_file(self) -> bool:
        """Whether the answer is a ZIP file."""
        return self.path.endswith(".xml")


ENDPOINTS: Final[dict[str, Endpoint]] = {{
'''


def endpoints(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Endpoint name -> path, title, parameters and kept fields with their labels."""
    found = {}
    for path in ASKED:
        operation = spec["components"]["pathItems"][path]["get"]
        parameters = operation.get("parameters", [])
        found[path.split(".")[0]] = {
            "path": path,
            "title": operation["x-opendart"]["apiName"],
            "required": tuple(p["name"] for p in parameters if p.get("required")),
            "optional": tuple(p["name"] for p in parameters if not p.get("required")),
            "fields": _fields(spec, path, operation),
        }
    return found


def _fields(spec: dict[str, Any], path: str, operation: dict[str, Any]) -> dict[str, str]:
    content = operation["responses"]["default"]["content"]
    if "application/json" not in content:
        return {}
    schema = _resolved(spec, content["application/json"]["schema"])
    properties = dict(schema["properties"])
    rows = _resolved(spec, properties.get("list", {})).get("items")
    if rows is not None:
        properties |= _resolved(spec, rows)["properties"]
    dropped = _ENVELOPE | LEFT_OUT.get(path, frozenset())
    documented = {
        name: " ".join(str(_resolved(spec, field).get("x-opendart-korean-name", "")).split())
        for name, field in properties.items()
        if name not in dropped
    }
    return documented | OBSERVED.get(path, {})


def _resolved(spec: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def written(spec: dict[str, Any]) -> str:
    """The module's text, in the form that the formatter leaves alone."""
    lines = [_HEAD.format(checked=spec["info"]["version"])]
    for name, endpoint in endpoints(spec).items():
        lines.append(f'    "{name}": Endpoint(\n')
        lines += [
            f"        {key}={_literal(endpoint[key])},\n"
            for key in ("path", "title", "required", "optional")
        ]
        if endpoint["fields"]:
            lines.append("        fields={\n")
            lines += [
                f'            "{field}": {_literal(label)},\n'
                for field, label in endpoint["fields"].items()
            ]
            lines.append("        },\n")
        else:
            lines.append("        fields={},\n")
        lines.append("    ),\n")
    return "".join([*lines, "}\n"])


def _literal(value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    short = "(" + ", ".join(_literal(v) for v in value) + ("," if len(value) == 1 else "") + ")"
    if len(short) + 18 <= 100:  # noqa: PLR2004 - the formatter's line length
        return short
    return "(\n" + "".join(f"            {_literal(v)},\n" for v in value) + "        )"


def main() -> int:
    """Write the module, or with ``--check`` say whether it is as the description says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("description", type=Path)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    text = written(yaml.safe_load(given.description.read_text(encoding="utf-8")))
    if given.check:
        return int(TARGET.read_text(encoding="utf-8") != text)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
