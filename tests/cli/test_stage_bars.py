"""The lines about a run, whatever the width of the terminal."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from rich.console import Console

from harness.cli.stage_bars import MOST_STAGES, BarLine, as_table, bar_lines
from harness.jobs.standing import Share, Standing


class Made(Standing):
    """A run that has got so far."""

    def __init__(self, done: int, total: int, shares: Sequence[Share], rate: float | None = None, left: float | None = None) -> None:
        super().__init__(done, total)
        self.made = (shares, rate, left)

    @property
    def shares(self) -> Sequence[Share]:
        return self.made[0]

    @property
    def rate(self) -> float | None:
        return self.made[1]

    @property
    def seconds_left(self) -> float | None:
        return self.made[2]


def shown(lines: Sequence[BarLine], room: int, **terminal: object) -> list[str]:
    """The lines as a terminal shows them, without colours."""
    text = io.StringIO()
    Console(file=text, width=room, **terminal).print(as_table(lines, room))  # type: ignore[arg-type]
    return [line.rstrip() for line in text.getvalue().splitlines()]


def test_a_line_for_each_stage_and_one_for_everything() -> None:
    """How much is done, how fast that goes, and what is left where that is known."""
    shares = [Share("stage 1", 3, 12, 0.25, None), Share("stage 2", 0, 12)]
    lines = bar_lines("", Made(7, 24, shares, 2.4, 31.2))
    assert [(line.name, line.count, line.note) for line in lines] == [
        ("stage 1", "3/12", "4 s each"),
        ("stage 2", "0/12", ""),
        ("in all", "7/24 jobs", "2/s, ~31 s left"),
    ]


def test_what_is_not_counted_in_what_is_left() -> None:
    """It is nobody's share, so the line for everything alone says it, where it has a time."""
    shares = [Share("stage 1", 3, 12, 0.25, 9.0), Share("stage 2", 0, 12)]
    notes = [line.note for line in bar_lines("", Made(7, 24, shares, 2.4, 31.2), ", without sc")]
    assert notes == ["4 s each, ~9 s left", "", "2/s, ~31 s left, without sc"]
    assert bar_lines("", Made(7, 24, shares, 2.4), ", without sc")[-1].note == "2/s"


def test_where_everything_is_done_nothing_is_left() -> None:
    """Not even the second to which a time that is none would be rounded up."""
    (line,) = bar_lines("", Made(10, 10, [], 2.0, 0.0))
    assert (line.count, line.note) == ("10/10 jobs", "2/s")


def test_the_only_stage_has_no_line_of_its_own() -> None:
    """That it is loaded first counts as one more."""
    (line,) = bar_lines("executed again", Made(3, 13, [Share("stage 1", 3, 12)]))
    assert line.name == "executed again"


def test_no_more_lines_than_a_terminal_has() -> None:
    """However many processes there are."""
    assert len(bar_lines("", Made(0, 900, [Share(f"stage {number}", 0, 9) for number in range(99)]))) == MOST_STAGES + 1


@pytest.mark.parametrize("room", [20, 37, 57, 77, 200])
def test_the_lines_fit(room: int) -> None:
    """Without bars where there is no room for them, and names and remarks cut where that is not enough."""
    lines = [BarLine("s1_percpu_softirq", 3, 12, "4 s each"), BarLine("in all", 96, 480, "2/s, ~3 min left")]
    seen = shown(lines, room)
    assert len(seen) == 2
    assert all(len(line) <= room for line in seen)
    assert all(("━" in line or "╸" in line) == (room > 50) for line in seen)
    assert "96/480" in seen[1]
    assert room < 37 or "96/480 2/s, ~3 min left" in seen[1]


def test_a_bar_is_as_long_as_what_is_done() -> None:
    """Half of it, where half is done; without colours, the rest is not drawn."""
    (line,) = shown([BarLine("in all", 5, 10, "")], 77, no_color=True, force_terminal=True, color_system="truecolor")
    assert line.count("━") == 20
