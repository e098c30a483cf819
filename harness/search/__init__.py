"""Which executions to run, and what each of them shows: strategies, happens-before, races, minimising, replay."""
