"""The results of a run as JSON, schema 2 (docs/json.md). The same results give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from harness.report.core_report import core_json
from harness.suite.figure import NotMeasured
from harness.verify.conclusions import Conclusion, Search, Selection, what
from harness.verify.steps import Step, Steps
from harness.verify.verdicts import ClauseResult, StageResult

SCHEMA = 2


def to_json(stages: Sequence[StageResult], conclusion: Conclusion) -> str:
    """The whole document, with a newline at its end."""
    selection = conclusion.selection
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "harness": version("series-harness"),
        "series": selection.series,
        "suite": selection.suite,
        "models": {model: _model(conclusion.models.get(model, conclusion)) for model in selection.models},
        "selected": _selected(selection),
        "stages": [_stage(stage, selection.models[0]) for stage in stages],
        "bisectable": conclusion.bisectable,
        "conclusion": conclusion.sentence,
        "bad": conclusion.bad,
        "first_bad": conclusion.first_bad,
        "undecided": conclusion.undecided,
        "patches": _patches(conclusion.steps),
        **_steps(conclusion.steps),
        **core_json(stages),
    }
    if selection.ends_early:
        document["ends_early"] = selection.ends_early
    if conclusion.interrupted:
        document["interrupted"] = True
    return json_text(document)


def json_text(document: dict[str, Any]) -> str:
    """A document as it is written into a file, with a newline at its end."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _model(conclusion: Conclusion) -> dict[str, Any]:
    """What is to be said under one memory model."""
    return {
        "bisectable": conclusion.bisectable,
        "conclusion": conclusion.sentence,
        "first_bad": conclusion.first_bad,
        "patches": _patches(conclusion.steps),
    }


def _patches(steps: Steps) -> list[dict[str, Any]]:
    """What each patch does for certain, without the kinds."""
    broken, mended = (_certain(of) for of in (steps.breaks, steps.mends))
    numbers = sorted(broken.keys() | mended.keys())
    return [{"patch": number, "breaks": broken.get(number, []), "repairs": mended.get(number, [])} for number in numbers]


def _certain(steps: Sequence[Step]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for step in steps:
        if step.certain:
            found.setdefault(step.patch, []).append(step.clause)
    return found


def _steps(steps: Steps) -> dict[str, Any]:
    """The same for each kind, with what is not certain and what is accepted."""
    return {
        "baseline_breaks": {step.clause: step.kinds for step in steps.baseline},
        "breaks": [_step(step, or_before=not step.certain, or_baseline=False) for step in steps.breaks]
        + [_step(step, or_before=True, or_baseline=True) for step in steps.unknown],
        "mends": [_step(step) for step in steps.mends],
        "accepted": [
            {"clause": change.clause, "kinds": kinds, "patch": change.patch, "why": change.why} for change, kinds in steps.accepted
        ],
        "accepted_but_absent": [
            {"clause": each.change.clause, "kinds": each.kinds, "patch": each.change.patch, "message": each.sentence}
            for each in steps.unmet
        ],
    }


def _step(step: Step, **more: bool) -> dict[str, Any]:
    return {"patch": step.patch, "clause": step.clause, "kinds": step.kinds, **more}


def _selected(selection: Selection) -> dict[str, Any]:
    return {
        "whole": selection.whole,
        "clauses": dict(selection.clauses),
        "stages": selection.stages,
        "of_clauses": len(selection.every_clause),
        "of_stages": len(selection.every_stage),
    }


def _stage(stage: StageResult, model: str) -> dict[str, Any]:
    return {
        "index": stage.index,
        "title": stage.title,
        "module": stage.module,
        **({"commit": stage.commit} if stage.commit else {}),
        "clauses": {name: _clause(stage, result, model) for name, result in stage.clauses.items()},
        "behaviour": stage.behaviour.to_json() if isinstance(stage.behaviour, NotMeasured) else dict(stage.behaviour),
        "performance": {} if stage.performance is None else stage.performance.to_json(),
    }


def _clause(stage: StageResult, result: ClauseResult, first_model: str) -> dict[str, Any]:
    models = {model: clauses[result.clause] for model, clauses in stage.models.items() if result.clause in clauses} or {first_model: result}
    search = Search.of(result.kinds.values())
    return {
        "verdict": result.verdict,
        "models": {model: each.verdict for model, each in models.items()},
        "executions": sum(kind.executions for kind in result.kinds.values()),
        "complete": all(kind.complete for kind in result.kinds.values()),
        "kinds": {name: kind.verdict for name, kind in result.kinds.items()},
        "search": {
            "programs": search.programs,
            "exhausted": search.exhausted,
            "robust": search.robust,
            "open_ends": list(search.open_ends),
            "within": dict(search.within),
        },
        "failures": [failure for model, each in models.items() for failure in _failures(stage, model, each)],
    }


def _failures(stage: StageResult, model: str, result: ClauseResult) -> Iterator[dict[str, str]]:
    """One for each kind that does not pass under a memory model, violations first."""
    for kind in result.failing:
        if failure := kind.failure:
            tried = stage.under_sc.get((kind.clause, kind.kind))
            yield {
                "kind": kind.kind,
                "model": model,
                **({"under_sc": tried} if tried else {}),
                "verdict": kind.verdict,
                "failure": failure.kind,
                "message": what(failure),
                "program": failure.program,
                "replay": failure.replay,
            }
