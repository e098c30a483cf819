"""Virtual time: timeline, cache lines, topology, lock flavours. Knows the machine, and no stage, suite or search."""

from harness.machine.diagnosis import inner

inner(__file__)
