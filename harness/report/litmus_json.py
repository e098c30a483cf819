"""The results of `harness litmus` as JSON, schema 1 (docs/json.md). The same results give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.litmus.count_programs import ExecutionCount
from harness.litmus.files.outcomes import FileOutcome, StateCount
from harness.litmus.files.syntax import Value
from harness.report.json_file import json_text
from harness.report.litmus_counts import CountsByModel
from harness.report.litmus_verdicts import FileOutcomes

LITMUS_SCHEMA = 1


def litmus_json(tallies: CountsByModel, outcomes: FileOutcomes) -> str:
    """The whole document, with a newline at its end; `files` is there if there are any."""
    document: dict[str, Any] = {
        "schema": LITMUS_SCHEMA,
        "programs": {name: {model: _tally(tally) for model, tally in of.items()} for name, of in tallies.items()},
    }
    if outcomes:
        document["files"] = {path: _file(of) for path, of in outcomes.items()}
    return json_text(document)


def _tally(tally: ExecutionCount) -> dict[str, Any]:
    found: dict[str, Any] = {"executions": tally.executions, "blocked": tally.blocked, "published": tally.published}
    if tally.reached:
        found["cut_off"] = tally.reached
    if tally.gave_up:
        found["gave_up"] = tally.gave_up
    return found


def _file(outcomes: Mapping[str, FileOutcome]) -> dict[str, Any]:
    first = next(iter(outcomes.values())).file
    return {
        "name": first.name,
        "condition": str(first.condition),
        "models": {model: _outcome(found) for model, found in outcomes.items()},
    }


def _outcome(found: FileOutcome) -> dict[str, Any]:
    return {
        "verdict": found.verdict,
        "validated": found.validated,
        "executions": found.executions,
        "blocked": found.blocked,
        "stuck": found.stuck,
        "states": [_state(each) for each in found.states],
        "race": found.race,
        "cut_off": found.reached,
        "not_covered": [gap.sentence for gap in found.gaps],
        "stronger": list(found.stronger),
        "replay": found.replay,
    }


def _state(each: StateCount) -> dict[str, Any]:
    return {
        "state": {name: _value(value) for name, value in each.state.items()},
        "executions": each.executions,
        "satisfies": each.satisfies,
    }


def _value(value: Value) -> int | str:
    return value if isinstance(value, int) else str(value)
