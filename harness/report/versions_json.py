"""Two versions of a series as JSON (docs/json.md). The same results give the same bytes."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from harness.report.json_file import json_text
from harness.report.versions_table import Sides, versions_sentence
from harness.sources.sourced_series import SourcedSeries
from harness.verify.conclusions import Conclusion
from harness.verify.versions import Compared, ComparedPatch, Versions

SCHEMA = 1


def versions_json(sides: Sides, versions: Versions) -> str:
    """The whole document, with a newline at its end."""
    selection = sides.conclusions[0].selection
    return json_text(
        {
            "schema": SCHEMA,
            "harness": version("series-harness"),
            "suite": selection.suite,
            "models": selection.models,
            "clauses": dict(selection.clauses),
            "of_clauses": len(selection.every_clause),
            "v1": _side(sides.series[0], sides.conclusions[0]),
            "v2": _side(sides.series[1], sides.conclusions[1]),
            "patches": [_patch(sides, patch) for patch in versions.patches],
            "newly_broken": versions.new,
            "undecided": versions.undecided,
            "conclusion": versions_sentence(sides, versions),
        }
    )


def _side(series: SourcedSeries, conclusion: Conclusion) -> dict[str, Any]:
    steps = conclusion.steps
    return {
        "series": series.name,
        "stages": len(conclusion.selection.stages),
        "baseline_breaks": {step.clause: step.kinds for step in steps.baseline},
        **({"ends_early": series.ends_early} if series.ends_early else {}),
    }


def _patch(sides: Sides, patch: ComparedPatch) -> dict[str, Any]:
    return {
        "v1": patch.match.before,
        "v2": patch.match.after,
        "title": sides.title(patch),
        "verdicts": [_compared(each) for each in patch.found],
    }


def _compared(found: Compared) -> dict[str, Any]:
    return {"clause": found.clause, "kind": found.kind, "model": found.model, "v1": found.before, "v2": found.after, "said": found.said}
