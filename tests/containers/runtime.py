"""Starts programs in a built image as Kubernetes does, from what the chart says of a pod.

Root file system read-only, the image's user, no capability, no new privileges, writable only what is mounted. By util-linux alone: crun and runc want
control groups in a form that a machine for tests may not have. Each command gives way to the next, so that a signal reaches the program itself; network
and processes are this machine's, so that a test can ask.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx

from tests.servers import Server

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Seconds that a command may take on a busy machine.
_PATIENCE: Final = 180


@dataclass(frozen=True)
class Built:
    """An image that was built, and where its files are."""

    digest: str
    root: Path
    config: Mapping[str, Any]

    @property
    def user(self) -> tuple[int, int]:
        user, _, group = str(self.config["User"]).partition(":")
        return int(user), int(group)

    @property
    def environment(self) -> dict[str, str]:
        return dict(entry.split("=", 1) for entry in self.config["Env"])

    def command(
        self, arguments: Sequence[str], writable: Mapping[str, Path],
        env: Mapping[str, str] | None = None, program: Sequence[str] | None = None,
    ) -> list[str]:  # fmt: skip
        """The command line that starts the image's entry point, or another program, with arguments."""
        user, group = self.user
        variables = {"PATH": "/usr/local/bin:/usr/bin:/bin", **self.environment, **(env or {})}
        root = shlex.quote(str(self.root))
        lines = ["set -e", f"mount --rbind {root} {root}", f"mount -o remount,bind,ro {root}"]
        for place, path in writable.items():
            path.mkdir(parents=True, exist_ok=True)
            os.chown(path, user, group)
            lines.append(f"mount --bind {shlex.quote(str(path))} {root}{place}")
        lines += [f"mount -t proc proc {root}/proc", f"mount --rbind /dev {root}/dev"]
        started = [
            "/usr/bin/setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all",
            "/usr/bin/env", "-i", *(f"{k}={v}" for k, v in variables.items()), *(program or self.config["Entrypoint"]), *arguments,
        ]  # fmt: skip
        lines.append(f"exec chroot {root} {shlex.join(started)}")
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines)]

    def run(
        self, arguments: Sequence[str], writable: Mapping[str, Path],
        env: Mapping[str, str] | None = None, program: Sequence[str] | None = None,
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """Start it and wait for its end."""
        command = self.command(arguments, writable, env, program)
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=_PATIENCE, check=False)  # fmt: skip


@dataclass
class Contained(Server):
    """A program in a container that answers at an address of its own."""

    path: str = "/health/live"

    def is_ready(self) -> bool:
        return self.ask(self.path) == 200

    def ask(self, path: str) -> int:
        """The status of an answer; 0 where nobody listens yet."""
        with suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False, timeout=10).status_code  # fmt: skip
        return 0
