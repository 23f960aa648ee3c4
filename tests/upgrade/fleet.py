"""A small cluster on this machine: copies behind a real nginx that is told of those that are ready, as a cluster's Service is."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from tests.servers import Server, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Seconds between two looks whether a copy is ready. A cluster looks less often, and drains for longer.
_PERIOD: Final = 0.2
#: Seconds that a copy goes on after SIGTERM: enough for two looks and for nginx to read what it is told.
DRAIN: Final = "5"
#: Seconds between two requests of a client: copies that start beside need a processor, too.
_PAUSE: Final = 0.05
#: Nothing is tried a second time: each request that a copy loses is a failure that a client sees.
_CONF: Final = """
daemon off; pid {folder}/pid; error_log stderr error; worker_processes 1; {user}
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream copies {{ {copies} keepalive 8; keepalive_timeout 20s; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://copies; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_next_upstream off; proxy_read_timeout 60s;
    }}
  }}
}}
"""


class Nginx(Server):
    """The proxy; `Fleet` tells it where copies are."""

    def is_ready(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
            return True
        return False


@dataclass
class Fleet:
    """Copies of one program, all of them behind one address.

    Args:
        ready: path that answers 200 while a copy may be sent requests.
    """

    folder: Path
    ready: str
    port: int = field(default_factory=free_port)
    copies: list[Any] = field(default_factory=list)
    _told: list[int] = field(default_factory=list)
    _said: str = ""
    _nginx: Nginx | None = None
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What the proxy says of requests that failed."""
        assert self._nginx is not None
        return self._nginx.output if (self.folder / "output").exists() else self._said

    def join(self, copy: Any) -> None:
        """Take a copy in; it gets requests once it is ready, which is waited for."""
        with self._lock:
            self.copies.append(copy)
        until(lambda: copy.port in self._told)

    def leave(self, copy: Any) -> None:
        """End a copy as a cluster does: SIGTERM while others go on, and nothing is said to the proxy but by its readiness."""
        copy.process.send_signal(signal.SIGTERM)
        until(lambda: copy.port not in self._told)
        assert copy.is_running, (
            "it ended before the proxy could see it: this machine needs a longer drain"
        )
        assert copy.process.wait(60) in (0, -signal.SIGTERM), copy.output
        assert "Traceback" not in copy.output, copy.output
        with self._lock:
            self.copies.remove(copy)

    def __enter__(self) -> Self:
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        assert program, "no nginx: run scripts/install-test-servers.sh"
        self._write([])
        command = [program, "-p", str(self.folder), "-c", str(self.folder / "conf"), "-e", "stderr"]
        self._nginx = Nginx(command, self.folder, self.port, signal.SIGQUIT).start()
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._looking.join()
        for copy in self.copies:
            copy.stop()
        assert self._nginx is not None
        self._nginx.kill()
        self._said = self._nginx.output

    def _look(self) -> None:
        """What a cluster's kubelet and endpoints do."""
        while not self._over.wait(_PERIOD):
            with self._lock:
                copies = list(self.copies)
            found = [copy.port for copy in copies if self._is_ready(copy.port)]
            if found != self._told:
                self._write(found)
                self._reload()
                self._told = found

    def _is_ready(self, port: int) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{port}{self.ready}", trust_env=False, timeout=10).status_code == 200  # fmt: skip
        return False

    def _reload(self) -> None:
        assert self._nginx is not None
        assert self._nginx.process is not None
        self._nginx.process.send_signal(signal.SIGHUP)

    def _write(self, ports: list[int]) -> None:
        # Without any copy it has to name one all the same; port 9 answers nobody.
        copies = " ".join(f"server 127.0.0.1:{port};" for port in ports or [9])
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "conf").write_text(_CONF.format(folder=self.folder, port=self.port, copies=copies, user=user), encoding="utf-8")  # fmt: skip


@contextmanager
def fleet(ready: str) -> Iterator[Fleet]:
    with tempfile.TemporaryDirectory(prefix="paycanary-fleet-") as folder, Fleet(Path(folder), ready) as opened:  # fmt: skip
        yield opened


class Load:
    """Clients that ask again and again; what failed, and how, is kept. Each request is a connection of its own.

    Args:
        url: where all of them ask.
        visits: what a client does, one after the other; each gives an answer, or raises.
    """

    def __init__(self, url: str, *visits: Callable[[httpx.Client], httpx.Response]) -> None:
        self.answers: list[httpx.Response] = []
        self.failed: list[str] = []
        self._url = url
        self._over = threading.Event()
        self._clients = [threading.Thread(target=self._ask, args=(v,), daemon=True) for v in visits]

    def __enter__(self) -> Self:
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for client in self._clients:
            client.join(60)

    def _ask(self, visit: Callable[[httpx.Client], httpx.Response]) -> None:
        # Connections kept to the proxy are the proxy's to close when it is told something new: no matter of ours.
        headers = {"Connection": "close"}
        with httpx.Client(base_url=self._url, headers=headers, trust_env=False, timeout=60) as client:  # fmt: skip
            while not self._over.is_set():
                try:
                    answer = visit(client)
                except httpx.TransportError as error:
                    self.failed.append(f"{type(error).__name__}: {error}")
                    continue
                self.answers.append(answer)
                time.sleep(_PAUSE)
                if not answer.is_success:
                    self.failed.append(f"{answer.request.url}: {answer.status_code} {answer.text[:300]}")  # fmt: skip


def until(met: Callable[[], Any], seconds: float = 60) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, f"still not so after {seconds:g} s"
        time.sleep(0.05)
