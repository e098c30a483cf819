"""The source of a program: the lines of its function, as they were executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.report.html.program_source import ProgramSource, program_source
from harness.suite.own_suite import own_suite
from harness.suite.registry import suite_named
from harness.suite.suite import Suite

OWN = '''"""A suite."""

from harness.suite import Bench, Program, Suite, by_id, clause, programs_on

program = programs_on(Bench, "kind")


def made(number):
    @program()
    def once(b):
        """Something is done."""
        b.cpu(number, lambda: None)
    return once


def long():
    {filling}
    @program()
    def twice(b):
        """Something is done twice."""
    return twice


class Called:
    def __call__(self, *arguments):
        """No function."""


other = Program("other", "Not a function.", ("kind",), Called())
SUITE = Suite("own", "A suite.", ("kind",), by_id(clause("c", "It holds.", (made(0), long(), other), ("kind",))))
'''


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Suite]:
    """A suite in a file, and that file."""
    path = tmp_path / "my_suite.py"
    path.write_text(OWN.format(filling="x = 0\n    " * 80))
    return path, own_suite(str(path))


def found(suite: Suite, clause: str, program: str) -> ProgramSource:
    """It is there."""
    source = program_source(suite, clause, program)
    assert source is not None
    return source


def test_every_program_that_ships_has_its_source() -> None:
    """It begins where the program does, has its name, and is a part of its file."""
    suite = suite_named("tasklets")
    for clause in suite.clauses.values():
        for program in clause.programs:
            source = found(suite, clause.id, program.name)
            assert f"def {program.name.replace('-', '_')}(" in "\n".join(source.lines)
            assert source.file.lines[source.first - 1 :][: len(source.lines)] == source.lines
    source = found(suite, "wakeup", "woken-by-interrupt")
    assert source.place.startswith("harness/tasklets/clauses/wakeup.py:")
    assert (source.lines[0], source.lines[-1]) == ("@program((VCPU,))", "    b.expect_cpus(u, 0)")


def test_a_function_within_another_one(own: tuple[Path, Suite]) -> None:
    """What makes it belongs to it; unless that is too long."""
    _, suite = own
    once, twice = found(suite, "c", "once"), found(suite, "c", "twice")
    assert (once.lines[0], once.lines[-1], once.place) == ("def made(number):", "    return once", f"my_suite.py:{once.first}")
    assert [line.strip() for line in twice.lines[:2]] == ["@program()", "def twice(b):"]


def test_a_suite_that_is_changed_afterwards(own: tuple[Path, Suite]) -> None:
    """What was executed is shown, not what lies there now."""
    path, suite = own
    before = found(suite, "c", "once").lines
    path.write_text("# nothing\n")
    assert found(suite, "c", "once").lines == before


@pytest.mark.parametrize(("clause", "program"), [("c", "other"), ("c", "none"), ("none", "once")])
def test_what_has_no_source(own: tuple[Path, Suite], clause: str, program: str) -> None:
    """No function, no program, no clause."""
    assert program_source(own[1], clause, program) is None


def test_a_file_that_has_another_function_there_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a module that is no suite's own, only the file can be read: nothing is shown that may be wrong."""
    path = tmp_path / "installed_suite.py"
    path.write_text(OWN.format(filling="x = 0"))
    monkeypatch.syspath_prepend(str(tmp_path))
    suite: Suite = __import__("installed_suite").SUITE
    assert program_source(suite, "c", "once") is not None
    path.write_text(f"\n{path.read_text()}")
    assert program_source(suite, "c", "once") is None
    path.unlink()
    assert program_source(suite, "c", "once") is None
