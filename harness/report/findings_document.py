"""The recorded findings of a series as Markdown, and what is wrong with the texts about them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from harness.report.counterexample_text import counterexample_text
from harness.report.tables import table
from harness.search.counterexample import Counterexample
from harness.suite.registry import suite_named
from harness.suite.suite import Suite
from harness.verify.conclusions import what
from harness.verify.explore_programs import Row
from harness.verify.find_violations import Explanation, Finding, Findings

WIDTH = 120

NO_TEXT = "*Nobody has explained this finding yet.*"

HEAD = """\
# What the series `{series}` violates

This file is written by `harness findings --series {series} --output FILE`; a fresh run gives the same bytes. The clauses, the patches and
the executions are found, not declared; only the paragraphs in plain words are written by hand, in `findings.toml`. Each execution is shown
as `harness replay --width 80` shows it; docs/counterexamples.md says how to read that. With `--all`, no operation is left out.

The stages were tested under the memory model `{model}`. An execution whose replay string does not name it is one under sequential
consistency as well.
"""

BY_MODEL = """\
Would the series have worked on ARM? [{file}]({file}) says which violations need a weak memory model, and which barriers are missing there.
"""

EXAMPLE = re.compile(r"```text\n(.*?)\n```\n\n```sh\nharness replay (\S+)\n```\n", re.DOTALL)


def to_markdown(findings: Findings, texts: Sequence[Explanation], by_model: str = "") -> str:
    """The whole document; `by_model`: the file beside it that says which memory models it takes, if there is one."""
    parts = [HEAD.format(series=findings.series.name, model=findings.model)]
    parts.append(BY_MODEL.format(file=by_model) if by_model else "")
    parts.append(_overview(findings))
    suite = suite_named(findings.series.suite)
    parts += [_section(suite, finding, texts) for finding in findings.found]
    parts.append(_others("Violated by the baseline already", findings.baseline))
    parts.append(_others("Undecided: the search did not come to an end, or a plain read races under `arm`", findings.undecided))
    parts.append(_others("Kept by every stage", findings.kept))
    return "\n".join(filter(None, parts))


def examples(document: str) -> list[tuple[str, str]]:
    """The counterexamples that a document shows, each with its replay string."""
    return EXAMPLE.findall(document)


def shown(counterexample: Counterexample | None) -> str:
    """A counterexample as the document has it."""
    return counterexample_text(counterexample).removesuffix("\n") if counterexample else ""


def mismatches(findings: Findings, texts: Sequence[Explanation]) -> list[str]:
    """Findings without a text, and texts without a finding."""
    missing = [finding for finding in findings.found if not any(text.fits(finding) for text in texts)]
    stale = [text for text in texts if not any(text.fits(finding) for finding in findings.found)]
    return [
        *(f"no text about {f.clause}, patch {f.patch}, {f.example.found.failure.kind if f.example.found.failure else ''}" for f in missing),
        *(f"a text about {text.clause}, patch {text.patch}, {text.failure}, which is not what is found" for text in stale),
    ]


def _overview(findings: Findings) -> str:
    if not findings.found:
        return "No clause is violated.\n"
    rows = [
        [f"[{f.clause}](#{f.clause})", f.patch, ", ".join(f.kinds), ", ".join(map(str, f.stages)), what(f.example.found.failure)]
        for f in findings.found
        if f.example.found.failure
    ]
    return table(rows, ["clause", "first bad patch", "kinds", "violated in stages", "what happens"], "github") + "\n"


def _section(suite: Suite, finding: Finding, texts: Sequence[Explanation]) -> str:
    example = finding.example
    text = next((text.text for text in texts if text.fits(finding)), NO_TEXT)
    return (
        f"## {finding.clause}\n\n"
        f"> {suite.clauses[finding.clause].sentence}\n\n"
        f"First bad patch: {finding.patch}. Kinds: {', '.join(finding.kinds)}.\n\n"
        f"{wrapped(text)}\n\n"
        f"{execution_shown(example)}"
    )


def wrapped(text: str) -> str:
    """A paragraph in lines."""
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def execution_shown(row: Row) -> str:
    """The failing execution that a search has found, as `examples` finds it again."""
    request, found = row.request, row.found
    operations = 0 if found.failure is None else found.failure.operations
    return (
        f"The simplest execution found, of `{request.program}` for the kind {request.kind}, {operations} operations:\n\n"
        f"```text\n{shown(found.counterexample)}\n```\n\n"
        f"```sh\nharness replay {row.replay}\n```\n"
    )


def _others(head: str, clauses: Sequence[str]) -> str:
    return f"## {head}\n\n{', '.join(clauses)}.\n" if clauses else ""
