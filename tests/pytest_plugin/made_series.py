"""Series and sessions of pytest that the tests of the plug-in share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.skeleton import FILES

HOOKS = "harness.pytest_plugin.hooks"

# Runs pytest with the plug-in.
Session = Callable[..., pytest.RunResult]

GOOD = FILES["series/1.py"]
LOST = GOOD.replace("self.count.add(1)", "self.count.write(self.count.read() + 1)")
HANGS = GOOD.replace("self.count.add(1)", "exec('while True: pass')")
CRASHES = GOOD.replace("self.count.add(1)", "__import__('os').kill(__import__('os').getpid(), 11)")
NO_STAGE = "def"


def counter_series(directory: Path, *patches: str, more: str = "") -> Path:
    """A series about a counter: the baseline has a lock, and then come stages with these contents."""
    series = directory / "series"
    series.mkdir(parents=True)
    (directory / "counter_suite.py").write_text(FILES["counter_suite.py"], encoding="utf-8")
    lines = ['name = "counter"', 'suite = "../counter_suite.py"']
    for index, content in enumerate([FILES["series/0.py"], *patches]):
        (series / f"{index}.py").write_text(content, encoding="utf-8")
        lines += ["[[stage]]", f'title = "patch {index}"', f'files = ["{index}.py"]']
    (series / "series.toml").write_text("\n".join([*lines, more, ""]), encoding="utf-8")
    return series


def outcomes(result: pytest.RunResult) -> dict[str, str]:
    """What became of each test, by its name, as the summary of `-rA` has it."""
    words = ("PASSED", "FAILED", "ERROR", "XFAIL", "SKIPPED")
    found = [line.split(" ", 2) for line in result.outlines if line.startswith(tuple(f"{word} " for word in words))]
    return {name.partition(" ")[0]: word for word, name, *_ in found}
