"""One execution on the page: all of it, in lanes, folded, linked; and as the very text that a terminal shows."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from harness.cli.arguments import parse
from harness.cli.exit_codes import BAD
from harness.cli.selection import stages_numbered
from harness.report.counterexample_text import counterexample_text
from harness.report.html.execution_on_page import ExecutionOnPage, LaneOnPage, Piece, RemarkOnPage, RowOnPage, shown_execution
from harness.report.html.source_texts import source_text
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.search.recorder import Missed
from harness.search.replay_string import decode
from harness.sources.target import Target
from stages import POSTED
from tests.report.executions import FINDINGS, replayed

STAGE = Target(1, "A patch", "s.py", "/git/s.py", "mine", source=b"a\nb\n")


def on_page(*rows: CounterexampleRow, waits: tuple[str, ...] = ()) -> ExecutionOnPage:
    """An execution of two CPUs."""
    return shown_execution(Counterexample(((0, "CPU0"), (2, "CPU1")), rows, "BUG: why", waits), STAGE)


def row(pid: int = 0, where: str = "s.py:2 (f)") -> CounterexampleRow:
    """A read of x."""
    return CounterexampleRow(pid, f"read x, {where}", False, kind="read", what="x", value="1", where=where)


def only(execution: ExecutionOnPage) -> list[RowOnPage]:
    """The rows that nothing stands for."""
    return [each for each in execution.rows if isinstance(each, RowOnPage)]


@pytest.mark.parametrize("clause", ["wakeup", "hotplug", "kill-independent"])
def test_the_text_is_what_a_terminal_shows(clause: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In the same bytes: a star, a common set-up, an endless wait."""
    string = FINDINGS[clause]
    (target,) = stages_numbered(POSTED, [decode(string).stage])
    assert parse(["replay", string, "--width", "80"]).run() == BAD
    assert shown_execution(replayed(string), target).text == capsys.readouterr().out


def test_every_row_is_there() -> None:
    """Folded or not, once, in its lane and with its place."""
    found = replayed(FINDINGS["hotplug"])
    (target,) = stages_numbered(POSTED, [1])
    shown = shown_execution(found, target)
    folds = [each for each in shown.rows if isinstance(each, RemarkOnPage) and each.rows]
    assert re.fullmatch(r"rows 0 to \d+ of the common set-up", folds[0].text)
    every = [*only(shown), *(each for fold in folds for each in fold.rows if isinstance(each, RowOnPage))]
    assert sorted(each.at for each in every) == list(range(len(found.rows)))
    lanes = [pid for pid, _ in found.columns]
    for each in every:
        of = found.rows[each.at]
        assert (each.file + each.place, each.lane) == (of.where, lanes.index(of.pid) + 1)


def test_rows_lead_to_what_they_have_read() -> None:
    """What has written a value, or was missed, has a name, and so has each row that a sentence names, if it is there."""
    read = replace(row(2), written_in=0, written_by="CPU0")
    older = replace(row(2), missed=Missed(1, "CPU0"))
    shown = on_page(row(), row(), read, older, row(), waits=("CPU0 waits since row 4, not since row 99",))
    assert [(each.origin, each.origin_row) for each in only(shown)][2:4] == [
        ("←\N{NO-BREAK SPACE}0, CPU0", 0),
        ("not\N{NO-BREAK SPACE}1, CPU0", 1),
    ]
    assert [each.at for each in only(shown) if each.named] == [0, 1, 4]
    assert shown.waits == ((Piece("CPU0 waits since "), Piece("row 4", 4), Piece(", not since row 99")),)
    assert [word for word, _ in shown.words][-2:] == ["← 7", "not 7"]


def test_who_does_most_has_most_room() -> None:
    """A lane of one row in ten is narrow."""
    shown = on_page(*[row()] * 9, row(2))
    assert shown.lanes == (LaneOnPage("CPU0", 3), LaneOnPage("CPU1", 1))
    assert (shown.fit, replace(shown, lanes=shown.lanes * 2).fit) == (True, False)


def test_store_buffers_of_one_cpu_share_a_lane() -> None:
    """They are called alike."""
    found = Counterexample(((0, "CPU0"), (4, "its store buffer"), (5, "its store buffer")), (row(), row(4), row(5)), "BUG: why")
    shown = shown_execution(found, STAGE)
    assert [lane.name for lane in shown.lanes] == ["CPU0", "its store buffer"]
    assert [each.lane for each in only(shown)] == [1, 2, 2]


def test_where_a_row_is() -> None:
    """The file of the stage may go without saying, where the source is shown; another one, and the machine, may not."""
    shown = on_page(row(), row(where="other.py:3 (g)"), row(where="the machine"))
    assert [(each.file, each.place) for each in only(shown)] == [("s.py", ":2 (f)"), ("", "other.py:3 (g)"), ("", "the machine")]
    assert [source.name for source in shown.sources] == ["s.py"]


def test_the_file_of_the_program() -> None:
    """It can be shown as well, if a row is in it; but not where the stage has a file of that name."""
    program, same = source_text("my_suite.py", b"x\n"), source_text("s.py", b"y\n")
    found = Counterexample(((0, "CPU0"),), (row(), row(where="my_suite.py:1 (p)")), "BUG: why")
    assert shown_execution(found, STAGE, program).sources[1:] == (program,)
    assert [each.lines for each in shown_execution(found, STAGE, same).sources] == [("a", "b", "")]
    assert shown_execution(replace(found, rows=(row(),)), STAGE, program).sources[1:] == ()


def test_a_long_execution_lacks_its_middle() -> None:
    """The text has all of it."""
    rows = [replace(row(), text=f"read x = {at}", value=str(at)) for at in range(700)]
    shown = on_page(*rows)
    assert len(only(shown)) == 600
    assert "rows 400 to 499 are left out" in [each.text for each in shown.rows if isinstance(each, RemarkOnPage)]
    assert shown.text == counterexample_text(Counterexample(((0, "CPU0"), (2, "CPU1")), tuple(rows), "BUG: why"))
    assert (shown.cut, on_page(*rows[:600]).cut) == (True, False)
