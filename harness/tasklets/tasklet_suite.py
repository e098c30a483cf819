"""The suite of Xen's tasklets: what a stage must provide, the contract, the probes and the loads."""

from __future__ import annotations

from types import ModuleType

from harness.suite.suite import Suite
from harness.tasklets.contract import CLAUSES
from harness.tasklets.loads.scenarios import LOADS
from harness.tasklets.native_tasklets import GLUE
from harness.tasklets.probes import PROBES
from harness.tasklets.tasklet_under_test import ALL
from harness.tasklets.words import WORDS
from stages.api import REQUIRED_CALLS, REQUIRED_NAMES
from stages.hypervisor import Struct


def lacks(module: ModuleType) -> str:
    """What of `stages.api` a module lacks."""
    missing = [name for name in REQUIRED_NAMES if not isinstance(getattr(module, name, None), type)]
    if not missing:
        missing = [name for name in REQUIRED_CALLS if not callable(getattr(module.TaskletSubsystem, name, None))]
    if missing:
        return f"no {', '.join(missing)}"
    return "" if issubclass(module.Tasklet, Struct) else "Tasklet is not a Struct"


SUITE = Suite(
    "tasklets",
    "the contract of Xen's tasklets, for softirq and VCPU tasklets and for those of the interrupt clients",
    ALL,
    CLAUSES,
    PROBES,
    LOADS,
    lacks,
    native=GLUE,
    words=WORDS,
)
