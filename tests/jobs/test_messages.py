"""Messages from workers arrive complete or not at all, and nothing that a stage writes into the pipe disturbs the parent."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from harness.jobs.executor import Message
from harness.jobs.messages import LONGEST, Inbox, Outbox


@pytest.fixture
def ends() -> Iterator[tuple[Inbox, Outbox]]:
    """The two ends of a pipe; task 3 has the one for writing."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    inbox, outbox = Inbox(reading), Outbox()
    outbox.descriptor, outbox.number = writing, 3
    yield inbox, outbox
    inbox.close()
    os.close(writing)


def test_numbers_arrive(ends: tuple[Inbox, Outbox]) -> None:
    """In order, and once; with nothing there, nobody waits."""
    inbox, outbox = ends
    outbox.send(1, 2.5)
    outbox.send()
    assert list(inbox.messages()) == [Message(3, (1, 2.5)), Message(3, ())]
    assert list(inbox.messages()) == []


def test_without_a_parent_nothing_happens() -> None:
    """So code that tells can run anywhere."""
    Outbox().send(1)


def test_a_full_pipe_does_not_stop_the_worker(ends: tuple[Inbox, Outbox]) -> None:
    """What there is no room for is dropped, and what arrives is complete."""
    inbox, outbox = ends
    for number in range(20_000):
        outbox.send(number)
    received = [message.values[0] for message in inbox.messages()]
    assert received == list(range(len(received)))
    assert 0 < len(received) < 20_000
    outbox.send(7)
    assert list(inbox.messages())[-1] == Message(3, (7,))


@pytest.mark.parametrize(
    "noise",
    [b"\n", b"x\n", b"[]\n", b"{}\n", b"5\n", b"[1.5]\n", b'[1, "2"]\n', b"[1, NaN]\n", b"[true]\n", b"[" * 5000 + b"\n", b"\xff\n"],
)
def test_noise_is_left_out(ends: tuple[Inbox, Outbox], noise: bytes) -> None:
    """Whatever stands between two messages."""
    inbox, outbox = ends
    outbox.send(1)
    os.write(outbox.descriptor, noise)
    outbox.send(2)
    assert list(inbox.messages()) == [Message(3, (1,)), Message(3, (2,))]


def test_a_line_without_an_end_is_not_kept(ends: tuple[Inbox, Outbox]) -> None:
    """It would grow for ever."""
    inbox, outbox = ends
    os.write(outbox.descriptor, b"x" * (LONGEST + 1))
    assert list(inbox.messages()) == []
    assert inbox.rest == b""
