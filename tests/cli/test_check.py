"""`harness check`: its verdicts, its exit codes, and that no stage can take it down."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.search.replay_string import source_mark
from harness.sources.single_file import target_of_file
from tests.cli.invocation import ACCEPTED, QUICK, WAVERING, Harness
from tests.sources.repositories import Repository

ONE = ("--check", "exactly-once", *QUICK)

# What the file says, and what its test must say.
UNTESTABLE = {
    "exits at import": ("import sys; sys.exit(0)", "exits when it is imported"),
    "ends its process at import": ("import os; os._exit(3)", "ended the process"),
    "ends its process at import as if all were well": ("import os; os._exit(0)", "ended the process"),
    "is killed at import": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
    "raises at import": ("1 / 0", "ZeroDivisionError"),
    "raises what is no Exception": ("raise KeyboardInterrupt('no')", "KeyboardInterrupt: no"),
    "recurses at import": ("def f(): f()\nf()", "RecursionError"),
    "needs another module": ("import no_such_module", "No module named 'no_such_module'"),
    "takes all memory at import": ("[0] * (1 << 40)", "MemoryError"),
    "is not Python": ("def :", "is not Python"),
    "has a null byte": ("\0", "is not Python"),
    "raises what cannot be told": ("class E(Exception):\n def __str__(self): raise KeyError\nraise E", "does not import: KeyError"),
    "does not let anybody see what it has": ("def __getattr__(name): 1 / 0", "ZeroDivisionError: division by zero"),
}

ENDS_PROCESS = {
    "ends its process in a function": "import os; TaskletSubsystem.tasklet_schedule = lambda self, t: os._exit(3)",
    "ends its process in a function as if all were well": "import os; TaskletSubsystem.tasklet_schedule = lambda self, t: os._exit(0)",
}

BAD = {
    "does nothing": "TaskletSubsystem.tasklet_schedule = lambda self, t: None",
    "exits in a function": "import sys; TaskletSubsystem.tasklet_schedule = lambda self, t: sys.exit(0)",
    "finds itself wrong": "def wrong(self, t): assert False\nTaskletSubsystem.tasklet_schedule = wrong",
    "recurses in a function": "TaskletSubsystem.tasklet_schedule = lambda self, t: self.tasklet_schedule(t)",
}


NOISE = """
import os, sys
def noise():
    print('NOISE')
    print('NOISE', file=sys.stderr)
    os.write(1, b'NOISE')
    os.write(2, b'NOISE')
noise()
"""
NOISE_LATER = """
schedule = TaskletSubsystem.tasklet_schedule
TaskletSubsystem.tasklet_schedule = lambda self, t: (noise(), schedule(self, t))[1]
"""


@pytest.mark.parametrize("more", [[], ["-x"]], ids=["all", "-x"])
def test_what_is_accepted_is_good(harness: Harness, stage_file: Callable[..., Path], tmp_path: Path, more: list[str]) -> None:
    """Counted apart, with the reason; without the file it is bad."""
    (tmp_path / "accepted.toml").write_text(ACCEPTED, encoding="utf-8")
    asked = (*more, "--check", "kill-independent", "fifo", *QUICK)
    path = stage_file().name
    result = harness("check", path, *asked, "--accept", "accepted.toml")
    assert result.returncode == 0
    assert result.stdout.startswith(f"{path}: good · 1 of 2 clauses kept, 1 accepted · ")
    assert result.stdout.endswith("\naccepted: kill-independent: Known.\n")
    assert harness("check", path, *asked).returncode == 1


@pytest.mark.parametrize(
    ("old", "new"), [("self.discard, t, wait=True", "lambda _: None, None, wait=True"), ("state & FED or cpu == ", "cpu == ")]
)
def test_more_than_what_is_accepted_is_bad(harness: Harness, stage_file: Callable[..., Path], tmp_path: Path, old: str, new: str) -> None:
    """Another program of the clause fails: kill waits for its victim's softirq, or cannot reach what is still on the feeder list."""
    (tmp_path / "accepted.toml").write_text(ACCEPTED, encoding="utf-8")
    source = stage_file().read_text(encoding="utf-8")
    assert old in source
    (tmp_path / "wider.py").write_text(source.replace(old, new), encoding="utf-8")
    result = harness("check", "wider.py", "--check", "kill-independent", *QUICK, "--accept", "accepted.toml", "--model", "sc")
    assert (result.returncode, "kill-independent" in result.stdout) == (1, True)


