"""A unit of work on a stage, and where it runs."""
