"""Asks a model server over gRPC, in the environment of the model server: JSON in, a line a call; JSON out, a line an answer.

{"call": "ModelInfer", "request": {...}, "raw": ["hex", ...], "metadata": {...}}  ->  {"answer": {...}, "trailing": {...}} or {"code": "...", "message": "..."}
"""

from __future__ import annotations

import json
import sys

import grpc
from google.protobuf import json_format
from kserve.protocol.grpc import grpc_predict_v2_pb2 as pb
from kserve.protocol.grpc.grpc_predict_v2_pb2_grpc import GRPCInferenceServiceStub


def main(port: int) -> None:
    """Answer every line of standard input."""
    with grpc.insecure_channel(
        f"127.0.0.1:{port}", [("grpc.max_send_message_length", -1)]
    ) as channel:
        stub = GRPCInferenceServiceStub(channel)
        for line in sys.stdin:
            asked = json.loads(line)
            request = json_format.ParseDict(asked.get("request", {}), getattr(pb, asked["call"] + "Request")())  # fmt: skip
            for raw in asked.get("raw", ()):
                request.raw_input_contents.append(bytes.fromhex(raw))
            try:
                told, call = getattr(stub, asked["call"]).with_call(request, timeout=30, metadata=tuple(asked.get("metadata", {}).items()))  # fmt: skip
                answer = {"answer": json_format.MessageToDict(told, preserving_proto_field_name=True)}  # fmt: skip
                answer["trailing"] = dict(call.trailing_metadata() or ())
                if hasattr(told, "raw_output_contents"):
                    answer["raw"] = [raw.hex() for raw in told.raw_output_contents]
            except grpc.RpcError as error:
                answer = {"code": error.code().name, "message": error.details(), "trailing": dict(error.trailing_metadata() or ())}  # fmt: skip
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
