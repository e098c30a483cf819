"""The emulated SMP machine: one set of semantics, two engines (timed, explored) that decide when each operation happens."""
