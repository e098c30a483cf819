"""Suites that users might have made, as text."""

from __future__ import annotations

# What programs of a suite are made with.
STEPS = """
class Steps(Bench):
    def __init__(self, *how):
        super().__init__(*how)
        self.bring_up(lambda: None)

program = programs_on(Steps, "any")
"""

# A suite of one clause. A stage has `step(hv)`; {extra} is more code, {body} what the program does.
SMALL = """
from harness.suite import Bench, Suite, by_id, clause, programs_on

{extra}{steps}
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
    return SMALL.format(body=body, extra=extra, more=more, steps=STEPS)


# A suite of several clauses: a stage has `step(hv)` and `hop(hv)`, which return 1, and `call(hv, function)`, which calls it.
SEVERAL = (
    """
from harness.suite import Bench, Suite, by_id, clause, no_races, programs_on
"""
    + STEPS
    + """
@program()
def one_step(b):
    \"\"\"A CPU makes a step.\"\"\"
    b.cpu(0, lambda: b.expect(b.module.step(b.hv) == 1, "no step"))

@program()
def one_hop(b):
    \"\"\"A CPU hops.\"\"\"
    b.cpu(0, lambda: b.expect(b.module.hop(b.hv) == 1, "no hop"))

@program()
def one_call(b):
    \"\"\"The stage calls a function that hops; another CPU looks when that is over.\"\"\"
    over, hopped = b.flag("over"), b.flag("hopped")
    def hops():
        b.module.hop(b.hv)
        hopped.write(1)
    b.cpu(0, lambda: (b.module.call(b.hv, hops), over.write(1)))
    b.cpu(1, lambda: (b.given(over), b.expect(hopped.read() == 1, "not hopped")))

CLAUSES = (
    clause("steps", "A step is made.", (one_step,), ("any",)),
    clause("hops", "A hop is made.", (one_hop,), ("any",)),
    clause("both", "Both are made.", (one_step, one_hop), ("any",)),
    clause("calls", "A function is called.", (one_call,), ("any",)),
)
SUITE = Suite("several", "steps and hops", ("any",), by_id(*CLAUSES, no_races(CLAUSES, ("any",))))
"""
)
# Parts of its stages.
STEP, NO_STEP = (f"def step(hv):\n    hv.smp_mb()\n    return {made}\n" for made in (1, 0))
HOP = STEP.replace("step", "hop")
CALL = "def call(hv, function):\n    function()\n"
# Whoever calls the function does not learn that it has raised.
HIDDEN_CALL = "def call(hv, function):\n    try:\n        function()\n    except Exception:\n        hv.smp_mb()\n"
