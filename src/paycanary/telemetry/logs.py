"""What is logged, in which form, and as part of which request: the number that the answer bears as ``X-Request-ID`` stands in every line.

No line holds who asked or what for. Code does not log it in the first place; what slips in by the words of an error is taken
out here: e-mail addresses, secrets of links and keys, what follows ``?`` in an address, and, within a request, network
addresses and the words of errors that are not ours.
"""

from __future__ import annotations

import logging
import os
import re
import traceback
from contextvars import ContextVar
from typing import Any, Final

from paycanary.errors import LakeError, ModelError, SourceError, StateError, UsageError
from paycanary.telemetry.spans import place

FORMAT: Final = "PAYCANARY_LOG_FORMAT"
NONE: Final = "-"
#: Number of the request that is being answered; nothing outside of one.
REQUEST: Final[ContextVar[str]] = ContextVar("request", default=NONE)
#: The trace that the request says it belongs to, where no spans are recorded.
TRACE: Final[ContextVar[str]] = ContextVar("trace", default="")

_HIDDEN: Final = (
    (re.compile(r"[^\s@<>\"'(),;:=]{1,64}@[^\s@<>\"'(),;:]+\.[^\s@<>\"'(),;:]{2,}"), "(e-mail)"),
    (re.compile(r"[A-Za-z0-9_-]{40,}"), "(secret)"),
    (re.compile(r"(?<=[\w/])\?[^\s\"']+=[^\s\"']*"), "?(query)"),
)
_ADDRESSES: Final = re.compile(
    r"(?<![\w.])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{0,4})(?![\w.])"
)
#: Errors that speak of what we run, and never of what a visitor typed.
_OURS: Final = (LakeError, StateError, SourceError, ModelError)


class Numbered(logging.Filter):
    """Adds the request's number and the trace to a record; lets everything pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Number a record."""
        record.request = REQUEST.get()
        at = place()
        record.trace_id, record.span_id = at.trace_id or TRACE.get(), at.span_id
        return True


def clean(text: str) -> str:
    """A text without what a log may not hold."""
    for pattern, shown in _HIDDEN:
        text = pattern.sub(shown, text)
    return text if REQUEST.get() == NONE else _ADDRESSES.sub("(address)", text)


def traced(error: BaseException) -> str:
    """An error's place and those of its causes; within a request without words that somebody may have typed."""
    if REQUEST.get() == NONE:
        return clean("".join(traceback.format_exception(error)).rstrip())
    lines: list[str] = []
    found: BaseException | None = error
    while found is not None:
        frames = "".join(traceback.format_tb(found.__traceback__)).rstrip()
        words = f": {found.what['en']}" if isinstance(found, _OURS) else ""
        lines.append(clean(f"{frames}\n{type(found).__name__}{words}".lstrip()))
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return "\nfollowed upon by\n".join(reversed(lines))


class Text(logging.Formatter):
    """A line for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Write a record; an error's place follows in lines of its own."""
        record.exc_text = None  # another handler may have written it in its own way
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Write the line itself."""
        return clean(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Write an error's place."""
        return traced(ei[1])


def _json() -> logging.Formatter:
    """An object a line, for machines."""
    try:
        from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415 - only who asks for JSON has it
    except ImportError as error:
        raise UsageError(
            {"ko": f"{FORMAT}=json 에는 {error.name} 이(가) 필요합니다.", "en": f"{FORMAT}=json needs {error.name}."},
            {"ko": "pip install 'paycanary[serve]' 로 설치하세요.", "en": "Install it with: pip install 'paycanary[serve]'"},
        ) from error  # fmt: skip

    class Json(JsonFormatter):
        def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
            found = super().process_log_record(log_data)
            found["message"] = clean(found["message"])
            return {name: value for name, value in found.items() if value not in ("", NONE, None)}

        def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
            return traced(ei[1])

    return Json(
        "{asctime}{levelname}{name}{request}{trace_id}{span_id}{message}",
        style="{",
        rename_fields={
            "asctime": "timestamp", "levelname": "level", "name": "logger", "request": "request_id", "exc_info": "exception",
        },
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        json_ensure_ascii=False,
    )  # fmt: skip


def formatter() -> logging.Formatter:
    """As ``PAYCANARY_LOG_FORMAT`` says: ``text`` (the default) or ``json``.

    Raises:
        UsageError: it says something else, or what writes JSON is not installed.
    """
    told = os.environ.get(FORMAT, "") or "text"
    if told == "text":
        return Text()
    if told == "json":
        return _json()
    raise UsageError(
        {"ko": f"{FORMAT} 은(는) text 나 json 입니다.", "en": f"{FORMAT} is neither text nor json."},
        {"ko": "둘 중 하나로 정하거나 지우세요.", "en": "Set it to one of them, or unset it."},
    )  # fmt: skip


#: For `logging.config.dictConfig`, in every process that serves.
CONFIG: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"numbered": {"()": Numbered}},
    "formatters": {"chosen": {"()": formatter}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "chosen",
            "filters": ["numbered"],
        }
    },
    "loggers": {
        "paycanary": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        # Says when what is told cannot be delivered.
        "opentelemetry": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}


def configure(**levels: int) -> None:
    """Log so in this process; loggers named in ``levels`` say less."""
    from logging.config import dictConfig  # noqa: PLC0415 - only who serves needs it

    dictConfig(CONFIG)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
