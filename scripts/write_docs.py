"""Writes the pages of ``docs/reference/`` that follow from the code, so that they cannot say anything else.

``make docs`` writes them; ``tests/test_docs.py`` fails while a committed page differs from what is made here.
"""

from __future__ import annotations

import inspect
import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import chart_readme
import eks_costs
import http_examples
import typer.main

from paycanary import documents, errors
from paycanary.cli.main import app
from paycanary.filings.concepts import load_concepts
from paycanary.filings.rates import FOREVER, load_rates
from paycanary.filings.reasons import REJECTED
from paycanary.forecast.card import markdown
from paycanary.lake import live
from paycanary.lake.tables import TABLES
from paycanary.service.settings import Settings
from paycanary.serving.settings import ModelsSettings
from paycanary.signals import catalog
from paycanary.sources.registers import REGISTERS
from paycanary.sources.web.keys import KEYS
from paycanary.tasks.settings import TaskSettings
from paycanary.wording import threshold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pydantic_settings import BaseSettings

REFERENCE: Final = Path(__file__).resolve().parents[1] / "docs" / "reference"


def page(source: str, title: str, intro: str, *parts: str) -> str:
    """Put a Markdown page together: where it comes from, title, introduction, parts."""
    mark = f"<!-- Written by `make docs` from `{source}`. Change that, not this page. -->"
    return "\n\n".join((mark, f"# {title}", inspect.cleandoc(intro), *parts)) + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Draw a Markdown table; None is an empty cell."""

    def line(cells: Iterable[object]) -> str:
        texts = ("" if cell is None else str(cell).replace("|", "\\|") for cell in cells)
        return f"| {' | '.join(' '.join(text.split()) for text in texts)} |"

    names = list(head)
    return "\n".join([line(names), line("---" for _ in names), *map(line, rows)])


def number(value: float) -> str:
    """Write a figure without a needless decimal point: 1,000,000 and 0.09."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,}"


def _who(who: str, url: str | None) -> str:
    return f"[{who}]({url})" if url else who


# --- pages ---------------------------------------------------------------------------------------


def forecast_model() -> str:
    """Give the model card of the forecast that ships, in English; `paycanary forecast card --lang ko` prints the Korean one."""
    return page(
        "src/paycanary/forecast/trained/",
        "Model card of the forecast",
        "`paycanary forecast card` prints this page, `--lang ko` in Korean. `paycanary forecast train` makes the model anew.",
        markdown("en", heading=0).strip(),
    )


def data_dictionary() -> str:
    """Tell every stored table and column, and the reasons for which rows are rejected."""
    parts = []
    for stored in TABLES.values():
        rows = [(f"`{c.name}`", c.type, c.meaning, c.origin) for c in stored.columns]
        parts += [
            f"## {stored.name}",
            f"{stored.meaning[0].upper()}{stored.meaning[1:]}.",
            table(("column", "type", "meaning", "in the source"), rows),
        ]
    reasons = table(("reason", "meaning"), ((f"`{k}`", v["en"]) for k, v in REJECTED.items()))
    return page(
        "src/paycanary/lake/tables.py",
        "Data dictionary",
        """
        Every stored table, as anyone can read it with DuckDB, pandas or Spark: column, type, what it means, and where in
        the source it comes from. Amounts are in the currency's base unit (won), people are heads, dates ISO days.

        Tables only ever grow, except `links`, which every refresh works out anew from the others. `published_on` is the
        day from which the world could know a row; an answer as of a day reads only rows published by then
        ([why](../explanation/as-of.md)). How the files lie on disk: [the lake](../explanation/lake.md).
        """,
        *parts,
        "## Reasons for which a row is rejected",
        "A broken row never stops a refresh. It is kept in `rejected` with one of these reasons and counted in the summary.",
        reasons,
    )


def concepts() -> str:
    """Tell what a figure can be about, and how registers name it."""
    rows = [
        (
            f"`{c.name}`",
            c.ko,
            c.en,
            c.kind,
            c.meaning,
            ", ".join(f"`{label}`" for label in c.ids),
            ", ".join(c.names),
        )
        for c in load_concepts().values()
    ]
    return page(
        "src/paycanary/filings/concepts.yaml",
        "Concepts",
        """
        What a figure of a filing can be about (`facts.concept`), and under which labels OpenDART's rows are taken for it.
        A *flow* belongs to a period, a *balance* to a day, a *count* to heads or holders, a *ratio* is filed as one.
        """,
        table(
            ("concept", "Korean", "English", "kind", "meaning", "account_id", "account_nm"), rows
        ),
    )


