"""A typed client of the HTTP API.

::

    from paycanary.client import Client

    with Client("https://paycanary.example", lang="en") as client:
        company = client.resolve("카카오").company
        print(client.verdict(company.id, as_of="2022-12-31").sentence)

Answers are the documents of `paycanary.documents` and `paycanary.models`; errors are those of `paycanary.errors`, with the
service's `problem` beside them. Needs nothing but the base install.
"""

from __future__ import annotations

from paycanary.client.api import Client
from paycanary.client.problems import (
    ApiAmbiguousError,
    ApiCriteriaError,
    ApiDateError,
    ApiError,
    ApiKeyError,
    ApiNotFoundError,
    ApiRateError,
    ApiUnavailableError,
    ApiUsageError,
)

__all__ = [
    "ApiAmbiguousError",
    "ApiCriteriaError",
    "ApiDateError",
    "ApiError",
    "ApiKeyError",
    "ApiNotFoundError",
    "ApiRateError",
    "ApiUnavailableError",
    "ApiUsageError",
    "Client",
]
