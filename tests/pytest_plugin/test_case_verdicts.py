"""A test of a series comes to what `harness run` says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.cli.carry_out import carry_out
from harness.cli.skeleton import FILES
from harness.pytest_plugin.asked_series import AskedSeries, asked_series
from harness.pytest_plugin.case_ids import ACROSS, Case
from harness.pytest_plugin.case_verdicts import CANNOT_TEST, EXCUSED, KEPT, NO_VERDICT, VIOLATED, CaseVerdict, CaseVerdicts
from harness.pytest_plugin.known_outcomes import SessionOutcomes
from harness.report.junit import to_junit
from harness.report.looks import Looks
from harness.verify.conclusions import bisectable
from tests.pytest_plugin.made_series import GOOD, HANGS, LOST, NO_STAGE, counter_series
from tests.suite.own_suites import HIDDEN_CALL, SEVERAL, STEP

LOCKED = (
    FILES["series/0.py"]
    .replace("flags = self.hv.spin_lock_irqsave", "self.hv.spin_lock")
    .replace("spin_unlock_irqrestore(self.lock, flags)", "spin_unlock(self.lock)")
)
NAME_ERROR = GOOD.replace("self.count.add(1)", "nope")
ACCEPTS = '[[accepted]]\nclause = "nothing-lost"\nkinds = ["counter"]\npatch = {patch}\nwhy = "known"\n'
NAME = "nothing-lost[counter]"
TAGS = {"failure": VIOLATED, "skipped": EXCUSED, "error": CANNOT_TEST}


@pytest.fixture
def known() -> Iterator[SessionOutcomes]:
    """What is found out in one session."""
    found = SessionOutcomes(no_cache=True)
    yield found
    found.close()


def judged(asked: AskedSeries, known: SessionOutcomes) -> dict[str, CaseVerdict]:
    """What becomes of all tests."""
    verdicts = CaseVerdicts(asked, sys.path, known)
    verdicts.selected = asked.cases
    return {case.id: verdicts.judged(case) for case in asked.cases}


def as_run_says(asked: AskedSeries, first: int = 0) -> dict[str, str]:
    """The same as JUnit of `harness run` has it; what cannot be tested and what is undecided are the same there."""
    done = carry_out(asked.targets, asked.plan, 2)
    conclusion = bisectable(done.stages, asked.selection, accepted=asked.accepted)
    root = ElementTree.fromstring(to_junit(done.stages, conclusion, asked.suite).partition("\n")[2])
    return {
        f"counter/{stage}::{case.attrib['name'].replace(', ', ',')}": TAGS[case[0].tag] if len(case) else KEPT
        for stage, suite in enumerate(root, first)
        for case in suite.iter("testcase")
    }


@pytest.mark.parametrize(
    ("patches", "more"),
    [
        ((GOOD, LOST, LOST, GOOD), ""),
        # The baseline violates it, and so does the next stage; then it is mended, and broken again.
        ((LOST, GOOD, LOST), "baseline"),
        ((GOOD, LOST, NAME_ERROR, NO_STAGE), ACCEPTS.format(patch=2)),
    ],
)
def test_verdicts_are_those_of_run(tmp_path: Path, known: SessionOutcomes, patches: tuple[str, ...], more: str) -> None:
    """Also of violations that are accepted, or that the baseline has, and of what is no stage."""
    series = counter_series(tmp_path, *patches, more="" if more == "baseline" else more)
    if more == "baseline":
        (series / "0.py").write_text(LOST, encoding="utf-8")
    asked = asked_series({"series": str(series), "model": "sc", "check": ["nothing-lost", "visible"]})
    found = {name: each.outcome for name, each in judged(asked, known).items() if not name.endswith(ACROSS)}
    assert found == as_run_says(asked)


def test_what_does_not_come_back_is_a_failure(tmp_path: Path, known: SessionOutcomes) -> None:
    """In its own test, where `harness run` gives the stage up; it is known by then to whoever asks again."""
    asked = asked_series({"series": str(counter_series(tmp_path, HANGS)), "model": "sc", "stage": ["1"], "check": ["nothing-lost"]})
    found = judged(asked, known)
    assert {name: each.outcome for name, each in found.items()} == {f"counter/1::{NAME}": VIOLATED, f"counter/1::{ACROSS}": KEPT}
    assert "does not come back" in found[f"counter/1::{NAME}"].reason


def test_what_the_stage_lacks_or_the_suite_misnames_is_an_error(tmp_path: Path, known: SessionOutcomes) -> None:
    """Of every test of the stage: nobody knows whose fault it is, and none passes."""
    series = counter_series(tmp_path)
    suite = tmp_path / "counter_suite.py"
    suite.write_text(suite.read_text(encoding="utf-8").replace("self.counter.add()", "self.counter.ad()"), encoding="utf-8")
    found = judged(asked_series({"series": str(series), "model": "sc", "check": ["visible", "nothing-lost"]}), known)
    assert {each.outcome for each in found.values()} == {CANNOT_TEST}
    said = "untestable: has no 'ad', which suite counter_suite.py:28 asks for ("
    assert [each.reason for each in found.values() if not each.reason.startswith(said)] == []
    assert len(found) == 3


def test_what_only_two_clauses_show_is_a_test_of_its_own(tmp_path: Path, known: SessionOutcomes) -> None:
    """One takes the lock with interrupts on, the other one in a handler: `harness run` says so of the second one."""
    series = counter_series(tmp_path, LOCKED)
    suite = tmp_path / "counter_suite.py"
    alone = (
        suite.read_text(encoding="utf-8").replace("(two_cpus, cpu_and_interrupt)", "(two_cpus,)").replace("(seen,)", "(cpu_and_interrupt,)")
    )
    suite.write_text(alone.replace("b.cpu(0, lambda: b.add())\n    b.interrupts(", "b.interrupts("), encoding="utf-8")
    asked = asked_series({"series": str(series), "model": "sc", "stage": ["1"], "check": ["nothing-lost", "visible"]})
    found = judged(asked, known)
    assert {name: each.outcome for name, each in found.items() if each.outcome != KEPT} == {"counter/1::across-executions": VIOLATED}
    reason = found["counter/1::across-executions"].reason
    assert reason.startswith("visible[counter]: lock misuse: ")
    assert [name for name, outcome in as_run_says(asked, first=1).items() if outcome != KEPT] == ["counter/1::visible[counter]"]


def test_an_accepted_change_is_excused(tmp_path: Path, known: SessionOutcomes) -> None:
    """With its reason, from its patch on."""
    series = counter_series(tmp_path, LOST, LOST, more=ACCEPTS.format(patch=1))
    found = judged(asked_series({"series": str(series), "model": "sc", "check": ["nothing-lost"]}), known)
    assert [(each.outcome, each.reason) for name, each in found.items() if name.endswith(NAME)] == [
        (KEPT, ""),
        *[(EXCUSED, "accepted: known")] * 2,
    ]


def test_an_accepted_change_that_does_not_happen_is_a_failure(tmp_path: Path, known: SessionOutcomes) -> None:
    """Where its patch is, and nowhere else."""
    series = counter_series(tmp_path, GOOD, GOOD, more=ACCEPTS.format(patch=1))
    found = judged(asked_series({"series": str(series), "model": "sc", "check": ["nothing-lost"]}), known)
    wrong = {name: each.reason for name, each in found.items() if each.outcome != KEPT}
    assert wrong == {"counter/1::nothing-lost[counter]": "accepted change does not happen: stage 1 keeps nothing-lost (counter)"}


def test_what_is_not_searched_to_the_end_is_undecided(tmp_path: Path, known: SessionOutcomes) -> None:
    """It is neither kept nor violated."""
    asked = asked_series({"series": str(counter_series(tmp_path)), "executions": "1", "preemptions": "0", "check": ["nothing-lost"]})
    found = judged(asked, known)["counter/0::nothing-lost[counter]"]
    assert (found.outcome, found.reason.partition(":")[0]) == (NO_VERDICT, "undecided")


def test_an_execution_is_shown_as_replay_shows_it(tmp_path: Path, known: SessionOutcomes, capsys: pytest.CaptureFixture[str]) -> None:
    """The same bytes at the same width."""
    from harness.cli import main

    series = counter_series(tmp_path, LOST)
    asked = asked_series({"series": str(series), "stage": ["1"], "check": ["nothing-lost"]})
    verdicts = CaseVerdicts(asked, sys.path, known)
    case = Case("counter/1", 0, "nothing-lost", "counter")
    failure = verdicts.judged(case).failure
    assert failure is not None
    assert main(["replay", *asked.words, failure.replay, "--width", "90"]) == 1
    assert capsys.readouterr().out == verdicts.shown(case, failure, Looks(90))


def test_what_one_clause_asks_for_in_vain_leaves_the_others_their_verdicts(tmp_path: Path, known: SessionOutcomes) -> None:
    """What they would show together is not known then, and `harness run` says the same."""
    series = counter_series(tmp_path, LOST)
    suite = tmp_path / "counter_suite.py"
    text = suite.read_text(encoding="utf-8")
    at = text.index("def seen(")
    suite.write_text(text[:at] + text[at:].replace("b.add()", "b.counter.ad()", 1), encoding="utf-8")
    asked = asked_series({"series": str(series), "model": "sc", "check": ["visible", "nothing-lost"]})
    found = {name: each.outcome for name, each in judged(asked, known).items()}
    assert {name: outcome for name, outcome in found.items() if not name.endswith(ACROSS)} == as_run_says(asked)
    assert sorted(found.values()) == sorted([KEPT, VIOLATED, *[CANNOT_TEST] * 4])


def test_no_test_of_a_stage_counts_that_may_hide_what_it_lacks(tmp_path: Path, known: SessionOutcomes) -> None:
    """Also what passes by itself may not have done what it tests, and `harness run` says the same."""
    (tmp_path / "counter").mkdir()
    (tmp_path / "several_suite.py").write_text(SEVERAL, encoding="utf-8")
    (tmp_path / "counter" / "0.py").write_text(STEP + HIDDEN_CALL, encoding="utf-8")
    options = {"series": str(tmp_path / "counter"), "suite": str(tmp_path / "several_suite.py"), "model": "sc", "check": ["steps", "hops"]}
    asked = asked_series(options)
    found = judged(asked, known)
    assert {name: each.outcome for name, each in found.items() if not name.endswith(ACROSS)} == as_run_says(asked)
    assert [each.outcome for each in found.values()] == [CANNOT_TEST] * 3
