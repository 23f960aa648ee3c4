"""``paycanary screen --engine spark``: the same rows as DuckDB's, and one clear line for what cannot be."""

from __future__ import annotations

import csv
import io
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import SparkSession

from paycanary.errors import EngineError
from paycanary.signals.spark import Spark
from tests.command import Run, one_line

if TYPE_CHECKING:
    from pathlib import Path

DAY = ("--as-of", "2026-06-30")


def test_the_command_gives_the_same_file(sample: Run) -> None:
    asked = ("screen", *DAY, "--format", "csv")
    told = sample(*asked, "--engine", "spark", "--master", "local[2]")
    assert told.returncode == 0, told.stderr
    # Java's own line about the modules that Spark starts it with.
    assert [line for line in told.stderr.splitlines() if "incubator modules" not in line] == []
    assert told.stdout == sample.ok(*asked)
    assert any(row["probability"] for row in csv.DictReader(io.StringIO(told.stdout)))


@pytest.mark.parametrize("master", ["", "mesos://a:1", "local[x]", "spark://host", "http://a:7077"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_is_no_master_is_told_before_java_starts(master: str, lang: str) -> None:
    with pytest.raises(EngineError) as caught:
        Spark(master)
    assert f"--master {master}" in caught.value.what[lang]  # type: ignore[index]
    assert "spark://HOST:7077" in caught.value.todo[lang]  # type: ignore[index]


#: What Spark 4.3 says through py4j a minute after a master did not answer.
STOPPED = """An error occurred while calling None.org.apache.spark.sql.classic.SparkSession.
: java.lang.IllegalStateException: Cannot call methods on a stopped SparkContext.
This stopped SparkContext was created at:

org.apache.spark.api.java.JavaSparkContext.<init>(JavaSparkContext.scala:59)
"""


@pytest.mark.parametrize(
    ("master", "ko", "en"),
    [
        ("spark://nohost:7077", "Spark 마스터에 닿지 못했습니다.", "the Spark master could not be reached."),
        ("yarn", "Spark 마스터에 닿지 못했습니다.", "the Spark master could not be reached."),
        ("local[2]", "Spark 를 시작하지 못했습니다.", "Spark could not be started on this machine."),
    ],
)  # fmt: skip
def test_a_master_that_does_not_answer_is_told(
    monkeypatch: pytest.MonkeyPatch, master: str, ko: str, en: str
) -> None:
    """A sentence of ours first, Spark's own line last, and nothing of Java's trace."""

    def fail(_: object) -> None:
        raise RuntimeError(STOPPED)

    monkeypatch.setattr(SparkSession.Builder, "getOrCreate", fail)
    with pytest.raises(EngineError) as caught:
        Spark(master)
    cause = "java.lang.IllegalStateException: Cannot call methods on a stopped SparkContext."
    for lang, said in (("ko", f"원인: {cause}"), ("en", f"Cause: {cause}")):
        line = caught.value.line(lang)  # type: ignore[arg-type]
        assert line.startswith(f"{master}: ")
        assert {"ko": ko, "en": en}[lang] in line
        assert line.endswith(said)
        assert "--engine duckdb" in line
        assert ": :" not in line
        assert "JavaSparkContext" not in line


def test_java_that_is_not_there_is_told(sample: Run, tmp_path: Path) -> None:
    """A PATH with Python and a shell's tools, and no Java."""
    for name in ("bash", "sh", "dirname", "ps", "cat", "env"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    run = Run(sample.home, {"PATH": str(tmp_path), "JAVA_HOME": str(tmp_path / "none")})
    told = run("screen", *DAY, "--engine", "spark", "--lang", "en")
    assert told.returncode == 12
    # Beside what Spark's own script says of it.
    (line,) = [line for line in told.stderr.splitlines() if line.startswith("paycanary: ")]
    assert "Java" in line
    assert "JAVA_HOME" in line


def test_without_the_extra_it_is_named(sample: Run, tmp_path: Path) -> None:
    (tmp_path / "pyspark.py").write_text("raise ImportError('not here')", encoding="utf-8")
    run = Run(
        sample.home,
        {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])},
    )
    assert "paycanary[spark]" in one_line(run("screen", *DAY, "--engine", "spark", "--lang", "ko"), 12)  # fmt: skip
