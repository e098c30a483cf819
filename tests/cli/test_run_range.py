"""`harness run --range`, `--mbox` and `--series DIR`: whatever a series comes from, it gets the same verdicts."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.cli.arguments import parse
from harness.cli.carry_out import Plan, carry_out
from harness.cli.run import RunRequest
from harness.cli.series_source import Sourced, sourced
from harness.jobs.job import Job
from harness.report.patches_table import patches_table
from harness.sources.sourced_series import SourcedSeries
from harness.verify.checking import Budget
from harness.verify.conclusions import Clauses, Selection, bisectable
from harness.verify.deepening import Effort
from harness.verify.verdicts import ERROR, FAIL, PASS, StageResult
from stages import POSTED
from tests.cli.invocation import PATIENCE, Harness
from tests.sources import forty_commits
from tests.sources.repositories import Repository, everything, made_posted

# One clause that patches break and mend, quickly.
ONE = ("--check", "before-init", "--no-perf", "--seeds", "1", "--executions", "200")


def found(*words: object) -> Sourced:
    """What `harness run` with these words would test."""
    request: RunRequest = parse(["run", *map(str, words)]).request
    return sourced(request.source, request.suite)


def without_places(text: str) -> Any:
    """JSON of a run without what depends on the names of files and series, and on where a series comes from."""
    text = re.sub(r"\b\w+\.py:\d+", "FILE", text)
    document = json.loads(re.sub(r'"h2/[^/]+/(.+)/[0-9a-f]{4}"', r'"h2/SERIES/\1/CHECK"', text))
    for stage in document["stages"]:
        stage.pop("commit", None)
        stage.pop("module")
    document.pop("series")
    return document


def test_the_same_verdicts_as_the_series_that_ships(harness: Harness, tmp_path: Path) -> None:
    """Verdicts, counterexamples, figures of behaviour: of the commits those of `--series posted`, and the repository is not touched."""
    repo = made_posted(tmp_path / "repo")
    before = everything(repo.directory)
    results = [
        harness("run", 3, 4, *ONE, *words, "--json", name)
        for name, words in (
            ("shipped", ("--series", "posted")),
            ("range", ("--range", "stage-0..main", "--file", "src/tasklet.py", "--repo", repo.directory)),
        )
    ]
    assert [(result.returncode, result.stderr) for result in results] == [(1, "")] * 2
    shipped, ranged = (without_places((tmp_path / name).read_text(encoding="utf-8")) for name in ("shipped", "range"))
    assert ranged == shipped
    assert any(clause["failures"] for stage in shipped["stages"] for clause in stage["clauses"].values())
    stages = json.loads((tmp_path / "range").read_text(encoding="utf-8"))["stages"]
    assert [stage["commit"] for stage in stages] == [repo.git("rev-parse", f"stage-{index}") for index in (3, 4)]
    assert results[0].stdout.splitlines()[-1] == results[1].stdout.splitlines()[-1]
    assert re.search(rf"(?m)^ +4  {stages[1]['commit'][:10]}  Introduce per-cpu .+ 0/1 +before-init \(vcpu\) ", results[1].stdout)
    (string,) = re.findall(r" (h2/stage-0..main/4/\S+)", results[1].stdout)
    replayed = harness("replay", string, "--range", "stage-0..main", "--file", "src/tasklet.py", "--repo", repo.directory)
    assert (replayed.returncode, replayed.stderr) == (1, "")
    assert "scheduling a tasklet that is not per-cpu" in replayed.stdout
    assert "other source" not in replayed.stdout
    assert everything(repo.directory) == before


def digests(series: SourcedSeries) -> list[str]:
    """Equal for stages of which every job has the same result."""
    return [Job(target, "fifo").digest for target in series.targets]


def test_the_same_jobs_from_every_source(tmp_path: Path) -> None:
    """A mailbox, with a cover letter or without, a directory, and an export of any of these: the same content for each stage."""
    repo = made_posted(tmp_path / "repo")
    there = ("--file", "src/tasklet.py", "--repo", repo.directory)
    ranged = found("--range", "stage-0..main", *there).series
    assert [target.source for target in ranged.targets] == [stage.path.read_bytes() for stage in POSTED.stages]
    for options in ((), ("--cover-letter",)):
        (tmp_path / "mbox").write_text(repo.git("format-patch", "--stdout", *options, "stage-0..main") + "\n", encoding="utf-8")
        mailed = found("--mbox", tmp_path / "mbox", "--base", "stage-0", *there).series
        assert digests(mailed) == digests(ranged)
        assert [target.title for target in mailed.targets] == [target.title for target in ranged.targets]
    directory = tmp_path / "dir"
    for stage in POSTED.stages:
        (directory / str(stage.index)).mkdir(parents=True)
        shutil.copy(stage.path, directory / f"{stage.index}/tasklet.py")
    tables = [f'[[stage]]\ntitle = "{stage.title}"\nfiles = ["{stage.index}/tasklet.py"]\n' for stage in POSTED.stages]
    (directory / "series.toml").write_text("\n".join(tables), encoding="utf-8")
    assert digests(found("--series", directory).series) == digests(ranged)


def test_export_of_every_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A range, exported, is a range with the same stages, neighbours included; a stage without a file has none there."""
    repo = Repository(tmp_path / "repo")
    base = repo.commit("base", src__stage="import helper", src__helper="0")
    repo.commit("one\n\nWhy.", src__helper="1")
    repo.commit("gone", src__stage=None)
    repo.commit("back", src__stage="import helper # again")
    monkeypatch.chdir(tmp_path)
    before = everything(repo.directory)
    assert main(["series", "export", "out", "--range", f"{base}..", "--file", "src/stage.py", "--repo", "repo"]) == 0
    assert capsys.readouterr().out.startswith("out: 4 commits of stage.py, tagged stage-0 to stage-3\n")
    first = found("--range", f"{base}..", "--file", "src/stage.py", "--repo", repo.directory).series
    again = found("--range", "stage-0..stage-3", "--file", "stage.py", "--repo", tmp_path / "out").series
    assert [(target.source, target.beside, target.title) for target in again.targets] == [
        (target.source, target.beside, target.title) for target in first.targets
    ]
    assert again.messages[1] == "one\n\nWhy.\n"
    assert everything(repo.directory) == before


