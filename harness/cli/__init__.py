"""The command line: what `harness …` does, and with which exit code."""

from __future__ import annotations

from harness.cli.main import main

__all__ = ["main"]
