"""What can go wrong, as types. Every user-facing error names what happened, where, and what to do next.

::

    PaycanaryError                       exit 1
    |-- UsageError (ValueError)          exit 2   the request itself is wrong
    |   |-- DateError                    exit 2   a date that cannot be asked about
    |   |-- CriteriaError                exit 2   a user's criteria file is broken
    |-- NotFoundError (LookupError)      exit 3   no company of that name or number
    |-- AmbiguousError (LookupError)     exit 4   several companies fit; candidates are attached
    |-- InputFileError (ValueError)      exit 5   a file to take in cannot be read
    |   |-- OtherTableError              exit 5   it can be read, but is another table
    |-- LakeError (OSError)              exit 6   the store cannot be read or written
    |   |-- ReadOnlyError                exit 6
    |   |-- DiskFullError                exit 6
    |   |-- BusyError                    exit 7   another refresh holds the store
    |-- SourceError                      exit 8   a public service could not be asked
        |-- UnreachableError             exit 8   no usable connection, or the service is down or in maintenance
        |-- KeyRefusedError              exit 8   the key is missing, unknown, expired or not allowed from here
        |-- QuotaError                   exit 8   the day's calls are used up; says when it goes on
        |-- AnswerError                  exit 8   an answer that is not what the service documents
    |-- StateError                       exit 9   the service's own database cannot be used
    |-- ModelError                       exit 10  a trained model cannot be stored, found or trusted
    |-- BackupError                      exit 11  a backup cannot be made, found, trusted or restored
    |-- EngineError                      exit 12  the engine asked for cannot be started or reached, or failed

Errors carry their facts as attributes and a message in both languages; the door that shows them picks one.
Only the standard library is imported here, so that every layer may raise them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

Lang = Literal["ko", "en"]


class PaycanaryError(Exception):
    """Base of all errors that are shown to a person without a traceback.

    Args:
        what: what happened, in each language.
        todo: what to do next, in each language.
    """

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "error"

    def __init__(self, what: dict[Lang, str], todo: dict[Lang, str]) -> None:
        super().__init__(f"{what['en']} {todo['en']}")
        self.what = what
        self.todo = todo

    def line(self, lang: Lang) -> str:
        """One line for a person: what happened, then what to do."""
        return f"{self.what[lang]} {self.todo[lang]}"


class UsageError(PaycanaryError, ValueError):
    """The request itself is wrong."""

    exit_code = 2
    code = "usage"


class DateError(UsageError):
    """A date that does not exist, cannot be read, or lies in the future."""

    code = "date"


class CriteriaError(UsageError):
    """A criteria file that cannot be used; ``line_number`` is 1-based, None when the whole file is meant."""

    code = "criteria"

    def __init__(
        self, what: dict[Lang, str], todo: dict[Lang, str], line_number: int | None = None
    ) -> None:
        super().__init__(what, todo)
        self.line_number = line_number


class NotFoundError(PaycanaryError, LookupError):
    """No company fits the query.

    ``nearest`` are names that look most like what was asked for.
    """

    exit_code = 3
    code = "not_found"
    nearest: Sequence[str] = ()


class AmbiguousError(PaycanaryError, LookupError):
    """Several companies fit the query equally well; ``candidates`` are the search hits to choose from."""

    exit_code = 4
    code = "ambiguous"

    def __init__(
        self, what: dict[Lang, str], todo: dict[Lang, str], candidates: list[object]
    ) -> None:
        super().__init__(what, todo)
        self.candidates = candidates


class InputFileError(PaycanaryError, ValueError):
    """A file to take in is missing, truncated, wrongly encoded, or lacks a column.

    ``part``: of several files that were to be taken in, the one that is meant; None where all are.
    """

    exit_code = 5
    code = "input_file"
    part: object | None = None


class OtherTableError(InputFileError):
    """A file that can be read but is not what was asked for; in a folder it is passed over and named."""

    code = "other_table"


class LakeError(PaycanaryError, OSError):
    """The store cannot be read or written."""

    exit_code = 6
    code = "store"


class ReadOnlyError(LakeError):
    """The store's folder cannot be written."""

    code = "read_only"


class DiskFullError(LakeError):
    """The disk has no room left; nothing of what was being written was kept."""

    code = "disk_full"


class BusyError(LakeError):
    """Another refresh is running."""

    exit_code = 7
    code = "busy"


class SourceError(PaycanaryError):
    """A public service could not be asked, or did not answer what was asked.

    ``source`` names the register. No message ever holds a key. ``is_unset``: nothing was asked, since a key or an address has
    to be set first.
    """

    exit_code = 8
    code = "source"
    is_unset: bool = False

    def __init__(self, source: str, what: dict[Lang, str], todo: dict[Lang, str]) -> None:
        super().__init__(what, todo)
        self.source = source


class UnreachableError(SourceError):
    """The service cannot be reached now: network, proxy, certificate, time-out, server error or maintenance.

    ``retry_after`` is how many seconds the service itself asked to wait; 0 where it did not say.
    """

    code = "unreachable"
    retry_after: float = 0.0


class KeyRefusedError(SourceError):
    """The key is missing, unknown, switched off, expired, or may not be used from this address."""

    code = "key"


class QuotaError(SourceError):
    """The day's calls are used up; ``resumes_on`` is the first day (in Korea) on which calls are answered again."""

    code = "quota"

    def __init__(
        self, source: str, resumes_on: date, what: dict[Lang, str], todo: dict[Lang, str]
    ) -> None:
        super().__init__(source, what, todo)
        self.resumes_on = resumes_on


class AnswerError(SourceError):
    """The service answered something that its documentation does not describe, or more than can be taken."""

    code = "answer"


class StateError(PaycanaryError):
    """The database of the service's own state (watchlists, corrections, jobs) cannot be used."""

    exit_code = 9
    code = "state"


class ModelError(PaycanaryError):
    """A trained model is not there, is damaged, or the store of models cannot be used."""

    exit_code = 10
    code = "model"


class BackupError(PaycanaryError):
    """A backup cannot be made, is not there, is damaged, or may not be restored here."""

    exit_code = 11
    code = "backup"


class EngineError(PaycanaryError):
    """The engine asked for cannot be started or reached, or failed."""

    exit_code = 12
    code = "engine"
