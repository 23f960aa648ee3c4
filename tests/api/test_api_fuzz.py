"""Schemathesis asks every address of the description, rightly and wrongly, and holds each answer to it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

DESCRIPTION: Final = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"
#: Left out: ``unsupported_method`` (HEAD is answered everywhere, OPTIONS by CORS), ``positive_data_acceptance`` (no schema can say
#: that a company has to exist), ``negative_data_rejection`` (it wants a request without the optional key refused; refusals are
#: tested by name in the files beside this one), and those about accounts, of which there are none.
CHECKS: Final = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
#: Streams go on until their job ends.
STREAMS: Final = ("/events",)
OPERATIONS: Final = [
    (method, path, mode)
    for path, item in json.loads(DESCRIPTION.read_text(encoding="utf-8"))["paths"].items()
    for method, described in item.items()
    for mode in GenerationMode
    # Where nothing is taken nothing can be taken wrongly.
    if not path.endswith(STREAMS)
    and (mode.is_positive or described.get("parameters") or described.get("requestBody"))
]
EXAMPLES: Final = 15


@cache
def description() -> Any:
    return schemathesis.openapi.from_path(DESCRIPTION)


@pytest.mark.parametrize(("method", "path", "mode"), OPERATIONS)
def test_answers_are_as_described(url: str, method: str, path: str, mode: GenerationMode) -> None:
    operation = description()[path][method.upper()]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.validate_response(case.call(base_url=url), checks=CHECKS)

    ask()
