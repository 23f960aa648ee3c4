"""Builds both images with buildah, without an engine, a daemon or a registry, and writes what is in them beside them.

    python scripts/build_images.py --base docker.io/library/debian@sha256:...   # a base from a registry, pinned
    python scripts/build_images.py --base-root root.tar                         # a Debian root of one's own
    python scripts/build_images.py                                              # makes such a root with mmdebstrap first

Wheels are fetched here, by hash, and handed into the build, which then needs no PyPI; built twice, the digests are the same.
How, why and measured: docs/how-to/containers.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import image_sbom
from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT: Final = Path(__file__).resolve().parents[1]
CACHE: Final = ROOT / ".tools"
RECIPES: Final = ROOT / "deploy" / "containers"
#: What a root is made of where none is given; the rest is the recipe's business.
SUITE: Final = "bookworm"
_ROOT_PACKAGES: Final = "ca-certificates,python3"
#: The Python of that suite, for which wheels are fetched.
PYTHON: Final = "3.11"
#: The time of every file and of the images: 1980, the first that a zip archive knows.
EPOCH: Final = 315532800


@dataclass(frozen=True)
class Image:
    """One of the images."""

    name: str
    recipe: str
    #: Locks that its recipe installs.
    locks: tuple[str, ...]
    #: Its environments, and the locks of each.
    environments: Mapping[str, tuple[str, ...]]


PAYCANARY: Final = Image("paycanary", "paycanary.Containerfile", ("pip", "image", "models"), {
    "/opt/paycanary": ("image",), "/opt/paycanary-models": ("models",),
})  # fmt: skip
AIRFLOW: Final = Image("paycanary-airflow", "airflow.Containerfile", ("pip", "airflow"), {
    **PAYCANARY.environments, "/opt/airflow": ("airflow",),
})  # fmt: skip
IMAGES: Final = (PAYCANARY, AIRFLOW)


@dataclass(frozen=True)
class Builder:
    """buildah with a store of its own, so that nothing of this machine's other images is seen or touched."""

    folder: Path

    def run(self, *arguments: str | Path) -> str:
        """Run buildah; give what it prints.

        Raises:
            RuntimeError: it failed; the last lines say why.
        """
        command = ["buildah", "--root", self.folder / "store", "--runroot", self.folder / "run", *arguments]  # fmt: skip
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            told = "\n".join((ran.stdout + ran.stderr).splitlines()[-30:])
            raise RuntimeError(f"buildah {arguments[0]} failed with {ran.returncode}:\n{told}")
        return ran.stdout.strip()

    def base(self, root: Path) -> str:
        """The image that an archived root is; kept, since taking it in takes longer than looking at it."""
        with root.open("rb") as archive:
            name = f"localhost/root:{hashlib.file_digest(archive, 'sha256').hexdigest()[:12]}"
        if self.run("images", "--quiet", "--filter", f"reference={name}"):
            return name
        container = self.run("from", "scratch")
        self.run("add", "--quiet", container, root, "/")
        self.run("commit", "--quiet", "--rm", "--timestamp", str(EPOCH), container, name)
        return name

    def build(self, image: Image, arguments: Mapping[str, str], *, mirrored: bool = True) -> str:
        """Build by a recipe; give the image's id, which is the digest of its configuration and so of all its layers."""
        command: list[str | Path] = [
            "build", "--quiet", "--isolation", "chroot", "--format", "oci", "--timestamp", str(EPOCH), "--layers=false",
            "--file", RECIPES / image.recipe, "--ignorefile", ROOT / ".containerignore", "--tag", f"localhost/{image.name}",
        ]  # fmt: skip
        for name, value in arguments.items():
            command += ["--build-arg", f"{name}={value}"]
        with tempfile.TemporaryDirectory(prefix="paycanary-wheels-") as named:
            if mirrored:
                handed = hand_in(Path(named), [wheels(lock) for lock in image.locks])
                command += ["--volume", f"{handed}:/mnt:ro"]
            return self.run(*command, ROOT).splitlines()[-1]

    @contextmanager
    def mounted(self, image: str) -> Iterator[Path]:
        """The files of an image, as long as they are looked at."""
        container = self.run("from", "--pull-never", image)
        try:
            yield Path(self.run("mount", container))
        finally:
            self.run("rm", container)

    def config(self, image: str) -> dict[str, Any]:
        """What an image says of itself: user, entry point, variables."""
        found: dict[str, Any] = json.loads(self.run("inspect", "--type", "image", image))["OCIv1"]["config"]  # fmt: skip
        return found

    def layers(self, image: str) -> list[str]:
        """The digests of an image's layers, uncompressed, and so the same whatever compresses them."""
        told = json.loads(self.run("inspect", "--type", "image", image))
        found: list[str] = told["OCIv1"]["rootfs"]["diff_ids"]
        return found


def base_root() -> Path:
    """A Debian root as an archive, made once a suite and kept.

    Raises:
        RuntimeError: nothing here makes one.
    """
    if not shutil.which("mmdebstrap"):
        raise RuntimeError("mmdebstrap is missing: install Debian's package of that name, or name a base by --base or --base-root.")  # fmt: skip
    made = CACHE / f"root-{SUITE}.tar"
    CACHE.mkdir(exist_ok=True)
    with FileLock(CACHE / "lock-root"):
        if not made.is_file():
            part = made.with_suffix(".part.tar")
            # In memory where there is such a place: dpkg waits for the disk after every file.
            memory = {"TMPDIR": "/dev/shm"} if os.access("/dev/shm", os.W_OK) else {}  # noqa: S108 - mmdebstrap makes a folder of its own in it
            subprocess.run(
                ["mmdebstrap", "--quiet", "--variant=minbase", '--aptopt=Acquire::Languages "none"', f"--include={_ROOT_PACKAGES}", SUITE, part],
                check=True, env={**os.environ, **memory, "SOURCE_DATE_EPOCH": str(EPOCH)},
            )  # fmt: skip
            part.rename(made)
    return made


