"""What lies in a place for backups: whole ones, unfinished ones, damaged ones; folders and S3."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.command import Run, one_line
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.stored import Stored


@pytest.fixture
def service(stored: Stored, home: Path) -> Run:
    """A home with a lake, without a state."""
    shutil.copytree(stored.lake, home / "lake")
    return Run(home, {"DATABASE_URL": ""})


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A server that speaks S3's protocol: its address."""
    server = ThreadedMotoServer(port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def _refused(run: Run, *arguments: object) -> str:
    korean, english = (one_line(run(*arguments, "--lang", lang), 11) for lang in ("ko", "en"))
    assert any("가" <= c <= "힣" for c in korean)
    return english


def _is_untouched(run: Run) -> bool:
    """Whether a refused restore left nothing but the lock it held."""
    return all(path.name in ("lake", ".lock") for path in run.home.rglob("*"))


def test_on_s3_it_is_the_same(service: Run, s3: str, tmp_path: Path) -> None:
    access = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    bucket = boto3.client("s3", endpoint_url=s3, region_name="ap-northeast-2", aws_access_key_id="testing", aws_secret_access_key="testing")  # fmt: skip # noqa: S106
    bucket.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"})  # fmt: skip
    env = {**service.env, **access, "AWS_ENDPOINT_URL": s3, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "ap-northeast-2"}  # fmt: skip
    run, place = Run(service.home, env), "s3://kept/paycanary"
    made = [run.json("backup", "create", place, "--keep", "2") for _ in range(3)]
    assert run.json("backup", "list", place)["backups"] == made[1:]
    assert run.json("backup", "verify", place) == made[2]
    elsewhere = Run(tmp_path / "elsewhere", env)
    assert elsewhere.json("backup", "restore", place, "--id", made[1]["id"]) == made[1]
    assert elsewhere.json("check", "가나전자") == run.json("check", "가나전자")
    objects = bucket.list_objects_v2(Bucket="kept")["Contents"]
    assert {o["Key"].split("/")[1] for o in objects} == {b["id"] for b in made[1:]}
    (first, *_) = [o["Key"] for o in objects if made[2]["id"] in o["Key"] and o["Key"].endswith(".parquet")]  # fmt: skip
    bucket.put_object(Bucket="kept", Key=first, Body=b"x")
    assert "is damaged" in _refused(run, "backup", "verify", place)
    assert "cannot be used" in _refused(run, "backup", "list", "s3://nobody/paycanary")
    nowhere = Run(service.home, {**env, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"})
    assert "cannot be used" in _refused(nowhere, "backup", "create", place)


def test_the_newest_are_kept_and_others_left_alone(service: Run, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    (place / "mine").mkdir(parents=True)
    (place / "mine" / "letter").write_text("dear")
    ids = [service.json("backup", "create", place)["id"] for _ in range(3)]
    service.ok("backup", "create", place, "--keep", "2")
    found = [b["id"] for b in service.json("backup", "list", place)["backups"]]
    assert len(found) == 2
    assert found[0] == ids[2]
    assert sorted(p.name for p in place.iterdir()) == sorted([*found, "mine"])
    assert (place / "mine" / "letter").read_text() == "dear"
    assert found[0] in service.ok("backup", "list", place)
    assert one_line(service("backup", "create", place, "--keep", "0"), 2)


def test_a_backup_that_was_cut_off_is_none(service: Run, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    whole = service.json("backup", "create", place)["id"]
    program = (
        "import os, signal, sys\n"
        "from paycanary.backup import place\n"
        "put = place.Place.put\n"
        "def die(self, backup, name, content):\n"
        "    if name == 'manifest.json': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return put(self, backup, name, content)\n"
        "place.Place.put = die\n"
        "from paycanary.backup.create import create\n"
        "create(sys.argv[1])\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, place], env=service.environment(), check=False)  # fmt: skip
    assert ended.returncode == -signal.SIGKILL
    (cut_off,) = [p for p in place.iterdir() if p.name != whole]
    assert any(cut_off.rglob("*.parquet"))
    assert [b["id"] for b in service.json("backup", "list", place)["backups"]] == [whole]
    assert f"no backup {cut_off.name}" in _refused(service, "backup", "restore", place, "--id", cut_off.name)  # fmt: skip
    # It may still be in the making: only what was begun long ago goes.
    service.ok("backup", "create", place, "--keep", "5")
    assert cut_off.exists()
    old = place / f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=2):%Y%m%dT%H%M%SZ}-abcd"
    cut_off.rename(old)
    service.ok("backup", "create", place, "--keep", "5")
    assert not old.exists()


def test_damage_is_found_and_restores_nothing(service: Run, tmp_path: Path) -> None:
    place, elsewhere = tmp_path / "kept", Run(tmp_path / "elsewhere", {"DATABASE_URL": ""})
    folder = place / service.json("backup", "create", place)["id"]
    (victim, *_) = folder.rglob("*.parquet")
    whole = victim.read_bytes()
    for damage in (whole[:-1], whole[:-1] + b"x", None):
        if damage is None:
            victim.unlink()
        else:
            victim.write_bytes(damage)
        for command in ("verify", "restore"):
            line = _refused(elsewhere, "backup", command, place)
            assert victim.name in line
        assert _is_untouched(elsewhere)
    victim.write_bytes(whole)
    elsewhere.ok("backup", "restore", place)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": 2}, "format"),
        ({"files": {"lake/../../outside": {"sha256": "0" * 64, "bytes": 1}}}, "is damaged"),
        ({"surprise": 1}, "surprise"),
        ({"state": {"revision": "9999", "rows": {}}}, "does not know"),
    ],
)
def test_a_manifest_that_is_not_ours_is_refused(service: Run, tmp_path: Path, change: dict[str, object], why: str) -> None:  # fmt: skip
    place, elsewhere = tmp_path / "kept", Run(tmp_path / "elsewhere", {"DATABASE_URL": ""})
    path = place / service.json("backup", "create", place)["id"] / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert why in _refused(elsewhere, "backup", "restore", place)
    assert not (tmp_path / "outside").exists()
    assert _is_untouched(elsewhere)
    path.write_text("{")
    assert "cannot be read" in _refused(elsewhere, "backup", "list", place)


def test_nothing_is_restored_over_something(service: Run, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    service.ok("backup", "create", place)
    service.ok("rollback")
    assert "not empty" in _refused(service, "backup", "restore", place)
    elsewhere = Run(tmp_path / "elsewhere", {"DATABASE_URL": ""})
    elsewhere.ok("database", "upgrade")
    assert elsewhere("api-keys", "create", "--name", "somebody").returncode == 0
    elsewhere.ok("backup", "create", tmp_path / "state")
    assert "not empty" in _refused(elsewhere, "backup", "restore", tmp_path / "state")
    assert len(elsewhere.json("api-keys", "list")["keys"]) == 1


def test_a_part_that_got_lost_is_no_backup(service: Run, tmp_path: Path) -> None:
    """A setting that is missing one day, or a home that is not mounted, must not push out what cannot be had again."""
    place = tmp_path / "kept"
    service.ok("database", "upgrade")
    whole = service.json("backup", "create", place)
    (service.home / "state.sqlite").rename(service.home / "aside")
    line = _refused(service, "backup", "create", place, "--keep", "1")
    assert "DATABASE_URL" in line
    assert "--only lake" in line
    assert [p.name for p in place.iterdir()] == [whole["id"]]
    lakes = [
        service.json("backup", "create", place, "--keep", "1", "--only", "lake") for _ in range(2)
    ]
    assert lakes[1]["state_rows"] is None
    # Of each part the newest one stays.
    assert service.json("backup", "list", place)["backups"] == [whole, lakes[1]]


def test_one_part_is_put_back_alone(service: Run, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    assert service("api-keys", "create", "--name", "somebody").returncode == 0
    made = service.json("backup", "create", place)
    shutil.rmtree(service.home / "lake")
    assert "--only lake" in _refused(service, "backup", "restore", place)
    assert service.json("backup", "restore", place, "--only", "lake")["state_rows"] is None
    assert service.json("check", "가나전자")["findings"]
    (service.home / "state.sqlite").unlink()
    service.ok("rollback")
    assert "--only state" in _refused(service, "backup", "restore", place)
    assert service.json("backup", "restore", place, "--only", "state")["lake_rows"] is None
    assert len(service.json("api-keys", "list")["keys"]) == 1
    lake_only = service.json("backup", "create", place, "--only", "lake")["id"]
    assert lake_only != made["id"]
    assert "does not hold the state" in _refused(
        service, "backup", "restore", place, "--only", "state"
    )


def test_what_was_gone_back_to_before_can_be_gone_back_on(service: Run, tmp_path: Path) -> None:
    service.ok("rollback", "--to", "0")
    service.ok("backup", "create", tmp_path / "kept")
    elsewhere = Run(tmp_path / "elsewhere", {"DATABASE_URL": ""})
    elsewhere.ok("backup", "restore", tmp_path / "kept")
    for run in (service, elsewhere):
        run.ok("rollback", "--to", "1")
    assert elsewhere.json("check", "가나전자") == service.json("check", "가나전자")


def test_a_row_of_another_table_is_damage(service: Run, tmp_path: Path) -> None:
    assert service("api-keys", "create", "--name", "somebody").returncode == 0
    place, elsewhere = tmp_path / "kept", Run(tmp_path / "elsewhere", {"DATABASE_URL": ""})
    folder = place / service.json("backup", "create", place)["id"]
    path, file = folder / "manifest.json", folder / "state" / "api_keys.jsonl.gz"
    manifest = json.loads(path.read_text())
    for content in (b'{"unknown": 1}\n', b"[1]\n", b"{\n"):
        packed = gzip.compress(content)
        file.write_bytes(packed)
        told = {"sha256": hashlib.sha256(packed).hexdigest(), "bytes": len(packed)}
        path.write_text(json.dumps(manifest | {"files": manifest["files"] | {"state/api_keys.jsonl.gz": told}}))  # fmt: skip
        assert "api_keys.jsonl.gz" in _refused(elsewhere, "backup", "restore", place)
        assert not (elsewhere.home / "lake" / "snapshots").exists()
        assert json.loads(elsewhere("database", "status", "--json").stdout)["revision"] is None
    path.write_text(json.dumps(manifest | {"state": {**manifest["state"], "rows": {"other": 1}}}))
    assert "other" in _refused(elsewhere, "backup", "restore", place)


def test_where_nothing_is_nothing_is_made(tmp_path: Path) -> None:
    empty = Run(tmp_path / "home", {"DATABASE_URL": ""})
    assert "nothing to back up" in one_line(empty("backup", "create", tmp_path / "kept", "--lang", "en"), 2)  # fmt: skip
    assert not empty.home.exists()
    assert "there is no backup" in _refused(empty, "backup", "verify", tmp_path / "kept")
    assert "is no folder" in _refused(empty, "backup", "list", tmp_path / "nowhere")


def test_only_its_owner_reads_it(service: Run, tmp_path: Path) -> None:
    service.ok("backup", "create", tmp_path / "kept")
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0
    (tmp_path / "open").mkdir(mode=0o755)
    made = service.json("backup", "create", tmp_path / "open")
    assert (tmp_path / "open" / made["id"]).stat().st_mode & 0o077 == 0


def test_what_a_killed_writer_left_half_written_goes_too(service: Run, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    old = place / f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=2):%Y%m%dT%H%M%SZ}-abcd"
    (old / "lake" / "tables").mkdir(parents=True)
    # So obstore names what it has not yet written whole.
    (old / "lake" / "tables" / "part.parquet#1").write_text("half")
    service.ok("backup", "create", place, "--keep", "1")
    assert not old.exists()
