"""Address dependencies in C, under `arm`."""

from __future__ import annotations

import pytest

from harness.explored.models import ARM
from harness.search.search import EXHAUSTED, FAILED
from tests.native.in_c import needs_cc
from tests.native.running import searched

pytestmark = needs_cc


@pytest.mark.parametrize(
    ("writer", "reader", "verdict"),
    [
        ("publishes_what_it_allocates", "follows_what_is_published", EXHAUSTED),
        ("publishes_what_was_there", "follows_what_is_published", FAILED),
        ("publishes_what_was_set_aside", "follows_what_is_published", FAILED),
        ("publishes_what_was_there", "follows_what_it_was_passed", FAILED),
    ],
)
def test_who_follows_a_pointer_without_a_barrier(writer: str, reader: str, verdict: str) -> None:
    """What was written before a release comes with the address of what was allocated then; what has a name may be known by that."""
    assert searched([writer, reader], ARM, at_first="sets_aside").verdict == verdict
