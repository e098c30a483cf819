"""Cost tables, scenarios and metrics for the timed engine."""
