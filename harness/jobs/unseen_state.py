"""Notices what a stage keeps where the machine does not see it: no search of its executions means anything then.

All that CPUs share has to be in cells (`Field`, `Word`, `ListHead`), of which every access is an operation. Whatever else can be reached
from the stage's objects (its subsystem, its structures) and from its module (globals, classes, default arguments, closures, modules beside
it) must be the same at the end of every execution. The objects, which are made anew for each execution, are compared with what they were
after boot, and the module, which all executions share, with what it was before the first of them.

A stage in C has nothing of its own but C memory: each access is an operation, and every execution begins with it as it was loaded.

Not seen: what is the same again at the end; what the stage keeps in other people's objects or modules; and what it does to the inner parts
of cells behind the machine's back.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType

from harness.explored.explored_engine import ExploredEngine
from harness.explored.spinning import Site
from harness.jobs.siblings import admitted
from harness.jobs.snapshot import Named, Owned, Snapshot
from harness.jobs.stage_loading import NotAStage, loaded
from harness.jobs.watchdog import execute_watched
from harness.machine.engine import Engine
from harness.native.native_module import NativeModule
from harness.suite.program import Arranged, Program


class UnseenState(NotAStage):
    """The stage has changed something that is no cell."""


class Executed:
    """A program on a stage for one kind, to be executed again and again; called, it executes it once."""

    def __init__(self, program: Program, module: ModuleType, kind: str) -> None:
        self.module = module
        self.kind = kind
        if isinstance(module, NativeModule):
            module.begin()
        self.owned = Owned(self._owns)
        # Of a stage in C, the objects stand for its memory.
        self.in_c = module is loaded.in_c
        self.before = Snapshot(self.owned, [] if self.in_c else [("", module)])
        self.booted: Snapshot | None = None
        # What was found in the first execution.
        self.first: Snapshot | None = None
        # Where the stage waits without saying so, as far as executions have shown it.
        self.spin_sites: set[Site] = set()
        self._arrange = program.arrange
        self.program = replace(program, arrange=self._arranged, body=program.body or program.arrange)

    def _owns(self, name: str) -> bool:
        """Whether a module is the stage's, or one that it has imported from beside it."""
        file = getattr(sys.modules.get(name), "__file__", None)
        return name == getattr(self.module, "__name__", "") or (file is not None and admitted(file))

    def _arranged(self, module: ModuleType, kind: str, engine: Engine) -> Arranged:
        arranged = self._arrange(module, kind, engine)
        roots: Named = [] if self.in_c else [(type(each).__name__, each) for each in arranged.stage_objects]
        self.booted = Snapshot(self.owned, roots, self.before, self.first)
        if self.first is None:
            self.first = self.booted
        return arranged

    def __call__(self, engine: Engine) -> None:
        """End with `UnseenState` if the execution has changed what it must not."""
        self.booted = None
        if isinstance(engine, ExploredEngine):
            engine.spin_sites = self.spin_sites
        execute_watched(self.program, self.module, self.kind, engine)
        if name := (self.booted.changed() if self.booted else "") or self.before.changed():
            raise UnseenState(f"keeps state where the machine does not see it: {name} changes while {self.program.name} runs ({self.kind})")
