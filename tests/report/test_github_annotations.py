"""Annotations as GitHub reads them, and which of them it is given."""

from __future__ import annotations

from harness.report.github_annotations import ERROR, LONGEST, MOST, NOTICE, WARNING, Annotation, PatchRemark, annotations_of, as_commands
from harness.report.patch_lines import FileOfStage, LineOfPatch

FILE = FileOfStage("s.py", ("a",), ("a", "b", "c"), ("a", "b", "d"))


def remark(clause: str, patch: int = 1, line: int = 2, form: str = "patch 1 breaks {}", level: str = ERROR, meant: int = 0) -> PatchRemark:
    """That a patch breaks a clause, shown at a line that is the same in its stage."""
    return PatchRemark(level, patch, form, clause, (f"{clause}: at s.py:2 (f)",), FILE, LineOfPatch(line, line, meant or line))


def test_escaping() -> None:
    """What would end a line, a property or the list of them is escaped, and the percent sign itself."""
    found = Annotation(ERROR, "a: b, c", "50 %: x,\r\ny", "d,e:f%.py", 3).command
    assert found == "::error file=d%2Ce%3Af%25.py,line=3,title=a%3A b%2C c::50 %25: x,%0D%0Ay"
    assert Annotation(NOTICE, "t", "m").command == "::notice title=t::m"


def test_one_for_each_line_of_a_patch() -> None:
    """It lists the clauses, and has what is said of each; another patch, another level, and another line have their own."""
    others = [remark("x", patch=2), remark("y", level=NOTICE), remark("z", line=1)]
    first, *rest = annotations_of([remark("a"), *others, remark("b"), remark("c", form="patch 1 or before breaks {}")])
    assert (first.title, first.file, first.line, first.patch) == ("patch 1 breaks a, b; patch 1 or before breaks c", "s.py", 2, 1)
    assert first.message == "\n\n".join(f"{clause}: at s.py:2 of patch 1 (f)" for clause in "abc")
    assert [(each.level, each.patch, each.line) for each in rest] == [(ERROR, 2, 2), (NOTICE, 1, 2), (ERROR, 1, 1)]


def test_another_line_than_the_one_that_is_meant() -> None:
    """That is said, with the number that it has in its version."""
    (found,) = annotations_of([remark("a", patch=0, meant=3)])
    assert found.message.splitlines() == [
        "a: at s.py:2 of the baseline (f)",
        "(line 3 of the baseline, which is gone at the end of the series: this one is changed by the patch, or next to what it took away)",
    ]


def test_no_longer_than_github_shows() -> None:
    """What is said of one clause is whole or is not there; a title names a few."""
    (found,) = annotations_of([remark(f"c{number} {'x' * 1000}") for number in range(6)])
    assert len(found.message) <= LONGEST
    *said, rest = found.message.split("\n\n")
    assert [text.split()[0] for text in said] == ["c0", "c1", "c2"]
    assert all(text.endswith(" (f)") for text in said)
    assert rest == "The summary of the step has 3 more."
    (found,) = annotations_of([remark(f"c{number}") for number in range(6)])
    assert found.title == "patch 1 breaks c0, c1, c2 and 3 more"


def test_each_guilty_patch_before_the_second_of_one() -> None:
    """There are as many as GitHub shows of a level, in the order of the patches; the last one names the others."""
    found = [Annotation(ERROR, f"{patch} {line}", "", "s.py", line, patch) for patch in (1, 2, 3) for line in range(1, 8)]
    lines = as_commands([*found, Annotation(WARNING, "undecided", "", patch=1)])
    assert len(lines) == MOST + 1
    shown = [line.split("title=")[1].split("::")[0] for line in lines]
    assert shown == ["1 1", "1 2", "1 3", "2 1", "2 2", "2 3", "3 1", "3 2", "3 3", "12 more", "undecided"]
    assert lines[-2].endswith("::1 4%0A1 5%0A1 6%0A1 7%0A2 4%0A2 5%0A2 6%0A2 7%0A3 4%0A3 5%0A3 6%0A3 7")
    assert lines[-2].startswith("::error title=")


def test_as_many_as_github_shows() -> None:
    """Nothing is left out of ten."""
    found = [Annotation(ERROR, f"{number}", "", patch=1) for number in range(MOST)]
    assert as_commands(found) == [each.command for each in found]
