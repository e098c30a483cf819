"""Suites that users might have made, as text."""

from __future__ import annotations

# A suite of one clause. A stage has `step(hv)`; {extra} is more code, {body} what the program does.
SMALL = """
from harness.suite import Bench, Suite, by_id, clause, programs_on

{extra}
class Steps(Bench):
    def __init__(self, *how):
        super().__init__(*how)
        self.bring_up(lambda: None)

program = programs_on(Steps, "any")

@program()
def one_step(b):
    \"\"\"A CPU makes a step.\"\"\"
    {body}

SUITE = Suite("steps", "steps", ("any",), by_id(clause("steps", "A step is made.", (one_step,), ("any",))){more})
"""
GOOD = "b.cpu(0, lambda: b.module.step(b.hv))"
STAGE = "def step(hv):\n    hv.smp_mb()\n"


def small(body: str = GOOD, extra: str = "", more: str = "") -> str:
    """The text of the suite."""
    return SMALL.format(body=body, extra=extra, more=more)
