"""The OpenDART client over real HTTP: every documented status, every way in which an answer can go wrong."""

from __future__ import annotations

import io
import logging
import os
import ssl
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from paycanary.errors import (
    AnswerError,
    KeyRefusedError,
    QuotaError,
    SourceError,
    UnreachableError,
)
from paycanary.sources.dart.api import DAILY_LIMIT, Api
from paycanary.sources.dart.fields import ENDPOINTS
from paycanary.sources.web.calls import Call
from tests.standins import opendart
from tests.standins.server import (
    EMPTY,
    HTML_PAGE,
    NOT_JSON,
    Reply,
    Request,
    StandIn,
    cut,
    endless,
    http_error,
    instead,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY: Final = opendart.KEY
_SAFE: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CODE: Final = "99000001"
COMPANY: Final = Call("company", {"corp_code": CODE})
STAFF: Final = Call("empSttus", {"corp_code": CODE, "bsns_year": "2024", "reprt_code": "11011"})
REGISTER: Final = Call("corpCode")
DOCUMENT: Final = Call("document", {"rcept_no": "20250405000001", "corp_name": "다라소프트1"})


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with opendart.service(opendart.made(2, unlisted=1)) as running:
        point_at(monkeypatch, running.url)
        yield running


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as client:
        yield client


def point_at(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Ask there, with quick retries, this key and no proxy."""
    monkeypatch.setenv("PAYCANARY_DART_URL", url)
    monkeypatch.setenv("PAYCANARY_DART_KEY", KEY)
    monkeypatch.setenv("PAYCANARY_RETRY_SECONDS", "0.01")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def refused(api: Api, call: Call, kind: type[SourceError]) -> str:
    """The error's lines in both languages, with what it may not hold looked for."""
    with pytest.raises(SourceError) as caught:
        api.ask(call)
    assert type(caught.value) is kind
    said = f"{caught.value.line('ko')} {caught.value.line('en')} {caught.value!r} {caught.value}"
    assert KEY not in said
    assert "\n" not in said
    return said


# --- what is asked and what comes ----------------------------------------------------------------


def test_rows_are_text_and_name_nobody(service: StandIn, api: Api) -> None:
    (row,) = api.ask(COMPANY).rows
    assert row["corp_name"] == "가나전자1"
    assert row["jurir_no"] == "1301099000001"
    assert set(row) == set(ENDPOINTS["company"].fields)
    assert opendart.NOBODY not in str(row)
    assert service.asked("/company.json") == [{"crtfc_key": KEY, "corp_code": CODE}]


def test_parameters_of_ours_are_not_sent(service: StandIn, api: Api) -> None:
    api.ask(Call("empSttus", {**STAFF.params, "filing": "20250315000001", "period": "2024-12"}))
    assert service.asked("/empSttus.json") == [{"crtfc_key": KEY, **STAFF.params}]


@pytest.mark.usefixtures("service")
def test_a_page_of_filings_says_how_many_pages_there_are(api: Api) -> None:
    params = {"corp_code": CODE, "bgn_de": "20230101", "end_de": "20261231", "page_count": "2"}
    rows = api.ask(Call("list", params)).rows
    assert [row["total_page"] for row in rows] == ["2", "2"]


@pytest.mark.usefixtures("service")
def test_only_the_filer_of_an_audit_report_is_kept(api: Api) -> None:
    filed = api.ask(Call("list", {"corp_code": CODE, "bgn_de": "20230101", "end_de": "20261231"}))
    audits = api.ask(Call("list", {"corp_code": "98000001", "bgn_de": "20230101", "end_de": "20261231"}))  # fmt: skip
    assert {row["flr_nm"] for row in filed.rows} == {None}
    assert {row["flr_nm"] for row in audits.rows} == {"가나회계법인"}


@pytest.mark.usefixtures("service")
def test_a_zip_comes_as_a_file(api: Api) -> None:
    answer = api.ask(REGISTER)
    assert (answer.rows, answer.file_name) == ([], "corpCode.zip")
    assert isinstance(answer.file, bytes)
    with zipfile.ZipFile(io.BytesIO(answer.file)) as archive:
        assert "가나전자1" in archive.read("CORPCODE.xml").decode()
    assert api.ask(DOCUMENT).file_name == "20250405000001.zip"


def test_all_endpoints_share_one_quota_of_which_a_batch_leaves_a_part() -> None:
    assert {Api().bucket(Call(endpoint)) for endpoint in ENDPOINTS} == {"all"}
    assert (Api().daily_limit, Api(reserve=2000).daily_limit) == (DAILY_LIMIT, 18_000)


def test_without_a_key_nothing_is_sent(
    service: StandIn, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAYCANARY_DART_KEY")
    monkeypatch.delenv("DART_API_KEY", raising=False)
    assert "PAYCANARY_DART_KEY" in refused(api, COMPANY, KeyRefusedError)
    assert service.requests == []


# --- every documented status ---------------------------------------------------------------------


def rules(service: StandIn) -> opendart.OpenDart:
    found: opendart.OpenDart = service.rules  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("call", [STAFF, REGISTER, DOCUMENT], ids=lambda call: call.endpoint)
@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        ("010", KeyRefusedError, "keys set dart"),
        ("011", KeyRefusedError, "suspended"),
        ("012", KeyRefusedError, "address"),
        ("901", KeyRefusedError, "new key"),
        ("020", QuotaError, "used up"),
        ("021", AnswerError, "100"),
        ("100", AnswerError, "not accepted"),
        ("101", AnswerError, "not allowed"),
        ("800", UnreachableError, "maintenance"),
    ],
)
def test_a_status_says_what_to_do(
    service: StandIn, api: Api, call: Call, status: str, kind: type[SourceError], said: str
) -> None:
    rules(service).status = status
    line = refused(api, call, kind)
    assert said in line
    assert f"OpenDART {status}" in line
    assert len(service.requests) == 1


def test_a_refused_value_is_named_with_its_parameter(service: StandIn, api: Api) -> None:
    rules(service).status = "100"
    said = refused(api, STAFF, AnswerError)
    assert "empSttus" in said
    assert "bsns_year=2024" in said


@pytest.mark.parametrize("status", ["013", "014"])
@pytest.mark.parametrize("call", [STAFF, REGISTER, DOCUMENT], ids=lambda call: call.endpoint)
def test_nothing_there_is_an_answer(service: StandIn, api: Api, call: Call, status: str) -> None:
    rules(service).status = status
    answer = api.ask(call)
    assert (answer.rows, answer.file) == ([], None)


def test_an_undefined_error_is_tried_again_and_then_told(service: StandIn, api: Api) -> None:
    passing = instead(b'{"status":"900","message":"-"}', "application/json")
    service.fault(passing, times=2)
    assert api.ask(COMPANY).rows
    assert len(service.requests) == 3
    service.fault(passing)
    assert "900" in refused(api, COMPANY, UnreachableError)
    assert len(service.requests) == 6


def test_an_unknown_status_is_told(service: StandIn, api: Api) -> None:
    service.fault(instead(b'{"status":"777","message":"?"}', "application/json"))
    assert "777" in refused(api, COMPANY, AnswerError)


@pytest.mark.usefixtures("service")
def test_a_wrong_key_is_refused_by_the_service_itself(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYCANARY_DART_KEY", "f" * 40)
    assert "010" in refused(api, COMPANY, KeyRefusedError)


# --- every fault ---------------------------------------------------------------------------------


def text(document: str) -> Any:
    return instead(document.encode(), "application/json")


@pytest.mark.parametrize(
    "fault",
    [
        HTML_PAGE, NOT_JSON, EMPTY, endless(), http_error(404), http_error(302),
        text("[]"), text("null"), text('"000"'), text("{}"), text('{"status":0}'), text('{"status":"000"}'),
        text('{"status":"000","list":7}'), text('{"status":"000","list":[7]}'), text('{"status":"000","list":[[]]}'),
        text('{"status":"000","list":[{"sm":{"a":1}}]}'), text('{"status":"000","list":[{"sm":NaN}]}'),
        text('{"status":"000","list":[{"sm":true}]}'), instead(b"PK\x03\x04", "application/zip"), text("[" * 100_000),
    ],
)  # fmt: skip
def test_an_answer_that_means_nothing_costs_one_call(
    service: StandIn, api: Api, fault: Any
) -> None:
    service.fault(fault)
    refused(api, STAFF, AnswerError)
    assert len(service.requests) == 1
    service.mend()
    assert api.ask(STAFF).rows


@pytest.mark.parametrize("fault", [cut(), cut(after=40), http_error(503), http_error(429)])
def test_what_may_pass_is_tried_again(service: StandIn, api: Api, fault: Any) -> None:
    service.fault(fault, times=2)
    assert api.ask(STAFF).rows
    service.fault(fault)
    refused(api, STAFF, UnreachableError)


def test_text_that_cannot_be_stored_is_mended(service: StandIn, api: Api) -> None:
    service.fault(text('{"status":"000","list":[{"sm":"1\\u0000\\ud800","fo_bbm":null}]}'))
    (row,) = api.ask(STAFF).rows
    assert (row["sm"], row["fo_bbm"], row["rcept_no"]) == ("1?", None, None)


def bomb(declared: int = 0, members: int = 1) -> bytes:
    """A small ZIP whose directory says that its first member unpacks to ``declared`` bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(members):
            archive.writestr(f"{number}.xml", b"\0" * 5000)
    body = bytearray(stream.getvalue())
    entry = body.index(b"PK\x01\x02")
    if declared:
        body[entry + 24 : entry + 28] = declared.to_bytes(4, "little")
    return bytes(body)


def spoilt() -> bytes:
    body = bytearray(opendart.zipped("CORPCODE.xml", b"<result>" + bytes(range(256)) * 40))
    body[200] ^= 0xFF
    return bytes(body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no ZIP"),
        (b"<!doctype html><h1>login</h1>", "no ZIP"),
        (b"<result><status>000</status></result>", "no ZIP"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><result><status>&a;</status></result>', "no ZIP"),
        (b"PK", "broken ZIP"),
        (opendart.zipped("CORPCODE.xml", b"x" * 5000)[:-30], "broken ZIP"),
        (spoilt(), "broken ZIP"),
    ],
)
def test_a_zip_that_is_none(service: StandIn, api: Api, body: bytes, said: str) -> None:
    service.fault(instead(body, "application/x-msdownload"))
    assert said in refused(api, REGISTER, AnswerError)


def test_a_zip_bomb_is_not_unpacked(service: StandIn, api: Api) -> None:
    service.fault(instead(bomb(1100 << 20), "application/x-msdownload"), times=1)
    assert "unpacks to 1100 MiB" in refused(api, REGISTER, AnswerError)
    service.fault(instead(bomb(members=2001), "application/x-msdownload"), times=1)
    assert "2001 files" in refused(api, DOCUMENT, AnswerError)
    service.fault(instead(bomb(100), "application/x-msdownload"), times=1)
    assert "broken ZIP" in refused(api, DOCUMENT, AnswerError)


# --- the way there -------------------------------------------------------------------------------


def test_a_proxy_is_used(monkeypatch: pytest.MonkeyPatch, api: Api) -> None:
    """A proxy is asked for whole addresses; this one answers itself."""
    with opendart.service(opendart.made(1)) as proxy:
        point_at(monkeypatch, "http://opendart.invalid/api")
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert api.ask(COMPANY).rows
        assert proxy.requests[0].headers["host"] == "opendart.invalid"


def test_a_proxy_that_refuses_is_told(monkeypatch: pytest.MonkeyPatch, api: Api) -> None:
    with StandIn(lambda _: Reply(b"<html>", 407, "text/html")) as proxy:
        point_at(monkeypatch, "http://opendart.invalid/api")
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert "407" in refused(api, COMPANY, AnswerError)


def test_a_certificate_that_nobody_vouches_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, api: Api
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with opendart.service(opendart.made(1)) as service:
        listening = service._server
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        point_at(monkeypatch, service.url.replace("http", "https", 1))
        assert "TLS certificate" in refused(api, COMPANY, UnreachableError)
        assert service.requests == []


# --- the key -------------------------------------------------------------------------------------


def test_the_key_stands_in_no_log_and_no_error(
    service: StandIn, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    def echo(request: Request, _: Reply) -> Reply:
        return Reply(
            f"<html>{request.params} {request.path}</html>".encode(), media_type="text/html"
        )

    said: list[str] = []
    with caplog.at_level(logging.DEBUG):
        api.ask(COMPANY)
        for fault in (echo, cut(), http_error(500), http_error(302, {"Location": f"http://elsewhere.invalid/?crtfc_key={KEY}"})):  # fmt: skip
            service.fault(fault, times=4)
            with pytest.raises(SourceError) as caught:
                api.ask(COMPANY)
            service.mend()
            assert KEY not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
        for status in opendart.MESSAGES:
            rules(service).status = status
            for call in (COMPANY, REGISTER):
                try:
                    api.ask(call)
                except SourceError as error:
                    said.append(f"{error.line('ko')}{error.line('en')}{error!r}")
    assert len(said) > len(opendart.MESSAGES)
    assert KEY not in "".join(said)
    assert caplog.records
    assert KEY not in caplog.text
    assert all(KEY not in str(vars(record)) for record in caplog.records)
    assert KEY not in repr(vars(api))
    assert os.environ["PAYCANARY_DART_KEY"] == KEY


# --- the description -----------------------------------------------------------------------------


def test_the_endpoints_are_those_of_the_description(shared_data: Path) -> None:
    import write_endpoints  # noqa: PLC0415

    path = shared_data / "korea/opendart/spec/opendart_openapi_bundle_cpaikr_MIT.yaml"
    spec = yaml.load(path.read_text(encoding="utf-8"), _SAFE)  # noqa: S506 - a safe loader
    assert write_endpoints.TARGET.read_text(encoding="utf-8") == write_endpoints.written(spec)
    assert set(ENDPOINTS) == {path.split(".")[0] for path in write_endpoints.ASKED}


def test_a_second_description_knows_the_same_fields(shared_data: Path) -> None:
    import json  # noqa: PLC0415

    import write_endpoints  # noqa: PLC0415

    path = shared_data / "korea/opendart/spec/opendart_all_apis_hypn4_MIT.json"
    known: dict[str, set[str]] = {}
    for group in json.loads(path.read_text(encoding="utf-8")).values():
        for entry in group:
            for endpoint in entry["endpoints"]:
                name = endpoint["url"].rpartition("/")[2]
                known[name] = {field["name"] for field in entry["response_fields"]}
    # Of bonds it knows the head only; the recorded answers have the other columns too.
    compared = [
        e
        for e in ENDPOINTS.values()
        if e.path in known and e.fields and e.title != "회사채 미상환 잔액"
    ]
    assert len(compared) > 15
    seen = {path: set(fields) for path, fields in write_endpoints.OBSERVED.items()}
    strange = {e.path: set(e.fields) - known[e.path] - seen.get(e.path, set()) for e in compared}
    assert {path: fields for path, fields in strange.items() if fields} == {}


def test_no_kept_field_names_a_person() -> None:
    kept = {field for endpoint in ENDPOINTS.values() for field in endpoint.fields}
    assert not kept & {
        "ceo_nm",
        "apcnt",
        "ac_ap",
        "adres",
        "phn_no",
        "fax_no",
        "nm",
        "rq_cn",
        "icnm",
    }
