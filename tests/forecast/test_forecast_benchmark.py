"""Anybody's labelled table: what is read of it, what is said of its traps, and that no row is told from its like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import duckdb
import numpy as np
import pytest

from benchmarks import failures
from paycanary.cli import forecast_benchmark as words
from paycanary.documents.benchmark import Trap
from paycanary.errors import InputFileError, UsageError
from paycanary.forecast import benchmark, choose, labelled, metrics, traps
from paycanary.forecast.models import Logistic
from paycanary.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from paycanary.errors import Lang
    from tests.command import Run

NO_PAIRS = np.zeros((0, 2), dtype=int)


def columns(rows: int = 600, seed: int = 0) -> dict[str, Any]:
    """A table that can be learned: little cash and much debt fail; the third column is chance."""
    rng = np.random.default_rng(seed)
    cash, debt, chance = rng.normal(size=(3, rows)).round(4)
    fails = rng.random(rows) < 1 / (1 + np.exp(2 + 1.5 * cash - debt))
    return {"cash": cash, "debt": debt, "chance": chance, "failed": fails.astype(int)}


def written(path: Path, table: Mapping[str, Any]) -> Path:
    """The table as Parquet or CSV, by the path's ending."""
    con = duckdb.connect()
    con.register("given", {name: np.asarray(column) for name, column in table.items()})
    con.execute(f"COPY (SELECT * FROM given) TO '{path}'")
    return path


def told(path: Path, group: str | None = None, time: str | None = None, **options: Any) -> Any:
    """What the benchmark of one model says of a file."""
    read = labelled.read(path, "failed", group, time, **options)
    return benchmark.benchmark(read, ("failed", group, time), SILENT, draws=20, only=["logistic"])


def kinds(report: Any) -> dict[str, int | None]:
    return {trap.kind: trap.rows for trap in report.traps}


# --- reading -------------------------------------------------------------------------------------


def test_points_and_commas_are_read_alike(tmp_path: Path) -> None:
    text = "회사;부채 비율;메모;실패\n가;1,5;좋음;0\n나;NA;나쁨;1\n다;-2,25;;0\n라;1000;없음;\n"
    with_commas, with_points = tmp_path / "쉼표.csv", tmp_path / "점.csv"
    with_commas.write_text(text, encoding="utf-8")
    with_points.write_text(text.replace(",", ".").replace(";", ","), encoding="utf-8")
    for path in (with_commas, with_points):
        read = labelled.read(path, "실패", "회사")
        assert read.names == ("부채 비율",)
        assert read.left_out == ("메모",)
        np.testing.assert_array_equal(read.x[:, 0], [1.5, np.nan, -2.25])
        assert read.y.tolist() == [0, 1, 0]
        assert read.group is not None
        assert read.group.tolist() == ["가", "나", "다"]
        assert read.unlabelled == 1


def test_commas_that_may_part_thousands_are_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a;b;failed\n1,234;1;0\n2,345;2;1\n", encoding="utf-8")
    assert labelled.read(path, "failed").left_out == ("a",)


