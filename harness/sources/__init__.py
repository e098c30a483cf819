"""Where a series comes from, and where it can be exported to."""
