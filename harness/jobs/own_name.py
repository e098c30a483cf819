"""Has a stage executed under the name that its content gives it, and puts the name of its file into what comes of that."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from harness.jobs.executed_name import executed_name
from harness.jobs.executor import Outcome, Task
from harness.jobs.job import Job


def nameless(task: Task) -> Task:
    """The task to be carried out in the place of one whose outcome may be kept; any other one as it is."""
    if task.keeps is None:
        return task
    (job,) = task.arguments
    assert isinstance(job, Job)
    path = os.path.join(os.path.dirname(job.target.path), executed_name(job.target))
    return replace(task, arguments=(replace(job, target=replace(job.target, path=path)),))


def named(outcome: Outcome, task: Task) -> Outcome:
    """The outcome of `nameless(task)`, with the name of the stage's file in every text of it."""
    if task.keeps is None:
        return outcome
    (job,) = task.arguments
    executed, own = executed_name(job.target), os.path.basename(job.target.path)
    if executed == own:
        return outcome

    def put_in(text: str) -> str:
        return text.replace(executed, own)

    return replace(outcome, value=_with_texts(outcome.value, put_in), problem=put_in(outcome.problem), printed=put_in(outcome.printed))


def _with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Plain data with each of its texts changed."""
    if isinstance(value, str):
        return change(value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _with_texts(getattr(value, field.name), change) for field in fields(value) if field.init})
    if isinstance(value, Mapping):
        return {_with_texts(key, change): _with_texts(each, change) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_with_texts(each, change) for each in value)
    return value
