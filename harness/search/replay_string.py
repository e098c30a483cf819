"""Replay strings: one short printable word that says which program to execute again, and how.

    h2/SERIES/STAGE/SOURCE/CLAUSE/KIND/PROGRAM/ENGINE/CHECK

SOURCE is the beginning of the hash of the source that the execution was recorded on. Strings that start with `h1/` are older: they have no
such part, and their source is unknown. ENGINE is `t` and the seed of the timed engine, or `x`, the step limit, and the deviations from the
natural order (`harness.search.natural_order`); the memory model and a dot stand in front, if it is not `sc`
(`arm-2014` is `arm` with the core of 2014). A deviation is `,` and its
distance from the one before; `.` and a number follow if it passes over more than one process. CHECK finds typing errors.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from harness.explored.models import EVERY_ENGINE, SC

VERSION = "h2"
# Without the source.
OLD_VERSION = "h1"
TIMED = "timed"
EXPLORED = "explored"

# So many digits of a hash tell two sources of a stage apart.
MARK_DIGITS = 10
MARK_PATTERN = re.compile("[0-9a-f]+")

ENGINE_PATTERN = re.compile(
    r"t(?P<seed>[0-9]{1,18})|((?P<model>[a-z][a-z0-9-]{0,9})\.)?x(?P<steps>[0-9]{1,9})(?P<deviations>(,[0-9]{1,9}(\.[0-9]{1,3})?)*)"
)

STAGE_PATTERN = re.compile("[0-9]{1,9}")


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
    # The beginning of the hash of the source that it was recorded on (see `source_mark`); empty if that is unknown.
    source: str = ""
    # The memory model of the explored engine.
    model: str = SC


def source_mark(content_hash: str) -> str:
    """What a replay string says of a source, of which this is the hash."""
    return content_hash[:MARK_DIGITS]


def encode(replay: Replay) -> str:
    """Return the replay string; an old one if the source is unknown."""
    source = [replay.source] if replay.source else []
    names = [quote(name, safe="") for name in (replay.series, str(replay.stage), *source, replay.clause, replay.kind, replay.program)]
    text = "/".join([VERSION if source else OLD_VERSION, *names, _engine(replay)])
    return f"{text}/{_check(text)}"


def decode(text: str) -> Replay:
    """Undo `encode`; raises `ReplayError`."""
    version, *parts = text.strip().split("/")
    if version not in (VERSION, OLD_VERSION):
        raise ReplayError(f"a replay string starts with {VERSION}/, this one with {version[:20]!r}")
    expected = 8 if version == VERSION else 7
    if len(parts) != expected:
        raise ReplayError(f"a replay string has {expected + 1} parts between slashes, this one has {len(parts) + 1}: it is not complete")
    *names, engine, check = parts
    if check != _check("/".join([version, *names, engine])):
        raise ReplayError("the replay string is damaged: its check does not fit; copy all of it")
    source = names.pop(2) if version == VERSION else ""
    if version == VERSION and not MARK_PATTERN.fullmatch(source):
        raise ReplayError("the replay string has no valid source")
    return _decoded(list(map(unquote, names)), engine, source)


def _decoded(names: list[str], engine: str, source: str) -> Replay:
    series, stage, clause, kind, program = names
    found = ENGINE_PATTERN.fullmatch(engine)
    numbered = STAGE_PATTERN.fullmatch(stage)
    if found is None or not numbered:
        raise ReplayError(f"the replay string has no valid {'engine' if numbered else 'stage number'}")
    where = (series, int(stage), clause, kind, program)
    if found["seed"] is not None:
        return Replay(*where, TIMED, seed=int(found["seed"]), source=source)
    model = found["model"] or SC
    if model not in EVERY_ENGINE:
        raise ReplayError(f"the replay string has an unknown memory model, {model!r}")
    return Replay(*where, EXPLORED, deviations=_deviations(found["deviations"]), max_steps=int(found["steps"]), model=model, source=source)


def _deviations(text: str) -> dict[int, int]:
    deviations: dict[int, int] = {}
    at = 0
    for item in filter(None, text.split(",")):
        distance, _, rank = item.partition(".")
        at += int(distance)
        deviations[at] = int(rank or 1)
    return deviations


def _engine(replay: Replay) -> str:
    if replay.engine == TIMED:
        return f"t{replay.seed}"
    memory = "" if replay.model == SC else f"{replay.model}."
    text, last = f"{memory}x{replay.max_steps}", 0
    for at, rank in sorted(replay.deviations.items()):
        text += f",{at - last}" + (f".{rank}" if rank != 1 else "")
        last = at
    return text


def _check(text: str) -> str:
    # Of a word that is no text, the check does not fit.
    return f"{zlib.crc32(text.encode(errors='backslashreplace')) & 0xFFFF:04x}"
