"""What happens in an execution, in one paragraph of plain words that is made from its rows: who calls what, and who comes in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from harness.machine.diagnosis import IN_THE_END
from harness.machine.engine import INTERRUPT, RAISE_IRQ, RMW
from harness.machine.nesting import HANDLER
from harness.report.dangling_links import dangling_link, said_of
from harness.report.folding import folded
from harness.report.missed_writes import missed_write
from harness.report.shown_rows import WORTH_FOLDING, is_machine, set_up
from harness.report.unseen_stores import first_misses, unseen_store
from harness.report.words_used import ARRIVAL
from harness.search.counterexample import Counterexample, CounterexampleRow

# What a row says of a read that has not returned the newest value.
OLDER = "has not seen"
SOFTIRQ = "softirq "
RUNS = " runs"
# So many sentences, and so many things that a process does in one of them, are told; of more, those in the middle are not.
SENTENCES = 9
DEEDS = 6


@dataclass(frozen=True)
class Deed:
    """A part of an execution in which a process does one thing, from row `at` on; equal to another one if that is the same thing."""

    contexts: tuple[str, ...]
    entered: str
    call: int
    inside: int
    at: int = field(compare=False)
    # Of something that is no call: what it is.
    event: str = ""

    def in_words(self, known: Sequence[Deed]) -> str:
        """What the process does, which has done what is `known` before: it goes on with the same, or does more in the same handler."""
        if self.event:
            words = self.event
        elif self in known:
            words = self._goes_on()
        elif self.inside and any(deed.inside == self.inside for deed in known):
            words = self._calls_there() if self.entered else self._goes_on()
        else:
            words = self._begins()
        return f"{words} (row {self.at})"

    def _begins(self) -> str:
        called = self.entered
        if not self.contexts:
            return f"calls {called}"
        inside = self.contexts[-1]
        if inside == HANDLER:
            return f"takes an interrupt{f', whose handler calls {called}' if called else ''}"
        if inside.startswith(SOFTIRQ):
            return f"handles {inside}{f' in {called}' if called else ''}"
        return f"runs {inside.removesuffix(RUNS)}{f', which calls {called}' if called else ''}"

    def _calls_there(self) -> str:
        """In the middle of something: of a call alone, nobody could tell that it is in there."""
        inside = self.contexts[-1]
        return f"calls {self.entered} in {inside.removesuffix(RUNS) if inside.endswith(RUNS) else f'its {inside}'}"

    def _goes_on(self) -> str:
        if self.entered:
            return f"goes on in {self.entered}"
        inside = self.contexts[-1] if self.contexts else ""
        return f"goes on running {inside.removesuffix(RUNS)}" if inside.endswith(RUNS) else f"goes on in its {inside}"


@dataclass(frozen=True)
class Stretch:
    """What a process does until another one goes on."""

    pid: int
    deeds: tuple[Deed, ...]


def explanation(found: Counterexample) -> str:
    """The paragraph; "" where there is nothing to be told."""
    names = dict(found.columns)
    misses = first_misses(found.rows)
    turns = _turns(found.rows, names, misses)
    if not turns or found.heading is None:
        return ""
    begun: dict[int, list[Deed]] = {}
    sentences = []
    missed = ""
    for at, turn in enumerate(turns):
        # A sentence about what was missed stands in between: "that" would be what it is about.
        opening = _opening(turns, at, _called(names[turns[at - 1].pid], at) if missed else "")
        known = begun.setdefault(turn.pid, [])
        who = _called(names[turn.pid], at)
        missed = "".join(_not_seen(who, deed.at, found.rows, names, misses) for deed in turn.deeds if deed.event)
        sentences.append(f"{opening}{who} {_told(turn.deeds, known)}.{missed}")
        known += turn.deeds
    if len(sentences) > SENTENCES:
        first = SENTENCES * 2 // 3
        left_out = len(sentences) - SENTENCES
        sentences[first : first + left_out] = [f"Now they take turns {left_out} more times."]
    return " ".join([*_beginning(found), *sentences, *_ending(found, names)])


def _beginning(found: Counterexample) -> list[str]:
    rows = set_up(found.rows)
    return [f"Every execution begins with rows 0 to {rows - 1}."] if rows >= WORTH_FOLDING else []


def _not_seen(who: str, at: int, rows: Sequence[CounterexampleRow], names: dict[int, str], misses: frozenset[int]) -> str:
    """Of a read that has not returned the newest value: whose write it has missed, and what would have ordered the two.

    Of a store in a buffer, that is said once to each process: in the rows of `misses`.
    """
    missed = rows[at].missed
    if missed is None:
        return f" {unseen_store(rows, at, names)}" if at in misses else ""
    return f" {missed_write(who, missed)}"


def _turns(rows: Sequence[CounterexampleRow], names: dict[int, str], misses: frozenset[int]) -> list[Stretch]:
    """What is told: neither the machine's own work, nor what the program does between its calls; an endless loop once.

    (Store buffers of one CPU are called alike.)
    """
    fold = folded(tuple(rows))
    end = fold.start + fold.length if fold else len(rows)
    told = ((at, row if at in misses else replace(row, late=None)) for at, row in enumerate(rows[:end]))
    deeds = [(row.pid, deed) for at, row in told if _is_told(row) for deed in _deeds(row, rows, at)]
    turns = []
    for _, group in groupby(deeds, key=lambda pair: names[pair[0]]):
        members = list(group)
        done: list[Deed] = []
        for _, deed in members:
            if not done or done[-1] != deed:
                done.append(deed)
        turns.append(Stretch(members[0][0], tuple(done)))
    return turns


def _is_told(row: CounterexampleRow) -> bool:
    if row.kind == INTERRUPT:
        # What its handler does is told.
        return False
    return bool(_event(row)) or (not is_machine(row) and bool(row.entered or row.contexts))


def _event(row: CounterexampleRow) -> str:
    """What happens, if it is more than that a call goes on."""
    if row.kind == RAISE_IRQ and not row.entered:
        return f"interrupts {row.what}"
    if OLDER in row.value:
        return f"reads an older value of {row.what}{_while(row)}"
    if row.late:
        return f"{'finds' if row.kind == RMW else 'reads'} {row.what} = {row.value.partition(' → ')[0]}{_while(row)}"
    if row.deviation and row.kind.startswith(ARRIVAL):
        return f"lets a store to {row.what} reach memory"
    return ""


def _while(row: CounterexampleRow) -> str:
    """In the middle of what a process does so; of a call, the rows say it."""
    inside = row.contexts[-1] if row.contexts else ""
    if not inside:
        return ""
    return f" while it runs {inside.removesuffix(RUNS)}" if inside.endswith(RUNS) else f" in its {inside}"


def _deeds(row: CounterexampleRow, rows: Sequence[CounterexampleRow], at: int) -> list[Deed]:
    """What a row is told as: of a call that begins with an event, the call comes first."""
    call, event = Deed(row.contexts, row.entered, row.call, row.inside, at), _event(row)
    if not event:
        return [call]
    begins = row.entered and all((other.call, other.inside) != (row.call, row.inside) for other in rows[:at] if other.pid == row.pid)
    return [*[call] * bool(begins), Deed((), "", 0, 0, at, event)]


def _opening(turns: Sequence[Stretch], at: int, held_up: str) -> str:
    """How this turn follows the one before it, whose process is in the middle of something if it goes on with that later.

    `held_up`: what that process is called, if "that" would not do.
    """
    if at == 0:
        return ""
    last = turns[at - 1]
    cut_short = any(turn.pid == last.pid and last.deeds[-1] in turn.deeds for turn in turns[at:])
    return (f"Before {held_up} goes on, " if held_up else "Before that is done, ") if cut_short else "Then "


def _called(name: str, at: int) -> str:
    """A CPU goes by its name; what else there is, a device say, is called one."""
    if name.startswith("CPU"):
        return name
    return f"the {name}" if at else f"The {name}"


def _told(deeds: Sequence[Deed], known: Sequence[Deed]) -> str:
    words = [deed.in_words([*known, *deeds[:at]]) for at, deed in enumerate(deeds)]
    if len(words) > DEEDS:
        first = DEEDS // 2
        words[first : len(words) - first] = ["and so on"]
    # What a handler or a function calls would else go on with what its CPU does after it.
    between = "; " if any(", " in each for each in words) else ", "
    return words[0] if len(words) == 1 else f"{between.join(words[:-1])}{between}and then {words[-1]}"


def _ending(found: Counterexample, names: dict[int, str]) -> list[str]:
    link = dangling_link(found.rows)
    left = [*([said_of(link, found.rows)] if link else []), *(f"{sentence}." for sentence in found.left)]
    if found.waits:
        return [*left, "In the end nobody can go on."]
    kind, colon, message = found.reason.partition(": ")
    if not colon:
        return left
    if found.race:
        first, second = found.race
        return [*left, f"Here row {second} races with row {first}: {message}."]
    # Who finds it ends the execution there; where nobody is named, it is so when nothing can happen any more, or of the whole.
    ends_on = next((name for name in names.values() if message.startswith(f"{name}: ")), None)
    if ends_on is not None:
        return [*left, f"It ends on {ends_on} ({kind}): {message.removeprefix(f'{ends_on}: ')}."]
    return [*left, f"In the end ({kind}): {message.removeprefix(IN_THE_END)}."]
