"""The OpenAPI description: what FastAPI finds in the routes, the problems of each, and real answers as examples.

The examples are answers of the built-in sample (``examples.json``), asked by ``scripts/http_examples.py``: a service that
runs on other data describes itself by the same ones.
"""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.openapi.utils import get_openapi

from paycanary import __version__
from paycanary.api.answers import answer_text
from paycanary.api.parameters import AnswerLang
from paycanary.api.problems import MEDIA_TYPE, kinds
from paycanary.documents.http import HttpProblem
from paycanary.resources import read_text

if TYPE_CHECKING:
    from fastapi import FastAPI

router = APIRouter()
TAGS: Final = [
    {"name": "companies", "description": "One company: found, judged, and what is known of it."},
    {"name": "market", "description": "Several companies side by side, or the whole market."},
    {"name": "reference", "description": "What answers rest on: questions, thresholds, sources, the schema."},
    {"name": "jobs", "description": "Refreshing a company, and how far it is."},
    {"name": "health", "description": "For whoever starts, stops and balances copies."},
]  # fmt: skip
_ABOUT: Final = (
    "Will this company still be paying its people in a year, and how do we know?\n\n"
    "Documents are those of the command line's `--json`. Within /v1 fields and parameters may be added; none is removed or changes "
    "its meaning. Every error is `application/problem+json`. Answers carry an `ETag`; lists go on by `Link`. A key is optional: it "
    "raises the rate limit. The examples are answers of the built-in sample, with long lists cut short."
)
#: Statuses that any address of /v1 may answer with, and the kind that stands for each.
_EVERYWHERE: Final = {"401": "unauthorized", "403": "forbidden", "414": "long_address", "422": "invalid", "429": "rate_limit", "500": "internal", "503": "store", "504": "timeout"}  # fmt: skip
#: Further ones: by what an address has.
_COMPANY: Final = {"308": None, "404": "not_found"}
_BODY: Final = {"400": "malformed", "408": "slow_request", "413": "too_large", "415": "media_type"}
_PARTICULAR: Final[dict[str, dict[str, str | None]]] = {
    "/v1/resolve": {"404": "not_found", "409": "ambiguous"},
    "/v1/compare": {"404": "not_found"},
    "/v1/screen": {"410": "cursor"},
    "/v1/signals/{name}": {"404": "no_signal"},
    "/v1/jobs/{job}": {"404": "no_job"},
    "/v1/jobs/{job}/events": {"404": "no_job"},
    "/health/ready": {"422": "invalid"},
}
_PROBLEM: Final = {"$ref": f"#/components/schemas/{HttpProblem.__name__}"}
_METHODS: Final = ("get", "post")


@router.get("/v1/openapi.json", include_in_schema=False)
def openapi(request: Request, lang: AnswerLang) -> Response:
    """The description of this API."""
    return answer_text(request, lang, _text(request.app), "application/json")


def describe(app: FastAPI) -> None:
    """Let an application describe itself; what was described once stands."""

    def make() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = make  # type: ignore[method-assign] # the way that FastAPI documents


def _text(app: FastAPI) -> str:
    return json.dumps(app.openapi(), ensure_ascii=False)


def _describe(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title="paycanary",
        version=__version__,
        summary="How a company stands, from public filings, as of any day.",
        description=_ABOUT,
        routes=app.routes,
        tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/"}],
    )
    schemas = found["components"]["schemas"]
    for needless in ("HTTPValidationError", "ValidationError"):
        schemas.pop(needless, None)
    model = HttpProblem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")  # fmt: skip
    schemas.update(model.pop("$defs", {}))
    schemas[HttpProblem.__name__] = model
    examples = _examples()
    for path, item in found["paths"].items():
        for method in _METHODS:
            if method in item:
                _complete(item[method], path, method, examples)
    return found


def _complete(operation: dict[str, Any], path: str, method: str, examples: dict[str, Any]) -> None:
    """Add to an operation what its problems look like, its examples, and the headers of its answer."""
    responses = operation["responses"]
    responses.pop("422", None)
    for status, code in _problems(path, method).items():
        responses.setdefault(status, _problem(code) if code else _REDIRECT)
    if path.startswith("/v1"):
        operation.setdefault("security", [{"key": []}, {}])
    if method == "post" and "requestBody" not in operation and path.endswith(("/verdict", "/screen")):  # fmt: skip
        operation["requestBody"] = copy.deepcopy(_CRITERIA_BODY)
    if path.startswith("/v1") and "200" in responses:
        headers = dict(_OF_LISTS.get(path, {}))
        if method == "get":
            headers |= _OF_COPIES
            responses["304"] = {"description": "The copy named in If-None-Match is still right."}
        if headers:
            responses["200"].setdefault("headers", copy.deepcopy(headers))
    for status, example in examples.get(f"{method} {path}", {}).items():
        for content in responses.get(status, {}).get("content", {}).values():
            content["examples"] = {
                "sample": {"summary": example["request"], "value": example["answer"]}
            }


def _problems(path: str, method: str) -> dict[str, str | None]:
    found: dict[str, str | None] = dict(_EVERYWHERE if path.startswith("/v1") else {})
    if "{company}" in path:
        found |= _COMPANY
    if method == "post" and path.endswith(("/verdict", "/screen")):
        found |= _BODY
    return dict(sorted((found | _PARTICULAR.get(path, {})).items()))


def _problem(code: str) -> dict[str, Any]:
    kind = kinds()[code]
    told: dict[str, Any] = {
        "description": kind.meaning["en"],
        "content": {MEDIA_TYPE: {"schema": dict(_PROBLEM)}},
    }
    if kind.status in (429, 503):
        told["headers"] = copy.deepcopy(_WAIT)
    return told


@cache
def _examples() -> dict[str, Any]:
    examples: dict[str, Any] = json.loads(read_text("api", "examples.json"))
    return examples


_REDIRECT: Final = {
    "description": "The id belongs to another company id: `Location` has its address.",
    "headers": {"Location": {"schema": {"type": "string"}}},
}
_CRITERIA_BODY: Final[dict[str, Any]] = {
    "description": "The text of the file that `--criteria` takes; empty: the built-in criteria.",
    "content": {
        form: {
            "schema": {"type": "object", "properties": {"signals": {"type": "object"}, "verdict": {"type": "object"}}},
            "example": {"signals": {"interest_cover": {"thresholds": {"danger_years": 2}, "weight": 5}}},
        }
        for form in ("application/yaml", "application/json")
    },
}  # fmt: skip
_OF_COPIES: Final[dict[str, Any]] = {
    "ETag": {"description": "Send it as If-None-Match to be told 304 while it is right.", "schema": {"type": "string"}},
}  # fmt: skip
_NEXT: Final = {"description": 'The next page, rel="next"; none on the last.', "schema": {"type": "string"}}  # fmt: skip
_OF_LISTS: Final[dict[str, dict[str, Any]]] = {
    "/v1/companies": {"Link": _NEXT},
    "/v1/screen": {
        "Link": _NEXT,
        "X-Total-Count": {"description": "Rows of all pages.", "schema": {"type": "integer"}},
    },
}
_WAIT: Final[dict[str, Any]] = {
    "Retry-After": {"description": "Seconds after which to ask again.", "schema": {"type": "integer"}},
}  # fmt: skip
