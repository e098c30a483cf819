"""What a process is in the middle of is told by its frames."""

from __future__ import annotations

from harness.machine.nesting import nested, surroundings


def _handler(name: str) -> tuple[tuple[str, ...], str]:
    return _look(name)


def _look(name: str) -> tuple[tuple[str, ...], str]:
    around = surroundings()
    return around.contexts, around.entered


def test_named_functions_nest() -> None:
    """What runs in a named function is in it, the outermost first, and what was entered counts from the innermost one on."""
    assert surroundings().contexts == ()
    nested(_handler.__code__, lambda frame: f"handler of {frame.f_locals['name']}")
    assert _handler("x") == (("handler of x",), "_look")


def test_the_frame_is_that_of_the_call() -> None:
    """Two looks within one call have the same frame; another call has another one."""

    def function() -> bool:
        return surroundings().call is surroundings().call is not None

    assert function()
