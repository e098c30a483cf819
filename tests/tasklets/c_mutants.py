"""Stages in C, broken in the ways in which `mutants.py` breaks stages in Python: the same clauses must fail.

Each break is a patch without line numbers: lines of the stage's file or of its header that go (`-`), come (`+`) or stay; `@@` is between
two places. What must fail is not written down again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType

from harness.native.c_source import CSource
from harness.native.loading import load_stage
from harness.tasklets.native_tasklets import GLUE
from stages.c import FILE, FIXED_C
from tests.tasklets.mutants import BREAKS, MUTANTS, Mutant

FOLDERS = {index: stage.path.parent for index, stage in enumerate(FIXED_C.stages)}

# By the name of a break and its stage.
Patches = Mapping[tuple[str, int], str]


@dataclass(frozen=True)
class CMutant:
    """What `twin` is in Python, in C."""

    twin: Mutant
    patch: str

    @property
    def name(self) -> str:
        return self.twin.name

    @property
    def stage(self) -> int:
        return self.twin.stage

    @property
    def fails(self) -> frozenset[str]:
        """Exactly these clauses, or at least: as in Python."""
        return self.twin.fails

    def applies(self) -> bool:
        """Whether the stage has all of the lines."""
        return all(any(f"\n{old}" in f"\n{text}" for text in files_of(self.stage).values()) for old, _ in edits(self.patch))

    def files(self) -> dict[str, str]:
        """The stage's file and its header, with the break in it; by how they are called."""
        texts = files_of(self.stage)
        for old, new in edits(self.patch):
            assert any(f"\n{old}" in f"\n{text}" for text in texts.values()), f"{self.name}: stage {self.stage} has no {old!r}"
            texts = {name: f"\n{text}".replace(f"\n{old}", f"\n{new}")[1:] for name, text in texts.items()}
        return texts

    def build(self) -> ModuleType:
        """Compile and load the mutant."""
        return load(self.files())


def edits(patch: str) -> list[tuple[str, str]]:
    """What stands in the place of which lines: they must be there, and are replaced wherever they are."""
    found = []
    for place in patch.strip("\n").split("\n@@\n"):
        lines = [(line[:1], line[1:] + "\n") for line in place.split("\n")]
        found.append(("".join(text for mark, text in lines if mark != "+"), "".join(text for mark, text in lines if mark != "-")))
    return found


def files_of(stage: int) -> dict[str, str]:
    """The texts of a stage: its file, and what it includes from beside it."""
    folder, include = FOLDERS[stage], FOLDERS[stage] / "include"
    headers = {path.relative_to(include).as_posix(): path.read_text() for path in sorted(include.rglob("*.h"))}
    return {FILE: (folder / FILE).read_text(), **headers}


def load(files: Mapping[str, str]) -> ModuleType:
    """Compile and load such a stage."""
    (name, source), *headers = ((name, text.encode()) for name, text in files.items())
    return load_stage(CSource(name, source, tuple(headers), glue=GLUE.text), GLUE, "stage_under_test")


def in_c(mutants: Iterable[Mutant], patches: Patches) -> tuple[CMutant, ...]:
    """Each of these that has a patch here."""
    return tuple(CMutant(mutant, patches[mutant.name, mutant.stage]) for mutant in mutants if (mutant.name, mutant.stage) in patches)


RUN_ALL_AT_ONCE = """
-    do_tasklet_work(list);
+    while ( !list_empty(list) && cpu_online(smp_processor_id()) )
+        do_tasklet_work(list);
"""

