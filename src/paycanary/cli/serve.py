"""``serve``: pages and HTTP API on one machine, or one of many copies."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from paycanary.cli.context import LangOption, extra, settle


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that answer.")] = 1,
    lang: LangOption = None,
) -> None:  # fmt: skip
    """Serve the pages and the HTTP API; nothing else has to be installed or started."""
    settle(lang)
    with extra("serve"):
        import uvicorn  # noqa: PLC0415 - only who serves pays for it

        from paycanary.state.database import open_database  # noqa: PLC0415
    import secrets  # noqa: PLC0415

    os.environ.setdefault("PAYCANARY_BASE_URL", f"http://{host}:{port}")
    # All processes of this copy sign with one secret.
    os.environ.setdefault("PAYCANARY_SECRET", secrets.token_urlsafe(32))
    open_database().close()
    uvicorn.run(
        "paycanary.web.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        server_header=False,
        access_log=False,
        proxy_headers=False,
        timeout_keep_alive=30,
    )
