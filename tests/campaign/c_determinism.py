"""Whether a run of the series in C writes the same bytes in other processes, with one worker and two, and under other versions of Python.

Usage: `python -m tests.campaign.c_determinism [PYTHON …] [-- OPTIONS]`: each PYTHON is an interpreter that has what the harness needs;
without any, it is this one. OPTIONS are those of `harness run`. Addresses are random, as the kernel has them, and so are hashes. Ends with
status 1 if any two differ.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
USUAL = ("--no-perf", "--seeds", "1", "--executions", "40", "--accept-bound", "0", "--model", "sc,arm")
JOBS = (1, 2, 2)


def written(python: str, jobs: int, options: tuple[str, ...], directory: Path) -> bytes:
    """The JSON of one run, which takes nothing from an earlier one."""
    path = directory / "run.json"
    path.unlink(missing_ok=True)
    command = [python, "-m", "harness", "run", "--series", "fixed-c", *options, "--no-cache", "--jobs", str(jobs), "--json", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_CACHE_DIR": str(directory / "cache"), "PYTHONHASHSEED": "random"}
    done = subprocess.run(command, env=environment, cwd=directory, capture_output=True, text=True)
    if not path.exists():
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return path.read_bytes()


def main(arguments: list[str]) -> int:
    """Run and compare."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    pythons, options = arguments[:at] or [sys.executable], tuple(arguments[at + 1 :]) or USUAL
    seen = set()
    with tempfile.TemporaryDirectory() as directory:
        for python in pythons:
            for jobs in JOBS:
                content = written(python, jobs, options, Path(directory))
                digest = hashlib.sha256(content).hexdigest()
                print(f"{python}, {jobs} jobs: {len(content)} bytes, {digest[:16]}", flush=True)
                seen.add(digest)
    print("all the same" if len(seen) == 1 else f"{len(seen)} different ones")
    return 0 if len(seen) == 1 else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
