"""Under which memory models a function is tested that is marked `interleavings`: with several, each of them is a test of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from harness.explored.models import ENGINES, USUAL

FIXTURE = "machine"
MARKER = "interleavings"
MODEL = "model"
ALL = "all"


class Misused(Exception):
    """The marker is wrong; the message is one line."""


def make_tests(metafunc: pytest.Metafunc, marker: pytest.Mark) -> None:
    """Make a test for each of several models, called `[MODEL]`. Where the marker is wrong, there is one, which says that as it is run."""
    try:
        values = _several(marker.kwargs[MODEL])
    except Misused:
        return
    metafunc.parametrize(FIXTURE, values, indirect=True, ids=list(map(_name, values)))


def model_of(item: pytest.Function, marker: pytest.Mark) -> str:
    """The memory model of a test; raises `Misused`."""
    callspec = getattr(item, "callspec", None)
    if callspec is not None and FIXTURE in callspec.params:
        return str(callspec.params[FIXTURE])
    model = marker.kwargs.get(MODEL, USUAL)
    if not isinstance(model, str):
        _several(model)
    return _known(model)


def _several(models: object) -> Sequence[Any]:
    """A name, or what `pytest.param` makes of one, for each model."""
    if models == ALL:
        return list(ENGINES)
    if not isinstance(models, list | tuple) or not models:
        raise Misused(f"@pytest.mark.{MARKER}: {MODEL}={models!r} is neither a memory model nor a list of some: choose from {_choice()}")
    names = [_known(_name(each)) for each in models]
    if twice := [name for name, often in Counter(names).items() if often > 1]:
        raise Misused(f"@pytest.mark.{MARKER}: {MODEL} names {twice[0]} more than once")
    return models


def _name(value: Any) -> Any:
    """The model itself, of what `pytest.param` has made as well."""
    return value.values[0] if isinstance(value, type(pytest.param(0))) else value


def _known(model: object) -> str:
    if not isinstance(model, str) or model not in ENGINES:
        raise Misused(f"@pytest.mark.{MARKER}: unknown memory model {model!r}: choose from {_choice()}; several as a list")
    return model


def _choice() -> str:
    return ", ".join((*ENGINES, ALL))
