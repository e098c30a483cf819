"""What comes from a worker may be anything: the parent neither waits for it nor runs it."""

from __future__ import annotations

import os
import pickle
import socket
from collections.abc import Iterator

import pytest

from harness.jobs.executor import OK, Outcome
from harness.jobs.frames import HEAD, Frames, receive, send
from tests.bounds import bounded

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two ends, and nobody waits for ever for what comes out of one."""
    first, second = socket.socketpair()
    with first, second, bounded("what is said through a socket"):
        yield first, second


def test_whole_objects_arrive(pair: Pair) -> None:
    """As soon as they are complete, and no sooner; the end is noticed."""
    frames = Frames(pair[1])
    data = pickle.dumps((1, Outcome(OK, {"held": [1.5]})))
    pair[0].sendall(HEAD.pack(len(data)) + data[:5])
    assert list(frames.received()) == []
    pair[0].sendall(data[5:])
    send(pair[0], (2, "more"))
    assert list(frames.received()) == [(1, Outcome(OK, {"held": [1.5]})), (2, "more")]
    pair[0].close()
    assert list(frames.received()) == []
    assert frames.ended


@pytest.mark.parametrize("value", [os.system, pickle.loads, Frames.received])
def test_nothing_but_results_is_made(pair: Pair, value: object) -> None:
    """No function is found, and no class of anybody else's."""
    send(pair[0], value)
    with pytest.raises((pickle.UnpicklingError, AttributeError)):
        list(Frames(pair[1]).received())


def test_an_absurd_length_is_no_result(pair: Pair) -> None:
    """Nobody waits for the rest of it."""
    pair[0].sendall(b"\xff" * HEAD.size)
    with pytest.raises(pickle.UnpicklingError, match="no result is that long"):
        list(Frames(pair[1]).received())


def test_a_task_is_received_or_there_is_none(pair: Pair) -> None:
    """The worker waits for its parent, and sees that it has gone."""
    send(pair[0], (3, len, ()))
    assert receive(pair[1]) == (3, len, ())
    pair[0].close()
    with pytest.raises(EOFError):
        receive(pair[1])
