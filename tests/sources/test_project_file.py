"""`harness.toml`: what it may say, what is wrong with it, and that the command line has the last word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.arguments import parse
from harness.cli.exit_codes import UsageError
from harness.cli.native_request import NativeRequest, target_named
from harness.cli.run import RunRequest
from harness.cli.selection import BudgetRequest
from harness.cli.series_source import sourced, with_project
from harness.sources.project_file import Project, ProjectBudget, parsed_project, project_around
from harness.sources.safe_git import NoSource
from tests.sources.repositories import Repository

WHOLE = """
files = ["src/stage.py"]
includes = ["lib"]
suite = "tasklets"
base = "v1"
[budget]
seeds = 2
executions = 300
models = ["pso", "tso"]
deep = true
"""


def test_everything_that_it_may_say() -> None:
    """Models come in their usual order."""
    budget = ProjectBudget(seeds=2, executions=300, deep=True, models=("tso", "pso"))
    assert parsed_project(WHOLE.encode()) == Project(("src/stage.py",), ("lib",), "tasklets", "v1", budget)
    assert parsed_project(b"") == Project()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file = 'a.py'", "harness.toml: unknown key 'file': choose from files, includes, suite, base, budget, headers, dialect"),
        ("[budget]\nseed = 1", "harness.toml: unknown key 'budget.seed': choose from seeds, executions,"),
        ("files = 'a.py'", "harness.toml: files is 'a.py', and has to be a list of texts"),
        ("files = ['../a.py']", "'../a.py' is no path of a file in the repository"),
        ("includes = ['/']", "'/' is no path of a directory in the repository"),
        ("[budget]\nseeds = 0", "harness.toml: budget.seeds is 0, and has to be a whole number from 1 to 1000000"),
        ("[budget]\ndeep = 1", "harness.toml: budget.deep is 1, and has to be true or false"),
        ("[budget]\nmodels = ['x86']", "harness.toml: budget.models is ['x86'], and has to be a list of some of sc, tso, pso, arm"),
        ("suite = 7", "harness.toml: suite is 7, and has to be a text"),
        ("budget = 3", "harness.toml: budget is 3, and has to be a table"),
        ("=", "harness.toml is no TOML"),
        ("a = '\x00'", "harness.toml is no TOML"),
    ],
)
def test_what_is_wrong_with_it(text: str, said: str) -> None:
    """The message names the file and the key."""
    with pytest.raises(NoSource) as raised:
        parsed_project(text.encode())
    assert said in str(raised.value)


def test_a_range_is_enough(tmp_path: Path) -> None:
    """Files, includes and the base come from the file: of the work tree, or of the tip where there is none."""
    repo = Repository(tmp_path / "repo")
    (repo.directory / "harness.toml").write_text(WHOLE)
    repo.commit("base", src__stage="import helper", lib__helper="0")
    repo.git("tag", "v1")
    repo.commit("one", lib__helper="1")
    repo.git("clone", "--quiet", "--bare", str(repo.directory), str(tmp_path / "bare"))
    for place in (repo.directory, tmp_path / "bare"):
        request: RunRequest = parse(["run", "--range", "..", "--repo", str(place)]).request
        found = sourced(request.source)
        assert (found.series.name, [target.beside for target in found.series.targets]) == (
            "v1..HEAD",
            [(("helper.py", b"0"),), (("helper.py", b"1"),)],
        )
        assert found.project.budget.executions == 300


def test_the_command_line_has_the_last_word() -> None:
    """What it leaves open, the file says."""
    asked = BudgetRequest(None, 7, None, False, None, (), "", 0)
    said = with_project(asked, parsed_project(WHOLE.encode()))
    assert said == BudgetRequest(2, 7, None, True, None, ("tso", "pso"), "", 0)
    own = BudgetRequest(1, 7, 2, False, 0, ("sc",), "", 0)
    assert with_project(own, parsed_project(WHOLE.encode().replace(b"deep = true", b""))) == own


OF_C = """
files = ["common/queue.c", "common/queue.h"]
headers = ["include/own.h"]
includes = ["include"]
cc = "gcc"
cflags = ["-DDEPTH=2"]
suite = "suites/mine.py"
"""


@pytest.fixture
def work_tree(tmp_path: Path) -> Path:
    """A work tree with a stage in C, and a file beside it."""
    for name, content in (
        ("harness.toml", OF_C),
        ("common/queue.c", '#include "queue.h"\n#include <own.h>\n#include <other.h>\n'),
        ("common/queue.h", "1"),
        ("common/stack.c", "2"),
        ("include/own.h", "3"),
        ("include/other.h", "4"),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_a_file_is_made_as_its_repository_says(work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From wherever it is named; what belongs to another stage of the repository does not belong to this one."""
    monkeypatch.chdir(work_tree / "common")
    target = target_named("queue.c", NativeRequest())
    assert {Path(path).name for path, _ in target.beside} == {"queue.h", "own.h", "other.h"}
    assert target.native is not None
    assert (target.native.cc, target.native.cflags) == ("gcc", ("-DDEPTH=2",))
    there = project_around(str(work_tree / "common" / "queue.c"))
    assert (there.files, there.suite) == ((str(work_tree / "common/queue.h"),), str(work_tree / "suites/mine.py"))
    assert project_around("stack.c") == replace(there, files=())


def test_options_about_a_file_come_first(work_tree: Path) -> None:
    """Each by itself: what is not said is as the repository has it."""
    path = str(work_tree / "common" / "queue.c")
    (work_tree / "mine").mkdir()
    target = target_named(path, NativeRequest(include=(str(work_tree / "mine"),), cflag=("-DDEPTH=3",)))
    assert {Path(path).name for path, _ in target.beside} == {"queue.h", "own.h"}
    assert target.native is not None
    assert (target.native.cc, target.native.cflags) == ("gcc", ("-DDEPTH=3",))


def test_of_a_file_that_is_in_no_repository_nothing_is_said(work_tree: Path) -> None:
    """A file of that name beside it is none of a repository."""
    (work_tree / ".git").rmdir()
    assert project_around(str(work_tree / "common" / "queue.c")) == Project()


def test_a_wrong_one_is_wrong_usage(work_tree: Path) -> None:
    """In one line, whatever of it the file needs."""
    (work_tree / "harness.toml").write_text('files = ["common/stack.c", "common/queue.c"]')
    with pytest.raises(UsageError, match="a stage in C is one file that is compiled"):
        target_named(str(work_tree / "common" / "stack.c"), NativeRequest())
    (work_tree / "harness.toml").write_text("suite = 7")
    with pytest.raises(UsageError, match=r"harness\.toml: suite is 7, and has to be a text"):
        target_named(str(work_tree / "common" / "stack.c"), NativeRequest())
