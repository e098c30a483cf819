"""What does not pass, for people: violations as a table, and in lines what each patch did, what is accepted, what is undecided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.report.replay_command import replay_hint
from harness.report.tables import table
from harness.verify.common_lack import lacked_by_all
from harness.verify.conclusions import Conclusion, under, what
from harness.verify.faults import Fault, Lack, lacks, not_run, ranges, stages_named, undecided, untestable, violations
from harness.verify.steps import Steps, by_patch
from harness.verify.verdicts import ERROR, FAIL, PASS, UNDECIDED, StageResult

# Why most tests are given up.
NO_USE = "since it does not load or does not come back"

# What sequential consistency says to a violation under another memory model.
SAID = {PASS: "kept", FAIL: "violated", ERROR: "no verdict"}
UNDER_SC = "under sc: whether sequential consistency violates it, too; if it keeps it, that takes a late store or a read of an older value"
NOT_TRIED = "not tried"
NOTHING = "no patch breaks a clause"
# What a reason completes; by whether it is that of several stages.
IT = {False: "it", True: "each of them"}

STAGES, FIRST_BAD = "stages", "first bad stage"


def failures_table(stages: Sequence[StageResult], tablefmt: str, where: str = STAGES) -> str:
    """A row for each fault: its clause, all stages and kinds that have it, what the first of them violated, and how to see that again.

    `where`: what the stages are; empty where there is one thing that is tested, and no number says anything.
    Columns for the memory models, and for what sequential consistency says, are there if there is anything to say.
    """
    faults = violations(stages)
    several, tried = any(fault.models for fault in faults), any(fault.under_sc for fault in faults)
    rows = [
        [
            fault.clause,
            *[ranges(fault.stages)] * bool(where),
            ", ".join(fault.kinds),
            *[", ".join(fault.models)] * several,
            *[", ".join(SAID[verdict] for verdict in fault.under_sc) or NOT_TRIED] * tried,
            what(fault.failure),
            fault.failure.replay,
        ]
        for fault in faults
    ]
    found_in = [where] * bool(where)
    headers = ["clause", *found_in, "kinds", *["models"] * several, *["under sc"] * tried, "what was violated", "replay"]
    return table(rows, headers, tablefmt)


def failures_text(stages: Sequence[StageResult], tablefmt: str, source: Sequence[str], where: str = STAGES) -> str:
    """The same table, and how to see one again; `source`: options that name the series. Nothing, if nothing is violated."""
    faults = violations(stages)
    hint = [replay_hint(source)] * any(fault.failure.replay for fault in faults)
    return "\n".join([failures_table(stages, tablefmt, where), *hint]) if faults else ""


def sc_line(stages: Sequence[StageResult]) -> str:
    """What the column about sequential consistency says; nothing if there is no such column."""
    return UNDER_SC if any(fault.under_sc for fault in violations(stages)) else ""


def step_lines(conclusion: Conclusion) -> list[str]:
    """What each patch does; under each of several memory models, if that is not the same."""
    every = _step_lines(conclusion.steps)
    found = {model: _step_lines(each.steps) for model, each in conclusion.models.items()}
    if all(lines == every for lines in found.values()):
        return every
    models: dict[tuple[str, ...], list[str]] = {}
    for model, lines in found.items():
        models.setdefault(tuple(lines or [NOTHING]), []).append(model)
    return [f"{under(names)}: {line}" for lines, names in models.items() for line in lines]


def _step_lines(steps: Steps) -> list[str]:
    """A line for what the baseline breaks, for each patch that breaks or mends a clause, and for each change that is accepted, with why."""
    lines = [f"the baseline breaks {', '.join(step.in_full for step in steps.baseline)}"] if steps.baseline else []
    lines += [f"patch {step.patch} or before, or the baseline, breaks {step.in_full}" for step in steps.unknown]
    broken, mended = dict(by_patch(steps.breaks)), dict(by_patch(steps.mends))
    for who in sorted(broken.keys() | mended.keys(), key=lambda who: int(who.split()[1])):
        parts = [f"{verb} {done[who]}" for verb, done in (("breaks", broken), ("mends", mended)) if who in done]
        lines.append(f"{who} {'; '.join(parts)}")
    accepted = accepted_lines((change.patch, change.clause, change.why, kinds) for change, kinds in steps.accepted)
    return [*lines, *accepted, *(each.sentence for each in steps.unmet)]


def excused_lines(conclusion: Conclusion) -> list[str]:
    """A line for each patch that breaks what the baseline violates itself, under some memory model: what --new-only does not count."""
    every = list(conclusion.models.values()) or [conclusion]
    steps = {step: None for each in every for step in each.excused_by_baseline if step in each.steps.breaks}
    return [f"not counted: {who} breaks {which}, which the baseline violates" for who, which in by_patch(steps)]


def accepted_lines(changes: Iterable[tuple[int, str, str, Sequence[str]]]) -> list[str]:
    """A line for each accepted change: its patch, its clause, why, and the kinds. A reason that several share is given once."""
    lines: list[str] = []
    given: set[str] = set()
    for patch, clause, reason, kinds in changes:
        why = ", for the same reason" if reason in given else f": {reason}"
        given.add(reason)
        lines.append(f"accepted from patch {patch}: {clause} ({', '.join(kinds)}){why}")
    return lines


def undecided_lines(stages: Sequence[StageResult]) -> list[str]:
    """A line for each clause that has no verdict, and why; such as "undecided: stage 4: fifo (softirq, vcpu): …"."""
    return [_undecided(fault) for fault in undecided(stages)]


def not_run_lines(stages: Sequence[StageResult], reason: str = NO_USE, label: str = "stage {}: ") -> list[str]:
    """A line for each stage with tests that were given up for `reason`; `label` is what it begins with, the stage's number put in."""
    counts = not_run(stages).items()
    return [f"{label.format(index)}{count} test{'s' * (count != 1)} not run, {reason}" for index, count in counts]


