"""``models``: the models behind a server of their own."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated, Final

import typer

from paycanary.cli.context import LangOption, extra, settle
from paycanary.errors import UsageError
from paycanary.service.checked import checked

if TYPE_CHECKING:
    from paycanary.errors import Lang

models_app = typer.Typer(
    help="The models behind a server of their own, for other programs to ask.",
    no_args_is_help=True,
)
_OPEN: Final[dict[Lang, str]] = {
    "ko": "{address} 에서 모형을 엽니다(Open Inference Protocol v2{grpc}). PAYCANARY_MODELS_URL={address} 로 쓰고, 끝내려면 Ctrl+C 를 누르세요.",
    "en": "The models are served at {address} (Open Inference Protocol v2{grpc}); use them with PAYCANARY_MODELS_URL={address}. Ctrl+C ends it.",
}


@models_app.callback()
def _root() -> None:
    """Serve models."""


@models_app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of REST.")] = 8080,
    grpc_port: Annotated[int, typer.Option("--grpc-port", min=-1, max=65535, help="Port of gRPC; -1: no gRPC.")] = 8081,
    lang: LangOption = None,
) -> None:  # fmt: skip
    """Serve the forecast and the reader of words by the Open Inference Protocol v2, over REST and gRPC.

    Settings come from the environment (PAYCANARY_MODELS_...). Ended by SIGTERM or Ctrl-C, it answers what it has taken.
    """
    chosen = settle(lang)
    with extra("models"):
        import kserve.model  # noqa: F401, PLC0415 - told before anything starts

        from paycanary.service.listening import listen  # noqa: PLC0415
        from paycanary.serving.server import Models, Server  # noqa: PLC0415
        from paycanary.serving.settings import ModelsSettings  # noqa: PLC0415
        from paycanary.telemetry import logs, start  # noqa: PLC0415

    # It logs a traceback for every request that it refuses; what fails is logged by us.
    logs.configure(kserve=logging.CRITICAL)
    start.start("models")
    settings = checked(ModelsSettings, "docs/how-to/serve-models.md")
    models = Models(settings)
    listening = listen(host, port)
    address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"

    def opened(grpc: int | None) -> None:
        also = (
            {"ko": f", gRPC 는 {grpc}번 포트", "en": f", gRPC on port {grpc}"}[chosen]
            if grpc
            else ""
        )
        typer.echo(_OPEN[chosen].format(address=address, grpc=also), err=True)

    try:
        Server(models, settings).run(
            listening, (host, grpc_port) if grpc_port >= 0 else None, opened
        )
    except RuntimeError as error:
        if "Failed to bind" not in str(error):
            raise
        raise UsageError(
            {"ko": f"{host}:{grpc_port} 에서 gRPC 를 열 수 없습니다.", "en": f"{host}:{grpc_port} cannot be listened on for gRPC."},
            {"ko": "다른 --grpc-port 를 주거나, 그 포트를 쓰는 프로그램을 끝내세요.", "en": "Give another --grpc-port, or end the program that uses it."},
        ) from error  # fmt: skip
    finally:
        listening.close()
        start.stop()
