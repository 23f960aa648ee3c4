"""The client: a method an address, answers as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from urllib.parse import quote

from paycanary.client.connection import Connection
from paycanary.documents import Comparison, CriteriaList, Facts, Headcount, Screen
from paycanary.documents.http import (
    CompanyDetail,
    CompanyPage,
    Freshness,
    Resolution,
    Search,
    SignalDetail,
    SignalList,
)
from paycanary.models import Model, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    import httpx

    from paycanary.documents import ScreenRow
    from paycanary.documents.candidates import Candidate
    from paycanary.documents.http import CompanyEntry
    from paycanary.errors import Lang

M = TypeVar("M", bound=Model)
#: Criteria that are longer, as they would stand in an address, go into a body.
_SHORT: Final = 4000


class Client:
    """Asks one service. Safe for many threads; close it, or use it in a ``with``.

    Every method raises `paycanary.client.ApiError` for a problem that the service tells, and
    `paycanary.errors.UnreachableError` where no answer comes. Companies are named by their id, as `resolve` and `search`
    give it. ``as_of`` is a day or its text, today by default; ``criteria`` is the text of a criteria file.

    Args:
        base_url: where the service is, such as ``https://paycanary.example``.
        key: a key of the service; optional.
        lang: language of sentences and problems.
        timeout: seconds that an answer may take.
        attempts: how often to ask where the service is busy (429, 503; waits as long as it says in between), or a connection breaks.
    """

    def __init__(
        self,
        base_url: str,
        key: str | None = None,
        *,
        lang: Lang = "ko",
        timeout: float = 30.0,
        attempts: int = 4,
    ) -> None:
        self._connection = Connection(base_url, key, lang, timeout=timeout, attempts=attempts)

    def search(self, query: str, limit: int = 10) -> list[Candidate]:
        """Companies that a name, its initials, a slip of it, or a number may mean, best first."""
        return self._get(Search, "/v1/search", q=query, limit=limit).candidates

    def resolve(self, query: str) -> Resolution:
        """The one company meant.

        Raises:
            ApiNotFoundError: none.
            ApiAmbiguousError: several; they are attached.
        """
        return self._get(Resolution, "/v1/resolve", q=query)

    def companies(self, *, market: str | None = None, industry: str | None = None) -> Iterator[CompanyEntry]:  # fmt: skip
        """Every company stored, by id, page after page."""
        parameters = _parameters(market=market, industry=industry, limit=500)
        for response in self._pages("/v1/companies", parameters, None):
            yield from _read(CompanyPage, response).companies

    def company(self, company: str) -> CompanyDetail:
        """Who a company is, and how much of it is public."""
        return self._get(CompanyDetail, _path(company))

    def verdict(self, company: str, *, as_of: date | str | None = None, criteria: str | None = None) -> Verdict:  # fmt: skip
        """How a company stands: the same document as ``paycanary check --json``."""
        return self._judged(Verdict, f"{_path(company)}/verdict", _parameters(as_of=as_of), criteria)  # fmt: skip

    def compare(self, companies: Sequence[str], *, as_of: date | str | None = None, criteria: str | None = None) -> Comparison:  # fmt: skip
        """Two to eight companies side by side."""
        parameters = _parameters(id=companies, as_of=as_of, criteria=criteria)
        return _read(Comparison, self._connection.get("/v1/compare", parameters))

    def screen(
        self,
        *,
        as_of: date | str | None = None,
        market: str | None = None,
        industry: str | None = None,
        levels: Iterable[str] = (),
        signals: Mapping[str, str] | None = None,
        criteria: str | None = None,
    ) -> Iterator[ScreenRow]:
        """The market against criteria, worst first, page after page.

        Args:
            as_of: day.
            market: listed there now, such as KOSPI.
            industry: words that the industry's name holds.
            levels: verdicts wanted.
            signals: level wanted of a signal, by its name.
            criteria: text of a criteria file.

        Raises:
            ApiError: of code ``cursor``, where a refresh changed the order between two pages: begin again.
        """
        wanted = {f"signal.{name}": level for name, level in (signals or {}).items()}
        parameters = _parameters(as_of=as_of, market=market, industry=industry, level=list(levels), limit=1000, **wanted)  # fmt: skip
        for response in self._pages("/v1/screen", parameters, criteria):
            yield from _read(Screen, response).rows

    def facts(self, company: str, *, as_of: date | str | None = None, concepts: Sequence[str] = ()) -> Facts:  # fmt: skip
        """What was public of a company's accounts."""
        return self._get(Facts, f"{_path(company)}/facts", as_of=as_of, concept=list(concepts))

    def headcount(self, company: str, *, as_of: date | str | None = None) -> Headcount:
        """What was public of a company's people."""
        return self._get(Headcount, f"{_path(company)}/headcount", as_of=as_of)

    def signals(self) -> SignalList:
        """Every question that a verdict asks."""
        return self._get(SignalList, "/v1/signals")

    def signal(self, name: str) -> SignalDetail:
        """A question with its thresholds and sentences."""
        return self._get(SignalDetail, f"/v1/signals/{quote(name, safe='')}")

    def criteria(self, *, as_of: date | str | None = None) -> CriteriaList:
        """Every threshold in force on a day."""
        return self._get(CriteriaList, "/v1/criteria", as_of=as_of)

    def sources(self) -> Freshness:
        """How new the data is."""
        return self._get(Freshness, "/v1/sources")

    def close(self) -> None:
        """Let go of all connections."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _get(self, model: type[M], path: str, **parameters: Any) -> M:
        return _read(model, self._connection.get(path, _parameters(**parameters)))

    def _judged(self, model: type[M], path: str, parameters: list[tuple[str, str]], criteria: str | None) -> M:  # fmt: skip
        return _read(model, next(iter(self._pages(path, parameters, criteria))))

    def _pages(self, path: str, parameters: list[tuple[str, str]], criteria: str | None) -> Iterator[httpx.Response]:  # fmt: skip
        body = criteria if criteria is not None and len(quote(criteria)) > _SHORT else None
        if body is not None:
            page: httpx.Response | None = self._connection.post(path, body, parameters)
        else:
            page = self._connection.get(path, [*parameters, *_parameters(criteria=criteria)])
        while page is not None:
            yield page
            page = self._connection.follow(page, body)


def _path(company: str) -> str:
    return f"/v1/companies/{quote(company, safe=':')}"


def _parameters(**values: Any) -> list[tuple[str, str]]:
    """Parameters as they stand in an address: lists one by one, nothing that is None."""
    listed = ((k, v if isinstance(v, list | tuple) else [v]) for k, v in values.items())
    return [
        (name, str(value)) for name, several in listed for value in several if value is not None
    ]


def _read(model: type[M], response: httpx.Response) -> M:
    """A document; fields that a newer service has added are left out."""
    return model.model_validate_json(response.content, extra="ignore")