def untestable_lines(stages: Sequence[StageResult], problems: Mapping[int, str] | None = None) -> list[str]:
    """A line for each reason why stages cannot be tested: their own code stands in the way of every test, or the `problems` are theirs.

    Then one for each thing that stages lack, with the clauses that ask for it. What all of several stages lack is a line more.
    """
    reasons: dict[str, list[int]] = {}
    for index, reason in sorted({**untestable(stages), **(problems or {})}.items()):
        reasons.setdefault(reason, []).append(index)
    lines = [f"{stages_named(found)} cannot be tested: {IT[len(found) > 1]} {reason}" for reason, found in reasons.items()]
    return [*lines, *lacking_lines(stages), *lacked_by_all(stages, problems)]


def lacking_lines(stages: Sequence[StageResult]) -> list[str]:
    """A line for each thing that tests ask for and stages lack; such as "stage 2 cannot be tested for flush: it has no 'flush_work', …"."""
    found: dict[tuple[str, str], list[int]] = {}
    for stage in stages:
        for lack in lacks(stage):
            found.setdefault((_for_clauses(stage, lack), lack.reason), []).append(stage.index)
    return [
        f"{stages_named(numbers)} cannot be tested{clauses}: {IT[len(numbers) > 1]} {reason}"
        for (clauses, reason), numbers in found.items()
    ]


def lacking_of(stage: StageResult) -> list[str]:
    """The same of one stage, whose name stands elsewhere; such as "cannot be tested for flush: it has no 'flush_work', …"."""
    return [f"cannot be tested{_for_clauses(stage, lack)}: it {lack.reason}" for lack in lacks(stage)]


def _for_clauses(stage: StageResult, lack: Lack) -> str:
    """Such as " for flush, cancel (work)": the clauses that ask for it, with the kinds if not all do; nothing if all clauses do."""
    whole = {clause for clause, kinds in lack.clauses if len(kinds) == len(stage.clauses[clause].kinds)}
    if whole == set(stage.clauses):
        return ""
    named = (clause if clause in whole else f"{clause} ({', '.join(kinds)})" for clause, kinds in lack.clauses)
    return f" for {', '.join(named)}"


def _undecided(fault: Fault) -> str:
    # A failure that says only that it is undecided says so first.
    head = UNDECIDED if fault.failure.kind == UNDECIDED else "not tested"
    reason = what(fault.failure).removeprefix(f"{UNDECIDED}: ")
    # Others may have a reason of their own.
    where = f"in stage {fault.stages[0]}: " * (len(fault.stages) > 1)
    under = f"under {', '.join(fault.models)}: " * bool(fault.models)
    return f"{head}: {under}{stages_named(fault.stages)}: {fault.clause} ({', '.join(fault.kinds)}): {where}{reason}"
