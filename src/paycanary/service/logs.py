"""What is logged, and as part of which request: the number that the answer bears as ``X-Request-ID`` stands in every line."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any, Final

#: Number of the request that is being answered; nothing outside of one.
REQUEST: Final[ContextVar[str]] = ContextVar("request", default="-")


class Numbered(logging.Filter):
    """Adds the request's number to a record; lets everything pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Number a record."""
        record.request = REQUEST.get()
        return True


#: For `logging.config.dictConfig`, in every process that serves.
CONFIG: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"numbered": {"()": Numbered}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s"}
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["numbered"],
        }
    },
    "loggers": {
        "paycanary": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}
