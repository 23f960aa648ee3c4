"""Keys: where they are found, in which order, and that nobody else sees them."""

from __future__ import annotations

import os
import pickle
import stat
from typing import TYPE_CHECKING

import pytest

from paycanary.errors import KeyRefusedError, UsageError
from paycanary.sources.web.keys import (
    KEYS,
    Secret,
    find_key,
    forget_key,
    key_file,
    redacted,
    require_key,
    store_key,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Run

pytestmark = pytest.mark.usefixtures("home")
KEY = "0123456789abcdef"


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in KEYS.values():
        for variable in key.variables:
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)


def found(name: str) -> tuple[str, str]:
    key = find_key(name)
    assert key is not None
    return key.secret.reveal(), key.where


def test_without_a_key_the_error_says_where_to_get_one() -> None:
    assert find_key("dart") is None
    with pytest.raises(KeyRefusedError, match=r"https://opendart.*paycanary keys set dart") as caught:  # fmt: skip
        require_key("dart", "dart")
    assert caught.value.is_unset


@pytest.mark.parametrize("name", list(KEYS))
def test_a_key_is_kept_in_a_file_that_only_its_owner_reads(name: str) -> None:
    assert store_key(name, 'a"b\\c') == f"file {key_file()}"
    assert found(name) == ('a"b\\c', f"file {key_file()}")
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert forget_key(name) == [f"file {key_file()}"]
    assert find_key(name) is None


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    store_key("dart", "of-the-file")
    monkeypatch.setenv("DART_API_KEY", "of-others")
    assert found("dart") == ("of-others", "environment DART_API_KEY")
    monkeypatch.setenv("PAYCANARY_DART_KEY", KEY)
    assert found("dart") == (KEY, "environment PAYCANARY_DART_KEY")


def test_a_file_that_others_may_read_is_not_used() -> None:
    store_key("dart", KEY)
    key_file().chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600") as caught:
        find_key("dart")
    assert KEY not in str(caught.value)


def test_a_broken_file_is_named_without_its_content() -> None:
    key_file().parent.mkdir(parents=True)
    key_file().write_text(f"dart = {KEY}\n", encoding="utf-8")
    key_file().chmod(0o600)
    with pytest.raises(UsageError, match="TOML") as caught:
        find_key("dart")
    assert KEY not in str(caught.value)


def test_a_file_written_by_hand_may_leave_the_quotes_of_the_name_out() -> None:
    key_file().parent.mkdir(parents=True)
    key_file().write_text(f'data.go.kr = "{KEY}"\n', encoding="utf-8")
    key_file().chmod(0o600)
    assert found("data.go.kr")[0] == KEY
    store_key("dart", "x1")
    assert found("data.go.kr")[0] == KEY


def test_the_keyring_goes_before_the_file(run: Run, tmp_path: Path) -> None:
    env = {"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring", "XDG_DATA_HOME": str(tmp_path / "ring")}  # fmt: skip
    store_key("dart", "of-the-file")
    import subprocess  # noqa: PLC0415

    told = subprocess.run(
        run.command("keys", "set", "dart"), env=run.environment(env), input=f"{KEY}\n",
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert told.stdout == "dart: kept in keyring.\n"
    assert KEY not in told.stdout + told.stderr
    listed = run.json("keys", env=env)["keys"]
    assert [k["where"] for k in listed] == ["keyring", None, None]
    assert "keyring" in run.ok("keys", "forget", "dart", env=env)
    assert run.json("keys", env=env)["keys"][0]["is_set"] is False


def test_keys_are_listed_but_never_shown(run: Run) -> None:
    env = {"PAYCANARY_WORK24_KEY": KEY}
    for arguments in (("keys",), ("keys", "--json"), ("keys", "--lang", "ko")):
        assert KEY not in run.ok(*arguments, env=env)
    assert run.json("keys", env=env)["keys"][2]["where"] == "environment PAYCANARY_WORK24_KEY"


@pytest.mark.parametrize("text", ["", "two words", "a\tb"])
def test_a_key_that_cannot_be_one_is_refused(run: Run, text: str) -> None:
    import subprocess  # noqa: PLC0415

    told = subprocess.run(
        run.command("keys", "set", "dart"), env=run.environment(), input=text + "\n",
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert told.returncode == 2
    assert not key_file().exists()


def test_no_such_key(run: Run) -> None:
    assert run("keys", "set", "nothing").returncode == 2
    assert run("keys", "forget", "nothing").returncode == 2


def test_a_secret_shows_nothing() -> None:
    secret = Secret(KEY)
    assert KEY not in f"{secret} {secret!r} {[secret]} {vars(type(secret))}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_every_form_of_a_key_is_taken_out_of_a_text() -> None:
    secret = Secret("a/b+c=")
    text = "a/b+c= a%2Fb%2Bc%3D a/b%2Bc%3D"
    assert redacted(text, [secret]) == "*** *** ***"
    assert redacted("a b", [Secret("")]) == "a b"


def test_settings_of_a_test_are_not_a_persons() -> None:
    assert str(key_file()).startswith(os.environ["PAYCANARY_HOME"])
