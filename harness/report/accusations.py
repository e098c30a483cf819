"""Patches that are to blame, one clause at a time, whoever has found that out: at their lines on GitHub, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.report.annotated_run import interrupt_told, place_in
from harness.report.github_annotations import Annotation, PatchRemark, annotations_of
from harness.report.patch_lines import FileOfStage
from harness.report.replay_command import replay_command
from harness.report.run_markdown import block, code, execution_folded, lacking_told, plain, within
from harness.suite.suite import Suite
from harness.verify.conclusions import what
from harness.verify.executions import Executions, Key
from harness.verify.verdicts import Failure


@dataclass(frozen=True)
class Accusation:
    """A patch, its number, and what is held against it: `form` says that with `{}` for the clause, `said` how it is known.

    `failure` is of `clause` and `kind`; `unsure` is what stands behind the clause if that is not certain.
    """

    level: str
    patch: int
    form: str
    said: str
    clause: str
    kind: str
    failure: Failure
    unsure: str = ""

    @property
    def named(self) -> str:
        """The clause, and whether that is certain."""
        return f"{self.clause}{self.unsure}"

    @property
    def title(self) -> str:
        """What is held against whom."""
        return self.form.format(self.named)

    @property
    def key(self) -> Key:
        """The execution that shows it, if one does."""
        return self.patch, self.failure.replay


@dataclass(frozen=True)
class Accused:
    """A whole run: what to call it, the answer, tables in Markdown, who is to blame, and what else there is to say, line by line.

    `source`: options that name the series; `lacking`: as that of `Reported`.
    """

    heading: str
    answer: str
    tables: tuple[str, ...]
    accusations: Sequence[Accusation]
    lines: tuple[str, ...]
    suite: Suite
    source: tuple[str, ...]
    lacking: str = ""


def accusing_annotations(accused: Accused, files: Mapping[int, FileOfStage], shown: Executions) -> Iterator[Annotation]:
    """Each at the line of its patch, together with what else is there."""
    yield from annotations_of(_remark(accused, each, files[each.patch], shown) for each in accused.accusations)
    yield from interrupt_told(accused.lacking)


def _remark(accused: Accused, each: Accusation, file: FileOfStage, shown: Executions) -> PatchRemark:
    place = place_in(file, each.failure, shown.get(each.key), accused.lacking)
    told = [f"{each.clause}: {accused.suite.clauses[each.clause].sentence}", each.said, what(each.failure)]
    told += [replay_command(each.failure.replay, accused.source)] * bool(each.failure.replay)
    return PatchRemark(each.level, each.patch, each.form, each.named, tuple(told), file, place)


def accusing_markdown(accused: Accused, shown: Executions, most: int | None = None) -> str:
    """The whole document, with a newline at its end; in `most` bytes as many executions as fit."""
    return within(most, shown, lambda executions, notes: "\n\n".join([*_parts(accused, executions), *notes]) + "\n")


def _parts(accused: Accused, shown: Executions) -> Iterable[str]:
    yield f"## {plain(accused.heading)}"
    yield f"**{plain(accused.answer)}**"
    yield from lacking_told(accused.lacking)
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
