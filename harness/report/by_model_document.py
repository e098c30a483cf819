"""What a series violates under which memory model, as Markdown: whether it would have worked on ARM, and which barriers it lacks."""

from __future__ import annotations

import os
from collections.abc import Sequence

from harness.explored.models import ARM, PSO, TSO
from harness.report.findings_document import NO_TEXT, execution_shown, wrapped
from harness.report.suggested_barriers import suggestion_text
from harness.report.tables import table
from harness.sources.target import Target
from harness.suite.suite import Suite
from harness.verify.conclusions import count_of, what
from harness.verify.deepening import Effort
from harness.verify.faults import ranges, stages_named
from harness.verify.find_violations import Remark
from harness.verify.weakest_models import ByModel, Missing, Tried
from stages.api import short_title

# What a model adds to those before it.
FROM = {TSO: "with x86's store buffers", PSO: "where stores overtake each other", ARM: "on ARM"}

NO_BARRIER = "fail only in a weak model, and no barrier helps"
PAST_MENDING = """\
With a full barrier wherever one could stand in the stage, this fails under `{model}` all the same. So the logic is wrong here, too; but it
takes what the machine does with late stores, or the program judges only where they may be late. `harness replay {replay}` shows
the first.
"""

HEAD = """\
# Would the series `{series}` have worked on ARM?

{answer}

This file is written by `harness findings --series {series} --by-model --output FILE`; a fresh run gives the same bytes. A *test* is a
program of the contract for one kind that it makes sense for. Each was searched on each stage, up to {executions} executions, under the
memory models {models}, one after the other until it failed; where it did under a weaker one, up to {further} under those before it, so
as to know that it takes the weaker one. What fails under `{first}` is wrong in its logic, on every machine: no order of stores and loads is
to blame, and no barrier mends it. What fails only under a weaker model lacks a barrier, if there is one that mends it.
"""

LIMITS = """\
## What this does not say

- A test that fails under `{first}` is not looked at any further. Barriers may be missing there as well.
- Data races are not counted, nor virtual time. `arm` has no load buffering, no dependencies, and no write that gets between earlier ones.
- The machine's own core has all barriers that ARM needs. What Xen's of 2014 lacked shows with
  `harness run --series {series} --no-perf --model arm --core 2014`.
"""

UNSEEN = """\
Of the tests that do not fail, so many were not searched to the end: they have more than {executions} executions, and those beyond were not
looked at; or a plain read races in one of them, and nobody has tried what comes of the older values that it may find under `{last}`:
"""


def to_markdown(series: str, suite: Suite, found: ByModel, targets: Sequence[Target], texts: Sequence[Remark]) -> str:
    """The whole document."""
    models = ", ".join(f"`{model}`" for model in found.models)
    first = found.models[0]
    parts = [
        HEAD.format(
            series=series, answer=answer(found), executions=found.executions, further=Effort.executions, models=models, first=first
        ),
        _stages(found, targets),
        _clauses(found),
        *(_section(suite, found, model, texts) for model in found.models[1:]),
        _barriers(found, targets),
        _past_mending(found),
        LIMITS.format(series=series, first=first),
        _unseen(found),
    ]
    return "\n".join(filter(None, parts))


def answer(found: ByModel) -> str:
    """Whether the series works under the weakest model, at its last stage, and whether its baseline does."""
    last, tests = found.stages[-1], len(found.on_stage(found.stages[-1]))
    counts = [len(found.needing(model, last)) for model in found.models]
    more = " and ".join(f"{number or 'none'} only {FROM[model]}" for model, number in zip(found.models[1:], counts[1:], strict=True))
    if counts[0]:
        verdict = (
            f"**No, and nowhere else either.** After the last patch, {counts[0]} of {tests} tests fail on every machine; besides, {more}."
        )
    elif any(counts):
        verdict = f"**No.** After the last patch, of {tests} tests none fails on every machine, {more}."
    else:
        verdict = f"**As far as was looked, yes.** After the last patch, none of {tests} tests is known to fail."
    verdict += _barriers_in_short(found, last)
    if hopeless := len(found.past_mending(last)):
        verdict += f"\n{hopeless} more {'fails' if hopeless == 1 else 'fail'} in a weak model only, and no barrier helps."
    before = sum(each.fails for each in found.on_stage(found.stages[0]))
    baseline = f"On the baseline, {before or 'none'} of {len(found.on_stage(found.stages[0]))} {'fails' if before == 1 else 'fail'}."
    return f"{verdict}\n{baseline}"


def _barriers_in_short(found: ByModel, stage: int) -> str:
    missing = found.missing.get(stage)
    if missing is None or missing.found is None or not missing.found.barriers:
        return ""
    barriers = " and ".join(f"`{each.kind}()` {each.place} (`{each.text}`)" for each in missing.found.barriers)
    return f"\nWhat is missing {FROM[found.models[-1]]}: {barriers}."


def _heads(found: ByModel) -> list[str]:
    return ["fail on every machine", *(f"only {FROM[model]}" for model in found.models[1:])]


def _stages(found: ByModel, targets: Sequence[Target]) -> str:
    rare = {NO_BARRIER: found.past_mending, "fail, and nobody knows where": found.unsure}
    rare = {head: of for head, of in rare.items() if any(of(stage) for stage in found.stages)}
    rows = [
        [target.index, short_title(target.title), len(found.on_stage(target.index))]
        + [len(found.needing(model, target.index)) for model in found.models]
        + [len(of(target.index)) for of in rare.values()]
        for target in targets
    ]
    heads = ["stage", "patch", "tests", *_heads(found), *rare]
    return f"## How many tests fail, stage by stage\n\n{table(rows, heads, 'github', ['stage', *heads[2:]])}\n"


