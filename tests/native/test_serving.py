"""What C code does wrong is a violation that says what and where; what it asks for is done."""

from __future__ import annotations

import pytest

from harness.machine.diagnosis import BUG, CRASH, FREED, HANG, LOCK_MISUSE, PRECONDITION, UNINITIALISED, UNTESTABLE
from tests.native.in_c import needs_cc
from tests.native.running import line_of, message, searched

pytestmark = needs_cc

WRONG = {
    "follows_null": (CRASH, "follows a NULL pointer"),
    "reads_a_wild_pointer": (CRASH, "touches an address of nothing"),
    "calls_null": (CRASH, "follows a NULL pointer"),
    "writes_a_constant": (CRASH, "writes to a constant"),
    "divides_by_zero": (CRASH, "divides by zero"),
    "goes_on": (HANG, "goes on and on"),
    "overflows": (CRASH, "overflows its stack"),
    "is_wrong": (BUG, "t != NULL"),
    "reads_garbage": (UNINITIALISED, "reads x.number, which was never initialised"),
    "changes_garbage": (UNINITIALISED, "changes x.flag, which was never initialised"),
    "uses_another_cpu": (PRECONDITION, "per-CPU data of CPU number 5, which there is not"),
    "unlocks_what_is_free": (LOCK_MISUSE, "releases lock, which nobody holds"),
    "touches_what_it_has_freed": (FREED, "which was freed"),
    "frees_twice": (FREED, "which was freed before"),
    "frees_what_is_static": (FREED, "frees word, which was never allocated"),
    "touches_beyond": (FREED, "which is no allocated memory"),
    "reads_fresh_memory": (UNINITIALISED, "which nobody has written"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_fault_is_a_violation_with_its_line(name: str) -> None:
    """What is wrong, and in which line of C; the process goes on."""
    kind, text = WRONG[name]
    found = message(searched([name]))
    assert found.startswith(f"{kind}: CPU0: ")
    assert text in found
    assert found.endswith(f"at running.c:{line_of(f'{name}(struct thing *t) ')} ({name})")


def test_a_fault_is_found_in_any_process_of_the_same_program() -> None:
    """The second CPU's fault is its own."""
    found = message(searched(["raises_flag", "follows_null"]))
    assert found.startswith(f"{CRASH}: CPU1: follows a NULL pointer, at running.c:")


def test_a_loop_without_a_pause_waits_for_ever() -> None:
    """Looking again and again is no progress, and no hang of ours."""
    assert "no progress" in message(searched(["goes_on_looking"]))


OUT_OF_REACH = {
    "uses_too_much": "uses more memory at once than can be looked at",
    "changes_two_at_once": "changes half[0] and half[1] by one atomic operation",
}


@pytest.mark.parametrize(("name", "text"), OUT_OF_REACH.items())
def test_what_cannot_be_looked_at_is_no_verdict(name: str, text: str) -> None:
    """A stage that does what this cannot follow is untestable: it is not called bad for it."""
    found = message(searched([name]))
    assert found.startswith(f"{UNTESTABLE}: {text}")
