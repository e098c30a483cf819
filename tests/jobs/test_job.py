"""The digest of a job stands for everything that its result depends on, and for nothing else."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from harness.jobs.job import Job, encoded
from harness.native.native_options import NativeOptions
from harness.search.replay_string import Replay
from harness.sources.target import Target
from harness.verify.checking import Budget
from harness.verify.deepening import Effort
from tests.bounds import SECONDS

STAGE = Target(3, "a title", "module", "/somewhere/stage.py", source=b"x = 1\n")
# All that decides about a stage in C: of another one, something else may come.
NATIVE = [
    NativeOptions(),
    NativeOptions(dialect="other"),
    NativeOptions(cc="clang"),
    NativeOptions(cflags=("-O2",)),
    NativeOptions(cflags=("-O2", "-DX")),
    NativeOptions(intended_races=("t.state",)),
    NativeOptions(toolchain="1"),
]
JOB = Job(STAGE, "fifo", "softirq", budget=Budget(timed_seeds=2, effort=Effort(executions=9)), seed=1)


def test_the_digest_is_fixed() -> None:
    """It is the key of results that may be kept for years: this one may only change together with `FORMAT`."""
    assert JOB.digest == "e6b87dd1c08b64440c5528a2ef9f56ccb5f5c505dc76e51f1fa237e7d6e4294c"


def test_the_digest_is_the_same_in_another_process() -> None:
    """Whatever the hash seed is."""
    code = "from tests.jobs.test_job import JOB; print(JOB.digest)"
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}
        result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True, timeout=SECONDS)
        assert result.stdout.decode().strip() == JOB.digest


@pytest.mark.parametrize(
    "other",
    [
        replace(JOB, part="quiet"),
        replace(JOB, kind="vcpu"),
        replace(JOB, program="order"),
        replace(JOB, engine="timed"),
        replace(JOB, model="tso"),
        replace(JOB, seed=2),
        replace(JOB, budget=Budget(timed_seeds=2, effort=Effort(executions=10))),
        replace(JOB, budget=None),
        replace(JOB, target=replace(STAGE, source=b"x = 2\n")),
        replace(JOB, target=replace(STAGE, suite="other")),
        replace(JOB, target=replace(STAGE, source=b"", problem="is missing")),
        *(replace(JOB, target=replace(STAGE, native=native)) for native in NATIVE),
    ],
    ids=lambda job: "",
)
def test_every_part_of_a_job_counts(other: Job) -> None:
    """Jobs that may have other results have other digests."""
    assert other.digest != JOB.digest


def test_how_a_stage_is_compiled_counts() -> None:
    """Each part of it by itself; of those parts, the source's own hash has what a reader of the series can see."""
    targets = [replace(STAGE, native=native) for native in NATIVE]
    assert len({replace(JOB, target=target).digest for target in targets}) == len(NATIVE)
    usual, dialect, compiler, flag, flags, races, toolchain = (target.content_hash for target in targets)
    assert usual == compiler == races == toolchain != STAGE.content_hash
    assert len({usual, dialect, flag, flags}) == 4


def test_the_place_of_a_stage_does_not_count() -> None:
    """The same source under another number, title, series or path is the same work, whether or not it is alone."""
    moved = replace(STAGE, index=4, title="another", module="elsewhere", path="/elsewhere/s4_name.py", series="posted", alone=True)
    assert replace(JOB, target=moved).digest == JOB.digest


@pytest.mark.parametrize(("name", "source"), [("stage.c", b"int x;\n"), ("stage.py", b"print(__file__)\n")])
def test_a_name_that_the_stage_may_see_counts(name: str, source: bytes) -> None:
    """That of a file in C, and of one that may read itself."""
    own = replace(STAGE, path=f"/somewhere/{name}", source=source)
    other = replace(own, path=f"/somewhere/other_{name}")
    assert replace(JOB, target=own).digest != replace(JOB, target=other).digest


def test_plain_data() -> None:
    """Values that are not alike are encoded differently; the order of a mapping does not matter."""
    values = [
        None,
        True,
        1,
        1.0,
        "1",
        b"1",
        (1,),
        (1, ()),
        ((1,),),
        ("1", "1"),
        ("11", ""),
        {1: 2},
        ((1, 2),),
        Effort(),
        Replay("", 1, "", "", ""),
    ]
    codes = [b"".join(encoded(value)) for value in values]
    assert len(set(codes)) == len(values)
    assert list(encoded({1: 2, 3: 4})) == list(encoded({3: 4, 1: 2}))
    with pytest.raises(TypeError, match="object is no plain data"):
        list(encoded(object()))
