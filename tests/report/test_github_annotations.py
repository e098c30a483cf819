"""Annotations as GitHub reads them."""

from __future__ import annotations

from dataclasses import replace

from harness.report.github_annotations import ERROR, MOST, NOTICE, Annotated, Annotation, commands
from harness.report.patch_lines import FileOfStage
from harness.report.review import Reviewed
from harness.report.run_markdown import Reported
from harness.suite.clause import Clause
from harness.suite.suite import Suite
from harness.verify.verdicts import StageResult
from tests.report.made import MakeStage, concluded, under_models

KINDS = ("softirq",)
NAMES = ("a", "b", *(f"c{number}" for number in range(MOST + 2)))
SUITE = Suite("tasklets", "", KINDS, {name: Clause(name, f"{name} holds, 100 %.", (), KINDS) for name in NAMES})


def annotated(stages: list[StageResult], new_only: bool = False, **problems: str) -> Annotated:
    """These stages, of files that have a line of their own each."""
    reviewed = Reviewed(stages, concluded(stages, every_clause=tuple(SUITE.clauses), of_stages=9), SUITE, "", (), {})
    files = {stage.index: FileOfStage(f"s{stage.index}.py", ("a",), ("a", "b")) for stage in stages}
    return Annotated(Reported(reviewed, "", "", {int(name[1:]): why for name, why in problems.items()}, new_only=new_only), files)


def test_escaping() -> None:
    """What would end a line, a property or the list of them is escaped, and the percent sign itself."""
    found = Annotation(ERROR, "a: b, c", "50 %: x,\r\ny", "d,e:f%.py", 3).command
    assert found == "::error file=d%2Ce%3Af%25.py,line=3,title=a%3A b%2C c::50 %25: x,%0D%0Ay"
    assert Annotation(NOTICE, "t", "m").command == "::notice title=t::m"


def test_a_patch_that_breaks_something(stage: MakeStage) -> None:
    """An error at its line: the clause and its sentence, what was violated, under which model, and how to see it."""
    (line,) = commands(annotated([stage(0, {"a": "pass"}), stage(1, {"a": "fail"}), stage(2, {"a": "fail"})]))
    assert line == (
        "::error file=s1.py,line=2,title=patch 1 breaks a::a (softirq): a holds, 100 %25.%0A"
        "BUG: a is violated%0Amemory model: sc%0Aharness replay h1/softirq"
    )


def test_who_is_not_known(stage: MakeStage) -> None:
    """That is said; and of what has no verdict there is a warning."""
    uncertain = commands(annotated([stage(0, {"a": "pass"}), stage(2, {"a": "fail"})]))
    assert [line.split("::")[1] for line in uncertain] == ["error file=s2.py,line=2,title=patch 2 or before breaks a"]
    unknown = commands(annotated([stage(1, {"a": "fail", "b": "pass"}), stage(2, {"a": "fail", "b": "undecided"})]))
    assert [line.split("::")[1] for line in unknown] == [
        "error file=s1.py,line=2,title=patch 1 or before%2C or the baseline%2C breaks a",
        "warning file=s2.py,line=2,title=stage 2 is undecided",
    ]
    (alone,) = commands(annotated([stage(1, {"a": "fail"})]))
    assert alone.startswith("::error file=s1.py,line=2,title=a is violated::")


def test_what_nothing_says_anything_about(stage: MakeStage) -> None:
    """It is a warning, not an error."""
    (line,) = commands(annotated([stage(0, {"a": "pass"}), stage(1, {"a": "error"})]))
    assert line == "::warning file=s1.py,line=2,title=stage 1 cannot be tested::no test has a verdict"
    (line,) = commands(annotated([stage(0, {"a": "pass"}), stage(1, {"a": "error"})], s1="does not import"))
    assert line == "::warning file=s1.py,line=2,title=stage 1 cannot be tested::it does not import"


def test_the_baselines_own(stage: MakeStage) -> None:
    """It is no error; what is mended and broken again is one, but with --new-only."""
    stages = [stage(0, {"a": "fail"}), stage(1, {"a": "pass"}), stage(2, {"a": "fail"})]
    for new_only, level in ((False, "::error"), (True, "::notice")):
        (line,) = commands(annotated(stages, new_only))
        assert line.startswith(f"{level} file=s2.py")
    both = under_models(tso=stages, pso=[stage(0, {"a": "pass"}), stage(1, {"a": "pass"}), stage(2, {"a": "fail"})])
    (line,) = commands(annotated(both, new_only=True))
    assert line.startswith("::error file=s2.py")


def test_no_more_than_github_shows(stage: MakeStage) -> None:
    """The last one names those that are not shown."""
    many = {f"c{number}": "fail" for number in range(MOST + 2)}
    found = commands(annotated([stage(0, dict.fromkeys(many, "pass")), stage(1, many)]))
    assert len(found) == MOST
    assert found[-1] == "::error title=3 more::patch 1 breaks c9%0Apatch 1 breaks c10%0Apatch 1 breaks c11"


def test_where_the_series_ends_early(stage: MakeStage) -> None:
    """A warning about no file."""
    found = annotated([stage(0, {"a": "pass"})])
    conclusion = found.reviewed.conclusion
    ends = replace(conclusion, selection=replace(conclusion.selection, ends_early="patch 2 does not apply"))
    reported = replace(found.reported, reviewed=replace(found.reviewed, conclusion=ends))
    assert commands(replace(found, reported=reported)) == ["::warning title=the series ends early::patch 2 does not apply"]
