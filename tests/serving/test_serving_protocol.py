"""The Open Inference Protocol v2 as a client sees it, over REST and over gRPC."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import pytest

from paycanary.forecast.scorecard import scorecard
from tests.serving.conftest import asking, rows_of

if TYPE_CHECKING:
    from tests.serving.conftest import ModelServer

CARD = scorecard()
NAMES = list(CARD.terms_by_name)
VALUES = {name: (term.knots[0] + term.knots[-1]) / 2 for name, term in list(CARD.terms_by_name.items())[::2]}  # fmt: skip
TEXTS = ["계속기업", "a", "임금이 체불되었습니다. " * 20, "감사범위 제한" * 3]


def columns(*rows: dict[str, float]) -> dict[str, Any]:
    data = [row.get(name) for row in rows for name in NAMES]
    return {"inputs": [{"name": "features", "datatype": "FP64", "shape": [len(rows), len(NAMES)], "data": data}]}  # fmt: skip


def test_health_and_metadata(served: ModelServer) -> None:
    with served.client() as client:
        assert client.get("/v2/health/live").json() == {"live": True}
        assert client.get("/v2/health/ready").json() == {"ready": True}
        assert client.get("/v2").json()["extensions"] == ["model_repository_extension"]
        assert client.get("/v2/models").json() == {"models": ["forecast", "text"]}
        told = client.get("/v2/models/forecast").json()
        assert told["versions"] == [CARD.version]
        assert told["inputs"] == [
            {"name": "features", "datatype": "FP64", "shape": [-1, len(NAMES)]}
        ]
        assert told["parameters"]["features"].split(",") == NAMES
        assert client.get("/v2/models/text").json()["parameters"]["kinds"] == "going_concern,rescue,unpaid_wages"  # fmt: skip
        for model, version in (("forecast", CARD.version), ("text", "small-1")):
            assert client.get(f"/v2/models/{model}/ready").json() == {"name": model, "ready": True}
            assert client.get(f"/v2/models/{model}/versions/{version}/ready").status_code == 200
            assert client.get(f"/v2/models/{model}/versions/{version}").json()["name"] == model
            assert client.get(f"/v2/models/{model}/versions/older/ready").status_code == 404
            assert client.get(f"/v2/models/{model}/versions/older").status_code == 404
        assert client.get("/v2/models/nobody").status_code == 404
        assert client.post("/v2/models/nobody/infer", json=asking(["a"])).status_code == 404


def test_a_forecast_is_the_one_in_process(served: ModelServer) -> None:
    with served.client() as client:
        told = client.post("/v2/models/forecast/infer", json=columns(VALUES, {}) | {"id": "seven"})
    answer = told.json()
    assert (answer["id"], answer["model_name"], answer["model_version"]) == ("seven", "forecast", CARD.version)  # fmt: skip
    by_name = {output["name"]: output["data"] for output in answer["outputs"]}
    expected = [CARD.score(VALUES), CARD.score({})]
    assert by_name["probability"] == [one.probability for one in expected]
    assert by_name["log_odds"] == [one.log_odds for one in expected]
    assert rows_of(answer, "terms") == [list(one.terms.values()) for one in expected]


def test_only_wanted_outputs_are_told(served: ModelServer) -> None:
    with served.client() as client:
        asked = columns(VALUES) | {"outputs": [{"name": "probability"}]}
        told = client.post(f"/v2/models/forecast/versions/{CARD.version}/infer", json=asked).json()
        other = client.post("/v2/models/forecast/versions/older/infer", json=asked)
    assert [output["name"] for output in told["outputs"]] == ["probability"]
    assert other.status_code == 404
    assert CARD.version in other.json()["error"]


def test_a_whole_market_is_one_request(served: ModelServer) -> None:
    with served.client() as client:
        told = client.post("/v2/models/forecast/infer", json=columns(*[VALUES] * 2500)).json()
    assert told["outputs"][0]["data"] == [CARD.probability(VALUES)] * 2500


def test_grpc_tells_the_same(served: ModelServer) -> None:
    data = [VALUES.get(name, "NaN") for name in NAMES]
    tensor = {"name": "features", "datatype": "FP64", "shape": [1, len(NAMES)]}
    raw = struct.pack(f"<{len(NAMES)}d", *(VALUES.get(name, float("nan")) for name in NAMES))
    texts = [text.encode() for text in TEXTS]
    packed = b"".join(len(text).to_bytes(4, "little") + text for text in texts)
    said = {"name": "texts", "datatype": "BYTES", "shape": [len(TEXTS)]}
    live, ready, server, metadata, model, version, contents, binary, read, other = served.grpc(
        {"call": "ServerLive"},
        {"call": "ServerReady"},
        {"call": "ServerMetadata"},
        {"call": "ModelMetadata", "request": {"name": "text"}},
        {"call": "ModelReady", "request": {"name": "text"}},
        {"call": "ModelReady", "request": {"name": "text", "version": "older"}},
        {"call": "ModelInfer", "request": {"model_name": "forecast", "inputs": [tensor | {"contents": {"fp64_contents": data}}]}},
        {"call": "ModelInfer", "request": {"model_name": "forecast", "id": "7", "inputs": [tensor]}, "raw": [raw.hex()]},
        {"call": "ModelInfer", "request": {"model_name": "text", "inputs": [said]}, "raw": [packed.hex()]},
        {"call": "ModelInfer", "request": {"model_name": "text", "model_version": "older", "inputs": [said]}, "raw": [packed.hex()]},
    )  # fmt: skip
    assert live["answer"] == {"live": True}
    assert ready["answer"] == {"ready": True}
    assert server["answer"]["name"] == "kserve"
    assert metadata["answer"]["versions"] == ["small-1"]
    assert model["answer"] == {"ready": True}
    assert version["answer"] == {}
    for told in (contents, binary):
        assert told["answer"]["outputs"][0]["contents"]["fp64_contents"] == [
            CARD.probability(VALUES)
        ]
    assert binary["answer"]["id"] == "7"
    outputs = {o["name"]: o for o in read["answer"]["outputs"]}
    flat = [chance for row in rows_of(served.read(TEXTS)) for chance in row]
    assert outputs["probabilities"]["contents"]["fp64_contents"] == flat
    assert read["answer"]["parameters"]["version"] == {"string_param": "small-1"}
    assert other["code"] == "NOT_FOUND"


def test_binary_tensors_over_rest(served: ModelServer) -> None:
    raw = struct.pack(f"<{len(NAMES)}d", *(VALUES.get(name, float("nan")) for name in NAMES))
    head = json.dumps({"inputs": [{"name": "features", "datatype": "FP64", "shape": [1, len(NAMES)], "parameters": {"binary_data_size": len(raw)}}]}).encode()  # fmt: skip
    headers = {"inference-header-content-length": str(len(head)), "content-type": "application/octet-stream"}  # fmt: skip
    with served.client() as client:
        told = client.post("/v2/models/forecast/infer", content=head + raw, headers=headers)
        cut = client.post("/v2/models/forecast/infer", content=head + raw[:-3], headers=headers)
    assert told.status_code == 200, told.text
    assert told.json()["outputs"][0]["data"] == [CARD.probability(VALUES)]
    assert cut.status_code == 400, cut.text


@pytest.mark.parametrize("count", [1, 3, 100])
def test_company_changes_no_answer(served: ModelServer, count: int) -> None:
    texts = [TEXTS[i % len(TEXTS)] + str(i) for i in range(count)]
    assert rows_of(served.read(texts)) == [rows_of(served.read([text]))[0] for text in texts]


def test_a_text_longer_than_the_model_reads_says_so(served: ModelServer) -> None:
    told = served.read(["가" * 250, "가" * 300])
    assert told["outputs"][1] == {"name": "filled", "datatype": "BOOL", "shape": [2], "data": [False, True]}  # fmt: skip


def test_metrics(served: ModelServer) -> None:
    before = served.metrics()
    served.read(["a", "b"])
    with served.client() as client:
        assert client.post("/v2/models/text/infer", content=b"{").status_code == 400
    after = served.metrics()

    def more(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert more('paycanary_models_requests_total{model="text",protocol="rest"}') == 1
    assert (
        more('paycanary_models_failures_total{model="text",protocol="rest",reason="invalid"}') == 1
    )
    assert more('paycanary_models_request_seconds_count{model="text",protocol="rest"}') == 1
    assert more("paycanary_models_batch_texts_sum") == 2
    assert after["paycanary_models_queue_texts"] == 0
    assert after['paycanary_models_version{model="text",version="small-1"}'] == 1
