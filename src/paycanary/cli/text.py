"""``text``: the reader of words: how it is taught, and how well it reads."""

from __future__ import annotations

import json as encoder
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from paycanary.cli.context import LangOption, console, extra, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from paycanary.text.training.finetune import Transformer
    from paycanary.text.training.pair import Pair


class Kind(StrEnum):
    """What is taught."""

    pair = "pair"
    transformer = "transformer"


text_app = typer.Typer(
    help="The reader of auditors' and companies' words: teach it, judge it.", no_args_is_help=True
)
_EXTRA: Final = "text-training"
#: Of the paragraphs that teach, those that show how large numbers grow between layers.
_EVERY: Final = 6

FromOption = Annotated[
    Path,
    typer.Option("--from", metavar="DIR", exists=True, file_okay=False, help="Folder with `korea/opendart`, `korea/text` and `filings`."),
]  # fmt: skip
OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", file_okay=False, help="Folder to write.")
]
EncoderOption = Annotated[
    str,
    typer.Option("--encoder", metavar="NAME|DIR", help="Encoder by its name on a hub (klue/roberta-base), or a folder such as `text pretrain` writes."),
]  # fmt: skip


def _teller(screen: Console) -> Callable[[str], None]:
    return lambda line: screen.print(line, style="dim")


@text_app.command()
def pretrain(
    folder: FromOption,
    out: OutOption,
    minutes: Annotated[float, typer.Option(min=0.01, help="Time to train; the learning rate follows it.")] = 40.0,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    lang: LangOption = None,
) -> None:  # fmt: skip
    """Teach a small BERT Korean by masked words, for where no hub with encoders can be reached."""
    settle(lang)
    with extra(_EXTRA):
        from paycanary.text.training import corpus  # noqa: PLC0415
        from paycanary.text.training.pretrain import Plan  # noqa: PLC0415
        from paycanary.text.training.pretrain import pretrain as teach  # noqa: PLC0415

    screen = console(stderr=True)
    teach(corpus.lines(folder), out, Plan(minutes=minutes, seed=seed), _teller(screen))


@text_app.command()
def train(
    folder: FromOption,
    encoder_name: EncoderOption,
    out: OutOption,
    kind: Annotated[Kind, typer.Option("--kind", help="Convolutions over the encoder's pieces beside a linear reader of characters, or the whole encoder.")] = Kind.pair,
    epochs: Annotated[int, typer.Option(min=1, help="How often every paragraph is seen.")] = 20,
    rate: Annotated[float | None, typer.Option(help="Highest learning rate; 3e-5 for encoders of usual size.", show_default=False)] = None,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    keep: Annotated[Path | None, typer.Option("--keep", metavar="FILE", dir_okay=False, help="Also write the taught module as PyTorch has it.", show_default=False)] = None,
    lang: LangOption = None,
) -> None:  # fmt: skip
    """Teach an encoder the kinds of statement, judge it on what did not teach, and write it as ONNX with int8 weights."""
    settle(lang)
    with extra(_EXTRA):
        from paycanary.text.training import export, judge  # noqa: PLC0415
        from paycanary.text.training.convolution import Plan as ConvolutionPlan  # noqa: PLC0415
        from paycanary.text.training.finetune import Plan  # noqa: PLC0415

    tell = _teller(console(stderr=True))
    data = judge.load_data(folder)
    reader: Pair | Transformer
    if kind is Kind.transformer:
        plan = Plan(epochs=epochs, rate=rate or 3e-4, seed=seed)
        reader = judge.teach_transformer(encoder_name, plan, data, tell)
    else:
        runs = ConvolutionPlan(epochs=epochs, rate=rate or 1e-3, seed=seed)
        reader = judge.teach_pair(encoder_name, runs, data, tell)
    measured = judge.plain(judge.judge(reader, data, reader.threshold))
    facts = {"kind": kind.value, "taught": len(data.taught), "seed": seed, "threshold": reader.threshold, "measured": measured}  # fmt: skip
    export.export(reader, out, facts, [x.text for x in data.taught][::_EVERY])
    if keep is not None:
        export.keep(reader, keep)
    _print({kind.value: measured})


@text_app.command()
def evaluate(
    folder: FromOption,
    model: Annotated[Path | None, typer.Option("--model", metavar="DIR", help="A model that `text train` wrote; default: the one in use.", show_default=False)] = None,
    lang: LangOption = None,
) -> None:  # fmt: skip
    """Judge the model in use beside keyword rules, character n-grams and morphemes, on what taught none of them; print JSON."""
    settle(lang)
    with extra(_EXTRA):
        from paycanary.text.training import judge  # noqa: PLC0415

    tell = _teller(console(stderr=True))
    data = judge.load_data(folder)
    told: dict[str, Any] = {"agreement": judge.agreement(), "taught": len(data.taught)}
    shipped = judge.Shipped(model)
    told["model in use"] = judge.judge(shipped, data, shipped.threshold)
    told |= judge.judge_rivals(data, 0, tell)
    _print(judge.plain(told))


@text_app.command()
def known(folder: FromOption, encoder_name: EncoderOption, lang: LangOption = None) -> None:
    """Teach an encoder two tasks whose answers are known (NSMC: is a film praised; KLUE-NLI: what follows from what); print JSON."""
    settle(lang)
    with extra(_EXTRA):
        from paycanary.text.training.known import judge_known  # noqa: PLC0415

    _print(judge_known(encoder_name, folder, _teller(console(stderr=True))))


def _print(document: Any) -> None:
    typer.echo(encoder.dumps(document, ensure_ascii=False, indent=1))
