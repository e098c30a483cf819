"""Outcomes of jobs that are known from an earlier run: under the hash of all that decides them, as plain data, with a checksum.

Only what a job has come to by itself is kept, a verdict or figures. Why it came to nothing (an error, a time limit, an end from outside, an
interrupt) may be otherwise another time. A cache can only save work: whatever is wrong with it, the work is done.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import msgspec

from harness.cache_place import CacheBroken
from harness.jobs.deciding_code import DecidingCode, UnknownCode
from harness.jobs.executor import OK, Outcome, Task
from harness.jobs.job import Job, encoded
from harness.sources.target import Target

# What depends on how much memory or time there was.
UNSURE = (MemoryError.__name__.encode(), b"does not come back")
# Far more than any outcome has.
LARGEST = 64 << 20


class KeptBytes(Protocol):
    """Keeps bytes under keys; every call may raise `CacheBroken`."""

    def get(self, key: bytes) -> bytes | None:
        """What is kept under a key."""

    def put(self, key: bytes, value: bytes) -> None:
        """Keep it, for good when this returns."""


@dataclass
class Counts:
    """How many outcomes were wanted, how many of them came from the cache, and how many were there but damaged."""

    wanted: int = 0
    found: int = 0
    damaged: int = 0


class OutcomeCache:
    """What is known already, and what becomes known. `complain` is told, once, why there is no working with the store any more."""

    def __init__(self, store: KeptBytes, complain: Callable[[str], None]) -> None:
        self.counts = Counts()
        self._store: KeptBytes | None = store
        self._complain = complain
        self._code = lru_cache(DecidingCode)
        # What this very run has kept: who finds that has saved nothing by an earlier one.
        self._own: set[bytes] = set()

    @property
    def works(self) -> bool:
        """Whether what becomes known is kept."""
        return self._store is not None

    def known(self, task: Task) -> Outcome | None:
        """The outcome of a task, if it is kept."""
        key = None if task.keeps is None or self._store is None else self._key(task)
        self.counts.wanted += key is not None and key not in self._own
        sealed = None if key is None or self._store is None else self._asked(key)
        if key is None or sealed is None:
            return None
        try:
            value, printed = unsealed(key, sealed, task.keeps)
        except Damaged:
            self.counts.damaged += 1
            return None
        self.counts.found += key not in self._own
        return Outcome(OK, value, printed=printed)

    def keep(self, task: Task, outcome: Outcome) -> None:
        """Keep the outcome of a task, if that may be kept."""
        if task.keeps is None or outcome.status != OK or self._store is None:
            return
        key, target = self._key(task), _job(task).target
        if key is None or not self._may_be_kept(outcome, target):
            return
        record = recorded(outcome, task.keeps)
        if record is not None and not _depends(record, target):
            self._put(key, seal(key, record))

    def _may_be_kept(self, outcome: Outcome, target: Target) -> bool:
        """Whether nothing else than what the key is made of has been executed."""
        code = self._code(target.suite)
        return not set(outcome.foreign) - {code.package} and code.unchanged

    def _key(self, task: Task) -> bytes | None:
        """The hash of all that decides; None if a part of that is no plain data, or not known."""
        work = f"{task.function.__module__}.{task.function.__qualname__}"
        job = _job(task)
        try:
            return hashlib.sha256(b"".join(encoded((work, job.digest, self._code(job.target.suite).digest)))).digest()
        except TypeError:
            return None
        except UnknownCode as error:
            self._give_up(f"cannot be used: {error}")
            return None

    def _asked(self, key: bytes) -> bytes | None:
        try:
            return None if self._store is None else self._store.get(key)
        except CacheBroken as error:
            self._give_up(str(error))
            return None

    def _put(self, key: bytes, sealed: bytes) -> None:
        try:
            if self._store is not None:
                self._store.put(key, sealed)
                self._own.add(key)
        except CacheBroken as error:
            self._give_up(str(error))

    def _give_up(self, problem: str) -> None:
        if self._store is not None:
            self._complain(problem)
        self._store = None


class Damaged(Exception):
    """What is kept is not what was put there."""


def seal(key: bytes, record: bytes) -> bytes:
    """A record as it is kept: what it belongs to is part of its checksum."""
    packed = zlib.compress(record)
    return hashlib.sha256(key + packed).digest() + packed


def opened(key: bytes, sealed: object) -> bytes:
    """The record; raises `Damaged`."""
    size = hashlib.sha256().digest_size
    if not isinstance(sealed, bytes) or hashlib.sha256(key + sealed[size:]).digest() != sealed[:size]:
        raise Damaged
    try:
        unpacker = zlib.decompressobj()
        record = unpacker.decompress(sealed[size:], LARGEST)
    except zlib.error:
        raise Damaged from None
    if not unpacker.eof:
        raise Damaged
    return record


def unsealed(key: bytes, sealed: object, keeps: Any) -> tuple[Any, str]:
    """Value and print of an outcome; raises `Damaged`. Nothing but plain data of this type is made of what is kept."""
    try:
        return _decoded(opened(key, sealed), keeps)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Damaged from None


def recorded(outcome: Outcome, keeps: Any) -> bytes | None:
    """An outcome as bytes; None if they would not become the same outcome again."""
    try:
        record = msgspec.json.encode((outcome.value, outcome.printed))
        again = _decoded(record, keeps)
        return record if again == (outcome.value, outcome.printed) and msgspec.json.encode(again) == record else None
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None


def _decoded(record: bytes, keeps: Any) -> tuple[Any, str]:
    found: tuple[Any, str] = msgspec.json.decode(record, type=tuple[keeps, str])
    return found


def _depends(record: bytes, target: Target) -> bool:
    """Whether an outcome depends on more than the job says: on where the file of the stage lies, or on what the machine had left."""
    directory = os.path.join(os.path.dirname(os.path.abspath(target.path)), "")
    named = len(directory) > 1 and msgspec.json.encode(directory).strip(b'"') in record
    return named or any(word in record for word in UNSURE)


def _job(task: Task) -> Job:
    (job,) = task.arguments
    assert isinstance(job, Job)
    return job
