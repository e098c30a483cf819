"""A series in a session of pytest: what is shown of its tests, and that they are tests like others."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.pytest_plugin.made_series import CRASHES, GOOD, LOST, NO_STAGE, Session, counter_series, outcomes

ACCEPTED = '[[accepted]]\nclause = "nothing-lost"\nkinds = ["counter"]\npatch = 4\nwhy = "known"\n'
SERIES = ("--harness-series", "s/series", "--harness-check", "nothing-lost")
TEST = "::nothing-lost[counter]"


@pytest.fixture
def series(pytester: pytest.Pytester) -> Path:
    """One with a patch of each sort."""
    return counter_series(pytester.path / "s", LOST, CRASHES, NO_STAGE, GOOD, more=ACCEPTED)


def test_every_outcome_has_its_own_word(session: Session, series: Path) -> None:
    """With the execution, the command that shows it again, and the same in JUnit; a second session has the failures only."""
    result = session(*SERIES, "-rA", "--durations=3", "--junitxml=out.xml")
    found = outcomes(result)
    said = ["PASSED", "FAILED", "FAILED", "ERROR", "FAILED"]
    assert {name: word for name, word in found.items() if name.endswith(TEST)} == {
        f"counter/{stage}{TEST}": word for stage, word in enumerate(said)
    }
    assert result.ret == 1
    text = result.stdout.str()
    assert "\nassertion: in the end, not all of 2 are counted\n" in text
    assert re.search(r"\nharness replay h2/counter/1/\S+ --series s/series\n", text)
    assert "accepted change does not happen: stage 4 keeps nothing-lost (counter)" in text
    assert "(signal SIGSEGV)" in text
    assert "_ stage 2: nothing-lost[counter] _" in text
    assert "stage 3 cannot be tested: it is not Python: invalid syntax" in text
    assert str(series) not in text
    cases = ElementTree.parse(series.parents[1] / "out.xml").iter("testcase")
    tags = {case.attrib["classname"]: case[0].tag for case in cases if len(case) and case.attrib["name"] in TEST}
    assert tags == {"counter.1": "failure", "counter.2": "failure", "counter.3": "error", "counter.4": "failure"}
    again = session(*SERIES, "--lf", "--collect-only", "-q")
    assert [line for line in again.outlines if line.startswith("counter/")] == [
        f"counter/{stage}{name}"
        for stage, names in ((1, [TEST]), (2, [TEST]), (3, [TEST, "::across-executions"]), (4, [TEST]))
        for name in names
    ]


def test_several_processes_find_the_same(session: Session, pytester: pytest.Pytester) -> None:
    """With pytest-xdist; what is undecided is called so, there and here, or skipped."""
    counter_series(pytester.path / "s", LOST, GOOD)
    little = (*SERIES, "--harness-executions", "1", "--harness-preemptions", "0", "counter", "-v")
    result = session("-p", "xdist", *little, "-n", "2")
    verbose = [line for line in result.outlines if TEST in line and "UNDECIDED" in line]
    assert len(verbose) >= 2
    assert result.ret == 1
    skipping = session(*little, "--harness-undecided", "skip", "-rA")
    assert {name: word for name, word in outcomes(skipping).items() if word == "FAILED"} == {f"counter/1{TEST}": "FAILED"}
    assert "SKIPPED [2] s/series: undecided: " in skipping.stdout.str() or "skipped" in skipping.outlines[-1]