def criteria() -> str:
    """Tell every signal with its dated thresholds."""
    words, korean = catalog.wording("en"), catalog.wording("ko")
    parts = ["## The verdict as a whole", _thresholds(catalog.whole())]
    for group in catalog.GROUPS:
        parts.append(f"## {group}")
        for signal in (s for s in catalog.signals().values() if s.group == group):
            about = words[signal.name]
            needs = (
                f"needs `{signal.needs}`" if signal.sql else f"unknown for now: `{signal.reason}`"
            )
            veto = "veto; " if signal.veto else ""
            parts += [
                f"### {signal.name}",
                f"{about['title']} ({korean[signal.name]['title']}). {about['question']}",
                f"Weight {number(signal.weight)}; {veto}{needs}.",
            ]
            if signal.thresholds:
                parts.append(_thresholds(signal.thresholds))
    return page(
        "src/paycanary/signals/criteria/*.yaml",
        "Criteria",
        """
        Every threshold, the day from which it holds, and who says so. An answer as of a day uses the thresholds in force
        on that day. `paycanary criteria` prints those of today; your own go into a YAML file for `--criteria`.
        Where *who* is paycanary, the number is our choice and the note says why.

        *Weight*: how much a signal counts. *Veto*: danger here makes the verdict danger whatever else is good.
        *Needs*: the input without which the signal is unknown.
        """,
        *parts,
    )


def _thresholds(thresholds: dict[str, tuple[catalog.Criterion, ...]]) -> str:
    rows = [
        # The minus sign that YAML takes.
        (
            f"`{name}`",
            threshold(name, c.value, 6).replace("−", "-"),
            c.since,
            _who(c.who, c.url),
            c.note,
        )
        for name, dated in thresholds.items()
        for c in dated
    ]
    return table(("threshold", "value", "since", "who", "note"), rows)


