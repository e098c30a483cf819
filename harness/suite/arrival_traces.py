"""Recorded device interrupts: a CSV file with a row (time in µs, guest, number of the VF) for each.

The header is `time_us,guest,vf`. Times count from the start of the run, its warm-up included, and do not go back.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping

from harness.suite.parameters import MOST, US, ParameterError
from harness.suite.whole_numbers import NoSuchNumber, shortened, whole_number

HEADER = ["time_us", "guest", "vf"]

# Times in µs by guest and VF.
Trace = Mapping[tuple[str, int], list[int]]


def read_trace(path: str, vfs: Mapping[str, int]) -> Trace:
    """Read the interrupts of guests with so many VFs (by name); raises `ParameterError` with the file and the line."""
    times: dict[tuple[str, int], list[int]] = {(guest, vf): [] for guest, count in vfs.items() for vf in range(count)}
    latest = 0
    try:
        with open(path, encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            if next(rows, None) != HEADER:
                raise ParameterError(f"{path}:1: the first line is not {','.join(HEADER)}")
            for row in rows:
                time, source = _event(row, f"{path}:{rows.line_num}: ", vfs)
                if time < latest:
                    raise ParameterError(f"{path}:{rows.line_num}: time {time} is before the one above, {latest}")
                latest = time
                times[source].append(time)
    except OSError as error:
        raise ParameterError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ParameterError(f"{path} is no CSV text: {error}") from None
    return times


def _event(row: list[str], where: str, vfs: Mapping[str, int]) -> tuple[int, tuple[str, int]]:
    if len(row) != len(HEADER):
        raise ParameterError(f"{where}{len(row)} values, but {len(HEADER)} are needed: {', '.join(HEADER)}")
    time, guest, vf = row
    if guest not in vfs:
        raise ParameterError(f"{where}no guest {shortened(guest)!r}: choose from {', '.join(vfs)}")
    if (at := _whole(time, MOST[US])) is None:
        raise ParameterError(f"{where}{shortened(time)!r} is not a time in whole µs, at most {MOST[US]}")
    if (number := _whole(vf, vfs[guest] - 1)) is None:
        raise ParameterError(f"{where}{guest} has no VF {shortened(vf)!r}: it has {vfs[guest]}, numbered from 0")
    return at, (guest, number)


def _whole(word: str, most: int) -> int | None:
    """The number that `word` is, if it is digits and not too large."""
    if not word.isascii() or not word.isdigit():
        return None
    try:
        return whole_number(word, 0, most)
    except NoSuchNumber:
        return None
