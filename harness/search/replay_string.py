"""Replay strings: one short printable word that says which program to execute again, and how.

    h1/SERIES/STAGE/CLAUSE/KIND/PROGRAM/ENGINE/CHECK

ENGINE is `t` and the seed of the timed engine, or `x`, the step limit, and the deviations from the natural order
(`harness.search.natural_order`). A deviation is `,` and its distance from the one before; `.` and a number follow if it passes over more
than one process. CHECK finds typing errors.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

VERSION = "h1"
TIMED = "timed"
EXPLORED = "explored"

ENGINE_PATTERN = re.compile(r"t(?P<seed>\d{1,18})|x(?P<steps>\d{1,9})(?P<deviations>(,\d{1,9}(\.\d{1,3})?)*)")


class ReplayError(ValueError):
    """A replay string that cannot be understood; the message is one line that says why."""


@dataclass(frozen=True)
class Replay:
    """An execution: of which program, and either the timed engine's `seed` or the explored one's `deviations` and step limit."""

    series: str
    stage: int
    clause: str
    kind: str
    program: str
    engine: str = EXPLORED
    seed: int = 0
    deviations: Mapping[int, int] = field(default_factory=dict)
    max_steps: int = 0


def encode(replay: Replay) -> str:
    """Return the replay string."""
    names = [quote(name, safe="") for name in (replay.series, str(replay.stage), replay.clause, replay.kind, replay.program)]
    text = "/".join([VERSION, *names, _engine(replay)])
    return f"{text}/{_check(text)}"


def decode(text: str) -> Replay:
    """Undo `encode`; raises `ReplayError`."""
    parts = text.strip().split("/")
    if parts[0] != VERSION:
        raise ReplayError(f"a replay string starts with {VERSION}/, this one with {parts[0][:20]!r}")
    if len(parts) != 8:
        raise ReplayError(f"a replay string has 8 parts between slashes, this one has {len(parts)}: it is not complete")
    body, check = "/".join(parts[:-1]), parts[-1]
    if check != _check(body):
        raise ReplayError("the replay string is damaged: its check does not fit")
    series, stage, clause, kind, program = map(unquote, parts[1:6])
    found = ENGINE_PATTERN.fullmatch(parts[6])
    if found is None or not stage.isdecimal():
        raise ReplayError(f"the replay string has no valid {'engine' if stage.isdecimal() else 'stage number'}")
    if found["seed"] is not None:
        return Replay(series, int(stage), clause, kind, program, TIMED, seed=int(found["seed"]))
    deviations: dict[int, int] = {}
    at = 0
    for item in filter(None, found["deviations"].split(",")):
        distance, _, rank = item.partition(".")
        at += int(distance)
        deviations[at] = int(rank or 1)
    return Replay(series, int(stage), clause, kind, program, EXPLORED, deviations=deviations, max_steps=int(found["steps"]))


def _engine(replay: Replay) -> str:
    if replay.engine == TIMED:
        return f"t{replay.seed}"
    text, last = f"x{replay.max_steps}", 0
    for at, rank in sorted(replay.deviations.items()):
        text += f",{at - last}" + (f".{rank}" if rank != 1 else "")
        last = at
    return text


def _check(text: str) -> str:
    return f"{zlib.crc32(text.encode()) & 0xFFFF:04x}"