def wheels(lock: str) -> Path:
    """The folder with a lock's wheels, fetched once and kept until the lock changes."""
    path = ROOT / "requirements" / f"{lock}.lock"
    folder = CACHE / f"wheels-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
    CACHE.mkdir(exist_ok=True)
    with FileLock(CACHE / f"lock-wheels-{lock}"):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=CACHE) as named:
                part = Path(named) / "wheels"
                subprocess.run(
                    [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-qq", "--require-hashes", "--no-deps",
                     "--only-binary=:all:", "--python-version", PYTHON, "--dest", part, "--requirement", path],
                    check=True,
                )  # fmt: skip
                part.rename(folder)
    return folder


def hand_in(folder: Path, kept: list[Path]) -> Path:
    """What a recipe looks for in /mnt: wheels, and settings of pip and uv that name them alone."""
    (folder / "pip.conf").write_text("[global]\nno-index = true\nfind-links = /mnt\n", encoding="utf-8")  # fmt: skip
    (folder / "uv.toml").write_text('no-index = true\nfind-links = ["/mnt"]\n', encoding="utf-8")
    for wheel in (wheel for source in kept for wheel in source.glob("*.whl")):
        if not (folder / wheel.name).exists():
            shutil.copyfile(wheel, folder / wheel.name)
    folder.chmod(0o755)
    return folder


def sbom(root: Path, image: Image, target: Path) -> int:
    """Write what is in a mounted image; give how many packages that are."""
    environments = {
        place: [wheels(lock) for lock in locks] for place, locks in image.environments.items()
    }
    return image_sbom.write(root, environments, image.name, version(), target)


def version() -> str:
    """The version that stands in pyproject.toml."""
    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return found


def build_both(builder: Builder, base: str | None = None, root: Path | None = None) -> tuple[str, str]:  # fmt: skip
    """Build both images, the second on the first; give their ids."""
    first = builder.build(PAYCANARY, {"BASE": base or builder.base(root or base_root()), "VERSION": version()})  # fmt: skip
    return first, builder.build(AIRFLOW, {"PAYCANARY": first, "VERSION": version()})


def differences(builder: Builder, one: tuple[str, ...], other: tuple[str, ...]) -> list[str]:
    """What differs between images that were built twice: files that do, or layers where no file does."""
    found: list[str] = []
    for image, left, right in zip(IMAGES, one, other, strict=True):
        if left == right:
            continue
        with builder.mounted(left) as here, builder.mounted(right) as there:
            before, after = fingerprints(here), fingerprints(there)
        files = sorted({*before.items()} ^ {*after.items()})
        found += [f"{image.name}: {path}" for path in dict.fromkeys(path for path, _ in files)]
        if not files:
            found.append(f"{image.name}: the same files, other layers: {builder.layers(left)}, {builder.layers(right)}")  # fmt: skip
    return found


def fingerprints(root: Path) -> dict[str, str]:
    """Kind, rights, owner, time and content of every file of a root."""
    found: dict[str, str] = {}
    for path in root.rglob("*"):
        told = path.lstat()
        content = path.readlink() if path.is_symlink() else _hash(path) if path.is_file() else ""
        time = 0 if path.is_dir() else int(told.st_mtime)
        found[str(path.relative_to(root))] = f"{told.st_mode} {told.st_uid} {told.st_gid} {time} {content}"  # fmt: skip
    return found


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sizes(root: Path, image: Image) -> dict[str, int]:
    """Bytes of each environment and of the whole."""
    return {place: _bytes(root / place.lstrip("/")) for place in [*image.environments, "/"]}


def _bytes(folder: Path) -> int:
    seen: dict[tuple[int, int], int] = {}
    for here, _, names in os.walk(folder):
        for name in names:
            found = (Path(here) / name).lstat()
            seen[found.st_dev, found.st_ino] = found.st_size
    return sum(seen.values())


def main() -> int:
    """Build both, write an SBOM beside each, and print digests and sizes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--base", help="an image, by its digest")
    given.add_argument("--base-root", type=Path, help="an archive of a root file system")
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "images")
    parser.add_argument("--store", type=Path, default=CACHE / "images", help="where buildah keeps what it builds")  # fmt: skip
    parser.add_argument("--archive", action="store_true", help="write the images themselves too, as OCI archives")  # fmt: skip
    parser.add_argument("--twice", action="store_true", help="build both again, and fail unless the digests are equal")  # fmt: skip
    asked = parser.parse_args()
    if asked.base and "@sha256:" not in asked.base:
        parser.error("--base must name a digest (IMAGE@sha256:...): a tag is another system tomorrow.")  # fmt: skip
    builder = Builder(asked.store.resolve())
    made = build_both(builder, asked.base, asked.base_root)
    if asked.twice and (unlike := differences(builder, made, build_both(builder, asked.base, asked.base_root))):  # fmt: skip
        print("Built twice, and not the same:", *unlike, sep="\n  ")
        return 1
    asked.out.mkdir(parents=True, exist_ok=True)
    for image, digest in zip(IMAGES, made, strict=True):
        with builder.mounted(digest) as root:
            told = sbom(root, image, asked.out / f"{image.name}.cdx.json")
            size = sizes(root, image)
        print(f"{image.name} {digest}: {told} packages; " + ", ".join(f"{place} {count / 1e6:.0f} MB" for place, count in size.items()))  # fmt: skip
        if asked.archive:
            builder.run("push", "--quiet", digest, f"oci-archive:{asked.out / image.name}.tar:{version()}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
