"""The options of the plug-in, as data. Most are options of `harness run` with a prefix; all may stand in the configuration of pytest.

Nothing is imported here: every pytest loads this.
"""

from __future__ import annotations

from typing import NamedTuple

PREFIX = "harness-"

# One value; one that may be given several times; several words; none.
TEXT, MANY, WORDS, FLAG = "text", "many", "words", "flag"


class OptionRow(NamedTuple):
    """`name`: of the option of `harness run`. `about_series`: it says what is tested, and not how far; `is_path`: it may name a file."""

    name: str
    form: str
    metavar: str
    text: str
    about_series: bool = False
    is_path: bool = False

    @property
    def option(self) -> str:
        """What it is called on the command line of pytest."""
        return f"--{PREFIX}{self.name}"

    @property
    def dest(self) -> str:
        """What it is called in the configuration of pytest, and among its options."""
        return f"{PREFIX}{self.name}".replace("-", "_")


# Those that say where the series comes from.
SOURCES = (
    OptionRow("series", TEXT, "NAME|DIR", "test this series: its name, or a directory of stages", True, True),
    OptionRow("range", TEXT, "BASE..TIP", "test commits of a git repository", True),
    OptionRow("mbox", TEXT, "FILE", "test patches in a mailbox", True, True),
)

# Which part of it; without numbers and clauses, everything.
PARTS = (
    OptionRow("stage", WORDS, "N", "these stages only", True),
    OptionRow("check", WORDS, "ID", "these clauses only", True),
)

PASSED_ON = (
    *SOURCES,
    OptionRow("base", TEXT, "REV", "what a mailbox is applied to", True),
    OptionRow("file", MANY, "PATH", "the file that is the stage; more of them belong to it", True),
    OptionRow("repo", TEXT, "DIR", "the git repository of commits and patches", True, True),
    OptionRow("all-commits", FLAG, "", "also commits that do not change the stage", True),
    OptionRow("follow", FLAG, "", "in a range: follow the files through renames", True),
    OptionRow("include", MANY, "DIR", "a directory to include or import from", True),
    OptionRow("header", MANY, "FILE", "of a stage in C: a header of its own", True),
    OptionRow("dialect", TEXT, "NAME", "of a stage in C: the headers that it finds", True),
    OptionRow("cc", TEXT, "CC", "the C compiler", True),
    OptionRow("cflag", MANY, "FLAG", "a flag for it, as --harness-cflag=-O2", True),
    OptionRow("suite", TEXT, "NAME|FILE", "what is demanded", True, True),
    OptionRow("accept", TEXT, "FILE", "changes of the contract that are accepted, as TOML", True, True),
    *PARTS,
    OptionRow("seeds", TEXT, "N", "seeds of the timed engine"),
    OptionRow("executions", TEXT, "N", "executions of each search of a program"),
    OptionRow("preemptions", TEXT, "K", "largest bound to try where those are too few"),
    OptionRow("accept-bound", TEXT, "K", "what is exhausted within fewer preemptions only is undecided"),
    OptionRow("model", TEXT, "M", "the memory model, or several with commas, or all"),
    OptionRow("deep", FLAG, "", "search much further, for hours if need be"),
    OptionRow("seed", TEXT, "N", "the same seed gives the same results"),
    OptionRow("no-cache", FLAG, "", "take no outcome from an earlier run, and keep none"),
)

# What the marker of a function says for itself.
IN_MARKER = ("model", "executions", "preemptions", "seed")

# What reports of functions have: how much was executed; and what of that is to be told although the test passes.
REACHED, REMARK = "interleavings", "interleavings-remark"

# What becomes of a test without a verdict.
FAIL, SKIP = "fail", "skip"
UNDECIDED = OptionRow("undecided", TEXT, f"{FAIL}|{SKIP}", f"what a test without a verdict does (default: {FAIL})")
REPLAY = OptionRow("replay", TEXT, "STRING", "execute one execution of a test marked `interleavings` again, and no other test")
