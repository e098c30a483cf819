"""What workers do for tests of what they load: a module that imports nothing of its own, so that they load nothing else."""

from __future__ import annotations

import sys

from harness.jobs.job import Job
from harness.jobs.with_stage import with_stage


def loaded_here() -> dict[str, str | None]:
    """The modules of this process, with their files."""
    return {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}


def nothing(job: Job) -> None:
    """Load the stage."""
    with_stage(job.target, lambda module: None)


def its_name(job: Job) -> list[str]:
    """What the file of the stage is called where this is executed; and once more, as nobody will find it."""
    return with_stage(job.target, lambda module: [str(module.__file__), str(module.__file__).replace("-", "|")])