def rates() -> str:
    """Tell the values that law or notice sets."""
    parts = []
    for file in sorted((files("paycanary.filings") / "rates").iterdir(), key=lambda f: f.name):
        name = file.name.removesuffix(".yaml")
        parts.append(f"## {name}")
        for key, dated in load_rates(name).items():
            rows = (
                (
                    number(v.value),
                    v.since,
                    v.until if v.until < FOREVER else None,
                    _who(v.who, v.url),
                    v.note,
                )
                for v in dated
            )
            parts += [f"### {key}", table(("value", "since", "until", "who", "note"), rows)]
    return page(
        "src/paycanary/filings/rates/*.yaml",
        "Dated rates",
        "Values set by law or notice without which a register's rows cannot be read, each with the days on which it holds.",
        *parts,
    )


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Walk all commands with the words that call them, groups before what they hold."""

    def walk(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        if command.hidden:
            return
        yield words, command
        for name, inner in getattr(command, "commands", {}).items():
            yield from walk((*words, name), inner)

    return walk(("paycanary",), typer.main.get_command(app))


def cli() -> str:
    """Tell every command as its ``--help`` does."""
    parts = []
    for words, command in commands():
        context = command.make_context(words[-1], [], resilient_parsing=True)
        usage = " ".join((*words, *command.collect_usage_pieces(context)))
        parts += [f"## {' '.join(words)}", command.help, f"```console\n$ {usage}\n```"]
        records = (parameter.get_help_record(context) for parameter in command.params)
        if rows := [(f"`{name}`", text) for name, text in filter(None, records)]:
            parts.append(table(("parameter", "meaning"), rows))
    return page(
        "src/paycanary/cli/",
        "Command line",
        """
        What `paycanary COMMAND --help` says, on one page. See also [exit codes](exit-codes.md), what `--json` prints
        ([schema](schema.json)) and the thresholds behind the answers ([criteria](criteria.md)).
        """,
        *parts,
    )


def exit_codes() -> str:
    """Tell how a command can end."""
    rows: list[tuple[int, str | None, str | None, str]] = [
        (0, None, None, "Answered. A verdict at danger, or unknown, is an answer too."),
        (130, None, None, "Stopped with Ctrl-C."),
    ]
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.PaycanaryError):
            meaning = (inspect.getdoc(kind) or "").split("\n")[0].replace("``", "`")
            rows.append((kind.exit_code, f"`{kind.code}`", f"`{name}`", meaning))
    rows.sort(key=lambda row: row[0])
    return page(
        "src/paycanary/errors.py",
        "Exit codes",
        """
        A command that fails prints one line to standard error: what happened, and what to do next. With `--json` it is
        a JSON object with `error`, `exit_code`, `message` and `candidates`. None of these shows a traceback.
        """,
        table(("exit code", "error", "Python exception", "meaning"), rows),
    )


def schema() -> str:
    """Print the published JSON schema."""
    return json.dumps(documents.schema(), ensure_ascii=False, indent=2) + "\n"


_RHYTHMS: Final = {
    "day": "every day at {0.hour}:00",
    "month": "every month on day {0.day}",
    "year": "every year on {0.month:02}-{0.day:02}",
    "company": "asked by company; a month later again about those asked",
}


def sources() -> str:
    """Tell the public services, what each gives and needs, and when it has something new."""
    rows = (
        (
            f"`{r.name}`",
            f"[{r.en}]({r.url}) {r.ko}",
            r.gives,
            f"`{r.key}`" if r.key else "none",
            _RHYTHMS[live.plan(r.name).CALENDAR.every].format(live.plan(r.name).CALENDAR),
            f"`{r.variable}`",
        )
        for r in REGISTERS.values()
    )
    named = ((f"`{k.name}`", ", ".join(f"`{v}`" for v in k.variables), k.url) for k in KEYS.values())  # fmt: skip
    return page(
        "src/paycanary/sources/registers.py",
        "Sources",
        """
        The registers that `paycanary refresh` asks. Times are Korea's: a whole register is due once its newest release is
        later than the last complete fetch. The variable replaces the address that is asked (a proxy, a mirror).
        How they are asked: [live sources](../explanation/live-sources.md).
        """,
        table(("source", "register", "gives", "key", "new", "address"), rows),
        "## Keys",
        table(("key", "environment", "get one at"), named),
    )


def settings() -> str:
    """Tell what an operator may set in the environment."""
    return page(
        "src/paycanary/service/settings.py, src/paycanary/tasks/settings.py and src/paycanary/serving/settings.py",
        "Settings",
        """
        What `paycanary serve`, `paycanary worker` and `paycanary alerts run` take from the environment. All copies of one service
        need the same values. How they go together: [serving it](../how-to/serve.md).
        """,
        _settings(Settings),
        "What schedules take beside them ([Airflow](../how-to/airflow.md)):",
        _settings(TaskSettings),
        "`PAYCANARY_HOME` is where the lake and the SQLite file lie; `PAYCANARY_REPORT_URL` replaces the page on which errors are reported; "
        "`PAYCANARY_MODELS_STORE` is where trained models are kept ([how](../how-to/keep-models.md)); "
        "`PAYCANARY_FORECAST_MODEL` is a file that `paycanary forecast train` wrote, to forecast with instead of the one that ships; "
        "`PAYCANARY_TEXT_MODEL` is a folder with another reader of words. "
        "`PAYCANARY_WHOLE_MONTH_ROWS` is how many workplaces make a pension month the whole country's, a whole number of 1 or more; default: 300000 "
        "([what follows](../explanation/lake.md#whole-pension-months)). "
        "`PAYCANARY_MODELS_URL` is a model server that forecasts and reads instead of this program ([how](../how-to/serve-models.md)).",
        "## Of the model server",
        "What `paycanary models serve` takes from the environment. It also takes `PAYCANARY_FORECAST_MODEL` and `PAYCANARY_TEXT_MODEL`, where "
        "no folder of versions is named. How they go together: [serving models](../how-to/serve-models.md).",
        _settings(ModelsSettings),
    )


def _settings(kind: type[BaseSettings]) -> str:
    prefix = kind.model_config.get("env_prefix", "")
    rows = []
    for name, field in kind.model_fields.items():
        given = field.get_default(call_default_factory=False)
        shown = ",".join(given) if isinstance(given, tuple) else given
        is_shown = not (shown is None or shown == "" or field.default_factory)
        rows.append((
            f"`{field.validation_alias or f'{prefix}{name.upper()}'}`",
            field.description,
            f"`{str(shown).lower() if isinstance(shown, bool) else shown}`" if is_shown else None,
        ))  # fmt: skip
    return table(("variable", "meaning", "default"), rows)


#: The examples come first: the description of the API holds them.
def costs_on_eks() -> str:
    """Tell what three sizes on EKS cost a month, by prices that are assumed."""
    told = eks_costs.read()
    sizes = "\n".join(f"- **{name}**: {size['what']}" for name, size in told["sizes"].items())
    return page(
        "deploy/eks/prices.yaml",
        "Costs on EKS",
        """
        **The prices are assumptions**: round figures from memory for Seoul, on demand, without tax, written on 2026-11-26 where AWS's price list
        could not be reached. Nobody has checked them. The sum is right for the prices in `deploy/eks/prices.yaml`; put in those of
        [AWS's calculator](https://calculator.aws) and run `make docs`. The quantities are assumptions as well: nothing has run on EKS yet.
        """,
        f"An item costs its quantity times its price; a quantity of hours is a count times {told['hours_a_month']}.",
        sizes,
        table(("item", "unit", "assumed price, US$", *(f"{name}, US$" for name in told["sizes"])), eks_costs.rows(told)),
    )  # fmt: skip


PAGES: Final[dict[str, Callable[[], str]]] = {
    "../../src/paycanary/api/examples.json": http_examples.examples,
    "../../deploy/helm/paycanary/README.md": chart_readme.readme,
    "cli.md": cli,
    "concepts.md": concepts,
    "criteria.md": criteria,
    "data-dictionary.md": data_dictionary,
    "eks-costs.md": costs_on_eks,
    "exit-codes.md": exit_codes,
    "forecast-model.md": forecast_model,
    "openapi.json": http_examples.description,
    "rates.md": rates,
    "schema.json": schema,
    "settings.md": settings,
    "sources.md": sources,
}


def main() -> None:
    """Write every page that differs, and say which."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        path, text = REFERENCE / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.resolve().relative_to(REFERENCE.parents[1])}")


if __name__ == "__main__":
    main()
