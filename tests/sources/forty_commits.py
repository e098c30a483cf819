"""A repository of forty commits, made so that it is known what each does: faults come and go, one at a time or together.

The stage is the baseline of the series that ship. A fault is a change of a line or two that one clause is about, for one kind or for all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stages import FIXED
from tests.sources.repositories import Repository

# What the faults are about.
CLAUSES = (("fifo", ("softirq", "vcpu")), ("one-per-iteration", ("softirq", "vcpu")), ("before-init", ("softirq",)))

ADD_SOFTIRQ = "            hv.list_add_tail(t.list, queue)\n"
ADD_VCPU = "            hv.list_add_tail(t.list, self.tasklet_list[cpu])\n"
# Puts the first of `queue` behind all others.
SWAP = """\
            if not was_empty:
                first = hv.list_first_owner(queue)
                hv.list_del_init(first.list)
                hv.list_add_tail(first.list, queue)
"""
ADD_VCPU_TO_QUEUE = """\
            queue = self.tasklet_list[cpu]
            was_empty = hv.list_empty(queue)
            hv.list_add_tail(t.list, queue)
"""

# What a fault is about, and what it changes.
FAULTS = {
    "early": ({("before-init", "softirq")}, "if self.tasklets_initialised and not t.is_dead:", "if not t.is_dead:"),
    "swap softirq": ({("fifo", "softirq")}, ADD_SOFTIRQ, ADD_SOFTIRQ + SWAP),
    "swap vcpu": ({("fifo", "vcpu")}, ADD_VCPU, ADD_VCPU_TO_QUEUE + SWAP),
    "two softirq": (
        {("one-per-iteration", "softirq")},
        "        self.do_tasklet_work(queue)\n",
        "        self.do_tasklet_work(queue)\n        self.do_tasklet_work(queue)\n",
    ),
    "two vcpu": (
        {("one-per-iteration", "vcpu")},
        "        self.do_tasklet_work(self.tasklet_list[cpu])\n",
        "        self.do_tasklet_work(self.tasklet_list[cpu])\n        self.do_tasklet_work(self.tasklet_list[cpu])\n",
    ),
}
# The same as "two softirq", if a file beside the stage says so.
ASKING = (
    "        self.do_tasklet_work(queue)\n",
    "        self.do_tasklet_work(queue)\n        if settings.TWICE:\n            self.do_tasklet_work(queue)\n",
)
NOT_PYTHON = "not Python"
NO_IMPORT = "imports what is not there"


@dataclass(frozen=True)
class Row:
    """A commit: its subject, the faults that it brings and mends, and what else it does."""

    subject: str
    brings: tuple[str, ...] = ()
    mends: tuple[str, ...] = ()
    # Why this one commit cannot be tested.
    untestable: str = ""
    how: str = "commit"


ROWS = (
    Row("a comment"),
    Row("schedule before init", brings=("early",)),
    Row("a method that nobody calls"),
    Row("another order of softirq tasklets", brings=("swap softirq",)),
    Row("no schedule before init", mends=("early",)),
    Row("half a change", untestable=NOT_PYTHON),
    Row("the other half", brings=("swap vcpu",)),
    Row("a constant"),
    Row("the order as it was", mends=("swap softirq", "swap vcpu")),
    Row("two softirq tasklets in one go", brings=("two softirq",)),
    Row("another comment"),
    Row("two tasklets in one go", brings=("two vcpu",)),
    Row("one softirq tasklet", mends=("two softirq",)),
    Row('Revert "two tasklets in one go"', mends=("two vcpu",), how="revert 2"),
    Row("schedule early, again", brings=("early",)),
    Row("another directory", how="rename"),
    Row("not early", mends=("early",)),
    Row("import what comes later", untestable=NO_IMPORT),
    Row("what was to be imported is not needed"),
    Row("Merge branch 'order'", brings=("swap softirq",), how="merge"),
    Row("order", mends=("swap softirq",)),
    Row("settings in a file of their own", how="settings"),
    Row("twice is better", brings=("two softirq",), how="twice"),
    Row("once is enough", mends=("two softirq",), how="once"),
    Row("both for vCPUs", brings=("swap vcpu", "two vcpu")),
    Row("one", mends=("two vcpu",)),
    Row("and its order", mends=("swap vcpu",)),
    *(Row(f"a comment, number {number}") for number in range(7)),
    Row("early", brings=("early",)),
    Row("late, and another order", brings=("swap softirq",), mends=("early",)),
    Row("a comment"),
    Row("its order", mends=("swap softirq",)),
    Row("two for vCPUs", brings=("two vcpu",)),
    Row("the last comment"),
)


def source(faults: Iterable[str], number: int, untestable: str = "", settings: bool = False) -> str:
    """The stage with some faults; another number makes another file of it, that does the same."""
    text = FIXED.stages[0].path.read_text(encoding="utf-8")
    changes = [FAULTS[fault][1:] for fault in faults]
    if settings:
        text = text.replace("from typing import Any\n", "from typing import Any\n\nimport settings\n")
        changes = [*changes, ASKING]
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    text += f"# {number}\n"
    broken = {NOT_PYTHON: "def :\n", NO_IMPORT: "import what_comes_later\n"}
    return text + broken.get(untestable, "")


def make(directory: Path) -> Repository:
    """The repository; its first commit is tagged `base`, and the file has another place at the end: see `PLACE`."""
    repo = Repository(directory)
    repo.commit("base", stage=source((), 0))
    repo.git("tag", "base")
    faults: list[str] = []
    place, settings, number = "stage", False, 0
    for row in ROWS:
        # Nothing but a comment changes in a commit that neither brings nor mends a fault.
        number += not (row.brings or row.mends or row.untestable)
        faults = [fault for fault in [*faults, *row.brings] if fault not in row.mends]
        # What a file beside the stage does is not in the stage.
        own = [fault for fault in faults if row.how != "twice"]
        if row.how == "rename":
            (directory / "core").mkdir()
            repo.git("mv", "stage.py", "core/stage.py")
            place = "core/stage"
            repo.commit(row.subject)
        elif row.how.startswith("revert"):
            repo.git("revert", "--no-edit", f"HEAD~{int(row.how.split()[1]) - 1}")
        elif row.how == "merge":
            repo.git("checkout", "--quiet", "-b", "order")
            repo.commit("on the branch: two at once", **{place: source(["two vcpu", *own], number % 2, settings=settings)})
            repo.commit("on the branch: the order", **{place: source(own, number % 2, settings=settings)})
            repo.git("checkout", "--quiet", "main")
            repo.git("merge", "--quiet", "--no-ff", "-m", row.subject, "order")
        elif row.how in ("twice", "once"):
            repo.commit(row.subject, core__settings=f"TWICE = {row.how == 'twice'}\n")
        else:
            settings = settings or row.how == "settings"
            more = {"core/settings": "TWICE = False\n"} if row.how == "settings" else {}
            repo.commit(row.subject, **{place: source(own, number % 2, row.untestable, settings)}, **more)
    return repo


PLACE = "core/stage.py"


def states() -> list[set[tuple[str, str]] | None]:
    """For the base and each commit what it violates: clauses and kinds; None if it cannot be tested."""
    found: list[set[tuple[str, str]] | None] = [set()]
    faults: set[str] = set()
    for row in ROWS:
        faults = (faults | set(row.brings)) - set(row.mends)
        found.append(None if row.untestable else {pair for fault in faults for pair in FAULTS[fault][0]})
    return found
