"""Which suites there are: every installed distribution may bring some, by an entry point of the group `harness.suites`.

An entry point's name is the suite's, and its object is a `Suite`. Besides, a file or a directory may be one (`harness.suite.own_suite`).
"""

from __future__ import annotations

import os
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from harness.suite.own_suite import UnknownSuite, is_place, own_suite
from harness.suite.suite import Suite

__all__ = ["UnknownSuite", "placed", "suite_named", "suites"]

GROUP = "harness.suites"


@lru_cache(maxsize=1)
def suites() -> dict[str, EntryPoint]:
    """All suites by name, not imported yet."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP))}


def suite_named(name: str) -> Suite:
    """The suite of that name, or in that file or directory; raises `UnknownSuite`."""
    return own_suite(name) if name not in suites() and is_place(name) else installed_suite(name)


def placed(word: str, directory: str) -> str:
    """What a file in a directory says of a suite: its name, or where it is from that directory on."""
    path = os.path.join(directory, word)
    return path if word and word not in suites() and (is_place(word) or os.path.isdir(path)) else word


@lru_cache
def installed_suite(name: str) -> Suite:
    """The suite that an entry point names; raises `UnknownSuite`."""
    found = suites().get(name)
    if found is None:
        raise UnknownSuite(f"unknown suite {name!r}: choose one of {', '.join(suites())}, or name a file: ./{name}.py")
    try:
        suite = found.load()
    except (ImportError, AttributeError) as error:
        raise UnknownSuite(f"suite {name!r} is broken: {error}") from error
    if not isinstance(suite, Suite):
        raise UnknownSuite(f"suite {name!r} is broken: {found.value} is not a Suite")
    return suite
