"""What of a run GitHub shows at lines."""

from __future__ import annotations

from dataclasses import replace

from harness.report.annotated_run import Annotated, commands
from harness.report.patch_lines import FileOfStage
from harness.report.review import Reviewed
from harness.report.run_markdown import Reported
from harness.suite.clause import Clause
from harness.suite.suite import Suite
from harness.verify.verdicts import UNTESTABLE, Failure, StageResult
from tests.report.made import MakeStage, concluded, under_models

KINDS = ("softirq",)
SUITE = Suite("tasklets", "", KINDS, {name: Clause(name, f"{name} holds, 100 %.", (), KINDS) for name in ("a", "b")})


def annotated(stages: list[StageResult], new_only: bool = False, **problems: str) -> Annotated:
    """These stages, of files that have a line of their own each."""
    reviewed = Reviewed(
        stages, concluded(stages, every_clause=tuple(SUITE.clauses), of_stages=9), SUITE, "", ("--range", "main..topic branch"), {}
    )
    files = {stage.index: FileOfStage(f"s{stage.index}.py", ("a",), ("a", "b")) for stage in stages}
    return Annotated(Reported(reviewed, "", "", {int(name[1:]): why for name, why in problems.items()}, new_only=new_only), files)


def test_a_patch_that_breaks_something(stage: MakeStage) -> None:
    """An error at its line: the clause and its sentence, what was violated, under which model, and how to see it."""
    (line,) = commands(annotated([stage(0, {"a": "pass"}), stage(1, {"a": "fail"}), stage(2, {"a": "fail"})]))
    assert line == (
        "::error file=s1.py,line=2,title=patch 1 breaks a::a (softirq): a holds, 100 %25.%0A"
        "BUG: a is violated%0Amemory model: sc%0Aharness replay h1/softirq --range 'main..topic branch'"
    )


def test_several_clauses_at_one_line(stage: MakeStage) -> None:
    """One error has them all, each with its command; the next patch has its own."""
    words = [("pass", "pass"), ("fail", "fail"), ("pass", "fail"), ("fail", "fail")]
    found = commands(annotated([stage(index, {"a": a, "b": b}) for index, (a, b) in enumerate(words)]))
    assert [line.split("::")[1] for line in found] == [
        "error file=s1.py,line=2,title=patch 1 breaks a%2C b",
        "error file=s3.py,line=2,title=patch 3 breaks a",
    ]
    assert found[0].count("harness replay ") == 2


def test_where_the_lines_of_a_patch_are_gone(stage: MakeStage) -> None:
    """The error is at no line, and says which it was; so does what cannot be tested."""
    gone = FileOfStage("s.py", ("a",), ("a", "b"), ("a",))
    made = annotated([stage(0, {"a": "pass"}), stage(1, {"a": "fail"}), stage(2, {"a": "pass"})])
    (line,) = commands(replace(made, files=dict.fromkeys(made.files, gone)))
    assert line.startswith("::error title=patch 1 breaks a::")
    assert line.endswith("%0A(line 2 of patch 1: none of its lines is there at the end of the series)")
    made = annotated([stage(0, {"a": "pass"}), stage(1, {"a": "error"})], s1="raises E, s.py:2 (f)")
    (line,) = commands(replace(made, files=dict.fromkeys(made.files, gone)))
    assert line == "::warning title=stage 1 cannot be tested::it raises E, s.py:2 of patch 1 (f)"


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
    assert alone.startswith("::error file=s1.py,line=2,title=stage 1 violates a::")


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


def test_where_the_series_ends_early(stage: MakeStage) -> None:
    """A warning about no file."""
    found = annotated([stage(0, {"a": "pass"})])
    conclusion = found.reviewed.conclusion
    ends = replace(conclusion, selection=replace(conclusion.selection, ends_early="patch 2 does not apply"))
    reported = replace(found.reported, reviewed=replace(found.reviewed, conclusion=ends))
    assert commands(replace(found, reported=reported)) == ["::warning title=the series ends early::patch 2 does not apply"]


def test_a_stage_that_lacks_what_some_tests_ask_for(stage: MakeStage) -> None:
    """What it violates is an error as ever; the rest is a warning with the clauses."""
    made = stage(1, {"a": "fail", "b": "error"})
    lacking = Failure(UNTESTABLE, "has no 'pop'", lacking=True)
    made.clauses["b"].kinds["softirq"] = replace(made.clauses["b"].kinds["softirq"], failure=lacking)
    found = commands(annotated([stage(0, {"a": "pass", "b": "pass"}), made]))
    assert [line.split("::")[1].partition("title=")[2] for line in found] == ["patch 1 breaks a", "stage 1 cannot be tested in part"]
    assert "::cannot be tested for b: it has no 'pop'" in found[1]
    made.clauses["a"].kinds["softirq"] = replace(made.clauses["a"].kinds["softirq"], verdict="error", failure=lacking)
    found = commands(annotated([stage(0, {"a": "pass", "b": "pass"}), made]))
    assert [line.split("::")[1].partition("title=")[2] for line in found] == ["stage 1 cannot be tested"]
    assert "::cannot be tested: it has no 'pop'" in found[0]
