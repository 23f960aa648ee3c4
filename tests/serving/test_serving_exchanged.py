"""Model servers exchanged one by one for those with another model, behind nginx, under load: no request fails."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.serving.conftest import asking, made, serving
from tests.upgrade.fleet import DRAIN, Load, fleet

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

TEXTS = ["임금이 체불되었습니다.", "회사는 계속기업으로서 존속할 것입니다."]


def read(client: httpx.Client) -> httpx.Response:
    return client.post("/v2/models/text/infer", json=asking(TEXTS))


def test_no_request_fails_while_model_servers_are_exchanged(small: Path, tmp_path: Path) -> None:
    def env(model: Path) -> dict[str, str]:
        return {"PAYCANARY_TEXT_MODEL": str(model), "PAYCANARY_MODELS_DRAIN_SECONDS": DRAIN, "PAYCANARY_MODELS_THREADS": "1"}  # fmt: skip

    other = made(tmp_path / "small-2", 2)
    with ExitStack() as stack:
        served = stack.enter_context(fleet("/v2/health/ready"))
        olds = [stack.enter_context(serving(env(small))) for _ in range(2)]
        for old in olds:
            served.join(old)
        with Load(served.url, read, read, read) as load:
            for old in olds:
                served.join(stack.enter_context(serving(env(other))))
                served.leave(old)
    assert load.failed == [], served.output
    versions = [answer.json()["model_version"] for answer in load.answers]
    assert set(versions) == {"small-1", "small-2"}
    assert versions[-1] == "small-2"
    assert len(versions) > 100
