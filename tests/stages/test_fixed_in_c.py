"""The series in C is a translation: what its Python stages do, function by function and operation by operation."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from stages.api import Stage
from stages.c import FIXED_C
from stages.fixed import FIXED

INCLUDE = Path(__file__).resolve().parents[2] / "harness" / "native" / "include"
CC = shutil.which("cc")

PAIRS = [pytest.param(ours, theirs, id=str(ours.index)) for ours, theirs in zip(FIXED_C.stages, FIXED.stages, strict=True)]
IN_C = [pytest.param(stage, id=str(stage.index)) for stage in FIXED_C.stages]

# What Python says for what C says.
SAME = {
    "read": "read_atomic",
    "write": "write_atomic",
    "list_first_owner": "list_first_entry",
    "list_owners": "list_for_each_entry_safe",
}
OPERATION = re.compile(
    r"\b((?:INIT_LIST_HEAD|list_\w+|spin_\w+lock\w*|spin_lock|local_irq_\w+|smp_rmb|cpu_relax|cmpxchg|xchg|fetch_\w+|read|write|read_atomic|write_atomic"
    r"|test_and_set_bit|clear_bit|cpu_online|raise_softirq|cpu_raise_softirq|open_softirq|on_selected_cpus|register_cpu_notifier|BUG_ON"
    r"|queue|feed|link|take|take_feed|finish|discard|cancel|has_work|move_here|do_tasklet_work|tasklet_enqueue|schedule_percpu|kill_percpu|cpu_callback))"
    r" ?\("
)
# Who calls a function of another name there: the clients' own initialisation, and static declarations, are macros or nobody's in C.
ONLY_IN_PYTHON = {"__init__", "hvm_irq_tasklet_init", "DECLARE_TASKLET", "DECLARE_SOFTIRQ_TASKLET"}


def functions_in_c(stage: Stage) -> dict[str, str]:
    """The bodies of the functions of a stage in C, without comments."""
    text = re.sub(r"/\*.*?\*/", "", stage.path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {match[1]: match[2] for match in re.finditer(r"^[\w *]*?(\w+)\([^;{}]*?\)\n(\{\n.*?^\})", text, re.MULTILINE | re.DOTALL)}


def functions_in_python(stage: Stage) -> dict[str, str]:
    """The bodies of the functions of a stage in Python, without comments and docstrings."""
    found = {}
    for node in ast.walk(ast.parse(stage.path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name not in ONLY_IN_PYTHON:
            body = node.body[1:] if ast.get_docstring(node) else node.body
            found[node.name] = "\n".join(map(ast.unparse, body))
    return found


def operations(body: str) -> list[str]:
    """What a function does that others can see, in the order of the text."""
    return [SAME.get(name, name) for name in OPERATION.findall(body)]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_the_record_is_that_of_the_python_series(ours: Stage, theirs: Stage) -> None:
    """A step has the same title, summary and message in both, and its files are there."""
    assert (ours.index, ours.title, ours.summary, ours.message) == (theirs.index, theirs.title, theirs.summary, theirs.message)
    assert [path for path in (ours.path, *(ours.path.parent / header for header in ours.headers)) if not path.is_file()] == []


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_a_stage_does_what_the_python_stage_does(ours: Stage, theirs: Stage) -> None:
    """They have the same functions, and each does the same operations in the same order."""
    there = {name: operations(body) for name, body in functions_in_python(theirs).items()}
    here = {name: operations(body) for name, body in functions_in_c(ours).items()}
    assert sum(map(len, here.values())) > 40
    assert here == there


@pytest.mark.skipif(CC is None, reason="there is no C compiler (cc): install gcc or clang")
@pytest.mark.parametrize("stage", IN_C)
def test_a_stage_compiles_without_a_warning(stage: Stage) -> None:
    """It needs its own header and those of the dialect."""
    own = stage.path.parent / "include"
    command = [
        str(CC),
        "-std=gnu11",
        "-ffreestanding",
        "-Wall",
        "-Werror",
        "-fsyntax-only",
        "-I",
        str(own),
        "-I",
        str(INCLUDE),
        str(stage.path),
    ]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


def test_what_stays_keeps_its_place() -> None:
    """From stage to stage, the functions that both have come in the same order: the difference is the patch."""
    for before, after in pairwise(FIXED_C.stages):
        names, later = list(functions_in_c(before)), list(functions_in_c(after))
        assert [name for name in names if name in later] == [name for name in later if name in names]


def test_lines_fit_a_terminal() -> None:
    """As in the tree that they are written for."""
    files = list(FIXED_C.stages[0].path.parents[1].rglob("*.[ch]"))
    assert [path.name for path in files for line in path.read_text(encoding="utf-8").splitlines() if len(line) > 79] == []
