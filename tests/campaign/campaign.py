"""Everything that the world and a stage may do to `harness`, at length, and the figures: `python -m tests.campaign.campaign` in the root.

It takes about half an hour. `--only fuzz kills` runs some parts, `--seed` makes other inputs and other moments.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time

from tests.campaign import environments, hostile_stages, kills
from tests.campaign.figures import Figures
from tests.campaign.fuzzing import fuzz
from tests.campaign.resumed import resumed
from tests.campaign.running import run
from tests.campaign.signals import signals

PARTS = ("fuzz", "environments", "stages", "kills", "signals", "resumed")


def campaign(parts: list[str], seed: int, inputs: int, real: int, moments: int, told: int, resumptions: int) -> Figures:
    """Run some parts, one after the other."""
    figures = Figures()
    if "fuzz" in parts:
        fuzz(inputs, seed, figures, real)
    for part, cases in (("environments", environments.cases()), ("stages", hostile_stages.cases())):
        for case in cases if part in parts else ():
            run(case, figures)
            figures.tried[f"{part} (runs)"] += 1
    if "kills" in parts:
        kills.kills(moments, seed, figures)
    if "signals" in parts:
        signals(told, seed, figures)
    if "resumed" in parts:
        resumed(resumptions, seed, figures)
    return figures


def main() -> int:
    """Run what the command line asks for; exit code 1 if something was seen that must not be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--inputs", type=int, default=20_000, help="of the fuzz (default: %(default)s)")
    parser.add_argument("--real", type=int, default=200, help="of these also in processes of their own (default: %(default)s)")
    parser.add_argument("--moments", type=int, default=100, help="of the kills (default: %(default)s)")
    parser.add_argument("--signals", type=int, default=300, help="runs that are told to stop (default: %(default)s)")
    parser.add_argument("--resumptions", type=int, default=30, help="runs that are killed and resumed (default: %(default)s)")
    asked = parser.parse_args()
    # Nothing is answered by what another run has found out, and no input clears the user's cache.
    os.environ["HARNESS_CACHE_DIR"] = ""
    # Under `nohup`, and behind `&`, no process below would hear these.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    started = time.monotonic()
    figures = campaign(asked.only, asked.seed, asked.inputs, asked.real, asked.moments, asked.signals, asked.resumptions)
    print(f"{figures.text()}\nseed {asked.seed}, {time.monotonic() - started:.0f} s")
    return not figures.clean


if __name__ == "__main__":
    sys.exit(main())
