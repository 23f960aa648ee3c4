"""Asks the HTTP API about the built-in sample, for the examples of its description.

What is written down is what the service answered; long lists are cut to two entries. Days are given, so that the answers do not
change with the day on which they are asked.
"""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from paycanary.api.app import create_api
from paycanary.service.settings import Settings
from paycanary.state.database import open_database

with warnings.catch_warnings():
    # Starlette wants a newer client; ours is the one that the package itself speaks with.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

EXAMPLES: Final = (
    Path(__file__).resolve().parents[1] / "src" / "paycanary" / "api" / "examples.json"
)
_DAY: Final = "as_of=2023-06-30&lang=en"
_COMPANY: Final = "/v1/companies/dart:00125974"
_BY_ID: Final = "/v1/companies/{company}"
_OWN: Final = '{"signals": {"interest_cover": {"thresholds": {"danger_years": 2}, "weight": 5}}}'
#: Method, address as it stands in the description, address asked.
_ASKED: Final = (
    ("get", "/v1/search", "/v1/search?q=ㅅㅂㅌㄱ&limit=3&lang=en"),
    ("get", "/v1/search", "/v1/search?q=카카오&limit=0&lang=en"),
    ("get", "/v1/resolve", "/v1/resolve?q=카카오&lang=en"),
    ("get", "/v1/resolve", "/v1/resolve?q=가나다라마바사&lang=en"),
    ("get", "/v1/resolve", "/v1/resolve?q=한&lang=en"),
    ("get", "/v1/companies", "/v1/companies?limit=2&market=KOSDAQ&lang=en"),
    ("get", _BY_ID, f"{_COMPANY}?lang=en"),
    ("get", _BY_ID, "/v1/companies/dart:99999999?lang=en"),
    ("get", f"{_BY_ID}/verdict", f"{_COMPANY}/verdict?{_DAY}"),
    ("get", f"{_BY_ID}/verdict", f"{_COMPANY}/verdict?as_of=2023-06-31&lang=en"),
    ("post", f"{_BY_ID}/verdict", f"{_COMPANY}/verdict?{_DAY}"),
    ("get", f"{_BY_ID}/facts", f"{_COMPANY}/facts?concept=operating_profit&{_DAY}"),
    ("get", f"{_BY_ID}/headcount", f"{_COMPANY}/headcount?{_DAY}"),
    ("get", "/v1/compare", f"/v1/compare?id=dart:00125974&id=dart:00258801&{_DAY}"),
    ("get", "/v1/screen", f"/v1/screen?limit=2&level=danger&{_DAY}"),
    ("post", "/v1/screen", f"/v1/screen?limit=2&level=danger&{_DAY}"),
    ("get", "/v1/signals", "/v1/signals?lang=en"),
    ("get", "/v1/signals/{name}", "/v1/signals/interest_cover?lang=en"),
    ("get", "/v1/signals/{name}", "/v1/signals/luck?lang=en"),
    ("get", "/v1/criteria", f"/v1/criteria?{_DAY}"),
    ("get", "/v1/sources", "/v1/sources?lang=en"),
    ("get", "/health/live", "/health/live"),
)
#: Entries of a list that are shown.
_SHOWN: Final = 2


@contextmanager
def sample_app() -> Iterator[FastAPI]:
    """The API over the built-in sample, with nothing of this machine in its answers."""
    known = {k: os.environ.pop(k) for k in list(os.environ) if k.startswith("PAYCANARY_")}
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"PAYCANARY_HOME": folder, "PAYCANARY_BASE_URL": "https://paycanary.example"}
        url = f"sqlite:///{folder}/state.sqlite"
        try:
            open_database(url).close()
            # A busy machine answers late, and an example of that would be a wrong one.
            yield create_api(Settings(DATABASE_URL=url, request_seconds=600))
        finally:
            for name in ("PAYCANARY_HOME", "PAYCANARY_BASE_URL"):
                del os.environ[name]
            os.environ |= known


def examples() -> str:
    """Every example, by operation and status."""
    found: dict[str, dict[str, Any]] = {}
    with sample_app() as app, TestClient(app) as client:
        for method, path, asked in _ASKED:
            answer = client.request(method, asked, content=_OWN if method == "post" else None)
            example = {"request": f"{method.upper()} {asked}", "answer": _cut(answer.json())}
            found.setdefault(f"{method} {path}", {})[str(answer.status_code)] = example
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def description() -> str:
    """The OpenAPI description as it is served."""
    with sample_app() as app:
        return json.dumps(app.openapi(), ensure_ascii=False, indent=1) + "\n"


def _cut(value: Any) -> Any:
    if isinstance(value, list):
        return [_cut(entry) for entry in value[:_SHOWN]]
    return {k: _cut(v) for k, v in value.items()} if isinstance(value, dict) else value
