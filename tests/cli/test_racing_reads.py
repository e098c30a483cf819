"""A plain read that races under `arm`, with a suite that does not ask for races: no command claims what was not played out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli.main import main

SUITE = """
from harness.suite import Bench, Suite, by_id, clause, no_races, programs_on

class BoxBench(Bench):
    def __init__(self, module, *how):
        super().__init__(module, *how)
        self.box = self.install(module.Box)
        self.bring_up(lambda: None)

program = programs_on(BoxBench, "box")

@program()
def passes(b):
    \"\"\"One CPU sends, another one receives.\"\"\"
    b.cpu(0, lambda: b.box.send())
    b.cpu(1, lambda: b.expect(b.box.receive() != 0, "the message is not there"))

@program()
def alone(b):
    \"\"\"One CPU sends and receives.\"\"\"
    b.cpu(0, lambda: (b.box.send(), b.expect(b.box.receive() == 1, "the message is not there")))

CLAUSES = (
    clause("message", "Who has seen the flag sees the message.", (passes,), ("box",)),
    clause("own", "Who has sent a message sees it.", (alone,), ("box",)),
)
SUITE = Suite("box", "a box", ("box",), by_id(*CLAUSES{races}))
"""
STAGE = """
from stages.hypervisor import Field, Struct, Word

class Box(Struct):
    data = Field(0)

    def __init__(self, hv):
        super().__init__(hv, "box")
        self.flag = Word(hv, "flag")

    def send(self):
        self.hv.write_atomic(self, Box.data, 1)
        self.hv.smp_wmb()
        self.flag.write(1)

    def receive(self):
        {first}
        if not self.flag.read():
            return -1
        {barrier}
        return {read}
"""
MARKED, PLAIN = "self.hv.read_atomic(self, Box.data)", "self.data"
RMB = "self.hv.smp_rmb()"
SERIES = 'name = "box"\nsuite = "../suite.py"\n' + "".join(
    f'[[stage]]\ntitle = "{title}"\nfiles = ["{file}.py"]\n' for title, file in (("baseline", "right"), ("box: plainly", "plain"))
)
# What is said of it.
NAMED = (
    "a plain read of box.data races at plain.py:21 (receive) with the write at plain.py:12 (send): other values were not tried; "
    "mark it (READ_ONCE, read_atomic) or order it"
)
QUICK = ("--jobs", "1", "--no-cache")

# A slot that is read and freed, and filled by who finds it free.
SLOT = """
from stages.hypervisor import Field, Struct, Word

class Box(Struct):
    data = Field(0)

    def __init__(self, hv):
        super().__init__(hv, "box")
        self.free = Word(hv, "free")

    def send(self):
        taken = self.data
        {tell}

    def receive(self):
        if self.hv.smp_load_acquire(self.free):
            self.data = 1
        return -1
"""
RELAXED, RELEASE = "self.free.write(1)", "self.hv.smp_store_release(self.free, 1)"


def box(read: str, barrier: str, first: str = "pass") -> str:
    """The text of a stage: how the message is read, what comes before, and what comes before the flag is read."""
    return STAGE.format(read=read, barrier=barrier, first=first)


@pytest.fixture(autouse=True)
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory to be in, with a suite and a series: the first stage is right, the second one reads plainly and has no barrier."""
    (tmp_path / "suite.py").write_text(SUITE.format(races=""))
    series = tmp_path / "series"
    series.mkdir()
    (series / "right.py").write_text(box(MARKED, RMB))
    (series / "plain.py").write_text(box(PLAIN, "pass"))
    (series / "series.toml").write_text(SERIES)
    monkeypatch.chdir(tmp_path)


def explored(capsys: pytest.CaptureFixture[str], stage: str, *words: str) -> tuple[int, str]:
    """`harness explore message`: exit code and output."""
    code = main(["explore", "message", f"series/{stage}.py", "--suite", "suite.py", "--tablefmt", "tsv", "--jobs", "1", *words])
    return code, capsys.readouterr().out


@pytest.mark.parametrize("strategy", ["optimal", "dfs", "bounded"])
def test_explore_is_undecided(capsys: pytest.CaptureFixture[str], strategy: str) -> None:
    """Whatever the strategy; under the other models there is nothing that was not tried."""
    code, out = explored(capsys, "plain", "--model", "arm", "--strategy", strategy)
    assert code == 1
    assert f"undecided: {NAMED}" in out
    assert "exhausted" not in out
    assert explored(capsys, "plain", "--model", "tso", "--strategy", strategy)[0] == 0


def test_explore_decides_where_the_read_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    """It is given older values: with the barrier none is wrong, without it one is."""
    code, out = explored(capsys, "right", "--model", "arm")
    assert (code, "exhausted" in out) == (0, True)
    Path("series/marked.py").write_text(box(MARKED, "pass"))
    code, out = explored(capsys, "marked", "--model", "arm")
    assert (code, "failed" in out) == (1, True)


