"""Runs `harness` as a process in a world of the campaign's choice, and looks at its exit code, its words, and what it leaves behind."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.figures import FILES, HANG, PROCESSES, TRACEBACK, UNEXPECTED, WRONG, Figures, has_traceback

ROOT = Path(__file__).parents[2]
MARK = "HARNESS_CAMPAIGN"
INPUT = "input"
# What a run that takes long says now and then, and a search at its end.
PROGRESS = re.compile(r"harness: ([0-9]+/[0-9]+ jobs|[0-9]+ executions in ).*")
# Far more than any run of the campaign needs on a slow and busy machine; what takes longer hangs.
SECONDS = 600.0
# So long after the end of `harness` its workers may still be about to end, on such a machine.
GRACE_SECONDS = 60.0

GOOD, BAD, CANNOT_TEST, REFUSED, INTERRUPTED = 0, 1, 125, 128, 130
VERDICTS = frozenset({GOOD, BAD})


@dataclass(frozen=True)
class Case:
    """A run: what it is called, its words, which exit codes are right, and its world."""

    name: str
    words: Sequence[str]
    right: frozenset[int]
    environment: Mapping[str, str | None] = field(default_factory=dict)
    # Words of a shell that come before `exec`, such as "ulimit -n 16;", and behind all words, such as "<&-".
    before: str = ""
    behind: str = ""
    # Files in the directory where it is started.
    files: Mapping[str, str] = field(default_factory=dict)
    # What the file `INPUT` has there.
    content: bytes = b""
    # What it may leave there.
    leaves: frozenset[str] = frozenset()
    # By such a file, what tells whether it is whole.
    whole: Mapping[str, Callable[[str], bool]] = field(default_factory=dict)


def run(case: Case, figures: Figures, disturb: Callable[[subprocess.Popen[bytes]], object] = lambda process: None) -> str:
    """Run a case and note what must not be; returns what was said on stderr. `disturb` is called as soon as it runs."""
    token = secrets.token_hex(8)
    with tempfile.TemporaryDirectory(prefix="campaign-") as place:
        here, temporary, said = Path(place, "here"), Path(place, "temporary"), Path(place, "said")
        for directory in (here, temporary):
            directory.mkdir()
        for name, text in case.files.items():
            (here / name).parent.mkdir(exist_ok=True)
            (here / name).write_text(text, encoding="utf-8")
        (here / INPUT).write_bytes(case.content)
        before = _files(here)
        with said.open("wb") as file:
            process = _start(case, here, {MARK: token, "TMPDIR": str(temporary)}, file.fileno())
            disturb(process)
            code = _ended(process)
        words = said.read_text(encoding="utf-8", errors="replace")
        _judge(case, code, words, figures)
        if left := _processes(token):
            figures.note(PROCESSES, f"{case.name}: {', '.join(left)}")
        extra = {*_files(here) - before - case.leaves, *_files(temporary)}
        if extra:
            figures.note(FILES, f"{case.name}: {', '.join(sorted(extra))}")
        for name, is_whole in case.whole.items():
            if (here / name).is_file() and not is_whole((here / name).read_text(encoding="utf-8")):
                figures.note(FILES, f"{case.name}: {name} is not whole")
    return words


def _start(case: Case, here: Path, extra: Mapping[str, str], said: int) -> subprocess.Popen[bytes]:
    # No case is answered by what an earlier one has found out.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_CACHE_DIR": "", **extra}
    for name, value in case.environment.items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    shell = f'{case.before} exec "$@" {case.behind}'
    words = ["/bin/bash", "-c", shell, "bash", sys.executable, "-m", "harness", *case.words]
    null = subprocess.DEVNULL
    return subprocess.Popen(words, cwd=here, env=environment, stdin=null, stdout=null, stderr=said, start_new_session=True)


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def _judge(case: Case, code: int | None, said: str, figures: Figures) -> None:
    last = " ".join((said.splitlines() or [""])[-1].split())[:160]
    if code is None:
        figures.note(HANG, f"{case.name}: no end within {SECONDS:g} s")
    elif code not in case.right:
        kind = WRONG if code in VERDICTS or case.right <= VERDICTS else UNEXPECTED
        figures.note(kind, f"{case.name}: {code}, not {'/'.join(map(str, sorted(case.right)))}: {last}")
    if has_traceback(said):
        figures.note(TRACEBACK, f"{case.name}: {last}")
    elif len(lines := [line for line in said.splitlines() if not PROGRESS.fullmatch(line)]) > 1:
        figures.note(UNEXPECTED, f"{case.name}: {len(lines)} lines on stderr, the last one: {last}")


def _files(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*")}


def processes_of(token: str) -> list[int]:
    """The processes that have the token in their environment."""
    wanted = f"{MARK}={token}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def _processes(token: str) -> list[str]:
    """What is left after a while, by name; it is ended."""
    deadline = time.monotonic() + GRACE_SECONDS
    while (left := processes_of(token)) and time.monotonic() < deadline:
        time.sleep(0.05)
    names = []
    for number in left:
        try:
            names.append(Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:60].strip())
            os.kill(number, signal.SIGKILL)
        except OSError:
            continue
    return names
