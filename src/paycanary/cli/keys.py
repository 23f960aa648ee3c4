"""``keys``: the keys of public services. A key is typed or piped in, never an argument: arguments end up in histories."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from paycanary.cli.context import JsonOption, LangOption, console, print_json, settle
from paycanary.errors import UsageError

keys_app = typer.Typer(help="Keys of the public services that need one: which are set, and where.", invoke_without_command=True)  # fmt: skip
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="dart, data.go.kr or work24.")]


@keys_app.callback()
def keys(context: typer.Context, lang: LangOption = None, json: JsonOption = False) -> None:
    """Tell which keys are set and where each was found; never the keys themselves."""
    if context.invoked_subcommand is not None:
        return
    from paycanary.documents import Keys, KeyStatus  # noqa: PLC0415
    from paycanary.report.fetched import key_table  # noqa: PLC0415
    from paycanary.sources.web.keys import KEYS, find_key  # noqa: PLC0415

    language = settle(lang, json=json)
    found = {name: find_key(name) for name in KEYS}
    listed = Keys(
        keys=[
            KeyStatus(
                name=key.name,
                is_set=found[key.name] is not None,
                where=where.where if (where := found[key.name]) else None,
                variables=list(key.variables),
                url=key.url,
            )
            for key in KEYS.values()
        ]
    )
    if json:
        print_json(listed)
    else:
        console().print(key_table(listed, language))


@keys_app.command("set")
def set_key(name: NameArgument, lang: LangOption = None) -> None:
    """Keep a key in the system's keyring, or in a file that only you can read. Asks for it without showing it."""
    from paycanary.sources.web.keys import store_key  # noqa: PLC0415

    language = settle(lang)
    _require(name)
    if sys.stdin.isatty():
        prompt = {"ko": f"{name} 인증키", "en": f"Key of {name}"}[language]
        text = typer.prompt(prompt, hide_input=True)
    else:
        text = sys.stdin.readline()
    text = text.strip()
    if not text or any(c.isspace() or not c.isprintable() for c in text):
        raise UsageError(
            {"ko": f"{name}: 인증키가 비었거나 빈칸이 들어 있습니다.", "en": f"{name}: the key is empty or holds blanks."},
            {"ko": "받은 그대로 한 줄로 넣으세요.", "en": "Give it on one line, as you received it."},
        )  # fmt: skip
    where = store_key(name, text)
    console().print({"ko": f"{name}: {where} 에 넣었습니다.", "en": f"{name}: kept in {where}."}[language])  # fmt: skip


@keys_app.command("forget")
def forget(name: NameArgument, lang: LangOption = None) -> None:
    """Take a key out of the keyring and the file."""
    from paycanary.sources.web.keys import forget_key  # noqa: PLC0415

    language = settle(lang)
    _require(name)
    gone = forget_key(name)
    said = {
        "ko": f"{name}: {', '.join(gone)} 에서 지웠습니다." if gone else f"{name}: 넣어 둔 인증키가 없습니다.",
        "en": f"{name}: taken out of {', '.join(gone)}." if gone else f"{name}: no key was kept.",
    }  # fmt: skip
    console().print(said[language])


def _require(name: str) -> None:
    from paycanary.sources.web.keys import KEYS  # noqa: PLC0415

    if name not in KEYS:
        raise UsageError(
            {"ko": f"{name}: 없는 인증키 이름입니다.", "en": f"{name}: there is no key of that name."},
            {"ko": f"{', '.join(KEYS)} 가운데 고르세요.", "en": f"Choose among {', '.join(KEYS)}."},
        )  # fmt: skip
