"""From stage to stage: what the baseline breaks, what each patch breaks and mends, and which of that a series accepts.

A patch answers only for a step from kept to violated, clause by clause and kind by kind. Where the stage before it has no verdict, the
patches before may have done it as well, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from harness.verify.verdicts import FAIL, PASS, ClauseResult, KindResult, StageResult
from stages.api import AcceptedChange

# A clause and a kind.
Pair = tuple[str, str]
# The stages with a verdict, and whether they keep the clause for the kind.
History = list[tuple[int, bool]]

# Where the clause and its kinds come in the reason of an `Unmet`.
WHAT = "{what}"


@dataclass(frozen=True)
class Step:
    """What a patch does to a clause for some kinds. `whole`: these are all kinds that the stage was tested for.

    `certain`: the stage before was tested and has a verdict; otherwise it may have been a patch before.
    """

    patch: int
    clause: str
    kinds: tuple[str, ...]
    certain: bool = True
    whole: bool = True

    @property
    def what(self) -> str:
        """The clause, with its kinds if these are not all."""
        return self.clause if self.whole else self.in_full

    @property
    def in_full(self) -> str:
        """The clause and its kinds."""
        return f"{self.clause} ({', '.join(self.kinds)})"


@dataclass(frozen=True)
class Unmet:
    """An accepted change that does not happen for some of its kinds, and why not: a sentence with `WHAT` in it."""

    change: AcceptedChange
    kinds: tuple[str, ...]
    reason: str

    @property
    def sentence(self) -> str:
        """Such as "accepted change does not happen: stage 2 keeps fifo (vcpu)"."""
        what = f"{self.change.clause} ({', '.join(self.kinds)})"
        return f"accepted change does not happen: {self.reason.format(what=what)}"


@dataclass(frozen=True)
class Steps:
    """All steps of a series, in the order of the stages.

    `baseline`: what its first stage violates. `unknown`: what is violated where no stage before has a verdict: a patch may have broken it,
    or the baseline. `accepted`: the steps of accepted changes; `tolerated` are the violations that belong to them, by stage. `inherited`:
    those of the baseline and of the stages that have not mended them.
    """

    baseline: tuple[Step, ...] = ()
    unknown: tuple[Step, ...] = ()
    breaks: tuple[Step, ...] = ()
    mends: tuple[Step, ...] = ()
    accepted: tuple[tuple[AcceptedChange, tuple[str, ...]], ...] = ()
    unmet: tuple[Unmet, ...] = ()
    tolerated: frozenset[tuple[int, str, str]] = frozenset()
    inherited: frozenset[tuple[int, str, str]] = frozenset()

    @property
    def first_bad(self) -> dict[str, int]:
        """Each clause that a patch breaks, with the first such patch."""
        found: dict[str, int] = {}
        for step in self.breaks:
            found.setdefault(step.clause, step.patch)
        return found

    def accepts(self, stage: StageResult, clause: str) -> bool:
        """Whether the stage violates the clause, and for no other kinds than an accepted change says."""
        kinds = stage.clauses[clause].kinds
        bad = [kind for kind, result in kinds.items() if result.verdict != PASS]
        return bool(bad) and all((stage.index, clause, kind) in self.tolerated for kind in bad)


def steps_of(stages: Sequence[StageResult], baseline: int, accepted: Sequence[AcceptedChange] = ()) -> Steps:
    """Compare the results of each clause and kind from stage to stage; `baseline` is the number of the series' first stage."""
    tested = {stage.index: stage for stage in stages}
    found: dict[str, list[tuple[int, str, str, bool]]] = {name: [] for name in ("baseline", "unknown", "breaks", "mends")}
    tolerated: set[tuple[int, str, str]] = set()
    for (clause, kind), history in histories(stages).items():
        named = [change for change in accepted if change.clause == clause and kind in change.kinds]
        for position, (index, _) in enumerate(history):
            changes = [change for change in named if covers(change, tested[index].clauses[clause].kinds[kind])]
            before = history[position - 1] if position else None
            name = _named(history[position], before, baseline)
            if before is not None and (before[0], clause, kind) in tolerated and not history[position][1]:
                # What was accepted has become more than that.
                name = "breaks"
            if any(_belongs(history[: position + 1], change.patch) for change in changes):
                tolerated.add((index, clause, kind))
            elif name:
                found[name].append((index, clause, kind, before is None or before[0] == index - 1))
    return Steps(
        baseline=_grouped(found["baseline"], stages),
        unknown=_grouped(found["unknown"], stages),
        breaks=_grouped(found["breaks"], stages),
        mends=_grouped(found["mends"], stages),
        accepted=_with_kinds(accepted, lambda change, kind: any((stage.index, change.clause, kind) in tolerated for stage in stages)),
        unmet=tuple(_unmet(stages, accepted)),
        tolerated=frozenset(tolerated),
        inherited=frozenset(_inherited(stages, baseline)),
    )


