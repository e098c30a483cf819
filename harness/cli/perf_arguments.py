"""The options of `harness perf`."""

from __future__ import annotations

from argparse import ArgumentParser

from harness.cli.option_values import number
from harness.cli.perf import MOST_POINTS
from harness.cli.perfetto_option import perfetto_option
from harness.measure.costs import PROFILES
from harness.measure.precision import FIRST, USUAL_MOST, USUAL_PCT
from harness.measure.settings import LOCKS, Settings

# More runs are a mistake.
MOST_RUNS = 10**4


def load_options(parser: ArgumentParser) -> None:
    """Which load, on what, and how often."""
    usual = Settings()
    parser.add_argument("--scenario", metavar="NAME", help="the load (default: the first one that `harness perf --list` shows)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change a parameter of the scenario")
    parser.add_argument("--topology", metavar="NAME", help=f"{', '.join(PROFILES)} (default: {usual.topology}; lock-ladder: uniform)")
    parser.add_argument("--lock", default=usual.lock, metavar="NAME", help=f"{', '.join(LOCKS)} (default: %(default)s)")
    parser.add_argument("--cost", action="append", default=[], metavar="NAME=CYCLES", help="change a cost, see docs/performance.md")
    parser.add_argument("--config", metavar="FILE", help="costs from a TOML file")
    parser.add_argument(
        "--runs", type=number(2, MOST_RUNS), metavar="N", help=f"runs, each with a seed of its own (default: {FIRST} to begin with)"
    )
    parser.add_argument(
        "--precision",
        type=number(1),
        metavar="PCT",
        help="more runs, until half the 95 %% interval of the first stage's overhead, steal and p99 is so many per cent of the figure "
        f"(default: {USUAL_PCT}, for one load without --runs)",
    )
    parser.add_argument("--max-runs", type=number(2, MOST_RUNS), metavar="N", help=f"no more than these (default: {USUAL_MOST})")


def question_options(parser: ArgumentParser) -> None:
    """What to find out, and where to write it."""
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument(
        "--calibrate", action="store_true", help="find the device rate at which the baseline loses a tenth, and predict the rest"
    )
    asked.add_argument("--reviewers", action="store_true", help="do ticket or MCS locks cure it? by load and number of sockets")
    asked.add_argument("--all-scenarios", action="store_true", help="every stage under every scenario")
    asked.add_argument(
        "--sweep", action="append", default=[], metavar="NAME=VALUES", help="vary a parameter, the lock or the topology: 1,2,4 or 1..4"
    )
    asked.add_argument("--list", action="store_true", help="show the scenarios and their parameters")
    parser.add_argument("--yes", action="store_true", help=f"measure a sweep even if it has more than {MOST_POINTS:,} points")
    parser.add_argument("--sensitivity", action="store_true", help="which verdicts survive every estimate halved and doubled")
    parser.add_argument("--profile", action="store_true", help="show the locks' profiles and the vCPUs' runstates too")
    parser.add_argument(
        "--json", metavar="FILE", help="write all figures and the resolved configuration as JSON, see docs/performance-json.md"
    )
    parser.add_argument("--csv", metavar="FILE", help="write all figures as CSV")
    parser.add_argument("--plot", metavar="FILE", help="draw them, as .svg or .png (extra `plots`)")
    perfetto_option(parser, "the run with the first seed, of each stage")