PATCHES: Patches = {
    ("drop the re-queue", 0): """
-    if ( t->scheduled_on >= 0 )
+    if ( 0 )
""",
    ("drop the re-queue", 5): """
-        if ( (state & SCHED) && !(state & DEAD) )
+        if ( 0 )
""",
    ("two CPUs enter", 0): """
-        if ( !t->is_running )
+        if ( 1 )
@@
-    if ( t->scheduled_on >= 0 )
+    if ( 0 )
""",
    ("two CPUs enter", 5): """
-        if ( state & RUN )
+        if ( 0 )
@@
-        if ( (state & SCHED) && !(state & DEAD) )
+        if ( state & SCHED )
         {
-            if ( queue(t, state, state >> CPU_SHIFT) )
+            if ( 1 )
""",
    ("skip the dead check", 0): """
-    if ( tasklets_initialised && !t->is_dead )
+    if ( tasklets_initialised )
""",
    ("skip the dead check", 5): """
-        if ( (state & DEAD) || is_queued(state) )
+        if ( is_queued(state) )
""",
    ("pop without unlinking", 0): """
-    list_del_init(&t->list);

     BUG_ON(t->is_dead || t->is_running || t->scheduled_on != cpu);
""",
    ("pop without unlinking", 5): """
-    list_del_init(&t->list);

     if ( cmpxchg(&t->state, queued, RUN) == queued )
""",
    ("forget the raise", 0): """
-            cpu_raise_softirq(cpu, TASKLET_SOFTIRQ);
+            ;
""",
    ("forget the raise", 5): """
             link(t, cpu);
-            if ( t->is_softirq )
-                raise_softirq(TASKLET_SOFTIRQ);
@@
-        cpu_raise_softirq(cpu, TASKLET_SOFTIRQ);
""",
    ("clear enqueued", 0): """
-    if ( list_empty(list) )
+    if ( 1 )
""",
    ("clear enqueued", 5): """
-    if ( !has_work(list) )
+    if ( 1 )
     {
""",
    ("run all at once", 0): RUN_ALL_AT_ONCE,
    ("run all at once", 5): RUN_ALL_AT_ONCE,
    ("interrupts off", 0): """
-    spin_unlock_irq(&tasklet_lock);
+    spin_unlock(&tasklet_lock);
     t->func(t->data);
""",
    ("interrupts off", 5): """
-    local_irq_enable();
-
     if ( t )
""",
    # The first entry of the list is where a new one is put before.
    ("last in first out", 0): """
-        list_add_tail(&t->list, list);
+        list_add_tail(&t->list, list->next);
@@
-        list_add_tail(&t->list, &per_cpu(tasklet_list, cpu));
+        list_add_tail(&t->list, per_cpu(tasklet_list, cpu).next);
""",
    ("schedule here", 0): """
-        t->scheduled_on = cpu;
+        t->scheduled_on = smp_processor_id();
""",
    ("run what is killed", 0): """
-    if ( !list_empty(&t->list) )
+    while ( !list_empty(&t->list) )
     {
-        BUG_ON(t->is_dead || t->is_running || t->scheduled_on < 0);
-        list_del_init(&t->list);
+        spin_unlock_irqrestore(&tasklet_lock, flags);
+        process_pending_softirqs();
+        cpu_relax();
+        spin_lock_irqsave(&tasklet_lock, flags);
     }
""",
    ("wait for ever", 5): """
-    while ( state & RUN )
+    while ( 1 )
""",
    ("return at once", 5): """
-    while ( state & RUN )
+    while ( 0 )
""",
    ("stay dead", 0): """
-    t->is_dead = 0;
""",
    ("stay dead", 5): """
-    write_atomic(&t->state, 0);
""",
    ("no migration", 0): """
-        migrate_tasklets_from_cpu(cpu, &per_cpu(tasklet_list, cpu));
-        migrate_tasklets_from_cpu(cpu, &per_cpu(softirq_tasklet_list, cpu));
""",
    ("no migration of the feeder", 5): """
-        migrate_percpu_tasklets(&per_cpu(tasklet_feeder, cpu));
""",
    ("no migration of the old softirq list", 2): """
-        migrate_tasklets_from_cpu(cpu, &per_cpu(softirq_tasklet_list, cpu));
""",
    ("static ones of one kind", 0): """
-    __DECLARE_TASKLET(name, fn, arg, 1)
+    __DECLARE_TASKLET(name, fn, arg, 0)
""",
    ("schedule before boot", 0): """
-    if ( tasklets_initialised && !t->is_dead )
+    if ( !t->is_dead )
""",
    ("schedule before boot", 5): """
-    if ( !tasklets_initialised )
+    if ( 0 )
""",
    ("burn while it runs elsewhere", 0): """
-        if ( !t->is_running )
+        if ( 1 )
@@
     list_del_init(&t->list);

+    if ( t->is_running )
+    {
+        tasklet_enqueue(t);
+        return;
+    }
     BUG_ON(t->is_dead || t->is_running || t->scheduled_on != cpu);
@@
-    if ( t->scheduled_on >= 0 )
+    if ( 0 )
""",
    ("leave the bit", 0): """
         clear_bit(_TASKLET_enqueued, work_to_do);
-        raise_softirq(SCHEDULE_SOFTIRQ);
""",
    ("clear too late", 5): """
+        local_irq_enable();
         clear_bit(_TASKLET_enqueued, work_to_do);
""",
    # A kill that marks its victim when it has let go of the lock; one that schedules it looks at the mark under the lock.
    ("mark it dead without the lock", 0): """
-    t->is_dead = 1;

     while ( t->is_running )
     {
         spin_unlock_irqrestore(&tasklet_lock, flags);
         cpu_relax();
         spin_lock_irqsave(&tasklet_lock, flags);
     }

     spin_unlock_irqrestore(&tasklet_lock, flags);
+    t->is_dead = 1;
""",
    # The lists need no lock, but only on their own CPU, with interrupts off.
    ("feed without the lock", 5): """
-    spin_lock_irqsave(&feeder_lock, flags);
+    local_irq_save(flags);

     if ( !cpu_online(cpu) )
@@
-    spin_unlock_irqrestore(&feeder_lock, flags);
+    local_irq_restore(flags);

     return queued;
""",
    # The posted feed: a VCPU tasklet next to a softirq one is linked, but nobody is told.
    ("feed one kind", 5): """
     unsigned long flags;
+    bool_t beside = 0;

     /*
@@
+    list_for_each_entry ( t, &per_cpu(tasklet_feeder, cpu), list )
+        beside |= t->is_softirq;
     list_for_each_entry_safe ( t, next, &per_cpu(tasklet_feeder, cpu), list )
@@
         fetch_and(&t->state, ~FED);
-        link(t, cpu);
+        if ( t->is_softirq || !beside )
+            link(t, cpu);
+        else
+            list_add_tail(&t->list, &per_cpu(tasklet_list, cpu));
""",
    ("kill with interrupts off", 5): """
-    unsigned long state;
+    unsigned long state, flags;

     /*
      * Needs no more of that CPU than that it takes interrupts.  If it goes
@@
+    local_irq_save(flags);
     while ( state & RUN )
@@
         cpu_relax();
         state = read_atomic(&t->state);
     }
+    local_irq_restore(flags);
""",
}

C_MUTANTS = in_c(MUTANTS, PATCHES)
C_BREAKS = in_c(BREAKS, PATCHES)
