"""The OpenDART client: one call -> rows as published, or a ZIP file, or a clear error.

Rows carry the fields of `fields.ENDPOINTS` only, all text, and free text is masked, so that nothing which names a person leaves
this module.
OpenDART allows 20,000 calls a day for all endpoints together and, as its users report, shuts an address out for a day
that makes 1,000 calls a minute.
"""

from __future__ import annotations

import io
import os
import re
import threading
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, Final, Self

import tenacity

from paycanary.sources.dart import statuses
from paycanary.sources.dart.fields import ENDPOINTS, Endpoint
from paycanary.sources.dart.persons import masked
from paycanary.sources.web.calls import Answer, Call, Row
from paycanary.sources.web.client import Reply, Web, unreachable
from paycanary.sources.web.keys import require_key

if TYPE_CHECKING:
    from paycanary.sources.web.keys import Secret

SOURCE: Final = "dart"
BASE_URL: Final = "https://opendart.fss.or.kr/api"
DAILY_LIMIT: Final = 20_000
_PER_SECOND: Final = 12
_MIB: Final = 1 << 20
#: The largest original documents carry pictures and reach some tens of MiB.
_MAX_FILE: Final = 256 * _MIB
_MAX_UNPACKED: Final = 1024 * _MIB
_MAX_MEMBERS: Final = 2_000
_TRIES: Final = 3
_STATUS: Final = re.compile(rb"<status>\s*([0-9]{3})\s*</status>")
#: What reports of material facts say in free words.
_FREE_TEXT: Final = frozenset(
    ("df_cn", "df_bnk", "bsnsp_rm", "bsnsp_rs", "cpct", "ds_rs", "mngt_int", "mngt_pd", "mngt_rs", "sp_rs")
)  # fmt: skip
_FILE_NAME: Final = {"corpCode": "corpCode.zip"}


class _PassingError(Exception):
    """OpenDART answered 900, which another try may mend."""


class Api:
    """A client of OpenDART, safe for several threads. The key is looked for at the first call.

    Args:
        reserve: calls of the day that are left to others: a batch of a whole market leaves some for single companies.
    """

    source = SOURCE

    def __init__(self, reserve: int = 0) -> None:
        self.daily_limit: int | None = DAILY_LIMIT - reserve
        self._lock = threading.Lock()
        self._web: Web | None = None
        self._key: Secret | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._web is not None:
            self._web.close()

    def bucket(self, call: Call) -> str:
        """All endpoints share one quota."""
        del call
        return "all"

    def ask(self, call: Call) -> Answer:
        """Ask one endpoint. Parameters that it does not document are ours: they travel with the answer and are not sent.

        Raises:
            KeyRefusedError: no key, or status 010, 011, 012, 901.
            QuotaError: status 020.
            UnreachableError: no connection, status 800 (maintenance), or 900 again and again.
            AnswerError: status 021, 100, 101 or an unknown one; an answer that is neither JSON nor ZIP, or too large.
        """
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(_TRIES),
            wait=tenacity.wait_exponential_jitter(
                multiplier=_pause(), jitter=_pause(), max=20 * _pause()
            ),
            retry=tenacity.retry_if_exception_type(_PassingError),
            reraise=True,
        )
        try:
            return retrying(self._ask, call)
        except _PassingError:
            raise unreachable(self.source, f"OpenDART {statuses.PASSING}") from None

    def _ask(self, call: Call) -> Answer:
        web, key = self._connected()
        endpoint = ENDPOINTS[call.endpoint]
        known = (*endpoint.required, *endpoint.optional)
        params = {name: call.params[name] for name in known if name in call.params}
        reply = web.send(
            "GET",
            endpoint.path,
            params={"crtfc_key": key.reveal(), **params},
            max_bytes=_MAX_FILE if endpoint.is_file else 64 * _MIB,
        )
        read = read_file if endpoint.is_file else read_rows
        return read(web, reply, call)

    def _connected(self) -> tuple[Web, Secret]:
        with self._lock:
            if self._web is None or self._key is None:
                self._key = require_key("dart", self.source)
                self._web = Web(self.source, BASE_URL, per_second=_PER_SECOND, secrets=(self._key,))
            return self._web, self._key


