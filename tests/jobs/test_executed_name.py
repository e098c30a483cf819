"""The name under which a stage is executed tells its content, and nothing of how its file is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.jobs.executed_name import executed_name
from harness.sources.target import Target, target_of_suite
from stages import FIXED, POSTED

STAGE = Target(3, "a title", "module", "/somewhere/stage.py", source=b"x = 1\n")


def test_the_content_decides() -> None:
    """Another place or name is the same; another source, or another file beside it, is not."""
    name = executed_name(STAGE)
    assert executed_name(replace(STAGE, path="/elsewhere/s0.py", index=1, title="another")) == name
    # Who is executed under that name is already called so.
    assert executed_name(replace(STAGE, path=f"/somewhere/{name}")) == name
    others = [replace(STAGE, source=b"x = 2\n"), replace(STAGE, beside=(("helper.py", b""),))]
    assert len({name, *map(executed_name, others)}) == 3
    assert name.endswith(".py")


@pytest.mark.parametrize(
    "target",
    [
        replace(STAGE, source=b"print(open(__file__).read())\n"),
        replace(STAGE, source=b"from inspect import getsource\n"),
        replace(STAGE, source=b"import sys\nname = sys._getframe().f_code.co_filename\n"),
        replace(STAGE, source=b"name = repr((lambda: 0).__code__)\n"),
        replace(STAGE, beside=(("helper.py", b"import traceback\n"),)),
        replace(STAGE, path="/somewhere/stage.c"),
        replace(STAGE, source=b"", problem="is missing"),
        target_of_suite("litmus"),
    ],
    ids=["its file", "its source", "its frame", "its code", "beside it", "C", "missing", "no stage"],
)
def test_who_keeps_its_own_name(target: Target) -> None:
    """Who may look for itself, or is known by its name to more than Python."""
    assert executed_name(target) == target.path.rpartition("/")[2]


def test_no_stage_that_ships_may_read_itself() -> None:
    """So what is known of them is known of their copies."""
    for stage in {*FIXED.stages, *POSTED.stages}:
        target = replace(STAGE, path=str(stage.path), source=stage.path.read_bytes())
        assert executed_name(target) != stage.path.name