def _clauses(found: ByModel) -> str:
    """Of each clause that fails somewhere, with how many programs, and in which stages, under each model and none before it."""
    rows = []
    needing = [each for model in found.models for each in found.needing(model)]
    for clause in dict.fromkeys(each.clause for each in found.tried if each in needing):
        failing = [[each for each in found.needing(model) if each.clause == clause] for model in found.models]
        rows.append([clause, *(_tests(each) for each in failing)])
    return f"## Which clauses\n\n{table(rows, ['clause', *_heads(found)], 'github')}\n" if rows else ""


def _tests(tried: Sequence[Tried]) -> str:
    """How many programs, at which stages."""
    if not tried:
        return "–"
    programs = {each.row.request.program for each in tried}
    return f"{count_of(len(programs), 'program')}, {stages_named(_stages_of(tried))}"


def _section(suite: Suite, found: ByModel, model: str, texts: Sequence[Remark]) -> str:
    """What fails under a model and under none before it, and an execution of each clause."""
    needing = found.needing(model)
    head = f"## What fails only {FROM[model]}\n\n"
    if not needing:
        return f"{head}Nothing.\n"
    examples = [_example(suite, *each, texts) for each in found.examples if each[0].needs == model]
    return "\n".join([f"{head}{_tests_table(needing)}", *examples])


def _past_mending(found: ByModel) -> str:
    """What fails under a weaker model and lacks no barrier."""
    tried = found.past_mending()
    if not tried:
        return ""
    lead = PAST_MENDING.format(model=found.models[-1], replay=tried[0].row.replay)
    return f"## What {NO_BARRIER.replace('fail', 'fails', 1)}\n\n{lead}\n{_tests_table(tried)}"


def _tests_table(tried: Sequence[Tried]) -> str:
    """What fails, and how. Kinds that fail alike share a row."""
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for (clause, program, kind, said), stages in _alike(tried).items():
        rows.setdefault((clause, program, ranges(stages), said), []).append(kind)
    cells = [[clause, program, ", ".join(kinds), stages, said] for (clause, program, stages, said), kinds in rows.items()]
    return f"{table(cells, ['clause', 'program', 'kinds', 'stages', 'what happens'], 'github')}\n"


def _alike(tried: Sequence[Tried]) -> dict[tuple[str, str, str, str], list[int]]:
    """In which stages each test fails in the same way: clause, program, kind, and what happens."""
    found: dict[tuple[str, str, str, str], list[int]] = {}
    for each in tried:
        request, failure = each.row.request, each.row.found.failure
        assert failure is not None
        found.setdefault((each.clause, request.program, request.kind, what(failure)), []).append(each.stage)
    return found


def _stages_of(tried: Sequence[Tried]) -> list[int]:
    return sorted({each.stage for each in tried})


def _example(suite: Suite, tried: Tried, hint: str, texts: Sequence[Remark]) -> str:
    text = next((text.text for text in texts if _is_about(text, tried)), NO_TEXT)
    said = f"\nOf that program alone, found by trying: {hint}.\n" if hint else ""
    return (
        f"### {tried.clause}\n\n> {suite.clauses[tried.clause].sentence}\n\n"
        f"First at stage {tried.stage}. {wrapped(text)}\n\n{execution_shown(tried.row)}{said}"
    )


def mismatches(found: ByModel, texts: Sequence[Remark]) -> list[str]:
    """What is found without a text, and texts about what is not found."""
    shown = [tried for tried, _ in found.examples]
    missing = [tried for tried in shown if not any(_is_about(text, tried) for text in texts)]
    stale = [text for text in texts if not any(_is_about(text, tried) for tried in shown)]
    return [
        *(f"no text about {tried.clause} under {tried.needs}" for tried in missing),
        *(f"a text about {text.clause} under {text.model}, which is not what is found" for text in stale),
    ]


def _is_about(text: Remark, tried: Tried) -> bool:
    return (text.clause, text.model) == (tried.clause, tried.needs)


def _barriers(found: ByModel, targets: Sequence[Target]) -> str:
    """The fewest barriers for each stage."""
    if not found.missing:
        return ""
    last = found.models[-1]
    texts = [
        f"Stage {target.index}:\n\n```text\n{_barriers_of(found.missing[target.index], target, last)}```\n"
        for target in targets
        if target.index in found.missing
    ]
    lead = f"For each stage, the fewest barriers in its own lines with which no test of the sections before fails under `{last}`.\n"
    return "\n".join(["## Which barriers are missing\n", lead, *texts])


def _barriers_of(missing: Missing, target: Target, model: str) -> str:
    if missing.found is None:
        return f"nothing was found out: {missing.why}\n"
    return suggestion_text(missing.found, "all of that", os.path.basename(target.path), model)


def _unseen(found: ByModel) -> str:
    """What was not searched to its end, by model; and of which of those reads were not given all values."""
    rows = []
    for stage in found.stages:
        passing = [each for each in found.on_stage(stage) if not each.fails]
        # (What was searched last is the weakest model.)
        racing = sum(each.row.found.untried for each in passing)
        rows.append([stage, *(sum(model in each.unseen for each in passing) for model in found.models), racing])
    last = found.models[-1]
    heads = ["stage", *(f"under {model}" for model in found.models), f"of those under {last}, a plain read races"]
    lead = UNSEEN.format(executions=found.executions, last=last)
    return f"{lead}\n{table(rows, heads, 'github', heads)}\n"
