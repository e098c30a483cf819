"""Looks for a barrier that would mend a test function that fails: with the functions of its file made anew, with places for barriers.

It changes the functions of the module. That is for a process that was forked for the test, and is done with it.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from harness.search.search import Execute
from harness.verify.barrier_points import KINDS, Instrumented
from harness.verify.suggest_in_worker import HINT_EXECUTIONS, BarrierProgram, HintRequest, hint_in
from harness.verify.verdicts import Failure
from harness.verify.verify_in_worker import Request


def hint_of(failure: Failure, module: ModuleType, execute: Callable[[], Execute]) -> str:
    """Which barrier would forbid the failure, in words; "" where none can be missing. `execute` makes what executes the test."""
    path = Path(module.__file__ or "")
    if failure.model not in KINDS or not path.is_file():
        return ""
    stage = Instrumented(str(path), path.read_bytes())
    _make_anew(module, stage.compiled(module))
    request = Request("", "", failure.program, executions=HINT_EXECUTIONS, model=failure.model)
    program = BarrierProgram(request, execute(), stage.barriers)
    return hint_in(stage, program, HintRequest(request, failure.deviations, failure.steps), "the test's")


def _make_anew(module: ModuleType, compiled: CodeType) -> None:
    """Give each function of the module its code of `compiled`, which is of the same source."""
    codes = list(_within(compiled))
    often = Counter(map(_key, codes))
    made = {_key(code): code for code in codes if often[_key(code)] == 1}
    for function in _functions(module, module.__name__):
        code = made.get(_key(function.__code__))
        if code is not None and code.co_freevars == function.__code__.co_freevars:
            function.__code__ = code


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _within(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _within(constant)


def _functions(of: ModuleType | type, module: str) -> Iterator[FunctionType]:
    """Those of a module or class, and of its classes; what is only imported there is not among them."""
    for value in vars(of).values():
        if inspect.isclass(value) and value is not of and value.__module__ == module:
            yield from _functions(value, module)
        for function in _parts(value):
            if inspect.isfunction(function) and function.__module__ == module:
                yield function


def _parts(value: Any) -> tuple[Any, ...]:
    """The functions that something in a class may be made of."""
    if isinstance(value, property):
        return value.fget, value.fset, value.fdel
    return (getattr(value, "__func__", value),)