def test_a_good_stage_is_good(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """Exit code 0, one line, and nothing on stderr."""
    result = harness("check", stage_file(), *ONE)
    assert (result.returncode, result.stderr) == (0, "")
    assert (
        "tasklet.py: good · 1 clause kept · every interleaving up to 500 a program, 1 seed in virtual time"
        ", memory model tso (x86's store buffers) · exhausted: every interleaving\n" in result.stdout
    )


def test_what_a_bound_is_enough_for(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """Fewer preemptions than a pass needs are undecided; where they are enough, the line has the bound, and how many programs."""
    few = ("--seeds", "1", "--executions", "40", "--preemptions", "0", "--model", "sc")
    small = ("check", stage_file(), "--check", "kill-returns", "--kind", "softirq", *few)
    result = harness(*small)
    assert (result.returncode, result.stdout) == (125, "")
    assert "exhausted within 0 preemptions, and a pass needs 2; try more --executions, or --deep" in result.stderr
    result = harness(*small, "--accept-bound", "0")
    assert result.returncode == 0
    assert re.search(r" · exhausted: every interleaving, but within 0 preemptions: [0-9]+ programs?\n$", result.stdout)


@pytest.mark.parametrize("code", BAD.values(), ids=BAD)
def test_a_bad_stage_is_bad(harness: Harness, stage_file: Callable[..., Path], code: str) -> None:
    """Exit code 1, and a table that names the clause, the kinds and what to run again."""
    path = stage_file(code)
    result = harness("check", path, *ONE)
    assert (result.returncode, result.stderr) == (1, "")
    source = source_mark(target_of_file(str(path)).content_hash)
    assert "tasklet.py: bad · 1 of 1 clause violated" in result.stdout
    assert "softirq, vcpu, irq-client" in result.stdout
    assert f"h2/-/0/{source}/exactly-once/softirq/" in result.stdout


def test_a_stage_that_is_not_deterministic_is_called_that(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """Nobody is told to try more: exit code 125, and one line."""
    result = harness("check", stage_file(WAVERING), *ONE)
    assert (result.returncode, result.stdout) == (125, "")
    assert "tasklet.py cannot be tested: it is not deterministic: " in result.stderr
    assert "diverged" not in result.stderr
    assert "try more" not in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_stage_with_state_that_no_search_sees_cannot_be_tested(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """Exit code 125, and one line that names it, also where a clause seems to be violated."""
    counts = "TaskletSubsystem.count = 0\ndef forget(self, t): TaskletSubsystem.count += 1\nTaskletSubsystem.tasklet_schedule = forget"
    path = stage_file(counts)
    result = harness("check", path, "--check", "exactly-once,kill-returns", *QUICK)
    assert (result.returncode, result.stdout) == (125, "")
    seen = "cannot be tested: it keeps state where the machine does not see it: TaskletSubsystem.count changes while scheduled-once runs"
    assert seen in result.stderr


def test_a_stage_may_import_what_lies_beside_it(harness: Harness, stage_file: Callable[..., Path], tmp_path: Path) -> None:
    """Wherever the harness is started."""
    stage_file("VALUE = 1", name="beside/helper.py")
    path = stage_file("import helper\nassert helper.VALUE == 1", name="beside/tasklet.py")
    assert harness("check", path, *ONE).returncode == 0


def test_the_replay_string_shows_the_failure_again(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """What the last column says leads to the same violation, and to the same bytes each time."""
    path = stage_file(BAD["does nothing"])
    *_, row, how = harness("check", path, *ONE).stdout.splitlines()
    assert how == f"to see one again: harness replay STRING {path}"
    replay = row.split()[-1]
    again = [harness("replay", replay, path) for _ in range(2)]
    assert [result.returncode for result in again] == [1, 1]
    assert again[0].stdout == again[1].stdout
    assert again[0].stdout.splitlines()[-1] in row


def test_the_first_failure_can_end_it(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """`-x`: one failure, the same for any number of workers, and how much was not run."""
    path = stage_file(BAD["does nothing"])
    results = [harness("check", path, "-x", "--check", "exactly-once", "fifo", *QUICK, "--jobs", jobs) for jobs in (1, 4)]
    assert [result.returncode for result in results] == [1, 1]
    assert results[0].stdout == results[1].stdout
    head, _, _, row, _, note = results[0].stdout.splitlines()
    assert "bad · at least 1 of 2 clauses violated · every interleaving up to 500 a program, 1 seed in virtual time, " in head
    assert row.split()[:2] == ["exactly-once", "softirq"]
    assert note == "5 tests not run, since -x stops at the first failure"


def test_a_file_after_clauses(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """It is the FILE; a word that might be a clause is not, and the line says what to write."""
    stage_file()
    assert harness("check", "--check", "exactly-once", "tasklet.py", *QUICK).returncode == 0
    result = harness("check", "--check", "exactly-once", "tasklet")
    assert (result.returncode, result.stdout) == (128, "")
    assert result.stderr.endswith("write FILE before it\n")
    assert result.stderr.count("\n") == 1


def test_a_search_that_is_cut_off_is_no_verdict(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """Exit code 125: neither good nor bad."""
    result = harness("check", stage_file(), "--check", "kill-quiesces", "--seeds", "1", "--executions", "1")
    assert (result.returncode, result.stdout) == (125, "")
    assert "is undecided: 1 of 1 clause" in result.stderr
    assert result.stderr.count("\n") == 1


PYTHON_ERRORS = {
    "misspells a name": ("return is_queud", "NameError", ": name 'is_queud' is not defined, line "),
    "looks for what is not there": ("t.nothing", "AttributeError", ": 'Tasklet' object has no attribute 'nothing', line "),
    "divides by zero": ("1 / 0", "ZeroDivisionError", ": division by zero, line "),
    "raises": ("raise ValueError", "ValueError", ": line "),
}


@pytest.mark.parametrize("first", [(), ("-x",)], ids=["all", "up to the first failure"])
@pytest.mark.parametrize(("code", "exception", "said"), PYTHON_ERRORS.values(), ids=PYTHON_ERRORS)
def test_a_python_error_in_every_program_accuses_nobody(
    harness: Harness, stage_file: Callable[..., Path], first: tuple[str, ...], code: str, exception: str, said: str
) -> None:
    """Exit code 125, and one line with the exception and where it is."""
    path = stage_file(f"def mistaken(self, t):\n {code}\nTaskletSubsystem.tasklet_schedule = mistaken")
    result = harness("check", path, *first, *ONE)
    assert (result.returncode, result.stdout) == (125, "")
    assert result.stderr.startswith(f"harness: {path} cannot be tested: it raises {exception} in nearly every program{said}")
    assert result.stderr.count("\n") == 1


def test_a_python_error_in_some_programs_is_bad(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """Where the code is used by one kind only, the stage does something else for that kind."""
    code = (
        "schedule = TaskletSubsystem.tasklet_schedule\n"
        "def mistaken(self, t):\n schedule(self, t) if t.is_softirq else is_queud\n"
        "TaskletSubsystem.tasklet_schedule = mistaken"
    )
    result = harness("check", stage_file(code), *ONE)
    assert (result.returncode, result.stderr) == (1, "")
    assert "crash: NameError: name 'is_queud' is not defined" in result.stdout


@pytest.mark.parametrize(("code", "said"), UNTESTABLE.values(), ids=UNTESTABLE)
def test_what_is_no_stage_cannot_be_tested(harness: Harness, tmp_path: Path, code: str, said: str) -> None:
    """Exit code 125, and one line that says why."""
    path = tmp_path / "tasklet.py"
    path.write_text(code, encoding="utf-8")
    result = harness("check", path, *ONE)
    assert (result.returncode, result.stdout) == (125, "")
    assert said in result.stderr
    assert result.stderr.startswith(f"harness: {path} cannot be tested: it ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("code", ENDS_PROCESS.values(), ids=ENDS_PROCESS)
def test_a_stage_that_ends_its_process_cannot_be_tested(harness: Harness, stage_file: Callable[..., Path], code: str) -> None:
    """Only the worker dies; exit code 125."""
    result = harness("check", stage_file(code), *ONE)
    assert (result.returncode, result.stdout) == (125, "")
    assert "it ended the process that ran it" in result.stderr
    assert result.stderr.count("\n") == 1


PATCHED = {
    "replaces what judges it": ("import harness.search.search as s\ns.judge = lambda found: s.PASSED", "harness.search.search.judge"),
    "replaces what it is made of": (
        "from stages.shared_memory import Word\nWord.cmpxchg = lambda *a: True",
        "stages.shared_memory.Word.cmpxchg",
    ),
    "replaces what Python has": ("import builtins\nbuiltins.any = lambda each: False", "builtins.any"),
}


@pytest.mark.parametrize(("code", "name"), PATCHED.values(), ids=PATCHED)
def test_a_stage_that_changes_what_judges_it_cannot_be_tested(
    harness: Harness, stage_file: Callable[..., Path], code: str, name: str
) -> None:
    """Exit code 125, and the name of what it has changed."""
    path = stage_file(code)
    result = harness("check", path, *ONE)
    assert (result.returncode, result.stdout) == (125, "")
    assert result.stderr == f"harness: {path} cannot be tested: it changes what judges it: {name}\n"


def test_a_stage_that_is_imported_for_ever_cannot_be_tested(harness: Harness, tmp_path: Path) -> None:
    """Exit code 125, with the limit that was exceeded."""
    path = tmp_path / "tasklet.py"
    path.write_text("while True:\n try:\n  while True: pass\n except BaseException: pass\n", encoding="utf-8")
    result = harness("check", path)
    assert (result.returncode, result.stdout) == (125, "")
    assert result.stderr == f"harness: {path} cannot be tested: it did not come back within 3 s\n"


def test_a_stage_that_loops_in_a_function_cannot_be_tested(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """Exit code 125, also when the function swallows every exception."""
    loop = "def loop(self, t):\n while True:\n  try:\n   while True: pass\n  except BaseException: pass\n"
    result = harness("check", stage_file(f"{loop}TaskletSubsystem.tasklet_schedule = loop"), *ONE)
    assert (result.returncode, result.stdout) == (125, "")
    assert "come back" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_stage_that_ends_all_processes_cannot_be_tested(harness: Harness, stage_file: Callable[..., Path], tmp_path: Path) -> None:
    """Exit code 125, with what it did; it is loaded, begun on two CPUs, tried again alone, and not once for each of its 78 tests."""
    count = f"import os, signal\nwith open({str(tmp_path / 'loaded')!r}, 'a') as file: file.write('!')\n"
    end = "TaskletSubsystem.tasklet_schedule = lambda self, t: os.kill(os.getppid(), signal.SIGKILL)"
    path = stage_file(count + end)
    result = harness("check", path, "--jobs", "2")
    assert (result.returncode, result.stdout) == (125, "")
    assert result.stderr.startswith(f"harness: {path} cannot be tested: it ended all processes that run stages (")
    assert 3 <= len((tmp_path / "loaded").read_text(encoding="utf-8")) <= 4


def test_what_a_stage_prints_goes_nowhere(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """Neither through sys.stdout nor through the file descriptors, at import or later."""
    result = harness("check", stage_file(NOISE_LATER, before=NOISE), *ONE)
    assert (result.returncode, result.stderr) == (0, "")
    assert "NOISE" not in result.stdout


@pytest.mark.parametrize(
    ("path", "said"),
    [("missing.py", "is missing"), (".", "is a directory"), ("/dev/null", "lacks the API of a stage: no Tasklet, TaskletSubsystem")],
)
def test_no_file_cannot_be_tested(harness: Harness, path: str, said: str) -> None:
    """Exit code 125 for what is not there, a directory, and an empty file."""
    result = harness("check", path, *ONE)
    assert (result.returncode, result.stdout) == (125, "")
    assert result.stderr.startswith(f"harness: {path} cannot be tested: it {said}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("4", "check tests a file, and there is none called 4; stages of a series are tested by `harness run 4`"),
        ("posted", "check tests a file, and posted is a series; it is tested by `harness run --series posted`"),
    ],
)
def test_what_other_commands_name_stages_by_is_a_mistake(harness: Harness, word: str, said: str) -> None:
    """Exit code 128: of a missing file, a bisection would believe that it can be tested elsewhere. A file of that name is tested."""
    result = harness("check", word, *ONE)
    assert (result.returncode, result.stdout, result.stderr) == (128, "", f"harness: {said}\n")


def test_a_bisection_stops_at_a_file_that_is_in_no_commit(harness: Harness, tmp_path: Path) -> None:
    """Exit code 128, and which file may be meant; what is missing in this commit only is gone round."""
    repository = Repository(tmp_path)
    repository.commit("both", tasklet="", helper="")
    repository.commit("one", helper=None)
    result = harness("check", "taskelt.py", *ONE)
    said = "harness: there is no file taskelt.py, neither here nor in any commit: did you mean tasklet.py?\n"
    assert (result.returncode, result.stdout, result.stderr) == (128, "", said)
    assert harness("check", "helper.py", *ONE).returncode == 125


def test_a_stage_without_a_call_cannot_be_tested(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """The missing call is named."""
    result = harness("check", stage_file("del TaskletSubsystem.tasklet_kill"), *ONE)
    assert result.returncode == 125
    said = (
        "it lacks the API of a stage: no tasklet_kill, as suite tasklets demands; if it is one of another suite, name that with --suite\n"
    )
    assert result.stderr.endswith(said)
    assert harness("check", "tasklet.py", *ONE, "--suite", "tasklets").stderr.endswith("it lacks the API of a stage: no tasklet_kill\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: FILE; see `harness check --help`"),
        (["x.py", "--check", "nonsense"], "unknown clause 'nonsense'"),
        (["x.py", "--check", ""], "no clause is named: choose from exactly-once, "),
        (["x.py", "--check", ","], "no clause is named: choose from exactly-once, "),
        (["x.py", "--kind", "nonsense"], "no clause is tested for kind 'nonsense'"),
        (["x.py", "--executions", "0"], "argument --executions: '0' is not a whole number of at least 1"),
        (["x.py", "--tablefmt", "nonsense"], "unknown table format 'nonsense'"),
        (["x.py", "y.py"], "unrecognized arguments: y.py"),
    ],
)
def test_wrong_usage_stops_a_bisection(harness: Harness, arguments: list[str], said: str) -> None:
    """Exit code 128, at which `git bisect run` stops, and one line."""
    result = harness("check", *arguments)
    assert (result.returncode, result.stdout) == (128, "")
    assert result.stderr.startswith("harness: ")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_it_is_tested_as_its_repository_says(harness: Harness, stage_file: Callable[..., Path], tmp_path: Path) -> None:
    """With the models and the executions of `harness.toml`, if no option says otherwise; one that is wrong is wrong usage."""
    path = stage_file(before="import helper").name
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "helper.py").write_text("")
    (tmp_path / ".git").mkdir()
    (tmp_path / "harness.toml").write_text('includes = ["lib"]\n[budget]\nmodels = ["pso"]\n')
    result = harness("check", path, "--check", "fifo", *QUICK)
    assert (result.returncode, result.stderr) == (0, "")
    assert "pso" in result.stdout
    assert "pso" not in harness("check", path, "--check", "fifo", "--model", "sc", *QUICK).stdout
    (tmp_path / "harness.toml").write_text("[budget]\nmodels = 1\n")
    result = harness("check", path)
    assert result.returncode == 128
    assert "harness.toml: budget.models is 1" in result.stderr
