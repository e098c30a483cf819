"""The page about pytest, followed to the letter."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from harness.pytest_plugin.option_rows import PASSED_ON, REPLAY, UNDECIDED
from tests.pytest_plugin.made_series import HOOKS

PAGE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text(encoding="utf-8")
COMMANDS = {"harness": "-m harness", "pytest": f"-m pytest -p {HOOKS}"}


def test_the_walk_of_the_page(tmp_path: Path) -> None:
    """In a fresh directory: it works, and the tests are called what the page says."""
    parts = [part.partition("<!-- end -->")[0] for part in PAGE.split("<!-- walk -->")[1:]]
    script = "\n".join(block for part in parts for block in re.findall(r"```sh\n(.*?)```", part, re.DOTALL))
    bin_directory = tmp_path / "bin"
    bin_directory.mkdir()
    for name, words in COMMANDS.items():
        (bin_directory / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {words} "$@"\n', encoding="utf-8")
        (bin_directory / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{bin_directory}:{os.environ['PATH']}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    work = tmp_path / "work"
    work.mkdir()
    done = subprocess.run(["sh", "-e", "-c", script], cwd=work, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    shown = "".join(re.findall(r"```text\n((?:counter/0|test_flag).*?)```", PAGE, re.DOTALL)).splitlines()
    assert [line for line in shown if not any(each.startswith(f"{line} ") for each in said)] == []
    assert len(shown) == 7
    # What is between the parts of the page's execution is folded there.
    assert [line for line in re.findall(r"^  \d\*?  .*$", PAGE, re.MULTILINE) if line not in said] == []
    (told,) = re.findall(r"^memory model sc.*?\n\n(.*?)\n\nCPU0", PAGE, re.DOTALL | re.MULTILINE)
    assert told in done.stdout
    summaries = [line.strip("= ").partition(" in ")[0] for line in said if re.search(r"=== .* in [0-9.]+s", line)]
    of_series = ["8 passed", "1 passed", "1 passed, 3 deselected", "1 passed, 7 deselected", "9 passed"]
    assert summaries == [*of_series, "1 failed", "1 failed, 1 passed", "1 passed, 1 deselected", "1 passed, 1 xfailed"]
    (why,) = re.findall(r"explanation of the failure: \*(.*)\*\.\)", PAGE)
    assert why in " ".join(done.stdout.split())


def test_the_page_names_options_that_are_there() -> None:
    """Each is one of the plug-in's."""
    known = {row.option for row in (*PASSED_ON, UNDECIDED, REPLAY)}
    assert set(re.findall(r"--harness-[a-z]+(?:-[a-z]+)*", PAGE)) <= known
