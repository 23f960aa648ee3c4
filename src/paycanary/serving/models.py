"""The models as KServe's SDK knows them: for gRPC, and for the repository that REST and gRPC ask."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from kserve import InferOutput, InferResponse, Model, ModelRepository
from kserve.errors import ModelNotFound
from kserve.protocol.dataplane import DataPlane

from paycanary.serving import metrics, tensors
from paycanary.serving.refusals import Refusal

if TYPE_CHECKING:
    from paycanary.serving.answers import Answering
    from paycanary.serving.tensors import Told


class Served(Model):
    """One of our models."""

    def __init__(self, answering: Answering) -> None:
        super().__init__(answering.name)
        self.answering = answering
        self.ready = True

    def get_input_types(self) -> list[dict[str, Any]]:
        """For the metadata over gRPC."""
        inputs: list[dict[str, Any]] = self.answering.metadata()["inputs"]
        return inputs

    def get_output_types(self) -> list[dict[str, Any]]:
        """For the metadata over gRPC."""
        outputs: list[dict[str, Any]] = self.answering.metadata()["outputs"]
        return outputs

    async def __call__(
        self,
        body: Any,
        headers: Any = None,  # noqa: ARG002 - KServe's own
        verb: Any = None,  # noqa: ARG002
    ) -> tuple[Any, dict[str, str]]:
        """Answer what the SDK has read; its hooks before and after a prediction, which we have no use for, are left out."""
        told = await counted(self.answering, body)
        return as_kserve(told, self.name, body.id), {}


async def counted(answering: Answering, request: Any, protocol: str = "grpc") -> Told:
    """The answer to what the SDK has read, counted and timed.

    Raises:
        Refusal: there is none; counted as well.
    """
    began = time.perf_counter()
    try:
        told = await answering.answer(tensors.of_kserve(request))
    except Refusal as refusal:
        metrics.FAILURES.labels(answering.name, protocol, refusal.reason).inc()
        raise
    metrics.REQUESTS.labels(answering.name, protocol).inc()
    metrics.SECONDS.labels(answering.name, protocol).observe(time.perf_counter() - began)
    return told


def as_kserve(told: Told, name: str, request: str | None) -> InferResponse:
    """An answer in the SDK's words."""
    outputs = [InferOutput(t.name, list(t.shape), t.datatype, list(t.data)) for t in told.outputs]
    version = told.parameters["version"]
    return InferResponse(request or "", name, outputs, model_version=version, parameters=dict(told.parameters))  # fmt: skip


class Repository(ModelRepository):
    """The SDK's registry; `load` takes up what `current` points to, and nothing is ever unloaded: who asks needs both models."""

    async def load(self, name: str) -> bool:
        """Load a model again by hand; the server also looks by itself."""
        model = self.get_model(name)
        if model is None:
            raise ModelNotFound(name)
        await asyncio.get_running_loop().run_in_executor(None, model.answering.shelf.load)
        return True

    def unload(self, name: str) -> None:
        """Refuse."""
        raise NotImplementedError(
            f"{name} is always loaded; point current to another version instead"
        )


class Plane(DataPlane):
    """The SDK's data plane, which says that it is not ready once the server ends."""

    is_stopping = False

    async def ready(self) -> bool:
        """Whether both models answer, and the server is not about to end."""
        return not self.is_stopping
