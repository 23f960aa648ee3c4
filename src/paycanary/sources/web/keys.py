"""Keys of public APIs: from the environment, the system's keyring, or a file that only its owner can read.

A key travels as `Secret`, whose text forms are stars; `redacted` takes every known key out of any text.
"""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote, quote_plus

from paycanary.errors import KeyRefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

_STARS: Final = "***"
_SERVICE: Final = "paycanary"


@dataclass(frozen=True, slots=True)
class KeyName:
    """A key that can be set: its short name, environment variables (first wins), who gives it out and where."""

    name: str
    variables: tuple[str, ...]
    url: str


#: Every key that a register of ours asks for.
KEYS: Final = {
    key.name: key
    for key in (
        KeyName("dart", ("PAYCANARY_DART_KEY", "DART_API_KEY"), "https://opendart.fss.or.kr/uss/umt/EgovMberInsertView.do"),
        KeyName("data.go.kr", ("PAYCANARY_DATA_GO_KR_KEY", "DATA_GO_KR_SERVICE_KEY"), "https://www.data.go.kr"),
        KeyName("work24", ("PAYCANARY_WORK24_KEY",), "https://www.work24.go.kr"),
    )
}  # fmt: skip


class Secret:
    """A key whose ``str`` and ``repr`` show nothing; `reveal` is called where it is sent and nowhere else."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The key itself."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({_STARS})"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a key is not pickled")


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key and where it was found: ``environment NAME``, ``keyring`` or ``file PATH``."""

    secret: Secret
    where: str


def key_file() -> Path:
    """The file of keys (TOML, ``name = "key"``): ``PAYCANARY_KEYS``, else ``keys.toml`` in the platform's place for settings."""
    if named := os.environ.get("PAYCANARY_KEYS"):
        return Path(named).expanduser()
    if home := os.environ.get("PAYCANARY_HOME"):
        return Path(home).expanduser() / "keys.toml"
    from platformdirs import user_config_path  # noqa: PLC0415 - not needed when overridden

    return user_config_path("paycanary", appauthor=False) / "keys.toml"


def find_key(name: str) -> FoundKey | None:
    """The key ``name``, from the first place that has it; None where none has.

    Raises:
        UsageError: the file of keys can be read by others, or is no TOML.
    """
    for variable in KEYS[name].variables:
        if text := os.environ.get(variable, "").strip():
            return FoundKey(Secret(text), f"environment {variable}")
    if kept := _from_keyring(name):
        return FoundKey(Secret(kept), "keyring")
    path = key_file()
    if text := _read_keys(path).get(name, "").strip():
        return FoundKey(Secret(text), f"file {path}")
    return None


def require_key(name: str, source: str) -> Secret:
    """The key ``name`` for register ``source``.

    Raises:
        KeyRefusedError: there is none.
    """
    found = find_key(name)
    if found is None:
        key = KEYS[name]
        error = KeyRefusedError(
            source,
            {
                "ko": f"{source}: 인증키가 없습니다({name}).",
                "en": f"{source}: there is no key ({name}).",
            },
            {
                "ko": f"{key.url} 에서 무료로 받아 `paycanary keys set {name}` 로 넣거나 {key.variables[0]} 환경변수로 주세요.",
                "en": f"Get one for free at {key.url}, then run `paycanary keys set {name}` or set {key.variables[0]}.",
            },
        )
        error.is_unset = True
        raise error
    return found.secret


def store_key(name: str, text: str) -> str:
    """Keep a key in the keyring where one runs, else in the file of keys (mode 0600).

    Returns:
        Where it was put: ``keyring`` or ``file PATH``.
    """
    if _to_keyring(name, text):
        return "keyring"
    path = key_file()
    keys = {**_read_keys(path), name: text}
    _write_keys(path, keys)
    return f"file {path}"


def forget_key(name: str) -> list[str]:
    """Take a key out of the keyring and the file; returns where it was."""
    gone = []
    if _from_keyring(name):
        cast("ModuleType", _keyring()).delete_password(_SERVICE, name)
        gone.append("keyring")
    path = key_file()
    keys = _read_keys(path)
    if name in keys:
        del keys[name]
        _write_keys(path, keys)
        gone.append(f"file {path}")
    return gone


def redacted(text: str, secrets: Iterable[Secret]) -> str:
    """The text with every key in it, also percent-encoded, turned into stars."""
    for secret in secrets:
        plain = secret.reveal()
        for form in (
            {plain, quote(plain, safe=""), quote_plus(plain), quote(plain)} if plain else ()
        ):
            text = text.replace(form, _STARS)
    return text


def _read_keys(path: Path) -> dict[str, str]:
    try:
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise UsageError(
                {
                    "ko": f"{path}: 다른 사용자도 읽을 수 있는 파일이라 인증키를 읽지 않았습니다.",
                    "en": f"{path}: others may read this file, so no key was taken from it.",
                },
                {"ko": f"`chmod 600 {path}` 를 하세요.", "en": f"Run `chmod 600 {path}`."},
            )
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # The parser's message may quote the line, and with it the key: say only where.
        raise UsageError(
            {"ko": f"{path}: TOML 로 읽을 수 없습니다.", "en": f"{path}: cannot be read as TOML."},
            {
                "ko": '한 줄에 하나씩 dart = "인증키" 처럼 쓰세요.',
                "en": 'Write a line a key, like dart = "key".',
            },
        ) from None
    flat = {**values, "data.go.kr": _dotted(values)}
    return {name: value for name, value in flat.items() if isinstance(value, str) and value}


def _dotted(values: dict[str, object]) -> object:
    """The value of ``data.go.kr``, which TOML reads as tables when it is written without quotes."""
    if isinstance(value := values.get("data.go.kr"), str):
        return value
    node: object = values
    for part in ("data", "go", "kr"):
        node = node.get(part) if isinstance(node, dict) else None
    return node


def _write_keys(path: Path, keys: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.unlink(missing_ok=True)
    # Created closed to others, not closed afterwards.
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:  # fmt: skip
        for name, text in sorted(keys.items()):
            escaped = text.replace("\\", "\\\\").replace('"', '\\"')
            stream.write(f'"{name}" = "{escaped}"\n')
    unfinished.replace(path)


def _from_keyring(name: str) -> str | None:
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        found: str | None = keyring.get_password(_SERVICE, name)
    except keyring.errors.KeyringError:
        return None  # locked, or nobody is there to unlock it (a server): the file is next
    return found


def _to_keyring(name: str, text: str) -> bool:
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        keyring.set_password(_SERVICE, name, text)
    except keyring.errors.KeyringError:
        return False
    return True


def _keyring() -> ModuleType | None:
    """The keyring library (an extra), if it found a keyring that is one: a plain file of its own is no better than ours."""
    try:
        import keyring  # noqa: PLC0415
        import keyring.core  # noqa: PLC0415
        import keyring.errors  # noqa: PLC0415
    except ImportError:
        return None
    is_chosen = bool(os.environ.get("PYTHON_KEYRING_BACKEND"))
    return keyring if is_chosen or keyring.core.recommended(keyring.get_keyring()) else None
