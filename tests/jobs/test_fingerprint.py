"""What judges a stage is the same after it, or the name of what is not is known."""

from __future__ import annotations

import builtins
import random
import sys
from collections.abc import Callable

import pytest

from harness.jobs import stage_loading
from harness.jobs.fingerprint import Fingerprint
from harness.jobs.stage_loading import load
from harness.sources.shipped import targets_of_series
from harness.suite import registry
from harness.verify import run_stages
from stages import FIXED
from stages.shared_memory import Word

Patch = Callable[[pytest.MonkeyPatch], None]

PATCHES: dict[str, Patch] = {
    "stages.shared_memory.Word.cmpxchg": lambda patch: patch.setattr(Word, "cmpxchg", lambda self, old, new: True),
    "stages.shared_memory.Word": lambda patch: patch.setattr(Word, "__eq__", lambda self, other: True),
    "harness.suite.registry.GROUP": lambda patch: patch.setattr(registry, "GROUP", "other.suites"),
    "harness.jobs.stage_loading.describe": lambda patch: patch.setattr(stage_loading.describe, "__code__", (lambda error: "").__code__),
    "harness.verify.run_stages.UNTESTED": lambda patch: patch.setitem(run_stages.UNTESTED, "died", "fine"),
    "builtins.len": lambda patch: patch.setattr(builtins, "len", lambda held: 0),
    "random.Random": lambda patch: patch.setattr(random.Random, "random", lambda self: 0.5),
}


@pytest.mark.parametrize("name", PATCHES)
def test_what_is_changed_is_named(name: str) -> None:
    """Whether it is replaced, added where it hides something, or changed in place; and all is well when it is undone."""
    before = Fingerprint()
    with pytest.MonkeyPatch.context() as patch:
        PATCHES[name](patch)
        found = before.changed()
    assert found == name
    assert before.changed() == ""


def test_how_python_runs_is_compared() -> None:
    """A stage that sets the recursion limit may change what another test finds."""
    before = Fingerprint()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 1)
    try:
        assert before.changed() == "Python's recursion limit"
    finally:
        sys.setrecursionlimit(limit)


def test_a_good_stage_changes_nothing() -> None:
    """Loading one is part of every task."""
    before = Fingerprint()
    load(targets_of_series(FIXED)[-1])
    assert before.changed() == ""