def results_of(series: SourcedSeries, clauses: Clauses) -> list[StageResult]:
    """The results for each stage; those with the same content have the same, so only one of them is tested."""
    once = dict(zip(digests(series), series.targets, strict=True))
    done = carry_out(list(once.values()), Plan(clauses, Budget(1, Effort(executions=200))), 2)
    results = dict(zip(once, done.stages, strict=True))
    pairs = zip(digests(series), series.targets, strict=True)
    return [replace(results[digest], index=target.index, title=target.title, commit=target.commit) for digest, target in pairs]


def test_forty_commits(tmp_path: Path) -> None:
    """For each commit the verdicts that it was made to have, and exactly those breaks and repairs; untestable ones accuse nobody."""
    repo = forty_commits.make(tmp_path / "repo")
    series = found("--range", "base..", "--file", forty_commits.PLACE, "--follow", "--repo", repo.directory).series
    rows, states = forty_commits.ROWS, forty_commits.states()
    assert len(rows) == 40
    assert [target.title for target in series.targets[1:]] == [row.subject for row in rows]
    clauses = forty_commits.CLAUSES
    stages = results_of(series, clauses)
    for stage, state in zip(stages, states, strict=True):
        verdicts = {(name, kind): result.verdict for name, clause in stage.clauses.items() for kind, result in clause.kinds.items()}
        expected = {pair: ERROR if state is None else FAIL if pair in state else PASS for pair in verdicts}
        assert verdicts == expected, stage.title
    numbers = tuple(range(41))
    conclusion = bisectable(stages, Selection(series.name, series.suite, clauses, numbers, clauses, numbers))
    breaks = {(step.patch, step.clause, kind) for step in conclusion.steps.breaks for kind in step.kinds}
    mends = {(step.patch, step.clause, kind) for step in conclusion.steps.mends for kind in step.kinds}
    assert breaks == {(number, *pair) for number, row in enumerate(rows, 1) for fault in row.brings for pair in _about(fault)}
    assert mends == {(number, *pair) for number, row in enumerate(rows, 1) for fault in row.mends for pair in _about(fault)}
    # The commit before it cannot be tested, so that one may have done it as well.
    assert [step.patch for step in conclusion.steps.breaks if not step.certain] == [7]
    assert conclusion.untestable_stages == (6, 18)
    lines = patches_table(stages, False, "plain", conclusion).splitlines()
    assert re.search(r" half a change +untestable +0/", lines[7])
    assert re.search(r" the other half +2/3 +fifo \(vcpu\) \(or before\) +fifo +", lines[8])


def _about(fault: str) -> set[tuple[str, str]]:
    return forty_commits.FAULTS[fault][0]