def test_labels_and_times_of_every_kind(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet", {"a": [1, 2, 3], "failed": [True, False, True], "on": ["2020-03-01", "2019-12-31", "2020-03-01"]})  # fmt: skip
    read = labelled.read(path, "failed", time="on")
    assert read.y.tolist() == [1, 0, 1]
    assert read.time.tolist() == [1, 0, 1]
    path = written(tmp_path / "n.parquet", {"a": [1, 2, 3], "failed": [1.0, 0.0, 1.0], "on": [2013, 900, 2013]})  # fmt: skip
    read = labelled.read(path, "failed", time="on")
    assert read.y.tolist() == [1, 0, 1]
    assert read.time.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("label", "options", "says"),
    [
        ("failure", {}, "no column 'failure'.*Choose among: a, word, failed, part"),
        ("failed", {"drop": ["b"]}, "no column 'b'"),
        ("word", {}, "holds more than 0 and 1.*x, y"),
        ("failed", {"time": "word"}, "cannot be read as times: x, y"),
        ("failed", {"group": "part"}, "'part' is empty in 1 rows"),
        ("failed", {"drop": ["a"]}, "no column of numbers"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, label: str, options: Any, says: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,word,failed,part\n1,x,0,p\n2,y,1,\n3,x,0,p\n", encoding="utf-8")
    with pytest.raises(UsageError, match=says):
        labelled.read(path, label, **options)


def test_files_that_are_no_table_are_said(tmp_path: Path) -> None:
    for name, content in {"t.csv": "회사,실패\n가,1\n".encode("cp949"), "t.parquet": b"no", "t.arff": b"@data"}.items():  # fmt: skip
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputFileError, match="cannot be read as a table"):
            labelled.read(tmp_path / name, "실패")
    (tmp_path / "empty.csv").write_text("a,failed\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no column of numbers"):
        labelled.read(tmp_path / "empty.csv", "failed")


# --- traps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [0, 1])
def test_one_outcome_gives_no_number(tmp_path: Path, outcome: int) -> None:
    table = columns() | {"failed": np.full(600, outcome)}
    with pytest.raises(UsageError, match=r"(0 companies failed|0 companies did not fail).*at least 10"):  # fmt: skip
        told(written(tmp_path / "t.parquet", table))


def test_few_failures_of_many_rows_are_few_companies(tmp_path: Path) -> None:
    table = columns()
    company = np.where(table["failed"] > 0, np.arange(600) % 9, np.arange(600) + 9)
    path = written(tmp_path / "t.parquet", table | {"company": company})
    assert told(path, drop=["company"]).failed_rows > 50
    with pytest.raises(UsageError, match="9 companies failed"):
        told(path, "company")


@pytest.mark.parametrize("leak", ["copy", "reversed", "only known of failing rows", "huge", "band"])
def test_a_column_that_holds_the_answer_stops_everything(tmp_path: Path, leak: str) -> None:
    table = columns()
    failed = table["failed"]
    table["told"] = {
        "copy": failed,
        "reversed": 5.0 - failed,
        "only known of failing rows": np.where(failed > 0, table["chance"], np.nan),
        "huge": failed * 1e300,
        "band": np.where(failed > 0, 0.0, np.where(table["chance"] > 0, 3.0, -3.0)) + table["cash"] / 10,
    }[leak]  # fmt: skip
    path = written(tmp_path / "t.parquet", table)
    with pytest.raises(UsageError, match=r"told\. Measures with it would mean nothing.*--drop 'told'"):  # fmt: skip
        told(path)
    report = told(path, drop=["told"])
    assert report.left_out == ["told"]
    assert report.features == ["cash", "debt", "chance"]


def test_a_column_that_nearly_holds_it_is_named(tmp_path: Path) -> None:
    table = columns()
    table["hint"] = table["failed"] + np.random.default_rng(1).normal(size=600) * 0.3
    report = told(written(tmp_path / "t.parquet", table))
    assert [(trap.columns, trap.auc > 0.95) for trap in report.traps if trap.kind == "strong_column"] == [(["hint"], True)]  # fmt: skip


def test_columns_equal_in_one_kind_of_rows_are_named(tmp_path: Path) -> None:
    table = columns()
    table["sales"] = np.where(table["failed"] > 0, table["debt"] + 1e-6, table["debt"])
    (found,) = [t for t in told(written(tmp_path / "t.parquet", table)).traps if t.kind == "equal_columns"]  # fmt: skip
    assert found.columns == ["debt", "sales"]
    assert (found.failed, found.others) == (0, 1)
    # Two flags are often equal: that is no identity.
    x = (np.random.default_rng(0).random((600, 2)) < 0.5).astype(float)
    assert traps.equalities(x, table["failed"]) == []


def test_rows_that_share_figures_are_one_company() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 8))
    # The second row brings the first one's figures along as the year before.
    x[1, 4:] = x[0, :4]
    x[2, 3:6] = x[3, 3:6]
    assert traps.look_alikes(x).tolist() == []
    x[1, :4] = x[0, 4:]
    x[5, 1:7] = x[4, 1:7]
    assert traps.look_alikes(x).tolist() == [[0, 1], [4, 5]]
    # What many share by chance makes nobody alike.
    assert traps.look_alikes(rng.integers(0, 4, (300, 12)).astype(float)).tolist() == []
    assert traps.look_alikes(x[:, :2]).tolist() == []