def test_a_suggested_barrier_is_not_said_to_be_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is the hint below an execution, where a plain read beside the one that needs the barrier races."""
    Path("series/both.py").write_text(box(MARKED, "pass", first=PLAIN))
    _, out = explored(capsys, "both", "--model", "arm", "--suggest-barriers")
    assert "executions fails; but a plain read races: other values were not tried" in out
    assert "message: has not failed under arm with 1 barrier more" in out
    assert (
        "not of passes, box: undecided, a plain read of box.data races at both.py:17 (receive) with the write at both.py:12 (send)" in out
    )


def test_run_accuses_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """The stage is undecided for the clause whose program has the read, and only for that; JSON has null, and the exit code is 3."""
    code = main(["run", "--series", "series", "--no-perf", "--model", "arm", "--json", "o.json", *QUICK])
    assert code == 3
    out = capsys.readouterr().out
    assert f"undecided: stage 1: message (box): passes: {NAMED}\n" in out
    assert out.endswith("bisectable: undecided under arm: no violation found; undecided: stage 1\n")
    found = json.loads(Path("o.json").read_text())
    assert (found["bisectable"], found["undecided"], found["bad"], found["breaks"]) == (None, True, False, [])
    assert {name: clause["verdict"] for name, clause in found["stages"][1]["clauses"].items()} == {"message": "error", "own": "pass"}
    (failure,) = found["stages"][1]["clauses"]["message"]["failures"]
    assert (failure["failure"], failure["message"]) == ("undecided", f"undecided: passes: {NAMED}")


def test_one_model_does_not_speak_for_another(capsys: pytest.CaptureFixture[str]) -> None:
    """Under all of them together it is undecided, and only one is the reason."""
    code = main(["run", "--series", "series", "--no-perf", "--model", "all", *QUICK])
    out = capsys.readouterr().out
    assert code == 3
    assert f"undecided: under arm: stage 1: message (box): passes: {NAMED}" in out
    assert "bisectable: undecided under arm; yes under sc, tso, pso · under sc, tso, pso: every stage keeps the contract · " in out


def test_check_skips_the_commit(capsys: pytest.CaptureFixture[str]) -> None:
    """And does not say that more executions would help; a search that was cut off it does."""
    checked = ("check", "series/plain.py", "--suite", "suite.py", *QUICK, "--seeds", "1")
    assert main([*checked, "--model", "arm"]) == 125
    assert capsys.readouterr().err == f"harness: series/plain.py is undecided: 1 of 2 clauses, passes: {NAMED}\n"
    assert main([*checked, "--executions", "1", "--preemptions", "0"]) == 125
    assert "; try more --executions, or --deep" in capsys.readouterr().err


def test_a_race_that_is_asked_for_makes_the_stage_bad(capsys: pytest.CaptureFixture[str]) -> None:
    """The clause in whose program it is stays undecided."""
    Path("suite.py").write_text(SUITE.format(races=', no_races(CLAUSES, ("box",))'))
    assert main(["run", "--series", "series", "--no-perf", "--model", "arm", *QUICK]) == 1
    out = capsys.readouterr().out
    assert "patch 1 breaks no-races\n" in out
    assert f"undecided: stage 1: message (box): passes: {NAMED}\n" in out


def test_a_slot_that_is_freed_too_early(capsys: pytest.CaptureFixture[str]) -> None:
    """Without `no_races` the clause is undecided, and both accesses are named; with it the stage is bad; a release is enough."""
    Path("suite.py").write_text(SUITE.format(races=', no_races(CLAUSES[:1], ("box",))'))
    checked = ("check", "series/slot.py", "--suite", "suite.py", *QUICK, "--model", "arm", "--check")
    for tell, codes in ((RELAXED, (125, 1)), (RELEASE, (0, 0))):
        Path("series/slot.py").write_text(SLOT.format(tell=tell))
        assert (main([*checked, "message"]), main([*checked, "no-races"])) == codes
        out, err = capsys.readouterr()
        if tell is RELAXED:
            assert "passes: a plain read of box.data races at slot.py:12 (send) with the later write at slot.py:17 (receive): " in err
            assert "slot.py:12 (send) (load of box.data)" in out
            assert "slot.py:17 (receive) (store of box.data)" in out


def test_an_execution_that_is_executed_again_proves_little(capsys: pytest.CaptureFixture[str]) -> None:
    """One that violates nothing on another stage says of what."""
    Path("series/marked.py").write_text(box(MARKED, "pass"))
    _, out = explored(capsys, "marked", "--model", "arm")
    replay = next(word for word in out.split() if word.startswith("h2/"))
    assert main(["replay", replay, "series/plain.py", "--suite", "suite.py"]) == 0
    assert f"that nothing is wrong holds for the values that were tried only: {NAMED}\n" in capsys.readouterr().out
