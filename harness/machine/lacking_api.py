"""Whether an exception in a line of a suite says that the stage has another API than the suite calls, or that the suite is wrong.

The stage has, where what lacks an attribute is the stage's: its module, one of its classes or an instance of one; or where a function of
the stage does not take the arguments that it was called with. Of one stage nobody can tell more: the suite may have the wrong name, so
what is said of it has both. Classes of files beside the stage are not looked at, nor what has no name in a module.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from types import FunctionType, GetSetDescriptorType, ModuleType

from harness.machine.code_places import CodePlaces

# What the module of the stage under test is called in Python.
STAGE_MODULE = "stage_under_test"
# What Python says of a call that does not fit the function, or the class, of that name.
WRONG_CALL = re.compile(r"([\w.]+)\(\) (?:missing|takes|got) ")
# How `ApiLack.sentence` begins.
WORDED = re.compile(r"has no (?P<name>'.*?'|\".*?\"), which (?P<place>suite .*?:[0-9]+) asks for \(")
CALL_WORDED = re.compile(r"does not take what (?P<place>suite .*?:[0-9]+) passes to (?P<name>'[\w.]+') \(")


@dataclass(frozen=True)
class ApiLack:
    """What of the API that a suite calls a stage lacks: an attribute of that name, or, with `is_call`, parameters of the function.

    `near`: what the stage has instead that is called nearly so; empty if nothing is.
    """

    name: str
    is_call: bool = False
    near: str = ""

    def sentence(self, place: str, said: str) -> str:
        """Completes "the stage …"; `place` is the line of the suite, in words, and `said` what Python says."""
        if self.is_call:
            passed = f"does not take what {place} passes to {self.name!r} ({said})"
            return f"{passed}: the stage has other parameters, or the suite's call is wrong"
        meant = f"; is {self.near!r} meant?" if self.near else ""
        return f"has no {self.name!r}, which {place} asks for ({said}): the stage lacks it, or the suite's name is wrong{meant}"


def lacked(sentence: str) -> str:
    """What is lacking by such a sentence, whichever line asks for it; another sentence as it is."""
    found = WORDED.match(sentence) or CALL_WORDED.match(sentence)
    return f"{found['name']}{'()' * (found.re is CALL_WORDED)}" if found else sentence


def in_common(sentence: str) -> str:
    """Such a sentence, if every stage is one that it is true of; empty if `sentence` is another one."""
    if found := WORDED.match(sentence):
        return f"no stage has {found['name']}, which {found['place']} asks for: most likely the suite's name is wrong"
    if found := CALL_WORDED.match(sentence):
        return f"no stage takes what {found['place']} passes to {found['name']}: most likely the suite's call is wrong"
    return ""


def lack_of(error: BaseException, judging: CodePlaces) -> ApiLack | None:
    """What the stage lacks, if an exception out of a line of a suite says that; `judging` are the files of suites."""
    if type(error) is AttributeError:
        if type(error.name) is str and _raised_by_suite(error, judging) and _is_stages(error.obj):
            return ApiLack(error.name, near=_near(error.name, error.obj))
    elif type(error) is TypeError:
        called = WRONG_CALL.match(str(error))
        if called is not None and _takes_other_arguments(called[1], judging):
            return ApiLack(called[1], is_call=True)
    return None


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
    return bool(type.__getattribute__(_class_of(value), "__module__") == STAGE_MODULE)


def _class_of(value: object) -> type:
    """The class itself, if it is one."""
    return value if issubclass(type(value), type) else type(value)  # type: ignore[return-value]


def _near(name: str, value: object) -> str:
    """Which of the names that a stage's object has is most like that one; empty if none is."""
    names = sorted({each for each in _names(value) if type(each) is str and not each.startswith("__")})
    return next(iter(get_close_matches(name, names, n=1)), "")


def _names(value: object) -> Iterator[object]:
    """The keys of an object's dictionaries, and of its classes', as they are; the stage's own code is not asked."""
    if isinstance(value, ModuleType):
        yield from list(vars(value))
        return
    kind = _class_of(value)
    for each in type.__getattribute__(kind, "__mro__"):
        own = type.__getattribute__(each, "__dict__")
        yield from list(own)
        # Where an instance has its own names, unless the stage has put something else there.
        if type(slot := own.get("__dict__")) is GetSetDescriptorType and kind is not value:
            yield from list(slot.__get__(value))


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
