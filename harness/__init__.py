"""Runs a series of stages: conformance, performance, and what changed from one stage to the next."""
