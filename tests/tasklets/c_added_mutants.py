"""Stages in C, broken as `added_mutants.py` and `machine_mutants.py` break stages in Python."""

from __future__ import annotations

from dataclasses import replace

from tests.tasklets.added_mutants import ADDED
from tests.tasklets.c_mutants import CMutant, Patches, in_c
from tests.tasklets.machine_mutants import MACHINE

# Where the kill of stage 0 takes its victim off its list.
KILL_UNLINKS = """\
-    if ( !list_empty(&t->list) )
-    {
-        BUG_ON(t->is_dead || t->is_running || t->scheduled_on < 0);
-        list_del_init(&t->list);
-    }
"""

PATCHES: Patches = {
    # Kill has returned when the CPU that ran it lets go of the lock; then it looks whether it is to run once more.
    ("look once more", 0): """
     t->is_running = 0;

+    spin_unlock_irq(&tasklet_lock);
+    spin_lock_irq(&tasklet_lock);
     if ( t->scheduled_on >= 0 )
""",
    ("look once more", 5): """
         else if ( cmpxchg(&t->state, state, state & DEAD) == state )
+        {
+            read_atomic(&t->state);
             return;
+        }
""",
    # What has rescheduled itself comes first.
    ("queue it again in front", 0): """
-static void tasklet_enqueue(struct tasklet *t)
+#define tasklet_enqueue(t) enqueue(t, 0)
+static void enqueue(struct tasklet *t, bool_t again)
@@
-        list_add_tail(&t->list, list);
+        list_add_tail(&t->list, again ? list->next : list);
@@
-        list_add_tail(&t->list, &per_cpu(tasklet_list, cpu));
+        list_add_tail(&t->list, again ? per_cpu(tasklet_list, cpu).next : &per_cpu(tasklet_list, cpu));
@@
         BUG_ON(t->is_dead || !list_empty(&t->list));
-        tasklet_enqueue(t);
+        enqueue(t, 1);
""",
    ("queue it again in front", 5): """
-static void link(struct tasklet *t, unsigned int cpu)
+#define link(t, cpu) link_at(t, cpu, 0)
+static void link_at(struct tasklet *t, unsigned int cpu, bool_t again)
@@
-            link(t, cpu);
+            link_at(t, cpu, !!(state & RUN));
             if ( t->is_softirq )
@@
-        list_add_tail(&t->list, &per_cpu(softirq_list, cpu));
+        list_add_tail(&t->list, again ? per_cpu(softirq_list, cpu).next : &per_cpu(softirq_list, cpu));
@@
-        list_add_tail(&t->list, &per_cpu(tasklet_list, cpu));
+        list_add_tail(&t->list, again ? per_cpu(tasklet_list, cpu).next : &per_cpu(tasklet_list, cpu));
""",
    # The feeder waits until this CPU has nothing else to do.
    ("feed an empty list only", 5): """
     if ( !read_atomic(&per_cpu(tasklet_fed, cpu)) )
         return;
+    if ( !list_empty(&per_cpu(softirq_list, cpu)) )
+        return;
""",
    # A look without the lock whether there is anything to do.
    ("look before the lock", 0): """
+    if ( !list_empty(&t->list) )
+        return;
     spin_lock_irqsave(&tasklet_lock, flags);

     if ( tasklets_initialised && !t->is_dead )
""",
    # A kill that leaves it to the CPU of its victim to unlink it.
    ("wait for its CPU", 0): """
+    while ( !list_empty(&t->list) && t->scheduled_on != smp_processor_id() )
+    {
+        spin_unlock_irqrestore(&tasklet_lock, flags);
+        cpu_relax();
+        spin_lock_irqsave(&tasklet_lock, flags);
+    }
     if ( !list_empty(&t->list) )
""",
    # The barrier comes after the look, where it orders nothing.
    ("a barrier too late", 0): """
+    if ( !list_empty(&t->list) )
+    {
+        fetch_or(&this_cpu(tasklet_work_to_do), 0);
+        return;
+    }
     spin_lock_irqsave(&tasklet_lock, flags);

     if ( tasklets_initialised && !t->is_dead )
""",
    # A drain that stops early.
    ("take two of what was fed", 5): """
     unsigned int cpu = smp_processor_id();
     struct tasklet *t, *next;
+    int taken = 0;
@@
+        if ( taken++ == 2 )
+            break;
         list_del(&t->list);
""",
    # The victim stays where it is, and does not run.
    ("leave the dead in the list", 0): f"""
{KILL_UNLINKS}-
-    t->scheduled_on = -1;
     t->is_dead = 1;
@@
     list_del_init(&t->list);

-    BUG_ON(t->is_dead || t->is_running || t->scheduled_on != cpu);
+    if ( t->is_dead )
+        return;
+    BUG_ON(t->is_running || t->scheduled_on != cpu);
""",
    # What stands behind a killed one is lost.
    ("drop what is behind", 0): f"""
{KILL_UNLINKS}+    if ( !list_empty(&t->list) )
+    {{
+        struct list_head *list = t->is_softirq ? &per_cpu(softirq_tasklet_list, t->scheduled_on)
+                                               : &per_cpu(tasklet_list, t->scheduled_on);
+        struct tasklet *other, *next;
+        bool_t is_first = 1;
+
+        list_del_init(&t->list);
+        if ( t->scheduled_on != smp_processor_id() )
+            list_for_each_entry_safe ( other, next, list, list )
+            {{
+                if ( !is_first )
+                    list_del_init(&other->list);
+                is_first = 0;
+            }}
+    }}
""",
    # A dead CPU leaves its work to the CPU that has booted the machine, whoever is told of its death.
    ("migrate to the first CPU", 0): """
         list_del_init(&t->list);
-        t->scheduled_on = smp_processor_id();
+        t->scheduled_on = 61;
""",
    # It forgets what it has itself when it gets more.
    ("migrate into an empty list", 0): """
     case CPU_DEAD:
+        while ( !list_empty(&this_cpu(tasklet_list)) )
+            list_del_init(this_cpu(tasklet_list).next);
+        while ( !list_empty(&this_cpu(softirq_tasklet_list)) )
+            list_del_init(this_cpu(softirq_tasklet_list).next);
""",
    # A kill that leaves it to the notifier to unlink what is pending on a dead CPU.
    ("wait for the notifier", 0): """
+    while ( !list_empty(&t->list) && !cpu_online(t->scheduled_on) )
+    {
+        spin_unlock_irqrestore(&tasklet_lock, flags);
+        cpu_relax();
+        spin_lock_irqsave(&tasklet_lock, flags);
+    }
     if ( !list_empty(&t->list) )
""",
    # Who finds it queued or running already has ordered nothing.
    ("a mere read before the look", 5): """
-        state = fetch_or(&t->state, 0);
+        state = read_atomic(&t->state);
""",
    # A kill finds it on the feeder list when it is there no more.
    ("leave the feeder's mark", 5): """
-        fetch_and(&t->state, ~FED);
""",
    # The kill that finds it on the list of a dead CPU leaves it there.
    ("mark it dead where it is", 5): """
-    list_del_init(&t->list);
     fetch_and(&t->state, DEAD);
""",
    # A kill asks a CPU that is dead.
    ("ask a dead CPU", 5): """
-         ((state & FED) || cpu == smp_processor_id() || !cpu_online(cpu)) )
+         ((state & FED) || cpu == smp_processor_id()) )
""",
    # A kill has returned before the CPU that it asked has answered.
    ("do not wait for the answer", 5): """
-        on_selected_cpus(cpumask_of(state >> CPU_SHIFT), discard, t, 1);
+        on_selected_cpus(cpumask_of(state >> CPU_SHIFT), discard, t, 0);
""",
    # It is sent to a CPU that is dead, and whose notifier has been called.
    ("feed a dead CPU", 5): """
-    if ( !cpu_online(cpu) )
+    if ( 0 )
         cpu = smp_processor_id();
""",
    # It puts itself on the list of its CPU, which has died in its run.
    ("queue it on a CPU that has died", 5): """
-    if ( !cpu_online(cpu) )
+    if ( 0 )
         queued = feed(t, state, cpu);
""",
    # A CPU that has died in a run goes on with its list, which is the notifier's.
    ("take from a list that is lost", 5): """
-    return cpu_online(smp_processor_id()) && !list_empty(list);
+    return !list_empty(list);
""",
    # A kill waits for a while, longer than any run takes in which nothing takes time.
    ("give up the wait", 0): """
-    while ( t->is_running )
+    for ( unsigned int turns = 0; t->is_running && turns < 1000; turns++ )
""",
    ("give up the wait", 5): """
-    while ( state & RUN )
+    for ( unsigned int turns = 0; (state & RUN) && turns < 1000; turns++ )
""",
    # No CPU is number 0 where interleavings are explored.
    ("forget that a CPU may be number 0", 0): """
-    if ( t->scheduled_on >= 0 )
+    if ( t->scheduled_on >= 1 )
""",
}


