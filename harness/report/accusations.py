"""Patches that are to blame, one clause at a time, whoever has found that out: at their lines on GitHub, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.report.github_annotations import Annotation
from harness.report.patch_lines import FileOfStage
from harness.report.replay_command import replay_command
from harness.report.run_markdown import block, code, execution_folded, plain, within
from harness.suite.suite import Suite
from harness.verify.conclusions import what
from harness.verify.executions import Executions, Key
from harness.verify.verdicts import Failure


@dataclass(frozen=True)
class Accusation:
    """A patch, its number, and what is held against it: `title` says that, `said` how it is known. `failure` is of `clause` and `kind`."""

    level: str
    patch: int
    title: str
    said: str
    clause: str
    kind: str
    failure: Failure

    @property
    def key(self) -> Key:
        """The execution that shows it, if one does."""
        return self.patch, self.failure.replay


@dataclass(frozen=True)
class Accused:
    """A whole run: what to call it, the answer, tables in Markdown, who is to blame, and what else there is to say, line by line.

    `source`: options that name the series.
    """

    heading: str
    answer: str
    tables: tuple[str, ...]
    accusations: Sequence[Accusation]
    lines: tuple[str, ...]
    suite: Suite
    source: tuple[str, ...]


def accusing_annotations(accused: Accused, files: Mapping[int, FileOfStage], shown: Executions) -> Iterator[Annotation]:
    """Each at the line of its patch."""
    for each in accused.accusations:
        file = files[each.patch]
        line = file.line(shown.get(each.key), each.failure.message)
        told = [f"{each.clause}: {accused.suite.clauses[each.clause].sentence}", each.said, what(each.failure)]
        told += [f"harness replay {each.failure.replay}"] * bool(each.failure.replay)
        yield Annotation(each.level, each.title, "\n".join(told), file.name, line)


def accusing_markdown(accused: Accused, shown: Executions, most: int | None = None) -> str:
    """The whole document, with a newline at its end; in `most` bytes as many executions as fit."""
    return within(most, shown, lambda executions, notes: "\n\n".join([*_parts(accused, executions), *notes]) + "\n")


def _parts(accused: Accused, shown: Executions) -> Iterable[str]:
    yield f"## {plain(accused.heading)}"
    yield f"**{plain(accused.answer)}**"
    yield from filter(None, accused.tables)
    for each in accused.accusations:
        yield f"### {plain(each.title[0].upper() + each.title[1:])}"
        yield f"{plain(each.said)}\n\n**{plain(each.clause)}**: {accused.suite.clauses[each.clause].sentence}\n{code(what(each.failure))}"
        if each.failure.replay:
            yield block(replay_command(each.failure.replay, accused.source), "sh")
        execution = shown.get(each.key)
        if execution is not None and execution.rows:
            yield execution_folded(f"{each.clause} ({each.kind}), program {each.failure.program}", execution)
    if accused.lines:
        yield "\n".join(f"- {plain(line)}" for line in accused.lines)
