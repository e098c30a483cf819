"""Which executions to run, and what each of them shows: strategies, happens-before, races, minimising, replay."""

from harness.machine.diagnosis import inner

inner(__file__)
