"""The store of trained models, opened: MLflow on this machine or on a server, and what may go wrong with it told as one kind of error.

The only module that imports MLflow, once it was told what to leave alone.
"""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from paycanary.errors import ModelError, PaycanaryError, UsageError
from paycanary.lake.home import models_path

# MLflow reads these when it is imported and when it asks. It never tells its makers what is done here; a server that is
# silent is given up after some 25 seconds, whatever it says about when to ask again.
os.environ.update({"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_CONFIGURE_LOGGING": "false"})
for _name, _value in {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "7",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}.items():
    os.environ.setdefault(_name, _value)

from mlflow import MlflowClient  # noqa: E402
from mlflow.entities import Metric, Param  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: Where a run keeps its files.
FILES: Final = "model"
_EXPERIMENT: Final = "paycanary"
#: Facts that MLflow takes at once.
_BATCH: Final = 100


def store_uri(uri: str | None = None) -> str:
    """Where models are kept: what is given, else ``PAYCANARY_MODELS_STORE``, else a file in paycanary's home."""
    named = uri or os.environ.get("PAYCANARY_MODELS_STORE")
    return named or f"sqlite:///{models_path() / 'registry.sqlite'}"


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. ``folder`` holds a local one; there the files are copied by us, so that it may be moved as a whole."""

    client: Any
    shown: str
    folder: Path | None
    is_empty: bool

    def model(self, name: str) -> Any:
        """MLflow's own record of a model; None where there is none."""
        return None if self.is_empty else _if_there(lambda: self.client.get_registered_model(name))

    def version(self, name: str, number: str) -> Any:
        """MLflow's own record of a version; None where there is none."""
        return _if_there(lambda: self.client.get_model_version(name, number))

    def log(self, run: Any, facts: Mapping[str, str], metrics: Mapping[str, float]) -> None:
        """Write facts and metrics of a run."""
        params = [Param(key, value) for key, value in facts.items()]
        for first in range(0, len(params), _BATCH):
            self.client.log_batch(run.info.run_id, params=params[first : first + _BATCH])
        figures = [Metric(key, float(value), run.info.start_time, 0) for key, value in metrics.items()]  # fmt: skip
        self.client.log_batch(run.info.run_id, metrics=figures)


def _if_there(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise


@contextmanager
def opened(uri: str | None, *, writes: bool = False) -> Iterator[Store]:
    """Open the store; whatever goes wrong in it, and MLflow lets much through, is told as one kind of error."""
    address = store_uri(uri)
    scheme, path = urlsplit(address).scheme, address.partition(":///")[2]
    if scheme not in {"http", "https", "sqlite", "file"} or (scheme == "sqlite" and not path):
        raise UsageError(
            {"ko": f"{_shown(address)}: 모델 저장소의 주소가 아닙니다.", "en": f"{_shown(address)}: no address of a store of models."},
            {"ko": "PAYCANARY_MODELS_STORE 를 http(s)://… 나 sqlite:///파일 로 고치세요.", "en": "Set PAYCANARY_MODELS_STORE to http(s)://... or sqlite:///FILE."},
        )  # fmt: skip
    file = Path(path) if scheme == "sqlite" else None
    is_empty = file is not None and not file.exists()
    try:
        if file and writes:
            file.parent.mkdir(parents=True, exist_ok=True)
            is_empty = False
        with warnings.catch_warnings():
            # Of MLflow's own code: SQLAlchemy tells of what it will not do for ever.
            warnings.simplefilter("ignore")
            # A file that is not there is not made by asking.
            client = None if is_empty else MlflowClient(address)
            yield Store(client, _shown(address), file.parent if file else None, is_empty)
    except PaycanaryError:
        raise
    except Exception as error:
        raise _unusable(address, error) from error


def experiment(store: Store) -> str:
    """MLflow's number of the experiment whose runs are our models."""
    found = store.client.get_experiment_by_name(_EXPERIMENT)
    if found:
        return str(found.experiment_id)
    files = (store.folder / "files").resolve().as_uri() if store.folder else None
    return str(store.client.create_experiment(_EXPERIMENT, artifact_location=files))


def kept(folder: Path, run: str) -> Path:
    """Where a local store has a run's files: where MLflow itself looks for them."""
    return (folder / "files" / run / "artifacts" / FILES).resolve()


def _shown(address: str) -> str:
    """An address without the password that may stand in it."""
    host = address.partition("://")[2].partition("/")[0]
    return address.replace(host, f"***@{host.rpartition('@')[2]}", 1) if "@" in host else address


def _unusable(address: str, error: Exception) -> ModelError:
    host = address.partition("://")[2].partition("/")[0]
    why = " ".join(str(error).split()).replace(host, host.rpartition("@")[2]) if host else " ".join(str(error).split())  # fmt: skip
    return ModelError(
        {"ko": f"모델 저장소 {_shown(address)} 를 쓸 수 없습니다: {why}", "en": f"The store of models {_shown(address)} cannot be used: {why}"},
        {"ko": "그 서버나 파일, 그리고 PAYCANARY_MODELS_STORE 를 확인하세요.", "en": "Check that server or file, and PAYCANARY_MODELS_STORE."},
    )  # fmt: skip
