"""Finding suites by name: what is there, what is not, and what is no suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint

import pytest

from harness.suite import registry
from harness.suite.registry import GROUP, UnknownSuite, installed_suite, suite_named, suites
from harness.tasklets.tasklet_suite import SUITE

Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Pretend that these entry points, names and objects, are the installed ones."""

    def only(**objects: str) -> None:
        found = [EntryPoint(name, value, GROUP) for name, value in objects.items()]
        monkeypatch.setattr(registry, "entry_points", lambda group: found if group == GROUP else [])
        forget()

    def forget() -> None:
        suites.cache_clear()
        installed_suite.cache_clear()

    yield only
    forget()


def test_the_suites_that_ship_are_installed() -> None:
    """The metadata of the distribution names them."""
    assert "tasklets" in suites()
    assert suite_named("tasklets") is SUITE


def test_suites_are_in_the_order_of_their_names(install: Install) -> None:
    """Whichever distribution was installed first; and none is imported before it is asked for."""
    install(second="no.such.module:SUITE", first="harness.tasklets.tasklet_suite:SUITE")
    assert list(suites()) == ["first", "second"]
    assert suite_named("first") is SUITE


def test_an_unknown_suite_is_told_with_those_that_are_there(install: Install) -> None:
    """So that a misspelt name can be mended."""
    install(one="a:A", two="b:B")
    with pytest.raises(UnknownSuite, match=r"^unknown suite 'three': choose one of one, two, or name a file: ./three.py$"):
        suite_named("three")


def test_what_is_no_suite_is_told(install: Install) -> None:
    """An entry point may name anything."""
    install(odd="harness.tasklets.tasklet_suite:lacks")
    with pytest.raises(UnknownSuite, match=r"^suite 'odd' is broken: harness.tasklets.tasklet_suite:lacks is not a Suite$"):
        suite_named("odd")


@pytest.mark.parametrize("value", ["no.such.module:SUITE", "harness.tasklets.tasklet_suite:NO_SUCH_NAME"])
def test_an_entry_point_that_cannot_be_loaded_is_told(install: Install, value: str) -> None:
    """Its module is missing, or what it names is."""
    install(gone=value)
    with pytest.raises(UnknownSuite, match=r"^suite 'gone' is broken: "):
        suite_named("gone")
