"""What requests say, read in one place: language, day, criteria, company, key."""

from __future__ import annotations

import difflib
from typing import Annotated, Any, Final, Literal, cast
from urllib.parse import quote

from fastapi import Depends, Path, Query, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import ParamTypes
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from paycanary.api.middleware_rates import refusal
from paycanary.api.problems import HttpError, language
from paycanary.errors import Lang
from paycanary.service.core import Service
from paycanary.signals import catalog, custom
from paycanary.signals.custom import BUILT_IN, Criteria
from paycanary.wording import parse_day

from datetime import date  # isort: skip

_BODY_TYPES: Final = (
    "application/yaml",
    "application/x-yaml",
    "text/yaml",
    "text/plain",
    "application/json",
)
#: Query parameters by route, read off once.
_KNOWN: Final[dict[str, frozenset[str]]] = {}
#: A screen's filters by signal are parameters of their own: this and the signal's name.
_OF_SIGNAL: Final = "signal."
_BEARER: Final = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key of `paycanary api-keys create`. Optional: it raises the rate limit.",
)


def service_of(request: Request) -> Service:
    """The service that answers a request (a FastAPI dependency)."""
    return cast("Service", request.app.state.service)


async def _lang(
    request: Request,
    lang: Annotated[
        Literal["ko", "en"] | None,
        Query(description="Language of sentences and problems; default: `Accept-Language`, else Korean."),
    ] = None,
) -> Lang:  # fmt: skip
    return lang or language("", request.headers.get("accept-language"))


async def _as_of(
    as_of: Annotated[
        str | None,
        Query(
            description="Answer with what was public on that day, such as 2022-12-31; default: today in Korea.",
            max_length=40,
        ),
    ] = None,
) -> date | None:
    return None if as_of is None else parse_day(as_of, "as_of")


async def _criteria(
    criteria: Annotated[
        str | None,
        Query(description="Your own criteria: the text of the file that `--criteria` takes (YAML or JSON). An address holds 8 KiB: send longer ones by POST."),
    ] = None,
) -> Criteria:  # fmt: skip
    if criteria is None:
        return BUILT_IN
    return await run_in_threadpool(custom.parse, criteria)


async def _criteria_body(request: Request) -> Criteria:
    """Criteria in a request's body, YAML or JSON."""
    form = request.headers.get("content-type", "application/yaml").partition(";")[0].strip().lower()
    if form not in _BODY_TYPES:
        raise HttpError("media_type")
    limit = request.app.state.settings.request_bytes
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise HttpError("too_large")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise HttpError("malformed") from None
    return await run_in_threadpool(custom.parse, text)


async def _caller(request: Request, _: Annotated[Any, Depends(_BEARER)]) -> None:
    """Refuse a key that is wrong or may not read. Reading goes on without a key while keys cannot be looked up."""
    if "authorization" not in request.headers:
        return
    # Whose it is was found out when the request was counted.
    code = refusal(request.scope)
    if code is not None:
        raise HttpError(code)


async def _known(request: Request) -> None:
    """Refuse a parameter that is not known, so that a slip is not answered with something else."""
    route = request.scope["route"]
    known = _parameters(route)
    takes_signals = route.path.endswith("/screen")
    for name in request.query_params:
        if name not in known and not (takes_signals and name.startswith(_OF_SIGNAL)):
            near = difflib.get_close_matches(name[:80], known, 1, 0) or ["lang"]
            raise RequestValidationError(
                [{"type": "unknown_parameter", "loc": ("query", name[:80]), "msg": "", "ctx": {"near": near[0]}}]
            )  # fmt: skip


def _parameters(route: Any) -> frozenset[str]:
    known = _KNOWN.get(route.unique_id)
    if known is None:
        fields = get_flat_params(route.dependant)
        named = (f.alias for f in fields if getattr(f.field_info, "in_", None) is ParamTypes.query)
        known = _KNOWN[route.unique_id] = frozenset((*named, "lang"))
    return known


AnswerLang = Annotated[Lang, Depends(_lang)]
AsOf = Annotated[date | None, Depends(_as_of)]
OwnCriteria = Annotated[Criteria, Depends(_criteria)]
BodyCriteria = Annotated[Criteria, Depends(_criteria_body)]
CompanyId = Annotated[
    str,
    Path(description="Canonical company id, such as dart:00125974; an id of another register is redirected.", min_length=1, max_length=80),
]  # fmt: skip
TheService = Annotated[Service, Depends(service_of)]
#: Of every route under /v1.
EVERYWHERE: Final = (Depends(_known), Depends(_caller))


def canonical(request: Request, company: str) -> str:
    """The canonical company of an address.

    Raises:
        NotFoundError: nothing stored bears that id.
        HTTPException: a redirect, where the id belongs to another one.
    """
    found = service_of(request).market.edition().canonical(company)
    if found == company:
        return company
    _, _, rest = request.url.path.removeprefix("/v1/companies/").partition("/")
    path = f"/v1/companies/{quote(found, safe=':')}{'/' if rest else ''}{rest}"
    query = request.url.query
    raise HTTPException(308, headers={"Location": f"{path}?{query}" if query else path})


def signal_levels(request: Request) -> dict[str, frozenset[str]]:
    """Levels wanted of signals: ``signal.<name>=danger``; the same name twice means either.

    Raises:
        RequestValidationError: no such signal or level.
    """
    wanted: dict[str, set[str]] = {}
    for name, level in request.query_params.multi_items():
        signal = name.removeprefix(_OF_SIGNAL)
        if signal == name:
            continue
        if signal not in catalog.signals():
            near = difflib.get_close_matches(signal[:80], catalog.signals(), 1, 0)
            raise RequestValidationError(
                [{"type": "unknown_parameter", "loc": ("query", name[:80]), "msg": "", "ctx": {"near": f"{_OF_SIGNAL}{near[0]}"}}]
            )  # fmt: skip
        if level not in ("danger", "watch", "good", "unknown"):
            raise RequestValidationError(
                [{"type": "literal_error", "loc": ("query", name), "msg": "", "ctx": {"expected": "danger, watch, good, unknown"}}]
            )  # fmt: skip
        wanted.setdefault(signal, set()).add(level)
    return {name: frozenset(levels) for name, levels in wanted.items()}
