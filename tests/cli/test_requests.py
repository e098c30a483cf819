"""What argparse has read becomes a dataclass."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import pytest

from harness.cli.requests import Command, request_of


@dataclass(frozen=True)
class InnerRequest:
    """Some options that belong together."""

    depth: int


@dataclass(frozen=True)
class OuterRequest:
    """All options."""

    words: tuple[str, ...]
    inner: InnerRequest
    file: str | None


def test_fields_are_options() -> None:
    """A list becomes a tuple, and a dataclass in a dataclass is made of the same options."""
    options = argparse.Namespace(words=["a", "b"], depth=3, file=None, other=1)
    request = request_of(OuterRequest, options)
    assert request == OuterRequest(("a", "b"), InnerRequest(3), None)
    assert Command(lambda asked: len(asked.words), request).run() == 2


def test_a_field_without_an_option() -> None:
    """It is a mistake in the grammar, and shows at once."""
    with pytest.raises(AttributeError, match="depth"):
        request_of(OuterRequest, argparse.Namespace(words=[], file=None))