NO_STEPS = Steps()


def by_patch(steps: Iterable[Step], kinds: bool = True) -> list[tuple[str, str]]:
    """Who it was, and which clauses that is about: such as ("patch 2", "fifo, quiet (vcpu)") and ("patch 3 or before", "reuse")."""
    together: dict[str, list[str]] = {}
    for step in steps:
        together.setdefault(f"patch {step.patch}{'' if step.certain else ' or before'}", []).append(step.what if kinds else step.clause)
    return [(who, ", ".join(what)) for who, what in together.items()]


def histories(stages: Sequence[StageResult]) -> dict[Pair, History]:
    """For each clause and kind the stages with a verdict, in order; clauses come in the order of the first stage that has them."""
    found: dict[Pair, History] = {}
    for stage in stages:
        for clause, result in stage.clauses.items():
            for kind, tested in result.kinds.items():
                history = found.setdefault((clause, kind), [])
                if tested.verdict in (PASS, FAIL):
                    history.append((stage.index, tested.verdict == PASS))
    return found


def _inherited(stages: Sequence[StageResult], baseline: int) -> Iterator[tuple[int, str, str]]:
    for (clause, kind), history in histories(stages).items():
        if history and history[0][0] == baseline:
            yield from ((index, clause, kind) for index, _ in takewhile(lambda at: not at[1], history))


def covers(change: AcceptedChange, result: KindResult) -> bool:
    """Whether no program fails but those that an accepted change names; where others have not been seen to their ends, nobody knows."""
    return not change.programs or (result.all_seen and set(result.failing) <= set(change.programs))


def accepted_of(result: ClauseResult, accepted: Sequence[AcceptedChange]) -> dict[str, AcceptedChange]:
    """For a stage without a place in a series: the kinds of a violation that a change is behind. What has no verdict is never accepted."""
    return {
        kind: change
        for kind, tested in result.kinds.items()
        if tested.verdict == FAIL
        for change in accepted
        if change.clause == result.clause and kind in change.kinds and covers(change, tested)
    }


def _named(now: tuple[int, bool], before: tuple[int, bool] | None, baseline: int) -> str:
    """Which of the steps leads to a verdict; none if nothing changes, or it is not certain who has mended the clause."""
    index, keeps = now
    if before is None:
        return "" if keeps else "baseline" if index == baseline else "unknown"
    if keeps == before[1]:
        return ""
    if keeps:
        return "mends" if before[0] == index - 1 else ""
    return "breaks"


def _belongs(history: History, patch: int) -> bool:
    """Whether the last violation of `history` belongs to a change that `patch` makes: the stage before kept it, none since has."""
    since = [keeps for index, keeps in history if index >= patch]
    before = [keeps for index, keeps in history if index < patch]
    return bool(since) and not any(since) and (not before or before[-1])


def _grouped(found: Iterable[tuple[int, str, str, bool]], stages: Sequence[StageResult]) -> tuple[Step, ...]:
    """One step for all kinds, in the order of the stages."""
    together: dict[tuple[int, str, bool], list[str]] = {}
    for index, clause, kind, certain in found:
        together.setdefault((index, clause, certain), []).append(kind)
    tested = {stage.index: stage for stage in stages}
    steps = [
        Step(index, clause, tuple(kinds), certain, whole=len(kinds) == len(tested[index].clauses[clause].kinds))
        for (index, clause, certain), kinds in together.items()
    ]
    return tuple(sorted(steps, key=lambda step: step.patch))


def _with_kinds(
    accepted: Iterable[AcceptedChange], holds: Callable[[AcceptedChange, str], bool]
) -> tuple[tuple[AcceptedChange, tuple[str, ...]], ...]:
    """The changes with those of their kinds for which something holds, if there are any."""
    found = [(change, tuple(kind for kind in change.kinds if holds(change, kind))) for change in accepted]
    return tuple((change, kinds) for change, kinds in found if kinds)


def _unmet(stages: Sequence[StageResult], accepted: Sequence[AcceptedChange]) -> Iterator[Unmet]:
    """The accepted changes at whose patch the clause is kept, or which find it violated already."""
    known = histories(stages)

    def kept(change: AcceptedChange, kind: str) -> bool:
        return (change.patch, True) in known.get((change.clause, kind), [])

    def violated_before(change: AcceptedChange, kind: str) -> bool:
        history = known.get((change.clause, kind), [])
        before = [keeps for index, keeps in history if index < change.patch]
        return (change.patch, False) in history and bool(before) and not before[-1]

    yield from (Unmet(change, kinds, f"stage {change.patch} keeps {WHAT}") for change, kinds in _with_kinds(accepted, kept))
    for change, kinds in _with_kinds(accepted, violated_before):
        yield Unmet(change, kinds, f"the stage before patch {change.patch} violates {WHAT} already")
