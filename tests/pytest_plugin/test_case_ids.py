"""What tests of a series are called."""

from __future__ import annotations

import pytest

from harness.pytest_plugin.case_ids import Case, meant, stage_id
from harness.sources.target import Target

CASES = [Case("fixed/1-one", 1, clause, kind) for clause in ("fifo", "quiet") for kind in ("softirq", "vcpu")]


@pytest.mark.parametrize(
    ("series", "index", "module", "name"),
    [
        ("fixed", 4, "stages.s4_percpu_schedule", "fixed/4-percpu_schedule"),
        ("fixed-c", 0, "s0_baseline.c", "fixed-c/0-baseline"),
        ("main..topic", 12, "xen/common/tasklet.c", "main..topic/12-tasklet"),
        ("../my series", 1, "1.py", ".._my_series/1"),
        ("::", 1, "a::b.py", "series/1-a_b"),
    ],
)
def test_a_stage_has_a_name_without_a_path(series: str, index: int, module: str, name: str) -> None:
    """It has a slash, and no colons of its own."""
    assert stage_id(series, Target(index, "title", module, "/somewhere/else")) == name


def test_a_name_says_the_model_only_where_there_are_several() -> None:
    """What there is one of needs no word."""
    assert Case("s/1", 1, "fifo", "vcpu").id == "s/1::fifo[vcpu]"
    assert Case("s/1", 1, "fifo", "vcpu", "tso").id == "s/1::fifo[vcpu,tso]"
    assert Case("s/1", 1, "across-executions").id == "s/1::across-executions"


@pytest.mark.parametrize(
    ("word", "number"),
    [("fixed", 4), ("fixed/1-one/", 4), ("fixed/1-one::fifo[vcpu]", 1), ("../fixed/1-one::fifo[vcpu]", 1), ("fixed/1", 0)],
)
def test_a_word_means_tests(word: str, number: int) -> None:
    """A test, a stage, or the series; also as pytest shows it in another directory than the root."""
    assert len(meant(word, CASES, "/root/inner" if word.startswith("..") else "/root", "/root")) == number
