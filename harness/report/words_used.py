"""The legend of an execution: what the words in it mean, of those that occur."""

from __future__ import annotations

from collections.abc import Sequence

from harness.machine import engine
from harness.report.shown_rows import ShownRow
from harness.search.counterexample import Counterexample

ARRIVAL = "arrival of"

# In the order in which they are explained. Words of one line share what is said of them.
MEANINGS: Sequence[tuple[tuple[str, ...], str]] = (
    ((engine.LOAD, engine.STORE), "plain accesses"),
    ((engine.READ, engine.WRITE), "marked accesses (as READ_ONCE, WRITE_ONCE)"),
    ((engine.RMW,), "an atomic operation: the value before → after, or the one that it has left alone"),
    ((engine.LOCK, engine.UNLOCK, engine.TRY_LOCK), "of a spinlock"),
    ((engine.IRQ_ON,), "this CPU takes interrupts"),
    ((engine.IRQ_OFF,), "this CPU takes no interrupts"),
    ((engine.RAISE_IRQ,), "an interrupt is sent to a CPU"),
    ((engine.INTERRUPT,), "a CPU takes one: its handler follows"),
    ((engine.HALT,), "a CPU sleeps until it is interrupted or kicked"),
    ((engine.RELAX,), "a turn of a waiting loop is over"),
    ((engine.AWAIT,), "a program has waited until it is so"),
    ((engine.BUFFER,), "a store that others cannot see yet"),
    ((ARRIVAL,), "a store reaches memory: others see it from here on"),
    ((engine.FENCE,), "a barrier that has waited for such arrivals"),
    ((engine.MARK,), "a program notes what it sees"),
)
LIST = "an operation on a list"
STAR = "*: not what the natural order has here (whoever is at work goes on)"
NAMES = "A|B: bits of a word that are set, by the stage's names for them"
TIME = "at, cycles: when its process was done with it, in cycles of virtual time"
FROM = "(by CPU): who else has written the value that is found"


def star_of(found: Counterexample) -> str:
    """What a star means in an execution: without deviations, it stands on what decides."""
    return STAR if any(row.deviation for row in found.rows) else f"*: {found.decides.why}"


def legend(rows: Sequence[ShownRow], star: str = STAR) -> list[str]:
    """What each word that occurs means, such as "rmw: an atomic operation"; `star`: what a star means."""
    used = {ARRIVAL if shown.row.kind.startswith(ARRIVAL) else shown.row.word for shown in rows}
    lines = [star] if any(shown.star for shown in rows) else []
    for words, meaning in MEANINGS:
        occurring = [word for word in words if word in used]
        if occurring:
            lines.append(f"{', '.join(occurring)}: {meaning}")
        if words == (engine.RMW,) and (lists := _list_words(rows)):
            lines.append(f"{', '.join(lists)}: {LIST}")
    if any(shown.row.time is not None for shown in rows):
        lines.append(TIME)
    if any("|" in shown.row.value for shown in rows):
        lines.append(NAMES)
    if any(shown.row.written_by for shown in rows):
        lines.append(FROM)
    return lines


def _list_words(rows: Sequence[ShownRow]) -> list[str]:
    """The words of operations on lists, as they come."""
    words = [shown.row.word for shown in rows if shown.row.kind in (engine.LIST_READ, engine.LIST_WRITE)]
    return list(dict.fromkeys(words))
