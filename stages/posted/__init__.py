"""The series as it was posted, step by step; its baseline is that of the `fixed` series."""

from __future__ import annotations

from stages.api import Series, Stage

POSTED = Series(
    "posted",
    "the series as a reviewer had it in hand",
    (
        Stage(0, "baseline", "one global lock for every tasklet", "stages.s0_baseline"),
        Stage(
            1,
            "tasklet: Introduce per-cpu tasklet for softirq.",
            "per-cpu lists, without a lock, for the tasklets of the dpci and event-channel clients",
            "stages.posted.s1_percpu_softirq",
        ),
        Stage(
            2,
            "tasklet: Add cross CPU feeding of per-cpu tasklets.",
            "a feeder list per CPU, so that all tasklets made by softirq_tasklet_init can be per-cpu",
            "stages.posted.s2_cross_cpu_feed",
        ),
        Stage(
            3,
            "tasklet: Remove the old-softirq implementation.",
            "no softirq tasklet uses the global lock any more",
            "stages.posted.s3_drop_old_softirq",
        ),
        Stage(
            4,
            "tasklet: Introduce per-cpu tasklet for schedule tasklet.",
            "the same for tasklets that run in the idle vCPU; the global lock goes",
            "stages.posted.s4_percpu_schedule",
        ),
        Stage(
            5,
            "tasklet: Remove the scaffolding.",
            "is_percpu goes, and every branch that tested it",
            "stages.posted.s5_drop_scaffolding",
        ),
    ),
)
