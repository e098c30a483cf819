"""What a terminal shows while a run goes on, and in which order it is left: real processes in a pseudo terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.cli.invocation import PATIENCE, QUICK, Terminal
from tests.cli.terminal_screen import Screen

COLUMNS = 60
# Makes the terminal that it is started in the one that Ctrl-C comes from, and becomes the harness.
IN_FRONT = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
# It takes longer to load than nothing is shown for.
NOISY = """
import sys, time
time.sleep(0.8)
print('on stdout')
print('on stderr', file=sys.stderr)
from stages.s5_drop_scaffolding import Tasklet, TaskletSubsystem
"""

UNFINISHED = re.compile(r"\033(\[[0-9;?]*)?\Z")


@contextmanager
def in_a_terminal(words: Sequence[object], place: Path) -> Iterator[tuple[subprocess.Popen[bytes], Terminal]]:
    """Run `harness …` in a terminal of 24 lines, which it has for itself."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    command = [sys.executable, "-c", IN_FRONT, "-m", "harness", *map(str, words)]
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    environment = {**kept, "TERM": "xterm-256color"}
    process = subprocess.Popen(command, cwd=place, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    try:
        yield process, Terminal(ours)
    finally:
        process.kill()
        process.wait(PATIENCE)


def screen(seen: str) -> Screen:
    """What the terminal shows of it; what may end in the middle of a control sequence."""
    return Screen(COLUMNS).write(UNFINISHED.sub("", seen))


def test_only_the_results_stay(tmp_path: Path) -> None:
    """The bars go, whatever a stage prints meanwhile, and what stays is what a file of that width would get."""
    (tmp_path / "noisy.py").write_text(NOISY, encoding="utf-8")
    words = ["check", "noisy.py", "--check", "exactly-once", "--kind", "softirq", *QUICK]
    with in_a_terminal(words, tmp_path) as (process, terminal):
        bars = screen(terminal.read_until(lambda seen: re.search(r"in all.* \d+/\d+", screen(seen).text)))
        left = screen(terminal.read_until())
        assert process.wait(PATIENCE) == 0
    assert "in all" in bars.text
    assert max(map(len, bars.lines)) < COLUMNS
    lines = left.text.splitlines()
    assert lines[0].startswith("noisy.py: good · ")
    assert all(line.startswith("  ") for line in lines[1:])
    assert (left.cursor_shown, left.column) == (True, 0)


def test_an_interrupt_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    """Ctrl-C: no bar is left, not even what the terminal shows of Ctrl-C itself; the cursor is there."""
    with in_a_terminal(["run", "--no-perf", "--check", "hotplug", "--executions", 100_000], tmp_path) as (process, terminal):
        terminal.read_until(lambda seen: re.search(r"in all.* [1-9]\d*/\d+", screen(seen).text))
        os.write(terminal.descriptor, b"\x03")
        left = screen(terminal.read_until())
        assert process.wait(PATIENCE) == 130
    assert left.text.replace("\n", "").startswith("harness: interrupted; ")
    assert "━" not in left.text
    assert left.cursor_shown
