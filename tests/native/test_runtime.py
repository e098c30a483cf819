"""Python knows the numbers of the C side from its header."""

from __future__ import annotations

import re

from harness.native import runtime as requests
from harness.native.runtime import HERE, most_cpus, services

RUNTIME = (HERE / "runtime.c").read_text(encoding="utf-8")


def names_of(enum: str) -> list[str]:
    """The names of an enum in runtime.c, in order."""
    found = re.search(rf"enum {enum} {{ (.*?) }};", RUNTIME)
    assert found is not None
    return found[1].split(", ")


def test_operations_and_changes_have_the_same_numbers() -> None:
    """What a key and an argument mean is the same on both sides."""
    for enum, first in (("operation", "DONE"), ("change", "EXCHANGE")):
        names = names_of(enum)
        assert names[0] == first
        assert all(getattr(requests, name) == number for number, name in enumerate(names) if name != "DONE")


def test_services_are_read_from_the_header() -> None:
    """Each has its number; the last name only counts them."""
    numbers = services()
    assert sorted(numbers.values()) == list(range(len(numbers)))
    assert numbers["services"] == len(numbers) - 1
    assert numbers["spin_lock"] == 1
    assert most_cpus() == 128
