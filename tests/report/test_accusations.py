"""Who is to blame, as annotations and as Markdown."""

from __future__ import annotations

from dataclasses import replace

from harness.report.accusations import Accusation, Accused, accusing_annotations, accusing_markdown
from harness.report.github_annotations import ERROR, NOTICE
from harness.report.patch_lines import FileOfStage
from harness.suite.registry import suite_named
from harness.verify.verdicts import Failure

FAILURE = Failure("assertion", "CPU0: t | ran <twice>, at stage.py:3 (run)", replay="h2/some/2/string")
FILES = {2: FileOfStage("stage.py", ("a", "b", "d"), ("a", "b", "c", "d"))}
ACCUSATION = Accusation(ERROR, 2, "patch 2 breaks {}", "fifo (vcpu): patch 2 breaks it", "fifo", "vcpu", FAILURE)
ACCUSED = Accused(
    "Series x_y",
    "patch 2 breaks fifo",
    ("| a table |", ""),
    [ACCUSATION],
    ("undecided: *all*",),
    suite_named("tasklets"),
    ("--series", "a b"),
)


def test_annotations() -> None:
    """Each is of its level, at the line of the patch that the message names, with the sentence of the clause and the command."""
    excused = replace(ACCUSED, accusations=[replace(ACCUSATION, level=NOTICE, failure=replace(FAILURE, replay=""))])
    (first,), (second,) = (list(accusing_annotations(each, FILES, {})) for each in (ACCUSED, excused))
    assert (first.level, first.title, first.file, first.line) == (ERROR, "patch 2 breaks fifo", "stage.py", 3)
    clause, said, failure, command = first.message.splitlines()
    assert clause == f"fifo: {ACCUSED.suite.clauses['fifo'].sentence}"
    assert (said, failure) == (ACCUSATION.said, "assertion: CPU0: t | ran <twice>, at stage.py:3 (run)")
    assert command == "harness replay h2/some/2/string --series 'a b'"
    assert second.level == NOTICE
    assert "harness replay" not in second.message


def test_markdown() -> None:
    """What means something in Markdown does not, and nothing is shown that nobody has executed again."""
    text = accusing_markdown(ACCUSED, {})
    assert text.startswith("## Series x\\_y\n\n**patch 2 breaks fifo**\n\n| a table |\n\n### Patch 2 breaks fifo\n\n")
    assert "\n`assertion: CPU0: t | ran <twice>, at stage.py:3 (run)`\n" in text
    assert "```sh\nharness replay h2/some/2/string --series 'a b'\n```" in text
    assert text.endswith("\n\n- undecided: \\*all\\*\n")
    assert "<details>" not in text