def read_rows(web: Web, reply: Reply, call: Call) -> Answer:
    """The rows of a JSON answer.

    Raises:
        SourceError: see `Api.ask`.
    """
    document = web.json(reply)
    status = document.get("status") if isinstance(document, dict) else None
    if not isinstance(status, str):
        raise web.broken(f"no status: {web.glimpse(reply)}")
    if not _is_success(status, call):
        return Answer([])
    endpoint = ENDPOINTS[call.endpoint]
    listed = document.get("list", [document] if call.endpoint == "company" else None)
    rows = [listed] if isinstance(listed, dict) else listed
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise web.broken(f"{call.endpoint}: no list of rows")
    envelope = {"total_page": document.get("total_page")} if call.endpoint == "list" else {}
    return Answer([_row(web, endpoint, {**envelope, **row}) for row in rows])


def read_file(web: Web, reply: Reply, call: Call) -> Answer:
    """The file of a ZIP answer, or what the XML says that stands in its place.

    Raises:
        SourceError: see `Api.ask`.
    """
    if not reply.body.startswith(b"PK"):
        # Searched, not parsed: the error is one small element, and nothing in it can be expanded.
        found = _STATUS.search(reply.body[:4096])
        status = found[1].decode() if found else None
        if status is None or status == statuses.OK:
            raise web.broken(f"no ZIP: {web.glimpse(reply)}")
        _is_success(status, call)
        return Answer([])
    _require_sound(web, reply.body)
    name = _FILE_NAME.get(call.endpoint) or f"{call.params.get('rcept_no', call.endpoint)}.zip"
    return Answer([], name, reply.body)


def _is_success(status: str, call: Call) -> bool:
    """True for success, False for emptiness.

    Raises:
        SourceError: any other status.
    """
    if status == statuses.OK:
        return True
    if status in statuses.EMPTY:
        return False
    if status == statuses.PASSING:
        raise _PassingError
    raise statuses.failure(SOURCE, status, call)


def _row(web: Web, endpoint: Endpoint, row: dict[str, Any]) -> Row:
    kept: Row = {}
    for name in endpoint.fields:
        value = row.get(name)
        if value is not None and not isinstance(value, str):
            raise web.broken(f"{endpoint.path}: {name} is no text")
        kept[name] = None if value is None else _clean(value)
    for name in _FREE_TEXT & kept.keys():
        kept[name] = masked(kept[name] or "") or None
    # Who files a report may be a person (a shareholder); the filer of an audit report is an audit firm.
    if "flr_nm" in kept and "감사보고서" not in (kept["report_nm"] or ""):
        kept["flr_nm"] = None
    return kept


def _clean(text: str) -> str:
    """Text that can be stored: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _require_sound(web: Web, body: bytes) -> None:
    """A ZIP that is whole and unpacks to a reasonable size.

    Raises:
        AnswerError: it does not.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            if len(members) > _MAX_MEMBERS:
                raise web.broken(f"ZIP of {len(members)} files")
            # A member never unpacks to more than it declares: what lies about its size fails its checksum.
            size = sum(member.file_size for member in members)
            if size > _MAX_UNPACKED:
                raise web.broken(f"ZIP that unpacks to {size // _MIB} MiB")
            spoilt = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:  # fmt: skip
        raise web.broken(f"broken ZIP: {type(error).__name__}") from None
    if spoilt is not None:
        raise web.broken("broken ZIP: checksum")


def _pause() -> float:
    """Seconds of the first pause; tests make it short."""
    return float(os.environ.get("PAYCANARY_RETRY_SECONDS", "1"))
