"""``serve``: pages and HTTP API on one machine, or one of many copies."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Annotated, Final

import typer

from paycanary.cli.context import LangOption, extra, settle
from paycanary.cli.settings import checked_settings

if TYPE_CHECKING:
    from paycanary.errors import Lang

#: Seconds without a sign of life after which one of several processes is killed and started anew. With uvicorn's five a busy machine
#: kills processes that are still loading, again and again, and none ever answers.
_SILENT: Final = 30
#: Seconds that requests which have begun are given to end.
_GRACE: Final = 10
_OPEN: Final[dict[Lang, str]] = {
    "ko": "{address} 에서 페이지와 API(/v1)를 엽니다. 끝내려면 Ctrl+C 를 누르세요.",
    "en": "Pages and API (/v1) are served at {address}; Ctrl+C ends it.",
}


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that answer.")] = 1,
    lang: LangOption = None,
) -> None:  # fmt: skip
    """Serve the pages and the HTTP API; nothing else has to be installed or started."""
    chosen = settle(lang)
    with extra("serve"):
        from uvicorn import Config, Server  # noqa: PLC0415 - only who serves pays for it
        from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

        from paycanary.service.gauges import watch_state  # noqa: PLC0415
        from paycanary.service.listening import listen  # noqa: PLC0415
        from paycanary.service.market import check_store  # noqa: PLC0415
        from paycanary.service.protocol import Protocol  # noqa: PLC0415
        from paycanary.state.database import open_database  # noqa: PLC0415
        from paycanary.telemetry import logs, start  # noqa: PLC0415
        from paycanary.telemetry.watched import asked_at  # noqa: PLC0415
    check_store()
    listening = listen(host, port, workers)
    address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
    os.environ.setdefault("PAYCANARY_BASE_URL", address)
    # All processes of this copy sign with one secret.
    os.environ.setdefault("PAYCANARY_SECRET", secrets.token_urlsafe(32))
    settings = checked_settings()
    logs.configure()
    # Once, before any process needs it.
    open_database().close()
    if workers > 1:
        start.share_folder()
    watch_state(settings)
    telemetry = start.start("api")
    telemetry.listen(asked_at(host, listening.getsockname()[1]))
    typer.echo(_OPEN[chosen].format(address=address), err=True)
    config = Config(
        "paycanary.web.app:serve_app",
        factory=True,
        workers=workers,
        http=Protocol,
        ws="none",
        log_config=logs.CONFIG,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_GRACE,
        timeout_worker_healthcheck=_SILENT,
    )
    with listening:
        try:
            if workers > 1:
                Multiprocess(config, sockets=[listening]).run()
                return
            server = Server(config)
            server.run(sockets=[listening])
        finally:
            start.stop()
    if not server.started:
        raise typer.Exit(1)
