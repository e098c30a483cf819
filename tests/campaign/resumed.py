"""Runs that are killed at random moments and resumed, by one run or by two at once: the results have the bytes of an undisturbed run.

Nothing in the cache is damaged by that, and what was kept before the kill is found again.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.jobs.outcome_store import OutcomeStore
from tests.campaign.figures import FILES, UNEXPECTED, WRONG, Figures
from tests.campaign.running import ROOT, SECONDS

WORDS = ("run", "5", "--check", "exactly-once", "fifo", "--seeds", "1", "--no-perf", "--jobs", "2")
CAME = re.compile(r"harness: ([0-9]+) of ([0-9]+) outcomes came from the cache")


def resumed(count: int, seed: int, figures: Figures, runs: int = 0) -> None:
    """So many runs, each killed once, each with a cache of its own; `runs` at once go on, otherwise one and two in turn."""
    rng = random.Random(f"resumed {seed}")
    with tempfile.TemporaryDirectory(prefix="campaign-") as place:
        alone = Path(place, "alone")
        started = time.monotonic()
        _end(_started(alone, None), alone, figures)
        lasted, wanted = time.monotonic() - started, (alone / "out.json").read_bytes()
        for number in range(count):
            _one(Path(place, str(number)), rng.uniform(0, lasted), runs or 1 + number % 2, wanted, figures)
            figures.tried["runs killed and resumed"] += 1


def _one(place: Path, after: float, runs: int, wanted: bytes, figures: Figures) -> None:
    """A run that is killed, and so many at once that go on from there."""
    cache = place / "cache"
    killed = _started(place / "killed", cache)
    time.sleep(after)
    killed.kill()
    killed.communicate(timeout=SECONDS)
    kept = _kept(cache, figures)
    directories = [place / f"again-{number}" for number in range(runs)]
    for directory, process in [(directory, _started(directory, cache)) for directory in directories]:
        said = _end(process, directory, figures)
        found = CAME.search(said)
        if kept and (found is None or int(found[1]) < kept):
            figures.note(UNEXPECTED, f"killed after {after:.2f} s: {kept} outcomes were kept, and then {said!r}")
        if (left := [path.name for path in directory.iterdir()]) != ["out.json"]:
            figures.note(FILES, f"killed after {after:.2f} s: {', '.join(left)}")
        elif (directory / "out.json").read_bytes() != wanted:
            figures.note(WRONG, f"killed after {after:.2f} s: other bytes than those of an undisturbed run")


def _started(directory: Path, cache: Path | None) -> subprocess.Popen[str]:
    directory.mkdir(parents=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_CACHE_DIR": str(cache or "")}
    words = [sys.executable, "-m", "harness", *WORDS, "--json", "out.json"]
    null = subprocess.DEVNULL
    return subprocess.Popen(words, cwd=directory, env=environment, stdin=null, stdout=null, stderr=subprocess.PIPE, text=True)


def _end(process: subprocess.Popen[str], directory: Path, figures: Figures) -> str:
    """What a run has said, which is to be good."""
    _, said = process.communicate(timeout=SECONDS)
    if process.returncode:
        figures.note(UNEXPECTED, f"{directory.name}: {process.returncode}: {said}")
    return said


def _kept(cache: Path, figures: Figures) -> int:
    """How many outcomes there are; all are whole."""
    store = OutcomeStore(cache)
    if damaged := store.drop_damaged():
        figures.note(UNEXPECTED, f"a kill has damaged {damaged} outcomes")
    kept = store.extent().entries
    store.close()
    return kept
