"""Which suites there are: every installed distribution may bring some, by an entry point of the group `harness.suites`.

An entry point's name is the suite's, and its object is a `Suite`.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from harness.suite.suite import Suite

GROUP = "harness.suites"


class UnknownSuite(Exception):
    """No suite has that name; the message says which there are."""


@lru_cache(maxsize=1)
def suites() -> dict[str, EntryPoint]:
    """All suites by name, not imported yet."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP))}


@lru_cache
def suite_named(name: str) -> Suite:
    """The suite of that name; raises `UnknownSuite`."""
    found = suites().get(name)
    if found is None:
        raise UnknownSuite(f"unknown suite {name!r}: choose one of {', '.join(suites())}")
    try:
        suite = found.load()
    except (ImportError, AttributeError) as error:
        raise UnknownSuite(f"suite {name!r} is broken: {error}") from error
    if not isinstance(suite, Suite):
        raise UnknownSuite(f"suite {name!r} is broken: {found.value} is not a Suite")
    return suite
