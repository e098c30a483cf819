"""Whether an exception in a line of a suite says that the stage has another API than the suite calls, or that the suite is wrong.

The stage has, where what lacks an attribute is the stage's: its module, one of its classes or an instance of one; or where a function of
the stage does not take the arguments that it was called with. Classes of files beside the stage are not looked at, nor what has no name
in a module.
"""

from __future__ import annotations

import re
import sys
from types import FunctionType, ModuleType

from harness.machine.code_places import CodePlaces

# What the module of the stage under test is called in Python.
STAGE_MODULE = "stage_under_test"
# What Python says of a call that does not fit the function, or the class, of that name.
WRONG_CALL = re.compile(r"([\w.]+)\(\) (?:missing|takes|got) ")


def is_lacking(error: BaseException, judging: CodePlaces) -> bool:
    """Whether that is so of an exception out of a line of a suite; `judging` are the files of suites."""
    if type(error) is AttributeError:
        return _raised_by_suite(error, judging) and _is_stages(error.obj)
    if type(error) is TypeError:
        called = WRONG_CALL.match(str(error))
        return called is not None and _takes_other_arguments(called[1], judging)
    return False


def _raised_by_suite(error: AttributeError, judging: CodePlaces) -> bool:
    """Whether the suite's line asks for the attribute itself: not the machine, or Python's library, of what it was handed."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_code.co_filename in judging


def _is_stages(value: object) -> bool:
    """Whether it is the stage, a class of the stage's, or an instance of one; the stage's own code is not asked."""
    if isinstance(value, ModuleType):
        return value is sys.modules.get(STAGE_MODULE)
    kind = value if issubclass(type(value), type) else type(value)
    return bool(type.__getattribute__(kind, "__module__") == STAGE_MODULE)


def _takes_other_arguments(name: str, judging: CodePlaces) -> bool:
    """Whether the function or class of that name is the stage's. Where a suite has another one that is called so, nobody can tell."""
    found = _named(sys.modules.get(STAGE_MODULE), name)
    if not isinstance(found, FunctionType | type) or found.__module__ != STAGE_MODULE:
        return False
    suites = [module for module in list(sys.modules.values()) if (getattr(module, "__file__", None) or "<nowhere>") in judging]
    return all(_named(suite, name) in (None, found) for suite in suites)


def _named(module: ModuleType | None, name: str) -> object:
    """What has that qualified name in a module; None if there is nothing."""
    found: object = module
    for part in name.split("."):
        if not isinstance(found, ModuleType | type):
            return None
        found = vars(found).get(part)
    return found
