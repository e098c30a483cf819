"""What a suite is, whatever it is about, and what somebody needs who writes one: docs/your-own-suite.md.

A `Suite` has clauses; a `Clause` has a sentence and programs; a `Program` is a function of a `Bench`. Besides, a suite may have probes
(`Probe`), which look at behaviour, and loads (`Load`), which measure performance.
"""

from harness.machine.engine import Engine
from harness.machine.nesting import nested
from harness.native.glue import NativeCall, NativeGlue
from harness.suite.bench import LONG_STEPS, Action, Bench, Notes, programs_on
from harness.suite.clause import NO_RACES, Clause, by_id, clause, no_races
from harness.suite.load import Load
from harness.suite.probe import Probe
from harness.suite.program import Program
from harness.suite.suite import Suite
from harness.suite.word_names import WordNames

__all__ = [
    "LONG_STEPS",
    "NO_RACES",
    "Action",
    "Bench",
    "Clause",
    "Engine",
    "Load",
    "NativeCall",
    "NativeGlue",
    "Notes",
    "Probe",
    "Program",
    "Suite",
    "WordNames",
    "by_id",
    "clause",
    "nested",
    "no_races",
    "programs_on",
]
