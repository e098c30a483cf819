"""The places for barriers in a stage's source: where they are, what they are called, and that nothing else changes."""

from __future__ import annotations

import traceback
from types import ModuleType

import pytest

from harness.explored.models import ENGINES
from harness.verify.barrier_points import CALL, MB, Barriers, Instrumented, Place

SOURCE = '''"""A module."""
from __future__ import annotations

one = 1


class Stage:
    def go(self, seen, turns):
        """Says what it does."""
        seen.append("first")
        for turn in range(turns):
            if turn:
                seen.append("if")
            elif not turns:
                seen.append("elif")
            else:
                seen.append("else")
        try:
            seen.append(str(1 // turns))
        except ZeroDivisionError:
            seen.append("except")
        finally:
            seen.append("finally")

        def inner():
            return seen.pop()

        match turns:
            case 0:
                return None
            case _:
                return inner()

    def end(self, go_on):
        while go_on():
            pass
'''


def loaded() -> tuple[ModuleType, Instrumented]:
    """The module, with its places."""
    stage = Instrumented("stage.py", SOURCE.encode())
    module = ModuleType("stage")
    exec(stage.compiled(module), module.__dict__)
    return module, stage


def passed(call: str, *arguments: object) -> tuple[object, list[str]]:
    """Call a method; return also the places that are passed."""
    module, stage = loaded()
    seen: list[str] = []
    module.__dict__[CALL] = lambda number: seen.append(f"{stage.places[number]}")
    return getattr(module.Stage(), call)(*arguments), seen


def test_nothing_else_changes() -> None:
    """It does what it does without places; the lines of a traceback are its own."""
    plain = ModuleType("stage")
    exec(SOURCE, plain.__dict__)
    module, _ = loaded()
    assert module.__doc__ == "A module."
    assert module.Stage.go.__doc__ == "Says what it does."
    for turns in (0, 1, 3):
        results = []
        for each in (plain, module):
            seen: list[str] = []
            results.append((each.Stage().go(seen, turns), seen))
        assert results[0] == results[1]
    with pytest.raises(AttributeError) as raised:
        module.Stage().go(None, 1)
    assert traceback.extract_tb(raised.value.__traceback__)[-1].lineno == 10


def test_a_place_in_front_of_each_statement() -> None:
    """And behind the last one of a turn; also in branches, handlers and functions within, and not in front of docstrings and imports."""
    result, seen = passed("go", [], 1)
    assert result == "finally"
    assert seen[:6] == [*(f"before line {line}" for line in (10, 11, 12, 14, 17)), "after line 17"]
    assert seen[6:] == [f"before line {line}" for line in (18, 19, 23, 25, 28, 32, 26)]
    assert passed("go", [], 0)[1][2:5] == ["before line 18", "before line 19", "before line 21"]


def test_places_at_the_end_of_a_function_and_of_a_turn() -> None:
    """What is left with `return` has none behind it, as far as that can be seen from its last statement."""
    turns = iter([True, False])
    assert passed("end", lambda: next(turns))[1] == ["before line 35", "before line 36", "after line 36", "after line 36"]
    _, stage = loaded()
    assert {str(place) for place in stage.places if place.behind} == {"after line 17", "after line 32", "after line 36"}


def test_what_a_place_says() -> None:
    """The line as it stands in the source."""
    _, stage = loaded()
    assert stage.text(Place(12)) == "if turn:"
    assert stage.text(Place(36, behind=True)) == "pass"


def test_barriers_are_performed_where_they_are_placed() -> None:
    """By the engine that executes, and not before it runs."""
    barriers = Barriers()
    barriers.placed = {3: frozenset({MB})}
    barriers(3)
    engine = barriers.engine = ENGINES["sc"]()
    barriers(3)
    assert engine.fences == ()
    engine.frozen = False
    barriers(2)
    assert engine.fences == ()
    barriers(3)
    assert len(engine.fences) == 1
