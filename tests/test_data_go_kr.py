"""The portal's gateway: every form of its answers, every code it documents, everything that goes wrong below it, and its key."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from paycanary.errors import (
    AnswerError,
    KeyRefusedError,
    QuotaError,
    SourceError,
    UnreachableError,
)
from paycanary.sources.data_go_kr import Gateway, MalformedError, Service, decoded, open_envelope
from paycanary.sources.web.keys import Secret
from tests.standins.data_go_kr import (
    ERRORS,
    KEY,
    Operation,
    in_service,
    plainly,
    refusing,
    service,
)
from tests.standins.server import (
    EMPTY,
    HTML_PAGE,
    NOT_JSON,
    StandIn,
    as_json,
    cut,
    drip,
    endless,
    http_error,
    instead,
    slow,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.standins.data_go_kr import Portal
    from tests.standins.server import Fault

SERVICE = Service("portal", "시험 서비스", "https://www.data.go.kr/data/1/openapi.do", "http://nowhere.invalid", ("resultType", "json"))  # fmt: skip
FIELDS = {"list": ("name", "number")}
ROWS = [{"name": f"회사{n}", "number": str(n), "person": "이름아님"} for n in range(250)]
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha">'
    + b"".join(f'<!ENTITY {b} "{f"&{a};" * 20}">'.encode() for a, b in zip("abcdef", "bcdefg", strict=True))
    + b"]><response><header><resultCode>00</resultCode></header><body><items><item><name>&g;</name></item></items></body></response>"
)  # fmt: skip
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    b"<response><header><resultCode>00</resultCode></header><body><items><item><name>&x;</name></item></items></body></response>"
)


def operations(rows: list[dict[str, str]] | None = None) -> dict[str, Operation]:
    def matches(row: dict[str, str], asked: dict[str, str]) -> bool:
        return asked.get("number", row["number"]) == row["number"]

    return {"list": Operation(ROWS if rows is None else rows, SERVICE.json, ("number",), matches)}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYCANARY_DATA_GO_KR_KEY", KEY)
    monkeypatch.setenv("PAYCANARY_RETRY_SECONDS", "0.001")


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[StandIn, Portal]]:
    stand_in, behind = service(operations())
    with stand_in:
        monkeypatch.setenv("PAYCANARY_PORTAL_URL", stand_in.url)
        yield stand_in, behind


def ask(**params: str) -> list[dict[str, str | None]]:
    return Gateway(SERVICE, FIELDS).rows("list", params)


def refusal(**params: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask(**params)
    lines = [caught.value.line(lang) for lang in ("ko", "en")]
    assert all("portal" in line for line in lines)
    assert not any(form in line for line in lines for form in (KEY, quote(KEY, safe=""), quote(KEY)))  # fmt: skip
    return caught.value


# --- what an answer may look like ----------------------------------------------------------------


def test_rows_come_page_by_page_and_only_with_the_fields_that_are_kept(
    portal: tuple[StandIn, Portal],
) -> None:
    stand_in, _ = portal
    rows = ask()
    assert [row["number"] for row in rows] == [str(n) for n in range(250)]
    assert {name for row in rows for name in row} == {"name", "number"}
    assert [request["pageNo"] for request in stand_in.asked("/list")] == ["1", "2", "3"]


def test_one_row_is_an_object_and_none_an_empty_string(portal: tuple[StandIn, Portal]) -> None:
    assert ask(number="7") == [{"name": "회사7", "number": "7"}]
    assert ask(number="none") == []
    assert portal[0].most_in_flight == 1


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ({"item": [{"name": "a"}, {"name": "b"}]}, 2),
        ({"item": {"name": "a"}}, 1),
        ({"item": ""}, 0),
        ({"item": []}, 0),
        ({"item": None}, 0),
        ({}, 0),
        ("", 0),
        (" \n", 0),
        (None, 0),
        ([{"name": "a"}], 1),
    ],
)
def test_an_item_may_be_a_list_an_object_or_nothing(items: object, found: int) -> None:
    document = {"header": {"resultCode": "00"}, "body": {"items": items, "totalCount": found}}
    for whole in ({"response": document}, document):
        envelope = open_envelope(as_json(whole).body)
        assert (len(envelope.rows), envelope.total, envelope.code) == (found, found, "00")


@pytest.mark.parametrize("code", ["00", "0", "000", "0000"])
def test_zeros_of_any_length_mean_that_all_is_well(code: str) -> None:
    body = as_json({"header": {"resultCode": code}, "body": {"items": ""}}).body
    assert open_envelope(body).code == "00"


@pytest.mark.parametrize("items", ["nonsense", 5, [1, 2], [{"a": "1"}, "b"], {"item": "text"}])
def test_rows_of_another_kind_are_no_rows(items: object) -> None:
    body = as_json({"response": {"header": {"resultCode": "00"}, "body": {"items": items}}}).body
    with pytest.raises(MalformedError):
        open_envelope(body)


def test_the_same_rows_may_come_as_xml(monkeypatch: pytest.MonkeyPatch) -> None:
    speaks_xml = {"list": Operation(ROWS[:101], ("_type", "never"), (), lambda _row, _asked: True)}
    stand_in, _ = service(speaks_xml)
    with stand_in:
        monkeypatch.setenv("PAYCANARY_PORTAL_URL", stand_in.url)
        assert [row["number"] for row in ask()] == [str(n) for n in range(101)]


def test_an_empty_answer_in_xml_has_no_rows() -> None:
    body = b'\xef\xbb\xbf<?xml version="1.0"?><response><header><resultCode>00</resultCode></header><body><items/><totalCount>0</totalCount></body></response>'
    envelope = open_envelope(body)
    assert (envelope.rows, envelope.total) == ([], 0)


# --- codes ---------------------------------------------------------------------------------------

KINDS: dict[str, type[SourceError]] = {
    **dict.fromkeys(["01", "02", "04", "05", "23", "99"], UnreachableError),
    **dict.fromkeys(["10", "11", "12"], AnswerError),
    **dict.fromkeys(["20", "21", "29", "30", "31", "32", "33"], KeyRefusedError),
    "22": QuotaError,
}


@pytest.mark.parametrize("code", KINDS)
@pytest.mark.parametrize("way", [refusing, in_service])
def test_every_code_is_the_error_that_it_means(
    portal: tuple[StandIn, Portal], code: str, way: Callable[[str], Fault]
) -> None:
    stand_in, _ = portal
    stand_in.fault(way(code))
    error = refusal()
    assert type(error) is KINDS[code]
    # Only what may pass is asked again.
    assert len(stand_in.requests) == (4 if KINDS[code] is UnreachableError else 1)


@pytest.mark.parametrize("way", [refusing, in_service])
def test_no_data_is_an_empty_answer(
    portal: tuple[StandIn, Portal], way: Callable[[str], Fault]
) -> None:
    portal[0].fault(way("03"))
    assert ask() == []


def test_codes_are_known_by_name_where_the_number_is_left_out() -> None:
    for code, name in ERRORS.items():
        xml = f"<OpenAPI_ServiceResponse><cmmMsgHeader><returnAuthMsg>{name}</returnAuthMsg></cmmMsgHeader></OpenAPI_ServiceResponse>"
        assert open_envelope(xml.encode()).code == code
        wrapped = {"cmmMsgHeader": {"returnAuthMsg": name, "returnReasonCode": code}}
        assert open_envelope(as_json(wrapped).body).code == code
        assert open_envelope(as_json({"OpenAPI_ServiceResponse": wrapped}).body).code == code


@pytest.mark.parametrize(
    ("said", "status", "kind"),
    [
        ("API token quota exceeded", 429, QuotaError),
        ("API token quota exceeded", 200, QuotaError),
        ("API rate limit exceeded", 429, UnreachableError),
        ("Error forwarding request to backend server", 502, UnreachableError),
        ("Error receiving response from backend server", 500, UnreachableError),
        ("Unexpected errors", 500, UnreachableError),
        ("API not found", 404, AnswerError),
        ("Unauthorized", 401, KeyRefusedError),
        ("Forbidden", 403, KeyRefusedError),
    ],
)
def test_the_newer_gateway_speaks_in_plain_lines(
    portal: tuple[StandIn, Portal], said: str, status: int, kind: type[SourceError]
) -> None:
    portal[0].fault(plainly(said, status))
    assert type(refusal()) is kind


def test_an_error_in_xml_with_an_http_error_is_understood_too(
    portal: tuple[StandIn, Portal],
) -> None:
    xml = b"<OpenAPI_ServiceResponse><cmmMsgHeader><returnReasonCode>20</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>"
    portal[0].fault(instead(xml, "text/xml", 403))
    assert "https://www.data.go.kr/data/1/openapi.do" in refusal().line("ko")


def test_a_service_that_was_not_applied_for_is_named_with_its_page(
    portal: tuple[StandIn, Portal],
) -> None:
    portal[0].fault(refusing("20"))
    error = refusal()
    for lang in ("ko", "en"):
        assert "시험 서비스" in error.line(lang)
        assert "https://www.data.go.kr/data/1/openapi.do" in error.line(lang)


def test_a_key_that_is_not_registered_may_take_an_hour(
    portal: tuple[StandIn, Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYCANARY_DATA_GO_KR_KEY", "another-key")
    error = refusal()
    assert isinstance(error, KeyRefusedError)
    assert "한 시간" in error.line("ko")
    assert "an hour" in error.line("en")
    assert "another-key" not in error.line("en")
    assert len(portal[0].requests) == 1


def test_an_undocumented_code_is_an_answer_that_cannot_be_read(
    portal: tuple[StandIn, Portal],
) -> None:
    portal[0].fault(lambda _request, _reply: as_json({"response": {"header": {"resultCode": "77", "resultMsg": "?"}}}))  # fmt: skip
    error = refusal()
    assert type(error) is AnswerError
    assert "77" in error.line("en")


def test_too_many_a_second_is_waited_for(portal: tuple[StandIn, Portal]) -> None:
    portal[0].fault(refusing("23"), times=2)
    assert ask(number="7") == [{"name": "회사7", "number": "7"}]
    assert len(portal[0].requests) == 3


def test_a_day_is_used_up_after_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in, behind = service(operations(), limit=2)
    with stand_in:
        monkeypatch.setenv("PAYCANARY_PORTAL_URL", stand_in.url)
        for _ in range(2):
            assert len(ask(number="1")) == 1
        assert type(refusal(number="1")) is QuotaError
        behind.new_day()
        assert len(ask(number="1")) == 1


# --- what goes wrong below it --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (HTML_PAGE, AnswerError),
        (NOT_JSON, AnswerError),
        (EMPTY, AnswerError),
        (instead(b"null", "application/json"), AnswerError),
        (instead(b"[]", "application/json"), AnswerError),
        (instead(b"{" * 100_000, "application/json"), AnswerError),
        (instead(b'{"response":' * 3000 + b"{}" + b"}" * 3000, "application/json"), AnswerError),
        (instead(b"<response><header>", "text/xml"), AnswerError),
        (instead(b"<a/>", "text/xml"), AnswerError),
        (instead(b"\xff\xfe\x00nonsense", "text/plain"), AnswerError),
        (instead(BOMB, "text/xml"), AnswerError),
        (instead(b"<!-- " + b"x" * 10_000 + b" -->" + BOMB, "text/xml"), AnswerError),
        (instead(OUTSIDE, "text/xml"), AnswerError),
        (cut(0), UnreachableError),
        (cut(30), UnreachableError),
        (http_error(500), UnreachableError),
        (http_error(503, {"Retry-After": "0"}), UnreachableError),
        (http_error(429), UnreachableError),
        (http_error(401), KeyRefusedError),
        (http_error(403), KeyRefusedError),
        (http_error(404), AnswerError),
        (http_error(302, {"Location": "https://login.invalid"}), AnswerError),
        (endless(), AnswerError),
    ],
)
def test_faults_are_told_apart(
    portal: tuple[StandIn, Portal], fault: Fault, kind: type[SourceError]
) -> None:
    portal[0].fault(fault)
    error = refusal()
    assert type(error) is kind


def test_one_cut_connection_is_asked_again(portal: tuple[StandIn, Portal]) -> None:
    portal[0].fault(cut(40), times=1)
    assert len(ask()) == 250


def test_a_slow_answer_is_waited_for(portal: tuple[StandIn, Portal]) -> None:
    portal[0].fault(slow(0.3), times=1)
    portal[0].fault(drip(20_000), times=1)
    assert len(ask()) == 250


def test_fewer_rows_than_announced_are_no_answer(portal: tuple[StandIn, Portal]) -> None:
    body = {"items": {"item": [{"name": "a"}]}, "totalCount": 3}
    once = as_json({"response": {"header": {"resultCode": "00"}, "body": body}})
    nothing = as_json({"response": {"header": {"resultCode": "00"}, "body": {**body, "items": ""}}})
    portal[0].fault(lambda _request, _reply: once, times=1)
    portal[0].fault(lambda _request, _reply: nothing)
    error = refusal()
    assert type(error) is AnswerError
    assert "1 of 3 rows" in error.line("en")


def test_a_question_that_was_too_wide_is_no_answer(portal: tuple[StandIn, Portal]) -> None:
    assert len(portal[1].operations["list"].rows) == 250
    with pytest.raises(AnswerError, match="250 rows where at most 200"):
        Gateway(SERVICE, FIELDS).rows("list", {}, most=200)


# --- the key -------------------------------------------------------------------------------------


def test_the_portals_encoded_key_is_decoded_once(
    portal: tuple[StandIn, Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    for form in (quote(KEY, safe=""), quote(KEY), KEY):
        monkeypatch.setenv("PAYCANARY_DATA_GO_KR_KEY", form)
        assert len(ask(number="1")) == 1
    assert [request["serviceKey"] for request in portal[0].asked("/list")] == [KEY] * 3


def test_a_key_without_percent_signs_is_left_alone() -> None:
    assert decoded(Secret("a+b/c==")).reveal() == "a+b/c=="
    assert decoded(Secret("a%2Bb%2Fc%3D%3D")).reveal() == "a+b/c=="
    assert decoded(Secret("100%")).reveal() == "100%"


def test_no_log_line_holds_the_key(
    portal: tuple[StandIn, Portal],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PAYCANARY_DATA_GO_KR_KEY", quote(KEY, safe=""))
    with caplog.at_level(logging.DEBUG):
        ask(number="1")
        portal[0].fault(http_error(500))
        refusal()
    assert "serviceKey" in caplog.text
    for form in (KEY, quote(KEY), quote(KEY, safe=""), KEY.replace("+", "%2B")):
        assert form not in caplog.text


def test_without_a_key_it_says_where_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAYCANARY_DATA_GO_KR_KEY")
    monkeypatch.delenv("DATA_GO_KR_SERVICE_KEY", raising=False)
    with pytest.raises(KeyRefusedError) as caught:
        ask()
    assert "https://www.data.go.kr" in caught.value.line("ko")
