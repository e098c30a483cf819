"""The results of a run as JSON, schema 1 (docs/json.md). The same results give the same bytes."""

from __future__ import annotations

import json
from typing import Any

from harness.verify.conclusions import Search, first_bad, what
from harness.verify.verdicts import ClauseResult, StageResult

SCHEMA = 1


def to_json(series: str, stages: list[StageResult], interrupted: bool) -> str:
    """The whole document, with a newline at its end."""
    bad = first_bad(stages)
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "series": series,
        "stages": [_stage(stage) for stage in stages],
        # A part of the results can say that a series is not bisectable, but not that it is.
        "bisectable": False if bad else None if interrupted else True,
        "first_bad": bad,
    }
    if interrupted:
        document["interrupted"] = True
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _stage(stage: StageResult) -> dict[str, Any]:
    return {
        "index": stage.index,
        "title": stage.title,
        "module": stage.module,
        "clauses": {name: _clause(result) for name, result in stage.clauses.items()},
        "behaviour": stage.behaviour,
        "performance": {} if stage.performance is None else stage.performance.to_json(),
    }


def _clause(result: ClauseResult) -> dict[str, Any]:
    search = Search.of(result.kinds.values())
    failing = next((kind for kind in result.failing), None)
    return {
        "verdict": result.verdict,
        "executions": sum(kind.executions for kind in result.kinds.values()),
        "complete": all(kind.complete for kind in result.kinds.values()),
        "kinds": {name: kind.verdict for name, kind in result.kinds.items()},
        "search": {"programs": search.programs, "exhausted": search.exhausted, "open_ends": list(search.open_ends)},
        "failure": failing
        and failing.failure
        and {"kind": failing.kind, "message": what(failing.failure), "replay": failing.failure.replay},
    }
