"""The option `--perfetto`: an execution, or a measured run, as a file that Perfetto opens."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from harness.cli.exit_codes import HarnessFault, UsageError
from harness.cli.selection import file_errors
from harness.jobs.executor import OK, RAISED
from harness.report.files import STDOUT, require_writable, write_atomically
from harness.report.perfetto import NamedRecording, to_perfetto
from harness.search.replay_string import Replay
from harness.sources.target import Target
from harness.verify.trace_in_worker import traced

OPTION = "--perfetto"


def perfetto_option(parser: ArgumentParser, what: str) -> None:
    """Add the option; `what` is written."""
    parser.add_argument(OPTION, metavar="FILE", help=f"write {what}, as a trace that https://ui.perfetto.dev opens, see docs/traces.md")


def require_perfetto(path: str | None) -> None:
    """See that the file can be written, if one is wanted; raises `UsageError`."""
    if path == STDOUT:
        raise UsageError(f"{OPTION} needs the name of a file: stdout has the table")
    if path is not None:
        with file_errors():
            require_writable(path)


def write_perfetto(path: str, recordings: Sequence[NamedRecording]) -> None:
    """Write the file; raises `UsageError`."""
    with file_errors():
        write_atomically(path, to_perfetto(recordings))


def write_execution(path: str, target: Target, replay: Replay) -> None:
    """Execute an execution once more, and write it; raises `UsageError` if there is nothing to write."""
    outcome = traced(target, replay)
    if outcome.status == RAISED:
        raise HarnessFault(outcome.problem)
    if outcome.status != OK:
        raise UsageError(f"{OPTION}: nothing to write: {outcome.sentence}")
    write_perfetto(path, [NamedRecording(f"{target.label}: {replay.clause}, {replay.program} ({replay.kind})", outcome.value)])
