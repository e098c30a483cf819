"""Interleavings: one execution, who goes on in it, what waiting means. Which executions to run is not decided here."""

from harness.machine.diagnosis import inner

inner(__file__)