def migrating(lock: str, last: str) -> str:
    """The migration from a dead CPU takes the lock and leaves interrupts as they are; `last` ends its loop."""
    return f"""
-    spin_lock_irqsave(&{lock}, flags);
+    (void)flags;
+    spin_lock(&{lock});

     while ( !list_empty(list) )
@@
         {last}(t);
     }}

-    spin_unlock_irqrestore(&{lock}, flags);
+    spin_unlock(&{lock});
"""


# A list that belongs to its CPU is that CPU's handlers' too.
QUEUING = """
-    local_irq_save(flags);
-
     if ( !cpu_online(cpu) )
         queued = feed(t, state, cpu);
@@
-    local_irq_restore(flags);
-
     return queued;
"""

OF_THE_MACHINE: Patches = {
    ("no list of its own", 0): """
-    INIT_LIST_HEAD(&t->list);
""",
    ("no lists of the CPUs", 0): """
-        INIT_LIST_HEAD(&per_cpu(softirq_tasklet_list, cpu));
""",
    ("no lists of the CPUs", 2): """
-        INIT_LIST_HEAD(&per_cpu(softirq_list, cpu));
""",
    ("no lists of the CPUs", 5): """
-        INIT_LIST_HEAD(&per_cpu(tasklet_list, cpu));
""",
    ("no feeder lists", 2): """
-        INIT_LIST_HEAD(&per_cpu(tasklet_feeder, cpu));
""",
    ("no feeder lists", 5): """
-        INIT_LIST_HEAD(&per_cpu(tasklet_feeder, cpu));
""",
    ("count on zeroed memory", 0): """
-    t->is_running = 0;
-    t->is_dead = 0;
""",
    ("count on zeroed memory", 2): """
-    write_atomic(&t->state, 0);
""",
    ("count on zeroed memory", 5): """
-    t->is_softirq = 0;
""",
    # Bits for four CPUs, and for 64 of them; in stage 0 there is no word to put one into, but a byte of the field.
    ("too few bits for a CPU", 0): """
-        t->scheduled_on = cpu;
+        t->scheduled_on = cpu & 63;
""",
    ("too few bits for a CPU", 2): """
-            if ( queue(t, state, state >> CPU_SHIFT) )
+            if ( queue(t, state, state >> CPU_SHIFT & 3) )
""",
    ("too few bits for a CPU", 5): """
-    return SCHED | (unsigned long)cpu << CPU_SHIFT;
+    return SCHED | (unsigned long)(cpu & 63) << CPU_SHIFT;
""",
    ("migrate with interrupts on", 0): migrating("tasklet_lock", "tasklet_enqueue"),
    ("migrate with interrupts on", 2): migrating("feeder_lock", "move_here"),
    ("migrate with interrupts on", 5): migrating("feeder_lock", "move_here"),
    ("queue with interrupts on", 2): QUEUING,
    ("queue with interrupts on", 5): QUEUING,
    ("take for a softirq with interrupts on", 5): """
-    local_irq_disable();
-
     do_tasklet_work(list);

     if ( has_work(list) )
""",
    ("take with interrupts on", 5): """
-    local_irq_disable();
-
     do_tasklet_work(list);

     if ( !has_work(list) )
""",
}

C_ADDED = in_c(ADDED, PATCHES)
C_MACHINE = in_c(MACHINE, OF_THE_MACHINE)
# Stage 2 has the mechanism of stage 5 for the softirq kinds.
C_MIDWAY = tuple(
    twin for mutant in C_ADDED if mutant.stage == 5 and (twin := CMutant(replace(mutant.twin, stage=2), mutant.patch)).applies()
)
