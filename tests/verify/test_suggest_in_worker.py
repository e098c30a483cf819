"""Suggestions for stages: what was taken out of the series that ships is found again, and checked; and when nothing can be suggested."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness.jobs.job import Job
from harness.search.replay_string import decode
from harness.search.search import EXHAUSTED
from harness.sources.single_file import target_of_file
from harness.tasklets.contract import CHECKED
from harness.verify.barrier_points import MB
from harness.verify.barrier_search import Bounds
from harness.verify.deepening import Effort
from harness.verify.suggest_in_worker import (
    FAILS_UNDER_SC,
    FOUND,
    NO_FAILURE,
    NONE_HELPS,
    NOT_FOUND,
    HintRequest,
    SuggestedBarrier,
    Suggestion,
    SuggestionRequest,
    hint,
    suggest,
)
from harness.verify.verify_in_worker import Request, search_program
from stages import FIXED, POSTED
from tests.stages.test_barriers import barriers, searched

CLAUSES = {program.name: clause.id for clause in CHECKED for program in clause.programs}
STRONG, MERE = "state = t.state.fetch_or(0)", "state = t.state.read()"
USUAL = Bounds()
SENT = "seen-although-it-is-sent"


def requests(names: Sequence[str], model: str, executions: int = 3_000, kind: str = "softirq") -> tuple[Request, ...]:
    """One for each of some programs."""
    return tuple(Request(CLAUSES[name], kind, name, executions=executions, model=model) for name in names)


def suggested(path: Path, asked: Sequence[Request], bounds: Bounds = USUAL) -> Suggestion:
    """What a worker process returns; the first program is the one that fails."""
    budget = SuggestionRequest(tuple(asked), 1, bounds)
    return suggest(Job(target_of_file(str(path)), asked[0].clause, model=asked[0].model, budget=budget))


def written(path: Path, text: str, old: str = "", new: str = "") -> Path:
    """A file with a text, in which something that is there once is replaced."""
    assert text.count(old) == 1 or not old
    path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return path


def mended(text: str, found: Sequence[SuggestedBarrier]) -> str:
    """A stage's source with barriers where they are suggested, each a statement with the indentation of its line."""
    lines = text.split("\n")
    for each in sorted(found, key=lambda each: -int(each.place.split()[-1])):
        where, _, number = each.place.split()
        at = int(number) - 1
        assert lines[at].strip() == each.text
        indentation = re.match(" *", lines[at])
        assert indentation is not None
        lines.insert(at + (where == "after"), f"{indentation[0]}self.hv.{each.kind}()")
    return "\n".join(lines)


@pytest.mark.parametrize(("stage", "at", "program"), barriers(), ids=lambda each: str(each))
def test_a_barrier_that_was_taken_out_is_suggested(stage: int, at: int, program: str, tmp_path: Path) -> None:
    """One of its kind, where it was or in an equally good place: written there, it makes the program pass."""
    text = FIXED.stages[stage].path.read_text(encoding="utf-8")
    end = text.index("\n", at)
    without = text[:at] + "pass" + text[end:]
    path = written(tmp_path / "stage.py", without)
    # At stage 1 only the tasklets of devices have been changed.
    found = suggested(path, requests([program], "arm", kind="softirq" if stage > 1 else "irq-client"))
    assert (found.ended, found.open_ends, found.sets) == (FOUND, (), 1)
    assert [f"hv.{each.kind}()" for each in found.barriers] == [text[at:end]]
    assert searched(written(path, mended(without, found.barriers)), program).verdict == EXHAUSTED


def test_the_old_read_in_schedule_needs_a_full_barrier(tmp_path: Path) -> None:
    """In front of that very line, for all programs that fail; one that does not fail is searched as well."""
    text = FIXED.stages[-1].path.read_text(encoding="utf-8")
    path = written(tmp_path / "stage.py", text, STRONG, MERE)
    line = text[: text.index(STRONG)].count("\n") + 1
    found = suggested(path, requests([SENT, "seen-by-its-run"], "tso"))
    assert found.barriers == (SuggestedBarrier(MB, f"before line {line}", MERE),)
    assert (found.ended, found.programs, found.open_ends) == (FOUND, 2, ())
    # Within no bounds, nothing is found, and that is no proof.
    none = suggested(path, requests([SENT], "tso"), Bounds(sets=0))
    assert (none.ended, none.about) == (NOT_FOUND, "the first 0 sets were not enough")


def test_searches_that_were_cut_off_are_named(tmp_path: Path) -> None:
    """What was not searched to its end is no proof of anything."""
    path = written(tmp_path / "stage.py", FIXED.stages[-1].path.read_text(encoding="utf-8"), STRONG, MERE)
    found = suggested(path, requests([SENT], "tso", executions=20))
    assert found.ended == FOUND
    assert found.open_ends == (f"{SENT}, softirq: limit reached, 20 executions",)


def test_no_barrier_helps(tmp_path: Path) -> None:
    """Where it fails under sc too; where it fails with barriers everywhere; and there is none to suggest where nothing fails."""
    lost = FIXED.stages[-1].path.read_text(encoding="utf-8") + "\nTaskletSubsystem.tasklet_schedule = lambda self, t: None\n"
    under_sc = suggested(written(tmp_path / "lost.py", lost), requests(["scheduled-once"], "arm"))
    assert (under_sc.ended, under_sc.about) == (FAILS_UNDER_SC, "scheduled-once, softirq")
    assert suggested(POSTED.stages[4].path, requests([SENT], "tso", kind="vcpu")).ended == NONE_HELPS
    assert suggested(FIXED.stages[-1].path, requests(["scheduled-once"], "tso")).ended == NO_FAILURE


# An execution of SENT that loses the schedule.
LOST = decode("h2/posted/4/b373d9b5a0/visibility/vcpu/seen-although-it-is-sent/tso.x5000,4,29,1,1,2,1,1,5,1,2,9,16/7c6e").deviations


def hinted(path: Path, program: str, kind: str, model: str, known: Mapping[int, int] | None = None) -> str:
    """What the reason of a failure says beside what is wrong; the failure that is found, if none is given."""
    target = target_of_file(str(path))
    request = Request(CLAUSES[program], kind, program, model=model)
    if known is None:
        failure = search_program(Job(target, request.clause, kind, program, model=model, budget=request)).failure
        assert failure is not None
        known = dict(failure.deviations)
    asked = HintRequest(request, tuple(known.items()), Effort.steps)
    return hint(Job(target, request.clause, kind, program, model=model, budget=asked))


def test_the_hint_of_a_failure(tmp_path: Path) -> None:
    """A barrier that forbids it, with what was searched; or that there is none, or none alone."""
    path = written(tmp_path / "stage.py", FIXED.stages[-1].path.read_text(encoding="utf-8"), STRONG, MERE)
    said = re.fullmatch(
        r"with smp_mb\(\) before line \d+ \(`(.*)`\), none of all (\d+) executions fails", hinted(path, SENT, "softirq", "tso")
    )
    assert said is not None
    assert said[1] == MERE
    assert (
        hinted(POSTED.stages[4].path, "seen-by-its-killer", "softirq", "arm")
        == "no single barrier in the stage's own lines mends the program"
    )
    # A run that misses a write, because the schedule is lost: a program that is searched leaves that to other clauses.
    assert hinted(POSTED.stages[4].path, SENT, "vcpu", "tso", LOST) == "no barriers in the stage's own lines mend the program"
    assert hinted(POSTED.stages[4].path, "by-itself", "vcpu", "tso") == "the program fails under sc as well, where no barrier is missing"
