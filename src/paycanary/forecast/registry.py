"""Trained models, kept for good: versions in an MLflow registry, on this machine or on a server.

    version = register(Path("trained"), facts={"data_sha256": "..."}, metrics={"auc": 0.84})
    promote(NAME, version)                     # "live" now leads to it
    fetch(NAME, "live", Path("somewhere"))     # every file checked against what was stored

The store is ``PAYCANARY_MODELS_STORE`` (``http://...``, ``sqlite:///...``, ``file:...``), else an SQLite file in paycanary's home
with the models' files beside it.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from paycanary.documents.registry import ModelVersion
from paycanary.errors import ModelError, UsageError
from paycanary.forecast.model_store import FILES, Store, experiment, kept, opened

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The model of listed companies and the 12 months after the as-of day.
NAME: Final = "paycanary-listed-12m"
#: The alias of the version in use.
LIVE: Final = "live"
#: What a folder must hold to be a model.
MODEL_FILE: Final = "model.json"
#: Prefix of the tags that hold the files' SHA-256.
_DIGEST: Final = "sha256/"
#: MLflow would cut longer facts without a word.
_LONGEST_FACT: Final = 6000
_NUMBER: Final = re.compile("[1-9][0-9]{0,8}")
_SECONDS: Final = 20


def register(folder: Path, facts: Mapping[str, Any], metrics: Mapping[str, float], uri: str | None = None, name: str = NAME) -> str:  # fmt: skip
    """Store a trained model and make a version of it; one whose ``model.json`` has the same bytes is not stored twice.

    Args:
        folder: its files; ``model.json`` among them.
        facts: what it was made of and by, such as the data's hash. What is no text is stored as JSON.
        metrics: how well it told.
        uri: another store than the usual one.
        name: which model it is a version of.

    Returns:
        The version: the new one, or the one that there is.

    Raises:
        UsageError: the folder holds no model, or a fact is too long.
        ModelError: the store cannot be used.
    """
    digests = _digests(folder)
    said = _texts(facts)
    with opened(uri, writes=True) as store:
        for known in _versions(store, name):
            if known.sha256 == digests[MODEL_FILE]:
                return known.version
        run = store.client.create_run(experiment(store))
        identity = run.info.run_id
        store.log(run, said, metrics)
        if store.folder:
            source = str(kept(store.folder, identity))
            shutil.copytree(folder, source)
        else:
            source = f"{run.info.artifact_uri}/{FILES}"
            store.client.log_artifacts(identity, str(folder), FILES)
        store.client.set_terminated(identity)
        if store.model(name) is None:
            store.client.create_registered_model(name)
        tags = {f"{_DIGEST}{file}": digest for file, digest in digests.items()}
        made_version = store.client.create_model_version(
            name, source, identity, tags=tags, await_creation_for=_SECONDS
        )
        return str(made_version.version)


def versions(name: str = NAME, uri: str | None = None) -> list[ModelVersion]:
    """Every version, newest first; none where nothing was stored yet.

    Raises:
        ModelError: the store cannot be used.
    """
    with opened(uri) as store:
        return _versions(store, name)


def version(name: str, version_or_alias: str, uri: str | None = None) -> ModelVersion:
    """One version, by its number or an alias.

    Raises:
        ModelError: there is none, or the store cannot be used.
    """
    with opened(uri) as store:
        return _one(store, name, version_or_alias)[0]


def fetch(name: str, version_or_alias: str, into: Path, uri: str | None = None) -> ModelVersion:
    """Write a version's files into a folder, once all are as they were stored.

    Args:
        name: which model.
        version_or_alias: its version, or an alias such as ``live``.
        into: folder to write to; made if need be.
        uri: another store than the usual one.

    Raises:
        ModelError: there is no such version, a file is damaged or missing, or the store cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="paycanary-model-") as scratch:
        with opened(uri) as store:
            found, run = _one(store, name, version_or_alias)
            if store.folder:
                got = kept(store.folder, run)
            else:
                got = Path(store.client.download_artifacts(run, FILES, scratch))
        for file, digest in found.files.items():
            if not (got / file).is_file() or _sha256(got / file) != digest:
                raise _damaged(found, file)
        for file in found.files:
            (into / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(got / file, into / file)
    return found


def promote(name: str, version_or_alias: str, alias: str = LIVE, uri: str | None = None) -> ModelVersion:  # fmt: skip
    """Let an alias lead to a version, and to no other.

    Raises:
        ModelError: there is no such version, or the store cannot be used.
    """
    with opened(uri) as store:
        found, _ = _one(store, name, version_or_alias)
        store.client.set_registered_model_alias(name, alias, found.version)
        return _one(store, name, found.version)[0]


# --- versions ------------------------------------------------------------------------------------


def _versions(store: Store, name: str) -> list[ModelVersion]:
    model = store.model(name)
    if model is None:
        return []
    found: list[Any] = []
    token = None
    while True:
        page = store.client.search_model_versions(f"name='{name}'", page_token=token)
        found += page
        if not (token := page.token):
            break
    told = [_told(store, one, model.aliases) for one in found if _is_ours(one)]
    return sorted(told, key=lambda one: -int(one.version))


def _one(store: Store, name: str, version_or_alias: str) -> tuple[ModelVersion, str]:
    """A version as it is told, and the run that has its files."""
    model = store.model(name)
    aliases = model.aliases if model else {}
    number = str(aliases.get(version_or_alias, version_or_alias))
    found = store.version(name, number) if model and _NUMBER.fullmatch(number) else None
    if found is None:
        raise ModelError(
            {"ko": f"{store.shown} 에 {name} 의 {version_or_alias} 판이 없습니다.", "en": f"{store.shown} has no version {version_or_alias} of {name}."},
            {"ko": "`paycanary forecast models list` 로 있는 판을 보세요.", "en": "See which there are with `paycanary forecast models list`."},
        )  # fmt: skip
    if not _is_ours(found):
        raise ModelError(
            {"ko": f"{name} 의 {number} 판은 paycanary 가 저장한 것이 아니어서 확인할 수 없습니다.", "en": f"Version {number} of {name} was not stored by paycanary, so it cannot be checked."},
            {"ko": "다른 판을 고르세요.", "en": "Choose another version."},
        )  # fmt: skip
    return _told(store, found, aliases), str(found.run_id)


def _is_ours(found: Any) -> bool:
    names = [PurePosixPath(tag.removeprefix(_DIGEST)) for tag in found.tags if tag.startswith(_DIGEST)]  # fmt: skip
    # Names that lead out of the folder are none of ours.
    return PurePosixPath(MODEL_FILE) in names and not any(n.is_absolute() or ".." in n.parts for n in names)  # fmt: skip


def _told(store: Store, found: Any, aliases: Mapping[str, Any]) -> ModelVersion:
    data = store.client.get_run(found.run_id).data
    files = {tag.removeprefix(_DIGEST): digest for tag, digest in sorted(found.tags.items()) if tag.startswith(_DIGEST)}  # fmt: skip
    return ModelVersion(
        name=found.name,
        version=str(found.version),
        aliases=sorted(alias for alias, to in aliases.items() if str(to) == str(found.version)),
        registered_at=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
        sha256=files[MODEL_FILE],
        facts=dict(sorted(data.params.items())),
        metrics=dict(sorted(data.metrics.items())),
        files=files,
    )


# --- what is stored ------------------------------------------------------------------------------


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in the folder, by its path there."""
    found = {path.relative_to(folder).as_posix(): _sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}  # fmt: skip
    if MODEL_FILE not in found:
        raise UsageError(
            {"ko": f"{folder}: {MODEL_FILE} 이 없습니다.", "en": f"{folder}: there is no {MODEL_FILE}."},
            {"ko": "훈련 결과가 든 폴더를 주세요.", "en": "Give the folder that training wrote."},
        )  # fmt: skip
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _texts(facts: Mapping[str, Any]) -> dict[str, str]:
    said = {key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str) for key, value in facts.items()}  # fmt: skip
    for key, value in said.items():
        if len(value) > _LONGEST_FACT:
            raise UsageError(
                {"ko": f"{key}: {len(value):,}자는 기록하기에 너무 깁니다.", "en": f"{key}: {len(value):,} characters are too many for a fact."},
                {"ko": f"{_LONGEST_FACT:,}자까지 됩니다. 긴 것은 폴더에 파일로 넣으세요.", "en": f"At most {_LONGEST_FACT:,}; put what is longer into a file of the folder."},
            )  # fmt: skip
    return said


# --- errors --------------------------------------------------------------------------------------


def _damaged(found: ModelVersion, file: str) -> ModelError:
    return ModelError(
        {"ko": f"{found.name} 의 {found.version} 판: {file} 이 없거나 저장한 그대로가 아닙니다. 아무것도 쓰지 않았습니다.", "en": f"Version {found.version} of {found.name}: {file} is missing or not as it was stored. Nothing was written."},
        {"ko": "다른 판을 쓰거나, 같은 데이터와 씨앗값으로 다시 훈련해 저장하세요.", "en": "Use another version, or train it again with the same data and seed and store it."},
    )  # fmt: skip
