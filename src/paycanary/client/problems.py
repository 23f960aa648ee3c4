"""Problems of the service as errors of this package.

::

    ApiError                                      any problem
    |-- ApiUsageError      (UsageError)           the request itself is wrong
    |   |-- ApiDateError       (DateError)
    |   |-- ApiCriteriaError   (CriteriaError)    ``line_number`` is the line at fault
    |-- ApiNotFoundError   (NotFoundError)
    |-- ApiAmbiguousError  (AmbiguousError)       ``candidates`` are documents to choose from
    |-- ApiKeyError                               the key is wrong, revoked, or does not allow it
    |-- ApiRateError                              too many requests, also after waiting
    |-- ApiUnavailableError                       the service, or a part of it, is down
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pydantic

from paycanary.documents.http import HttpProblem
from paycanary.errors import (
    AmbiguousError,
    CriteriaError,
    DateError,
    NotFoundError,
    PaycanaryError,
    UsageError,
)

if TYPE_CHECKING:
    import httpx

    from paycanary.errors import Lang

_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_TOO_MANY: Final = 429
_SERVER: Final = 500


class ApiError(PaycanaryError):
    """The service answered with a problem. Both languages hold the one that was asked for."""

    def __init__(self, problem: HttpProblem) -> None:
        super().__init__(*_said(problem))
        self.problem = problem


class ApiUsageError(ApiError, UsageError):
    """The request itself is wrong."""


class ApiDateError(ApiUsageError, DateError):
    """A date that does not exist, or lies in the future."""


class ApiCriteriaError(ApiUsageError, CriteriaError):
    """Criteria that cannot be used."""

    def __init__(self, problem: HttpProblem) -> None:
        CriteriaError.__init__(self, *_said(problem), problem.line)
        self.problem = problem


class ApiNotFoundError(ApiError, NotFoundError):
    """No company fits."""


class ApiAmbiguousError(ApiError, AmbiguousError):
    """Several companies fit; ``candidates`` are to choose from."""

    def __init__(self, problem: HttpProblem) -> None:
        AmbiguousError.__init__(self, *_said(problem), list(problem.candidates or ()))
        self.problem = problem


class ApiKeyError(ApiError):
    """The key is wrong or revoked, or does not allow this."""


class ApiRateError(ApiError):
    """More was asked than is allowed, and waiting did not help."""


class ApiUnavailableError(ApiError):
    """The service cannot answer now, or failed."""


_BY_CODE: Final[dict[str, type[ApiError]]] = {
    "not_found": ApiNotFoundError,
    "no_signal": ApiNotFoundError,
    "ambiguous": ApiAmbiguousError,
    "date": ApiDateError,
    "criteria": ApiCriteriaError,
}


def read_problem(response: httpx.Response, lang: Lang) -> ApiError:
    """The error that a response of status 400 or more tells; also of something in between that speaks no problems."""
    try:
        problem = HttpProblem.model_validate_json(response.content, extra="ignore")
    except pydantic.ValidationError:
        problem = HttpProblem(
            type="about:blank",
            title=response.reason_phrase,
            status=response.status_code,
            detail=f"{response.request.url}: {response.status_code} {response.reason_phrase}.",
            code="http",
            todo={
                "ko": "주소와, 그 사이의 프록시를 확인하세요.",
                "en": "See whether the address is right, and which proxy stands in between.",
            }[lang],
            lang=lang,
        )
    return _kind(problem)(problem)


def _kind(problem: HttpProblem) -> type[ApiError]:
    named = _BY_CODE.get(problem.code)
    if named is not None:
        return named
    if problem.status in (_UNAUTHORIZED, _FORBIDDEN):
        return ApiKeyError
    if problem.status == _TOO_MANY:
        return ApiRateError
    return ApiUnavailableError if problem.status >= _SERVER else ApiUsageError


def _said(problem: HttpProblem) -> tuple[dict[Lang, str], dict[Lang, str]]:
    return {"ko": problem.detail, "en": problem.detail}, {"ko": problem.todo, "en": problem.todo}