def test_rows_are_joined_by_any_way() -> None:
    one = traps.joined(np.array([0, 1, 1, 2, 3]), np.array([5, 6, 7, 7, 8]), pairs=NO_PAIRS)
    assert one.tolist() == [0, 1, 1, 1, 4]
    assert traps.joined(np.arange(5), pairs=np.array([[3, 4], [0, 4]])).tolist() == [0, 1, 2, 0, 0]
    twin = traps.duplicates(np.array([[1, np.nan], [0.0, 1], [1, np.nan], [-0.0, 1], [np.nan, 1]]))
    assert [twin[0] == twin[2], twin[1] == twin[3], len(set(twin))] == [True, True, 3]


# --- questions -----------------------------------------------------------------------------------


def recurring() -> dict[str, Any]:
    """Two hundred companies in five years, and rows that are there twice under another name."""
    table = columns(1000)
    table |= {"company": np.arange(1000) % 200, "year": 2015 + np.arange(1000) // 200}
    for name in ("cash", "debt", "chance", "failed"):
        table[name][900:910] = table[name][:10]
    table["failed"][900:903] = 1 - table["failed"][900:903]
    return table


@pytest.mark.parametrize("group", [None, "company"])
@pytest.mark.parametrize("time", [None, "year"])
def test_no_row_is_told_from_its_like(tmp_path: Path, group: str | None, time: str | None) -> None:
    path = written(tmp_path / "t.csv", recurring())
    # Without a column that names it, a company's number is no feature either.
    drop = [name for name in ("company", "year") if name not in {group, time}]
    table = labelled.read(path, "failed", group, time, drop)
    rows, found = benchmark.inspect(table)
    assert {trap.kind: trap.rows for trap in found if trap.kind != "few_failures"} == {"duplicates": 10, "contradictions": 3}  # fmt: skip
    asked = {name: list(splits) for name, splits in benchmark.questions(rows).items()}
    assert list(asked) == (["later_companies", "later"] if time else ["companies"])
    named = np.arange(1000) % 200
    equal = np.arange(1000)
    equal[900:910] = np.arange(10)
    for question, splits in asked.items():
        tested = np.sum([split.test for split in splits], axis=0)
        assert set(tested[table.time > 0] if time else tested) == {1}
        for split in splits:
            assert not (split.fit & split.test).any()
            assert not set(equal[split.fit]) & set(equal[split.test])
            if time:
                assert table.time[split.fit].max() < table.time[split.test].min()
            if group and question != "later":
                assert not set(named[split.fit]) & set(named[split.test])


def test_many_times_are_tested_in_few_stretches(tmp_path: Path) -> None:
    # A row a day: what is flagged a day would be every row.
    path = written(tmp_path / "t.parquet", columns() | {"at": np.arange(600)})
    report = told(path, time="at")
    (found,) = report.results
    assert (found.question, found.rows) == ("later", 500)
    assert found.measures["recall_at_5_percent"].value < 0.5


def test_times_with_too_few_failures_before_are_said(tmp_path: Path) -> None:
    table = columns() | {"year": np.arange(600) // 150}
    table["failed"][:300] = 0
    report = told(written(tmp_path / "t.parquet", table), time="year")
    assert kinds(report)["lost_times"] == 300
    assert [found.rows for found in report.results] == [150]
    table["failed"][450:] = np.arange(150) < 9
    with pytest.raises(UsageError, match="9 companies failed in rows that can be tested"):
        told(written(tmp_path / "t.parquet", table), time="year")
    table["failed"] = np.where(np.arange(600) < 450, 0, np.arange(600) % 2)
    with pytest.raises(UsageError, match="too few had failed before"):
        told(written(tmp_path / "t.parquet", table), time="year")


# --- choosing ------------------------------------------------------------------------------------


class Constant:
    """Knows nothing."""

    def fit(self, x: Any, y: Any) -> Constant:
        del x, y
        return self

    def log_odds(self, x: Any) -> Any:
        return np.zeros(len(x))


def test_the_model_that_tells_best_within_the_rows_is_chosen() -> None:
    table = columns()
    x, y = np.column_stack([table[n] for n in ("cash", "debt", "chance")]), table["failed"]
    models = {
        "nothing": Constant,
        "logistic": lambda: Logistic(0.1),
        "the same": lambda: Logistic(0.1),
    }
    chosen = choose.choose(x, y, np.arange(600), models)
    assert chosen.name == "logistic"
    assert chosen.losses["logistic"] == chosen.losses["the same"] < chosen.losses["nothing"]
    p = chosen.probability(x)
    assert p.mean() == pytest.approx(y.mean(), abs=0.03)
    assert np.array_equal(p, choose.choose(x, y, np.arange(600), models).probability(x))


def test_a_row_is_scored_by_what_did_not_see_its_group() -> None:
    table = columns()
    x, y = np.column_stack([table["chance"], np.arange(600) % 40]), table["failed"]
    seen: list[set[float]] = []

    class Watched(Constant):
        def fit(self, x: Any, y: Any) -> Constant:
            seen.append(set(x[:, 1]))
            return super().fit(x, y)

        def log_odds(self, x: Any) -> Any:
            assert not seen[-1] & set(x[:, 1])
            return super().log_odds(x)

    _, scored = choose.out_of_group(x, y, np.arange(600) % 40, Watched)
    assert scored.all()
    assert len(seen) == 3


# --- whole ---------------------------------------------------------------------------------------


def test_what_can_be_learned_is_told_with_its_interval(tmp_path: Path) -> None:
    report = told(written(tmp_path / "t.csv", columns()))
    (found,) = report.results
    assert (found.question, found.model, found.rows) == ("companies", "chosen", 600)
    auc = found.measures["auc"]
    assert auc.low < auc.value < auc.high
    assert auc.low > 0.7
    assert found.measures["brier_skill"].value > 0.05
    assert sum(point.rows for point in found.reliability) == 600
    assert [(c.model, c.times) for c in report.choices] == [("logistic", 5)]
    # Labels that nobody can know are not told.
    shuffled = columns() | {"failed": np.random.default_rng(5).permutation(columns()["failed"])}
    (found,) = told(written(tmp_path / "s.csv", shuffled)).results
    assert 0.4 < found.measures["auc"].value < 0.6
    assert found.measures["brier_skill"].value < 0.02


def test_the_command_tells_it(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", {"현금": columns()["cash"], "이름": [f"회사 {n}" for n in range(600)], "실패": columns()["failed"]})  # fmt: skip
    asked = ("forecast", "benchmark", path, "--draws", 10, "--only", "logistic", "--label")
    report = run.json(*asked, "실패")
    assert report["left_out"] == ["이름"]
    assert sum(choice["times"] for choice in report["choices"]) == 5
    # Among all models in one language; the words of the other need no more than one.
    every = ("forecast", "benchmark", path, "--draws", 10, "--label")
    for lang, word, command in (("ko", "배운 적 없는 회사", every), ("en", "companies never taught", asked)):  # fmt: skip
        shown = run.ok(*command, "실패", "--lang", lang)
        assert word in shown
        assert "이름" in shown
    problem = run.problem(*asked, "이름")
    assert (problem["error"], problem["exit_code"]) == ("usage", 2)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_trap_has_words(lang: Lang) -> None:
    known = get_args(Trap.model_fields["kind"].annotation)
    assert set(words.TRAPS) == set(known)
    for kind in known:
        trap = Trap(
            kind=kind, rows=1234, columns=["부채", "a{b}"], auc=0.97, failed=0.5, others=0.1
        )
        sentence = words.said(trap, lang)
        assert not {"{rows", "{columns", "{auc"} & set(sentence.split())
        assert any(shown in sentence for shown in ("1,234", "부채, a{b}"))


def test_slovak_companies_recur_and_are_kept_apart(shared_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "slovak.parquet"
    failures.slovak_table(shared_data / "failures" / "slovak", path)
    table = labelled.read(path, "failed", time="year", drop=("company",))
    assert (len(table.y), table.y.sum()) == (51407, 251)
    ((companies,),) = duckdb.execute(f"SELECT count(DISTINCT company) FROM '{path}'").fetchall()
    rows, found = benchmark.inspect(table)
    # What is found without a word about companies is nearly what equal ratios of a year say.
    assert len(np.unique(rows.company)) == pytest.approx(companies, rel=0.01)
    assert {trap.kind: trap.rows for trap in found}["look_alikes"] > 30_000
    split = next(iter(benchmark.questions(rows)["later_companies"]))
    model = Logistic(0.03).fit(table.x[split.fit], table.y[split.fit])
    assert metrics.auc(table.y[split.test], model.log_odds(table.x[split.test])) > 0.85
