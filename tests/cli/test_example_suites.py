"""The suites of the documentation: what they find in their series, and the page about suites of one's own, followed to the letter."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli import main
from harness.cli.exit_codes import UsageError
from harness.cli.new_suite import NewSuiteRequest, new_suite
from harness.cli.skeleton import FILES
from harness.sources.directory import directory_series
from harness.suite.registry import suite_named
from tests.cli.invocation import PATIENCE, Harness

DOCS = Path(main.__code__.co_filename).parents[2] / "docs"
EXAMPLES = {"mpsc_queue": {"reuse"}, "workqueue": {"cancel", "no-races"}}


@pytest.mark.parametrize("name", EXAMPLES)
def test_patch_2_breaks_something_and_patch_3_mends_it(name: str, harness: Harness) -> None:
    """It is found, and not declared; everything else is kept, also where memory is weak, and was searched to the end."""
    done = harness("run", "--series", DOCS / "examples" / name / "series", "--no-perf", "--model", "tso,arm", "--json", "-")
    found = json.loads(done.stdout)
    assert done.returncode == 1, done.stderr
    verdicts = [{clause: result["verdict"] for clause, result in stage["clauses"].items()} for stage in found["stages"]]
    broken = [{clause for clause, verdict in stage.items() if verdict != "pass"} for stage in verdicts]
    assert broken == [set(), set(), EXAMPLES[name], set()]
    assert {verdict for clause in EXAMPLES[name] for verdict in found["stages"][2]["clauses"][clause]["models"].values()} == {"fail"}
    assert "accepted" not in (DOCS / "examples" / name / "series" / "series.toml").read_text(encoding="utf-8")


def test_suites_of_examples_are_short() -> None:
    """Less than 150 lines."""
    suites = [path for path in DOCS.glob("examples/*/*_suite.py") if len(path.read_text(encoding="utf-8").splitlines()) < 150]
    assert len(suites) == len(EXAMPLES)


def test_the_walk_of_the_documentation(tmp_path: Path) -> None:
    """In a fresh directory: what is written works, and the patch of the page breaks what the page says."""
    text = (DOCS / "your-own-suite.md").read_text(encoding="utf-8")
    parts = [part.partition("<!-- end -->")[0] for part in text.split("<!-- walk -->")[1:]]
    script = "\n".join(block for part in parts for block in re.findall(r"```sh\n(.*?)```", part, re.DOTALL))
    command = tmp_path / "bin" / "harness"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m harness "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-e", "-c", script], cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=PATIENCE)
    said = done.stdout.decode()
    assert "patch 2 breaks nothing-lost\n" in said
    assert "two-cpus           counter  failed" in said
    assert "queue/ring.py: good · " in said
    assert "queue/ring.py: bad · " in said
    assert "[0, 2] came out" in said
    assert [line.strip() for line in said.splitlines() if line.startswith("  before line ")] == [
        "before line 12 of ring.py: smp_wmb()",
        "before line 18 of ring.py: smp_rmb()",
    ]


def test_the_test_of_a_new_suite_is_a_test(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It passes as it is written; nothing that is there already is written over."""
    new_suite(NewSuiteRequest(str(tmp_path / "new")))
    out = capsys.readouterr().out
    names = [name.replace("counter", "new") for name in FILES]
    assert out.startswith("".join(f"wrote {tmp_path / 'new' / name}\n" for name in names))
    test = tmp_path / "new" / "test_new_series.py"
    space: dict[str, object] = {"__file__": str(test)}
    exec(test.read_text(encoding="utf-8"), space)
    space["test_the_series_keeps_the_suite"]()  # type: ignore[operator]
    with pytest.raises(UsageError, match="is there already: name a directory that is not, or an empty one"):
        new_suite(NewSuiteRequest(str(tmp_path / "new")))
    with pytest.raises(UsageError, match=r"^cannot write /proc/no/such: "):
        new_suite(NewSuiteRequest("/proc/no/such"))


@pytest.mark.parametrize(("directory", "name"), [("my ring", "my_ring"), ("x/rcu-2", "rcu_2"), ("-", "counter")])
def test_a_new_suite_is_called_what_its_directory_is_called(
    directory: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Suite, series and titles have the name, as far as that is a word; the counter itself is still one."""
    monkeypatch.chdir(tmp_path)
    new_suite(NewSuiteRequest(directory))
    series = directory_series(str(tmp_path / directory / "series"))
    assert (series.name, series.targets[1].title) == (name, f"{name}: count without the lock")
    suite = suite_named(series.suite)
    assert (suite.name, suite.kinds) == (name, ("counter",))
    assert shlex.quote(f"{directory}/series") in capsys.readouterr().out
