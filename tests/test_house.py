"""The rules of the house that no other tool checks: what names may occur where, and how long things may be.

A list of what is still to go has exactly what breaks its rule: an entry that is not needed any more fails the test as a new breach does.
"""

from __future__ import annotations

import ast
import re
import token
import tokenize
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
HARNESS = sorted((ROOT / "harness").rglob("*.py"))
STAGES = sorted((ROOT / "stages").rglob("*.py"))

# Still to go: files that say "tasklet" though they are not about tasklets.
SAY_TASKLET: set[str] = set()
# Still to go: modules, and classes, of which there are two with one name.
MODULES_TWICE: set[str] = set()
CLASSES_TWICE: set[str] = set()

LONGEST_MODULE = 400
LONGEST_MEDIAN = 8

# Python 3.12 and later have the text of an f-string as tokens of its own.
WORDS = {token.NAME, token.STRING, getattr(token, "FSTRING_MIDDLE", token.STRING)}


@cache
def tree(path: Path) -> ast.Module:
    """The syntax of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes(path: Path, *kinds: type[ast.AST]) -> Iterator[Any]:
    """What a file has of these kinds."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, kinds))


def docstrings(path: Path) -> set[int]:
    """The lines on which docstrings begin."""
    defined = nodes(path, ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.body[0].lineno for node in defined if ast.get_docstring(node) is not None}


def heading(path: Path) -> int:
    """How many lines a module's own docstring has."""
    return len((ast.get_docstring(tree(path)) or "").splitlines())


def words(path: Path) -> list[str]:
    """The names and the strings of a file, without docstrings and comments."""
    with tokenize.open(path) as file:
        tokens = list(tokenize.generate_tokens(file.readline))
    skipped = docstrings(path)
    return [word.string for word in tokens if word.type in WORDS and word.start[0] not in skipped]


def named(path: Path) -> str:
    """A file by its path from the root."""
    return path.relative_to(ROOT).as_posix()


def twice(pairs: Iterable[tuple[str, Path]]) -> set[str]:
    """The names that come in more than one place."""
    places = defaultdict(list)
    for name, path in pairs:
        places[name].append(path)
    return {name for name, found in places.items() if len(found) > 1}


def test_only_the_suite_of_tasklets_speaks_of_them() -> None:
    """The tool is to take any suite: outside `harness/tasklets/`, and `stages/`, neither a name nor a string has the word."""
    others = [path for path in HARNESS if "harness/tasklets/" not in named(path)]
    assert {named(path) for path in others if any("tasklet" in word.lower() for word in words(path))} == SAY_TASKLET


def test_a_module_is_found_by_its_name() -> None:
    """No two modules have one name."""
    assert twice((path.name, path) for path in HARNESS if path.name != "__init__.py") == MODULES_TWICE


def test_a_class_is_found_by_its_name() -> None:
    """No two classes have one name."""
    assert twice((node.name, path) for path in HARNESS for node in nodes(path, ast.ClassDef)) == CLASSES_TWICE


def test_functions_are_short() -> None:
    """Half of them have no more than eight lines, docstring and all."""
    functions = [node for path in HARNESS for node in nodes(path, ast.FunctionDef, ast.AsyncFunctionDef)]
    assert median(node.end_lineno - node.lineno + 1 for node in functions) <= LONGEST_MEDIAN


def test_modules_are_small() -> None:
    """No module has more than 400 lines; a stage, which is one file as in C, has no more below its rules and diagram."""
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in HARNESS}
    lengths |= {named(path): len(path.read_text(encoding="utf-8").splitlines()) - heading(path) for path in STAGES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_every_module_says_what_it_is_for() -> None:
    """Its docstring does, also in the `__init__` of a package."""
    assert [named(path) for path in [*HARNESS, *STAGES] if not ast.get_docstring(tree(path))] == []


def test_every_room_has_its_place_among_the_layers() -> None:
    """Otherwise the import-linter would let a new one import whatever it likes."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    placed = {name for layer in layers for name in layer.replace("|", " ").replace(":", " ").split()}
    rooms = {f"harness.{path.parent.name}" for path in (ROOT / "harness").glob("*/__init__.py")}
    assert {name for name in placed if name.startswith("harness.")} == rooms


@pytest.mark.parametrize(
    "name",
    [
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "README.md",
        "docs/cache.md",
        "docs/json.md",
        "docs/limits.md",
        "docs/litmus.md",
        "docs/performance.md",
        "docs/the-table.md",
    ],
)
def test_documents_name_files_that_are_there(name: str) -> None:
    """Every path of a Python file in them is one."""
    paths = set(re.findall(r"(?:harness|stages|tests)/[\w/]+\.py\b", (ROOT / name).read_text(encoding="utf-8")))
    assert sorted(path for path in paths if not (ROOT / path).is_file()) == []