def test_the_walk_of_the_documentation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Followed to the letter in a fresh directory; what its runs would test are the commits that it has made, in their order."""
    text = Path(main.__code__.co_filename).parents[2].joinpath("docs/your-own-series.md").read_text(encoding="utf-8")
    parts = [part.partition("<!-- end -->")[0] for part in text.split("<!-- walk -->")[1:]]
    script = "\n".join(block for part in parts for block in re.findall(r"```sh\n(.*?)```", part, re.DOTALL))
    command = tmp_path / "bin" / "harness"
    command.parent.mkdir()
    note = f'[ "$1" = run ] && {{ echo "$@" >> {tmp_path}/runs; exit 0; }}'
    command.write_text(f'#!/bin/sh\n{note}\nexec {shlex.quote(sys.executable)} -m harness "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    (tmp_path / "config").write_text("[user]\nname = A\nemail = a@example.org\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**kept, "PATH": f"{command.parent}:{kept['PATH']}", "GIT_CONFIG_GLOBAL": str(tmp_path / "config")}
    subprocess.run(["sh", "-e", "-c", script], cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=PATIENCE)
    runs = (tmp_path / "runs").read_text(encoding="utf-8").splitlines()
    assert len(runs) == 2
    monkeypatch.chdir(tmp_path / "mine")
    for line in runs:
        series = found(*line.split()[1:]).series
        assert [target.title for target in series.targets] == ["baseline", "Say where it ends", "Always initialised"]
        assert b"if False:" in series.targets[2].source


WRONG: list[tuple[Sequence[str], str]] = [
    (("--range", "a..b"), "which file is the stage? Name it with --file PATH, or in harness.toml"),
    (("--range", "main..main", "--file", "stage.py"), "is empty"),
    (("--range", "--upload-pack=owned..main", "--file", "stage.py"), "expected one argument"),
    (("--range=--upload-pack=touch owned..main", "--file", "stage.py"), "is no name of a commit"),
    (("--range", "main~1..main", "--file", "../stage.py"), "is no path of a file in the repository"),
    (("--range", "main~1..main", "--file", "stage.py", "--series", "fixed"), "--series and --range name a series each"),
    (("--range", "main~1..main", "--file", "stage.py", "--base", "main"), "--base goes with --mbox"),
    (("--range", "main~1..main", "--file", "stage.py", "--suite", "litmus"), "suite litmus has no stages"),
    (("--range", "main~1..main", "--file", "stage.py", "--repo", "nowhere"), "'nowhere' is no directory"),
    (("--mbox", "missing.mbox", "--file", "stage.py"), "cannot read the mailbox missing.mbox: No such file or directory"),
    (("--mbox", "stage.py", "--file", "stage.py"), "has no mail with a patch"),
    (("--file", "stage.py"), "--file goes with --range or --mbox"),
    (("--follow",), "--follow goes with --range"),
    (("--series", "empty"), "empty has no stages"),
    (("--series", "no/where"), "there is no directory 'no/where' of stages"),
    (("9", "--range", "main~1..main", "--file", "stage.py"), "unknown stage 9: series main~1..main has 0 to 1"),
]


@pytest.fixture(scope="module")
def two_commits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that no test changes."""
    repo = Repository(tmp_path_factory.mktemp("two") / "repo")
    repo.commit("base", stage="0")
    repo.commit("one", stage="1")
    (repo.directory / "empty").mkdir()
    return repo.directory


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_is_wrong(
    words: Sequence[str], said: str, two_commits: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, exit code 2, and nothing is tested or written."""
    monkeypatch.chdir(two_commits)
    before = everything(two_commits)
    assert main(["run", *words, "--json", "out.json"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("harness: ")
    assert said in err
    assert everything(two_commits) == before


def test_a_mailbox_that_does_not_apply_to_its_end(harness: Harness, tmp_path: Path) -> None:
    """What comes before is tested; exit code 3, and the end is said, with the hunk, also in the JSON."""
    repo = made_posted(tmp_path / "repo")
    first, second, third = (repo.git("format-patch", "--stdout", "stage-0..stage-3") + "\n").split("\nFrom ")
    third = third.replace("\n-        ", "\n-        not_there = ")
    (tmp_path / "a.mbox").write_text("\nFrom ".join([first, second, third]), encoding="utf-8")
    words = ("--mbox", "a.mbox", "--base", "stage-0", "--file", "src/tasklet.py", "--repo", "repo")
    result = harness("run", 0, *words, *ONE, "--json", "out.json")
    assert (result.returncode, result.stderr) == (3, "")
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    title = POSTED.stages[3].title
    assert document["ends_early"].startswith(f"patch 3/3 ({title}) does not apply: src/tasklet.py, @@ -")
    assert f"\nthe series ends after stage 2: {document['ends_early']}\n@@ -" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("partial: 1 of 28 clauses, 1 of 4 stages, under tso: ")
    assert document["undecided"] is True
